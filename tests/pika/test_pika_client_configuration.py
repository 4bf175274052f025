"""What cannot work is refused before anything is sent, and the key is never shown."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from pika import (
    BadInputError,
    BadKeyError,
    Capabilities,
    ConfigurationError,
    Done,
    Order,
    Pika,
    PikaError,
    Shot,
    Ticket,
)
from pika.transport import origin_of
from tests.pika.raw_server import CONTENT, JOB, SUBMIT, UPLOADS
from tests.pika.samples import KEY, shot

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tests.pika.fake_clock import FakeClock
    from tests.pika.raw_server import RawServer

BASES_THAT_CANNOT_WORK = [
    "{}/v1",
    "{}/v1/",
    "{}//",
    "{}?key=1",
    "{}/?key=1",
    "{}#part",
    "http://user@127.0.0.1",
    "http://user:word@127.0.0.1",
    "127.0.0.1",
    "127.0.0.1:8080",
    "localhost:8080",
    "//127.0.0.1",
    "ftp://127.0.0.1",
    "file:///etc/passwd",
    "http://",
    "http:///x",
    "http://[::1",
    "http://127.0.0.1:99999",
    "a sentence",
]


async def refused(server: RawServer, key: str | SecretStr, **options: Any) -> ConfigurationError:
    options.setdefault("base", server.origin)
    with pytest.raises(ConfigurationError) as caught:
        async with Pika(key, **options):
            pass
    assert not server.seen
    return caught.value


@pytest.mark.parametrize("base", BASES_THAT_CANNOT_WORK)
async def test_a_base_that_is_no_origin_is_refused(server: RawServer, base: str) -> None:
    error = await refused(server, KEY, base=base.format(server.origin))
    assert error.code == "base"
    assert "word" not in str(error)


@pytest.mark.parametrize("end", ["", "/"])
def test_an_origin_may_end_with_a_slash(end: str) -> None:
    assert str(origin_of(f"https://pika.example:8443{end}")) == "https://pika.example:8443"


@pytest.mark.parametrize(
    "key", ["", " ", "\t", "pk_1\n", "pk_1\r\nX-Evil: 1", "pk\x00", "pk_é", "pk_\ud800", "🔑"]
)
@pytest.mark.parametrize("kind", [str, SecretStr])
async def test_a_key_that_fits_no_header_is_refused(
    server: RawServer, key: str, kind: type[str | SecretStr]
) -> None:
    error = await refused(server, kind(key))
    assert error.code == "key"
    assert not key.strip() or key.strip() not in str(error)


@pytest.mark.parametrize("provider", ["", "Pika", "pikka"])
async def test_an_unknown_provider_is_refused_by_naming_the_known(
    server: RawServer, provider: str
) -> None:
    error = await refused(server, KEY, provider=provider)
    assert error.code == "provider"
    assert "pika" in error.detail


async def test_orders_and_tickets_of_another_provider_are_refused_unsent(
    client: Pika, server: RawServer, tmp_path: Path
) -> None:
    ticket = Ticket(provider="other", id="1")
    with pytest.raises(ConfigurationError):
        client.capabilities("other")
    with pytest.raises(ConfigurationError):
        await client.submit(Order(provider="other", path=SUBMIT, body={}), "k")
    with pytest.raises(ConfigurationError):
        await client.check(ticket)
    with pytest.raises(ConfigurationError):
        await client.download(ticket, Done(server.origin), tmp_path / "clip.mp4")
    assert not server.seen


async def test_a_client_that_was_not_entered_says_so() -> None:
    with pytest.raises(ConfigurationError, match="async with"):
        await Pika(KEY).prepare(shot())


async def test_the_client_is_on_pikas_own_wire_unless_told_otherwise() -> None:
    async with Pika(KEY) as pika:
        assert pika.provider == "pika"
        assert str(pika._provider("pika").transport._origin) == "https://api.dev.pika.art"


async def test_verify_reports_an_inactive_key(client: Pika, server: RawServer) -> None:
    server.says("*", {"message": "this key is inactive"}, status=403)
    with pytest.raises(BadKeyError, match="this key is inactive"):
        await client.verify()


async def failures(client: Pika, server: RawServer, path: Path) -> list[PikaError]:
    """What a run against a server that does everything wrong raises, one error a step."""
    order = Order(provider="pika", path=SUBMIT, body={"image": "https://a.example/b"})
    ticket, done = Ticket(provider="pika", id="media_1"), Done(f"{server.origin}/clip.mp4")
    server.says(JOB, {"id": "media_1", "status": "completed", "output": None})
    steps: list[Callable[[], Awaitable[object]]] = [
        client.verify,
        lambda: client.prepare(shot()),
        lambda: client.submit(order, "k1"),
        lambda: client.check(ticket),
        lambda: client.download(ticket, done, path),
        lambda: client.animate(shot(), path),
        lambda: client.check(Ticket(provider="other", id="1")),
    ]
    caught = []
    for step in steps:
        try:
            await step()
        except PikaError as error:
            caught.append(error)
    return caught


async def test_the_key_is_in_no_log_error_or_repr(
    server: RawServer,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    caplog.set_level(logging.DEBUG)
    for path in (UPLOADS, SUBMIT, CONTENT, "/clip.mp4"):
        server.says(path, b"<html>no</html>", status=500)
    server.says("*", {"message": "no"}, status=401)
    async with Pika(KEY, base=server.origin) as client:
        caught = await failures(client, server, tmp_path / "clip.mp4")
        shown = [repr(client), str(client), str(vars(client)), repr(client._provider("pika"))]
        shown.append(str(vars(client._provider("pika").transport)))
    assert len(caught) == 7
    assert any(seen.headers.get("X-API-Key") == KEY for seen in server.seen)
    for error in caught:
        shown += [repr(error), str(vars(error)), "".join(traceback.format_exception(error))]
    shown.append(caplog.text)
    assert not clock.slept
    assert KEY not in "\n".join(shown)


@pytest.mark.parametrize("key", [KEY, SecretStr(KEY)], ids=["str", "SecretStr"])
def test_a_closed_client_shows_no_key(key: str | SecretStr) -> None:
    pika = Pika(key)
    assert KEY not in f"{pika!r} {pika} {vars(pika)}"


def test_an_error_tells_its_facts_and_a_cut_detail() -> None:
    error = PikaError("x" * 600, code="c", http_status=500, request_id="r", retry_after=1.0)
    assert str(error) == (
        f"PikaError code=c http_status=500 request_id=r retry_after=1.0 {'x' * 500}"
    )
    assert str(PikaError()) == "PikaError"


class LoudShot(Shot):
    """As a later kind of work would be, with a field that not every wire takes."""

    EXTRAS = frozenset({"sound"})
    sound: bool = False


def test_what_a_wire_lacks_is_refused_and_not_dropped() -> None:
    quiet = LoudShot(picture="https://cdn.example/photo.jpg")
    loud = quiet.model_copy(update={"sound": True})
    works = frozenset({LoudShot})
    Capabilities(works=works).require(quiet)
    Capabilities(works=works, extras=frozenset({"sound"})).require(loud)
    with pytest.raises(BadInputError, match="sound"):
        Capabilities(works=works).require(loud)
