"""Results that say little or nothing, statuses that nobody documented, and plain junk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import pika as p
from pika import Done, Failed, Pending, PikaError
from tests.pika.wire_job import WireJob, on_wires

if TYPE_CHECKING:
    from collections.abc import Awaitable

QUEUES = ("fal", "comfy")
VIDEO = {"video": {"url": "https://a/b.mp4"}}
DONE = Done("https://a/b.mp4")


@on_wires(*QUEUES)
@pytest.mark.parametrize(
    ("code", "body"),
    [
        *((500, {"detail": "Oops"}), (502, b"<html>"), (503, b""), (504, b"<html>"), (404, b"x")),
        *((408, {"detail": "slow"}), (429, {"detail": "slow"}), (401, {"detail": "no"})),
        *((302, b""), (302, {"detail": "there"}), (200, b"<html>"), (200, b""), (200, [])),
        *((200, "text"), (200, b'{"vid')),
    ],
)
async def test_a_result_that_could_not_be_read_ends_nothing(
    wire_job: WireJob, code: int, body: object
) -> None:
    await wire_job.refused(body, code=code)
    assert await wire_job.checked(VIDEO) == DONE


@on_wires(*QUEUES)
@pytest.mark.parametrize(
    "result",
    [
        {**VIDEO, "extra": [1]},
        {"videos": [7, {}, VIDEO["video"]]},
        {"output": {"media_type": "video", **VIDEO}, "video": None},
        {"output": {"videos": [VIDEO["video"]]}},
    ],
)
async def test_a_video_is_found_wherever_it_is(wire_job: WireJob, result: object) -> None:
    assert await wire_job.checked(result) == DONE


@on_wires(*QUEUES)
@pytest.mark.parametrize("result", [{"a": 1}, {"video": {"url": 7}}, {"output": []}])
async def test_a_job_that_ended_without_a_video_may_have_cost(
    wire_job: WireJob, result: dict[str, Any]
) -> None:
    told = await wire_job.failed(result)
    assert type(told) is p.NoVideoError
    assert told.may_be_charged
    told = await wire_job.failed(result, status={"error_type": "cancelled", "error": "x"})
    assert told.code == "cancelled"


@on_wires(*QUEUES)
async def test_the_result_tells_more_than_the_status(wire_job: WireJob) -> None:
    vague = {"error": "it failed", "error_type": "internal_error"}
    moderated = {"detail": [{"type": "content_policy_violation", "msg": "no"}]}
    told = await wire_job.failed(moderated, status=vague, code=422)
    assert type(told) is p.ModeratedError
    assert (told.code, told.detail) == ("content_policy_violation", "no")


@on_wires(*QUEUES)
async def test_a_result_that_is_not_ready_is_waited_for(wire_job: WireJob) -> None:
    pending = await wire_job.checked({"status": "x"}, code=202, headers={"Retry-After": "9"})
    assert pending == Pending(started=True, retry_after=9.0)


@on_wires(*QUEUES)
async def test_an_unknown_status_is_read_once_and_then_final(
    wire_job: WireJob, caplog: Any
) -> None:
    paused = {"status": "PAUSED"}
    assert await wire_job.checked(VIDEO, status=paused) == DONE
    assert "PAUSED" in caplog.text
    for code in (200, 202, 400, 500):
        assert (await wire_job.failed({"a": 1}, status=paused, code=code)).http_status == code


@on_wires("pika", "comfy-proxy")
async def test_an_unknown_status_is_logged_and_waited_for(wire_job: WireJob, caplog: Any) -> None:
    wire_job.server.says("*", {"id": "r1", "status": "paused"}, headers={"Retry-After": "9"})
    assert await wire_job.pika.check(wire_job.ticket) == Pending(started=True, retry_after=9.0)
    assert "paused" in caplog.text


@on_wires("pika", "fal", "comfy", "comfy-proxy")
@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"<html>", b'{"request_id": "r', [], {}),
        *(dict.fromkeys(("id", "request_id", "video_id"), bad) for bad in (7, "", "x" * 501)),
    ],
    ids=lambda body: f"{body!r:.40}",
)
@pytest.mark.parametrize("code", [200, 201])
async def test_an_acceptance_that_names_no_job_is_in_doubt(
    wire_job: WireJob, code: int, body: object
) -> None:
    assert type(await wire_job.submitted(body=body, status=code)) is p.InDoubtError


JUNK: tuple[object, ...] = (
    *(b"", b"<html>", b"[" * 100_000, b"\xff\xfe", [], 7, {"status": 7}, {"detail": 7}),
    {"detail": [7, {"msg": None}], "error_type": 7, "error": [7]},
    {"status": "completed", "output": 7, "url": 7},
    {"status": "finished", "url": ""},
)


@on_wires("pika", "fal", "comfy", "comfy-proxy")
@pytest.mark.parametrize("code", [200, 302, 400, 401, 403, 404, 409, 410, 422, 429, 500, 503])
async def test_no_answer_breaks_a_check(wire_job: WireJob, code: int) -> None:
    odd = {"Retry-After": "soon", "X-Comfy-Credits-Used": "\u00b2"}
    for body in JUNK:
        kind = {"Content-Type": "text/html"} if isinstance(body, bytes) else {}
        wire_job.server.says("*", body, status=code, headers={**odd, **kind})
        outcomes = [await _outcome(wire_job.pika.check(wire_job.ticket))]
        if wire_job.job:
            outcomes.append(await _outcome(wire_job.checked(body, code=code)))
        for outcome in outcomes:
            assert isinstance(outcome, PikaError | Failed | Pending)
        if code in {302, 401, 403, 404, 429, 503}:
            assert all(isinstance(outcome, PikaError) for outcome in outcomes), body


async def _outcome(call: Awaitable[object]) -> object:
    try:
        return await call
    except PikaError as error:
        return error


@on_wires("pika", "fal", "comfy", "comfy-proxy")
async def test_a_body_in_a_code_that_it_is_not_breaks_nothing(wire_job: WireJob) -> None:
    told = await wire_job.submitted(body=b"no gzip", headers={"Content-Encoding": "gzip"})
    assert type(told) is p.InDoubtError
    wire_job.server.says("*", b"no gzip", headers={"Content-Encoding": "gzip"})
    with pytest.raises(p.UnavailableError):
        await wire_job.pika.check(wire_job.ticket)
