"""`animate` sends an order again where, and only where, that cannot pay twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from pika import (
    InDoubtError,
    Pika,
    PikaError,
    RateLimitedError,
    RenderError,
    UnavailableError,
)
from playground.faults import Fault
from tests.pika.raw_server import SUBMIT, unused_origin
from tests.pika.samples import KEY, names_in, shot

if TYPE_CHECKING:
    from pathlib import Path

    from playground.pika import PikaStandIn
    from tests.pika.fake_clock import FakeClock
    from tests.pika.raw_server import RawServer

BY_ADDRESS = shot(picture="https://pictures.example/a.jpg")


async def animated(client: Pika, folder: Path) -> PikaError | None:
    try:
        await client.animate(BY_ADDRESS, folder / "clip.mp4")
    except PikaError as error:
        assert not names_in(folder)
        return error
    return None


@pytest.mark.usefixtures("impatient")
async def test_an_answer_that_never_comes_is_asked_for_again_under_the_same_key(
    pika: Pika, stand_in: PikaStandIn, clock: FakeClock, tmp_path: Path
) -> None:
    stand_in.faults.add(Fault("pika.submit", "hang", times=2))
    await pika.animate(shot(), tmp_path / "clip.mp4")
    await stand_in.wait_requests("pika.submit", 3)
    posts = [seen for seen in stand_in.exchanges if seen.operation == "pika.submit"]
    assert len(posts) == 3
    assert len({seen.request_headers["Idempotency-Key"] for seen in posts}) == 1
    assert len({str(seen.request_json) for seen in posts}) == 1
    assert stand_in.paid_submits == 1
    assert clock.slept[:2] == [1.0, 2.0]


async def test_each_animation_has_its_own_key(
    client: Pika, server: RawServer, tmp_path: Path
) -> None:
    server.says(SUBMIT, {"id": "media_1", "status": "failed"})
    await animated(client, tmp_path)
    await animated(client, tmp_path)
    first, second = (seen.headers["Idempotency-Key"] for seen in server.got(SUBMIT))
    assert first != second
    assert 1 <= len(first) <= 200


@pytest.mark.parametrize(
    ("status", "told", "kind", "pauses"),
    [
        (429, {"Retry-After": "3"}, RateLimitedError, [3.0, 3.0, 4.0]),
        (503, {"Retry-After": "3"}, UnavailableError, [3.0, 3.0, 4.0]),
        (500, {}, InDoubtError, [1.0, 2.0, 4.0]),
        (200, {}, InDoubtError, [1.0, 2.0, 4.0]),
    ],
)
async def test_four_posts_are_the_most(
    client: Pika,
    server: RawServer,
    clock: FakeClock,
    tmp_path: Path,
    status: int,
    told: dict[str, str],
    kind: type[PikaError],
    pauses: list[float],
) -> None:
    server.says(SUBMIT, {"message": "later"}, status=status, headers=told)
    error = await animated(client, tmp_path)
    assert type(error) is kind
    assert len(server.got(SUBMIT)) == 4
    assert clock.slept == pauses


async def test_a_server_that_is_not_there_is_tried_again(clock: FakeClock, tmp_path: Path) -> None:
    async with Pika(KEY, base=unused_origin()) as client:
        assert isinstance(await animated(client, tmp_path), UnavailableError)
    assert clock.slept == [1.0, 2.0, 4.0]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422])
async def test_a_clear_refusal_is_not_sent_again(
    client: Pika, server: RawServer, clock: FakeClock, tmp_path: Path, status: int
) -> None:
    server.says(SUBMIT, {"message": "no"}, status=status, headers={"Retry-After": "1"})
    assert await animated(client, tmp_path) is not None
    assert len(server.got(SUBMIT)) == 1
    assert not clock.slept


@pytest.mark.parametrize("status", [200, 403, 503])
async def test_a_job_that_failed_at_once_is_not_sent_again(
    client: Pika, server: RawServer, clock: FakeClock, tmp_path: Path, status: int
) -> None:
    failed = {"id": "media_1", "status": "failed", "error": {"code": "provider_unavailable"}}
    server.says(SUBMIT, failed, status=status)
    assert await animated(client, tmp_path) is not None
    assert len(server.got(SUBMIT)) == 1
    assert not clock.slept


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"message": "no"}, InDoubtError),
        (403, {"error": {"code": "insufficient_balance"}}, InDoubtError),
        (200, {"id": "media_1", "status": "failed"}, RenderError),
    ],
)
async def test_only_the_failed_job_itself_settles_a_doubt(
    client: Pika,
    server: RawServer,
    clock: FakeClock,
    tmp_path: Path,
    status: int,
    body: object,
    kind: type[PikaError],
) -> None:
    async def lost_then_refused(_: web.Request) -> web.Response | None:
        return web.json_response(body, status=status) if len(server.got(SUBMIT)) > 1 else None

    server.on(SUBMIT, lost_then_refused)
    error = await animated(client, tmp_path)
    assert type(error) is kind
    assert clock.slept == [1.0]
    if kind is InDoubtError:
        assert error.may_be_charged
        assert "then: " in error.detail
