from dataclasses import replace

import pytest

from playground.discord import DiscordStandIn
from playground.faults import Exchange
from tests.contracts import discord_violations, document_has
from tests.playground.conftest import Api


@pytest.fixture
async def sent(stand_in: DiscordStandIn, api: Api) -> Exchange:
    """A message sent well."""
    path = f"/channels/{stand_in.world.guild.channel('clips').id}/messages"
    await api("POST", path, {"content": "x"}, (b"file",))
    return stand_in.exchanges[-1]


def test_a_good_exchange_has_no_violations(sent: Exchange) -> None:
    assert discord_violations([sent]) == []


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"path": "/api/v10/nowhere"}, "no such route"),
        ({"method": "PUT"}, "no such route"),
        ({"request_json": {"content": 5}}, "request"),
        ({"request_json": {"embeds": [{"title": "x" * 257}]}}, "is longer than"),
        ({"request_json": None}, "lacks its body"),
        ({"response_json": {}}, "required"),
        ({"response_headers": {"Content-Type": "text/html"}}, "application/json"),
        ({"status": 302}, "not an answer"),
    ],
)
def test_violations_are_found(sent: Exchange, change: dict[str, object], word: str) -> None:
    violations = discord_violations([replace(sent, **change)])  # type: ignore[arg-type] # each a field
    assert violations
    assert word in violations[0]


def test_a_wrong_part_of_an_answer_is_named(sent: Exchange) -> None:
    assert isinstance(sent.response_json, dict)
    answer = sent.response_json | {"author": {"id": "mia"}}
    (first, *_) = discord_violations([replace(sent, response_json=answer)])
    assert "/author" in first


def test_without_the_document_the_test_is_skipped(
    sent: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CONTRACTS_DIR", raising=False)
    with pytest.raises(pytest.skip.Exception):
        discord_violations([sent])


def test_every_route_of_the_stand_in_is_one_of_discords() -> None:
    app = DiscordStandIn()._parts.app()
    routes = [
        (route.method, route.resource.canonical.removeprefix("/api/v10"))
        for route in app.router.routes()
        if route.resource is not None and route.resource.canonical.startswith("/api/v10/")
    ]
    assert len(routes) > 30
    unknown = [(method, path) for method, path in routes if not document_has(method, path)]
    assert unknown == []
