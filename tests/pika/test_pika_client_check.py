"""How a job is doing: every status, where the video may be told, when a bill is final."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pika import (
    BadKeyError,
    Done,
    Failed,
    ModeratedError,
    NoVideoError,
    Pending,
    Pika,
    PikaError,
    RateLimitedError,
    RenderError,
    Ticket,
    TimedOutError,
    UnavailableError,
    UnexpectedReplyError,
    UnknownJobError,
)
from playground.faults import Fault
from tests.pika.raw_server import CONTENT, JOB, RawServer, half_of_json, hang, unused_origin
from tests.pika.samples import KEY, shot

if TYPE_CHECKING:
    from pathlib import Path

    from playground.pika import PikaStandIn

TICKET = Ticket(provider="pika", id="media_1")
URL = "https://cdn.example/v.mp4?sig=1%2F2"
HTML = b"<!doctype html><title>Soon</title>"


def job(status: object, **more: object) -> dict[str, object]:
    return {"id": "media_1", "status": status, "error": None, "output": None, **more}


def finished(billing: object = None) -> dict[str, object]:
    return job("completed", output={"video": {"url": URL}}, billing=billing)


@pytest.mark.parametrize(
    ("status", "started"),
    [("queued", False), ("running", True), ("paused_tomorrow", True)],
)
async def test_an_unfinished_job_is_pending(
    client: Pika, server: RawServer, status: object, *, started: bool
) -> None:
    server.says(JOB, job(status))
    assert await client.check(TICKET) == Pending(started=started)


async def test_a_status_nobody_knows_is_logged(
    client: Pika, server: RawServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.says(JOB, job("paused_tomorrow"))
    await client.check(TICKET)
    assert "media_1" in caplog.text
    assert "paused_tomorrow" in caplog.text


@pytest.mark.parametrize("status", ["queued", "running"])
async def test_the_pause_asked_for_comes_with_the_status(
    client: Pika, server: RawServer, status: str
) -> None:
    server.says(JOB, job(status), headers={"Retry-After": "9"})
    assert await client.check(TICKET) == Pending(started=status == "running", retry_after=9.0)


@pytest.mark.parametrize(
    "output",
    [
        {"media_type": "video", "video": {"url": URL, "width": 1280}},
        {"media_type": "video", "videos": [{"url": URL}, {"url": "https://other.example"}]},
        {"video": None, "videos": [None, {}, {"url": 7}, {"url": URL}]},
        {"video": {"url": None}, "videos": [{"url": URL}]},
        {"video": {"url": ""}, "videos": [{"url": URL}]},
    ],
    ids=["video", "videos", "videos with gaps", "video without url", "empty url"],
)
async def test_a_video_is_found_where_the_job_tells_it(
    client: Pika, server: RawServer, output: object
) -> None:
    server.says(JOB, job("completed", output=output))
    assert await client.check(TICKET) == Done(URL)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "output",
    [None, {}, [], "text", {"video": URL}, {"video": {"url": ""}}, {"videos": {}}, {"images": []}],
)
async def test_a_video_told_nowhere_is_asked_for(
    client: Pika, server: RawServer, output: object
) -> None:
    server.says(JOB, job("completed", output=output))
    server.says(CONTENT, {"url": URL})
    assert await client.check(TICKET) == Done(URL)
    assert [seen.headers["X-API-Key"] for seen in server.got(CONTENT)] == [KEY]


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, HTML, UnexpectedReplyError),
        (302, {"url": URL}, UnexpectedReplyError),
        (404, HTML, UnavailableError),
        (500, {"message": "no"}, UnexpectedReplyError),
        (429, {"message": "no"}, RateLimitedError),
    ],
    ids=repr,
)
async def test_an_address_that_is_not_told_is_an_error_of_the_check(
    client: Pika, server: RawServer, status: int, body: object, kind: type[PikaError]
) -> None:
    server.says(JOB, job("completed"))
    server.says(CONTENT, body, status=status)
    with pytest.raises(kind):
        await client.check(TICKET)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        *((200, {}), (200, {"url": 7}), (200, {"url": ""}), (200, b"")),
        *((404, {"message": "no"}), (409, {"message": "no"}), (410, b"")),
    ],
    ids=repr,
)
@pytest.mark.parametrize("charge", [None, 450_000])
async def test_a_completed_job_without_a_video_says_what_it_has_cost(
    client: Pika, server: RawServer, status: int, body: object, charge: int | None
) -> None:
    settled = {"state": "settled", "charge_micro_usd": charge}
    server.says(JOB, job("completed", billing=settled))
    server.says(CONTENT, body, status=status)
    told = await client.check(TICKET)
    assert isinstance(told, Failed)
    assert (type(told.error), told.error.may_be_charged) == (NoVideoError, True)
    assert told.charge_micro_usd == charge


async def test_a_failed_job_says_what_it_has_cost_all_the_same(
    client: Pika, server: RawServer
) -> None:
    for charge in (0, 450_000):
        billing = {"state": "settled", "charge_micro_usd": charge}
        server.says(JOB, job("failed", billing=billing))
        status = await client.check(TICKET)
        assert isinstance(status, Failed)
        assert status.charge_micro_usd == charge


@pytest.mark.parametrize(
    ("billing", "charge"),
    [
        ({"state": "settled", "charge_micro_usd": 450_000}, 450_000),
        ({"state": "settled", "charge_micro_usd": 0}, 0),
        ({"state": "settled", "charge_micro_usd": -1}, None),
        ({"state": "settled", "charge_micro_usd": "450000"}, None),
        ({"state": "settled", "charge_micro_usd": None}, None),
        ({"state": "settled"}, None),
        ({"state": "pending", "charge_micro_usd": 0}, None),
        ({"state": "pending", "charge_micro_usd": 450_000}, None),
        ({"state": "unavailable", "charge_micro_usd": 450_000}, None),
        ({"charge_micro_usd": 450_000}, None),
        (None, None),
        ([], None),
        ("settled", None),
    ],
    ids=repr,
)
async def test_a_bill_counts_once_it_is_settled(
    client: Pika, server: RawServer, billing: object, charge: int | None
) -> None:
    server.says(JOB, finished(billing))
    assert await client.check(TICKET) == Done(URL, charge)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"code": "content_moderation", "message": "no [trace 1]"}, ModeratedError),
        ({"code": "timed_out", "message": "late"}, TimedOutError),
        ({"code": "rate_limited", "message": "busy"}, RenderError),
        ({"code": "from_tomorrow", "message": "new"}, RenderError),
        ({"code": None, "message": None}, RenderError),
        ({}, RenderError),
        (None, RenderError),
        ("text", RenderError),
    ],
    ids=repr,
)
async def test_a_failed_job_is_a_status_and_not_an_exception(
    client: Pika, server: RawServer, error: Any, kind: type[PikaError]
) -> None:
    server.says(JOB, job("failed", error=error), headers={"X-Request-ID": "req_7"})
    status = await client.check(TICKET)
    assert isinstance(status, Failed)
    assert type(status.error) is kind
    assert not status.error.retryable
    assert status.error.request_id == "req_7"
    if isinstance(error, dict):
        assert status.error.code == error.get("code")
        # Without a message, the log gets the answer as it came.
        assert status.error.detail.startswith(error.get("message") or '{"id"')


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"message": "no"}, BadKeyError),
        (403, {"message": "no"}, BadKeyError),
        (404, {"message": "no"}, UnknownJobError),
        (404, HTML, UnavailableError),
        (429, {"message": "no"}, RateLimitedError),
        (500, HTML, UnavailableError),
        (502, b"", UnavailableError),
        (503, {"message": "no"}, UnavailableError),
        (302, b"", UnavailableError),
        (200, b" " * 1_048_577, UnexpectedReplyError),
    ],
    ids=lambda value: repr(value)[:30],
)
async def test_an_error_of_the_check_is_raised_and_says_nothing_of_the_job(
    client: Pika, server: RawServer, status: int, body: object, kind: type[PikaError]
) -> None:
    server.says(JOB, body, status=status, headers={"Retry-After": "5"})
    with pytest.raises(kind) as caught:
        await client.check(TICKET)
    assert caught.value.http_status == status
    assert not caught.value.may_be_charged
    assert len(server.seen) == 1


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("answer", [hang, half_of_json], ids=["silence", "half"])
async def test_a_check_without_an_answer_is_tried_three_times(
    client: Pika, server: RawServer, answer: Any
) -> None:
    server.on(JOB, answer)
    with pytest.raises(UnavailableError) as caught:
        await client.check(TICKET)
    assert not caught.value.may_be_charged
    assert len(server.seen) == 3


async def test_a_check_outlives_a_short_interruption(pika: Pika, stand_in: PikaStandIn) -> None:
    ticket = await pika.submit(await pika.prepare(shot()), "k1")
    stand_in.faults.add(Fault("pika.check", "half_body", times=2))
    assert isinstance(await pika.check(ticket), Pending | Done)
    assert stand_in.counters.requests["pika.check"] == 3


async def test_a_check_that_reaches_nobody_is_an_error() -> None:
    async with Pika(KEY, base=unused_origin()) as client:
        with pytest.raises(UnavailableError):
            await client.check(TICKET)


@pytest.mark.parametrize("ident", ["a/b", "a?b=c", "a#b", "a b", "ü", "a%2Fb", "x" * 500])
async def test_an_odd_id_stays_one_segment_of_the_path(
    client: Pika, server: RawServer, ident: str
) -> None:
    server.says("*", job("queued"))
    await client.check(Ticket(provider="pika", id=ident))
    (seen,) = server.seen
    assert seen.target.startswith("/v1/media/jobs/")
    assert seen.target.count("/") == 4
    assert not {"?", "#", " "} & set(seen.target)


@pytest.mark.parametrize("shape", ["video_url", "videos", "missing"])
@pytest.mark.parametrize("via_files", [False, True], ids=["direct", "via files"])
async def test_the_video_arrives_from_wherever_the_stand_in_puts_it(
    pika: Pika, stand_in: PikaStandIn, tmp_path: Path, shape: Any, via_files: Any
) -> None:
    stand_in.behaviour.output_shape = shape
    stand_in.behaviour.content_via_files = via_files
    ticket = await pika.submit(await pika.prepare(shot(resolution="720p")), "k1")
    await stand_in.jobs[ticket.id].made()
    done = await pika.check(ticket)
    assert isinstance(done, Done)
    clip = await pika.download(ticket, done, tmp_path / "clip.mp4")
    assert (clip.size > 0, clip.charge_micro_usd) == (True, 200_000)
    through = stand_in.counters.requests["pika.file"]
    assert through == int(shape == "missing" and via_files)


@pytest.mark.parametrize("state", ["pending", "unavailable"])
async def test_a_bill_of_the_stand_in_that_is_not_final_is_not_told(
    pika: Pika, stand_in: PikaStandIn, state: Any
) -> None:
    stand_in.behaviour.billing_state = state
    ticket = await pika.submit(await pika.prepare(shot()), "k1")
    await stand_in.jobs[ticket.id].made()
    done = await pika.check(ticket)
    assert isinstance(done, Done)
    assert done.charge_micro_usd is None
