"""Every wire end to end: from work to video file, from process to process, and cancelled."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import av
import pytest

from pika import (
    LOOKS_FOR_A_VIDEO,
    Account,
    BadKeyError,
    Cancellation,
    CancelledError,
    Done,
    DownloadError,
    Failed,
    FramesShot,
    NoVideoError,
    Order,
    Pending,
    Pika,
    Ticket,
    TimedOutError,
    UnknownJobError,
)
from playground.faults import Fault
from tests.pika.samples import names_in
from tests.pika.wires import BAD_KEYS, connect, only

if TYPE_CHECKING:
    from pathlib import Path

    from pika import Status
    from tests.pika.fake_clock import FakeClock
    from tests.pika.wires import WiredClient


async def ended(wired: WiredClient, ticket: Ticket) -> Status:
    """The last status of a job whose rendering takes no time."""
    await wired.stand_in.jobs[ticket.id].made()
    return await wired.pika.check(ticket)


async def test_every_kind_of_work_becomes_a_video_at_the_told_price(
    wired: WiredClient, clock: FakeClock, tmp_path: Path
) -> None:
    del clock
    for number, work in enumerate(wired.works()):
        price = wired.pika.price(work)
        path = tmp_path / f"{number}.mp4"
        clip = await wired.pika.animate(work, path)
        with av.open(path) as container:
            assert container.streams.video[0].frames > 0
        *_, job = wired.stand_in.jobs.values()
        assert clip.size == path.stat().st_size
        if wired.wire == "comfy-proxy" and isinstance(work, FramesShot):
            # Two published prices for these disagree: the client tells the dearer one.
            assert 0 < job.charge_micro_usd <= price
        else:
            assert job.charge_micro_usd == price, work
        assert job.body["seed"] == 7
    assert wired.stand_in.paid_submits == len(wired.works())
    assert {type(work) for work in wired.works()} == wired.pika.capabilities().works


async def test_an_order_and_a_ticket_go_from_process_to_process_as_json(
    wired: WiredClient, clock: FakeClock, tmp_path: Path
) -> None:
    del clock
    order = await wired.pika.prepare(wired.shot(seed=1))
    assert wired.stand_in.paid_submits == 0
    stored = Order.model_validate_json(order.model_dump_json())
    assert stored.model_copy(update={"files": order.files}) == order
    ticket = await wired.pika.submit(order, "k1")
    again = Ticket.model_validate_json(ticket.model_dump_json())
    assert again == ticket
    async with connect(wired.stand_in) as other:
        clip = await other.resume(again, tmp_path / "clip.mp4")
    assert clip.size > 0
    assert names_in(tmp_path) == ["clip.mp4"]


async def test_a_client_of_another_wire_finishes_old_tickets(
    wired: WiredClient, tmp_path: Path
) -> None:
    ticket = await wired.pika.submit(await wired.pika.prepare(wired.shot()), "k1")
    await wired.stand_in.jobs[ticket.id].made()
    new = "fal" if wired.wire != "fal" else "pika"
    stand_in = wired.stand_in
    old = Account(wired.pika._accounts[wired.wire].key, stand_in.origin, stand_in.upload_origin)
    async with Pika("another key", provider=new, others={wired.wire: old}) as pika:
        done = await pika.check(ticket)
        assert isinstance(done, Done)
        assert (await pika.download(ticket, done, tmp_path / "clip.mp4")).size > 0


@pytest.mark.parametrize(
    ("wired", "charge"),
    [("pika", 450_000), ("fal", None), ("comfy", None), ("comfy-proxy", 450_000)],
    indirect=["wired"],
)
async def test_the_charge_is_told_where_the_wire_tells_it(
    wired: WiredClient, charge: int | None, clock: FakeClock, tmp_path: Path
) -> None:
    del clock
    clip = await wired.pika.animate(wired.shot(), tmp_path / "clip.mp4")
    assert clip.charge_micro_usd == charge


async def test_a_waiting_job_has_a_place_where_that_is_declared(wired: WiredClient) -> None:
    wired.stand_in.behaviour.queue_seconds = math.inf
    wired.stand_in.behaviour.queue_ahead = 3
    ticket = await wired.pika.submit(await wired.pika.prepare(wired.shot()), "k1")
    status = await wired.pika.check(ticket)
    assert isinstance(status, Pending)
    assert not status.started
    assert status.position == (3 if wired.pika.capabilities().tells_position else None)


async def test_a_running_job_is_told_as_started(wired: WiredClient) -> None:
    wired.stand_in.behaviour.render_seconds = math.inf
    ticket = await wired.pika.submit(await wired.pika.prepare(wired.shot()), "k1")
    status = await wired.pika.check(ticket)
    assert isinstance(status, Pending)
    assert status.started
    assert status.position is None
    assert status.retry_after == (1.0 if wired.wire == "comfy" else None)


async def test_a_waiting_job_is_cancelled_where_that_is_declared(wired: WiredClient) -> None:
    wired.stand_in.behaviour.queue_seconds = math.inf
    ticket = await wired.pika.submit(await wired.pika.prepare(wired.shot()), "k1")
    outcome = await wired.pika.cancel(ticket)
    status = await wired.pika.check(ticket)
    if wired.pika.capabilities().can_cancel:
        assert outcome is Cancellation.REQUESTED
        assert isinstance(status, Failed)
        assert isinstance(status.error, CancelledError)
    else:
        assert outcome is Cancellation.IMPOSSIBLE
        assert isinstance(status, Pending)


@pytest.mark.parametrize("wired", ["fal", "comfy"], indirect=True)
@pytest.mark.parametrize("late", [400, 409])
async def test_a_cancel_that_comes_too_late_says_so(wired: WiredClient, late: Any) -> None:
    wired.stand_in.behaviour.late_cancel_status = late
    ticket = await wired.pika.submit(await wired.pika.prepare(wired.shot()), "k1")
    await wired.stand_in.jobs[ticket.id].made()
    assert await wired.pika.cancel(ticket) is Cancellation.TOO_LATE
    assert isinstance(await wired.pika.check(ticket), Done)


@pytest.mark.parametrize("wired", ["fal", "comfy"], indirect=True)
async def test_a_job_that_runs_on_after_a_cancel_still_brings_its_video(wired: WiredClient) -> None:
    wired.stand_in.behaviour.render_seconds = math.inf
    ticket = await wired.pika.submit(await wired.pika.prepare(wired.shot()), "k1")
    assert isinstance(await wired.pika.check(ticket), Pending)
    assert await wired.pika.cancel(ticket) is Cancellation.REQUESTED
    wired.stand_in.behaviour.render_seconds = 0
    assert isinstance(await ended(wired, ticket), Done)


@pytest.mark.parametrize("wired", ["fal", "comfy"], indirect=True)
async def test_a_cancel_of_an_unknown_job_is_an_error(wired: WiredClient) -> None:
    with pytest.raises(UnknownJobError):
        await wired.pika.cancel(Ticket(provider=wired.wire, id="never"))


@pytest.mark.parametrize("wired", ["fal", "comfy"], indirect=True)
async def test_a_lost_answer_to_a_cancel_is_asked_for_again(wired: WiredClient) -> None:
    wired.stand_in.behaviour.queue_seconds = math.inf
    ticket = await wired.pika.submit(await wired.pika.prepare(wired.shot()), "k1")
    wired.stand_in.faults.add(Fault(f"{wired.wire}.cancel", "half_body"))
    assert await wired.pika.cancel(ticket) is Cancellation.TOO_LATE
    assert isinstance(await wired.pika.check(ticket), Failed)


async def test_a_key_is_verified_for_free(wired: WiredClient) -> None:
    await wired.pika.verify()
    async with connect(wired.stand_in, key=BAD_KEYS[wired.wire]) as stranger:
        with pytest.raises(BadKeyError):
            await stranger.verify()
    assert not wired.stand_in.jobs


async def test_a_bad_key_pays_nothing(wired: WiredClient, tmp_path: Path) -> None:
    async with connect(wired.stand_in, key=BAD_KEYS[wired.wire]) as stranger:
        with pytest.raises(BadKeyError) as caught:
            await stranger.animate(wired.shot(), tmp_path / "clip.mp4")
    assert not caught.value.may_be_charged
    assert not caught.value.retryable
    assert not wired.stand_in.jobs


async def test_a_ticket_that_nobody_knows_is_an_error_of_the_check(wired: WiredClient) -> None:
    with pytest.raises(UnknownJobError):
        await wired.pika.check(Ticket(provider=wired.wire, id="../never?x=1#y"))
    assert not wired.exchanges(f"{wired.wire.removeprefix('comfy-')}.unknown")


EMPTY: Final = {
    "pika": Fault("pika.content", "reply", status=200, body={}),
    "fal": Fault("fal.result", "reply", status=200, body={}),
    "comfy": Fault("comfy.result", "reply", status=200, body={"id": "a"}),
    "comfy-proxy": Fault(
        "proxy.check", "reply", status=200, body={"id": "a", "status": "finished"}
    ),
}
"""Answers about a finished job that has no video to show."""


@pytest.mark.parametrize("times", [LOOKS_FOR_A_VIDEO - 1, LOOKS_FOR_A_VIDEO])
async def test_a_finished_job_without_a_video_is_asked_a_few_times(
    wired: WiredClient, clock: FakeClock, tmp_path: Path, times: int
) -> None:
    wired.stand_in.behaviour.output_shape = "missing" if wired.wire == "pika" else "video_url"
    wired.stand_in.faults.add(replace(EMPTY[wired.wire], times=times))
    told: list[Status] = []
    render = wired.pika.animate(wired.shot(), tmp_path / "clip.mp4", on_status=told.append)
    if times < LOOKS_FOR_A_VIDEO:
        await render
    else:
        with pytest.raises(NoVideoError) as caught:
            await render
        assert caught.value.may_be_charged
    assert sum(isinstance(status, Done | Failed) for status in told) == 1
    assert len(clock.slept) >= times - 1


@pytest.mark.parametrize("kind", ["reply", "half_body", "drop_after"])
async def test_no_trouble_with_checks_ends_a_job(
    wired: WiredClient, clock: FakeClock, tmp_path: Path, kind: Any
) -> None:
    page = b"<html><h1>502 Bad Gateway</h1></html>"
    operations = {wired.check, *(["fal.result"] if wired.wire == "fal" else [])}
    operations |= {"comfy.result"} if wired.wire == "comfy" else set()
    for operation in operations:
        wired.stand_in.faults.add(Fault(operation, kind, times=3, status=502, body=page))
        wired.stand_in.faults.add(Fault(operation, "reply", times=1, status=200, body=page))
    await wired.pika.animate(wired.shot(), tmp_path / "clip.mp4")
    assert wired.stand_in.paid_submits == 1
    assert len(clock.slept) >= len(operations)


async def test_a_deadline_says_what_it_may_cost(
    wired: WiredClient, clock: FakeClock, tmp_path: Path
) -> None:
    wired.stand_in.behaviour.queue_seconds = math.inf
    with pytest.raises(TimedOutError) as caught:
        await wired.pika.animate(wired.shot(), tmp_path / "clip.mp4", deadline=30)
    assert caught.value.may_be_charged
    assert not caught.value.retryable
    assert 30 <= clock.now <= 31
    assert wired.stand_in.paid_submits == 1


async def test_an_address_that_expired_is_asked_for_anew_and_then_given_up(
    wired: WiredClient, clock: FakeClock, tmp_path: Path
) -> None:
    del clock
    wired.stand_in.behaviour.expire_outputs = True
    with pytest.raises(DownloadError) as caught:
        await wired.pika.animate(wired.shot(), tmp_path / "clip.mp4")
    assert caught.value.http_status == 403
    assert not names_in(tmp_path)
    assert len({one.path for one in wired.exchanges(f"{_prefix(wired)}.download")}) == 1
    assert len(wired.exchanges(f"{_prefix(wired)}.download")) == 4


@pytest.mark.parametrize("wired", only["pika"], indirect=True)
async def test_twenty_jobs_at_once_keep_apart(wired: WiredClient, tmp_path: Path) -> None:
    async def one(number: int) -> None:
        order = await wired.pika.prepare(wired.shot(seed=number))
        ticket = await wired.pika.submit(order, f"k{number}")
        done = await ended(wired, ticket)
        assert isinstance(done, Done)
        await wired.pika.download(ticket, done, tmp_path / f"{number}.mp4")
        assert wired.stand_in.jobs[ticket.id].body["seed"] == number

    await asyncio.gather(*(one(number) for number in range(20)))
    assert len(names_in(tmp_path)) == 20


def _prefix(wired: WiredClient) -> str:
    return "proxy" if wired.wire == "comfy-proxy" else wired.wire
