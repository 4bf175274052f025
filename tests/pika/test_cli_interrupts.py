"""Ctrl-C at every point of a run: what is cancelled, and what is said about the money."""

from __future__ import annotations

import asyncio
import inspect
import math
import os
import signal
from typing import TYPE_CHECKING

import pytest

from pika.cli.exits import Exit
from playground.faults import Fault
from tests.pika.bench import names_in
from tests.pika.shell import Ran, Shell, a_picture, a_shell, ctrl_c, impatient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playground.pika import WireName

CHECKS = {"pika": "pika.check", "fal": "fal.status", "comfy": "comfy.status"}


@pytest.fixture(autouse=True)
def _impatience(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    impatient(monkeypatch, tmp_path)


@pytest.fixture
async def shell(tmp_path: Path) -> AsyncIterator[Shell]:
    async with a_shell(tmp_path) as shell:
        yield shell


async def stopped(shell: Shell, run: asyncio.Task[Ran], fate: str, *, charged: bool) -> Ran:
    """The end of a run that was interrupted; nothing but the picture may be left."""
    ran = await asyncio.wait_for(run, 10)
    assert ran.code == ran.last["exit_code"] == Exit.INTERRUPTED
    assert (ran.last["kind"], ran.last["cancellation"]) == ("interrupted", fate)
    assert ran.last["may_be_charged"] == charged
    assert ran.last["message"] in ran.sentences
    assert names_in(shell.folder) == ["photo.jpg"]
    assert not inspect.isfunction(signal.getsignal(signal.SIGINT))
    return ran


async def test_before_the_paid_request_nothing_is_paid(shell: Shell) -> None:
    shell.stand_in.faults.add(Fault("pika.upload", "hang"))
    run = shell.begin("--json")
    await shell.stand_in.faults.wait_taken("pika.upload")
    ctrl_c()
    ran = await stopped(shell, run, "nothing_ordered", charged=False)
    assert "nothing is charged" in ran.err
    assert shell.stand_in.counters.requests["pika.submit"] == 0


async def test_between_two_tries_nothing_more_is_sent(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pika.cli.errand.FIRST_PAUSE", 30.0)
    shell.stand_in.faults.add(Fault("pika.submit", "reply", status=503))
    run = shell.begin("--json")
    await shell.stand_in.wait_requests("pika.submit")
    await shell.err.says("trying again in 30 s")
    ctrl_c()
    await stopped(shell, run, "nothing_ordered", charged=False)
    assert shell.stand_in.paid_submits == 0


async def test_the_answer_to_the_paid_request_is_awaited(shell: Shell) -> None:
    shell.stand_in.behaviour.queue_seconds = math.inf
    shell.stand_in.faults.add(Fault("pika.submit", "delay", seconds=0.1))
    run = shell.begin("--json")
    await shell.stand_in.faults.wait_taken("pika.submit")
    ctrl_c()
    ran = await stopped(shell, run, "impossible", charged=True)
    assert "waiting for its answer" in ran.err
    assert [event["event"] for event in ran.events] == ["price", "ticket", "error"]
    assert ran.last["ticket"] == ran.events[1]["ticket"]
    assert shell.stand_in.paid_submits == 1


async def test_an_answer_that_does_not_come_leaves_a_doubt(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pika.cli.errand.ANSWER_SECONDS", 0.05)
    shell.stand_in.faults.add(Fault("pika.submit", "delay", seconds=5))
    run = shell.begin("--json")
    await shell.stand_in.faults.wait_taken("pika.submit")
    ctrl_c()
    await stopped(shell, run, "in_doubt", charged=True)


async def test_an_order_that_is_not_taken_after_the_wish_is_not_repeated(shell: Shell) -> None:
    shell.stand_in.faults.add(Fault("pika.submit", "reply", status=503, seconds=0.1))
    run = shell.begin("--json")
    await shell.stand_in.faults.wait_taken("pika.submit")
    ctrl_c()
    ran = await run
    assert (ran.code, ran.last["kind"]) == (Exit.TRY_AGAIN, "unavailable")
    assert not ran.last["may_be_charged"]
    assert shell.stand_in.paid_submits == 0


@pytest.mark.parametrize(
    ("wire", "running", "fate", "charged"),
    [
        ("pika", False, "impossible", True),
        ("fal", False, "cancelled", False),
        ("fal", True, "requested", True),
        ("comfy", False, "cancelled", False),
        ("comfy", True, "requested", True),
    ],
)
async def test_a_job_is_cancelled_where_that_can_be(
    tmp_path: Path, wire: WireName, fate: str, *, running: bool, charged: bool
) -> None:
    async with a_shell(tmp_path, wire) as shell, a_picture(shell) as picture:
        behaviour = shell.stand_in.behaviour
        behaviour.render_seconds = math.inf
        behaviour.queue_seconds = 0 if running else math.inf
        run = shell.begin("--json", picture=picture)
        await shell.stand_in.wait_requests(CHECKS[wire], 2)
        ctrl_c()
        ran = await stopped(shell, run, fate, charged=charged)
        # Once when it was accepted, and once more if there still is something to go on from.
        assert ran.err.count("To go on from here") == 1 + charged
        assert shell.stand_in.paid_submits == 1


async def test_a_cancel_without_an_answer_is_not_called_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pika.cli.stopping.CANCEL_SECONDS", 0.05)
    async with a_shell(tmp_path, "fal") as shell:
        shell.stand_in.behaviour.queue_seconds = math.inf
        shell.stand_in.faults.add(Fault("fal.cancel", "hang"))
        run = shell.begin("--json")
        await shell.stand_in.wait_requests("fal.status")
        ctrl_c()
        await stopped(shell, run, "unknown", charged=True)


async def test_a_video_that_is_made_is_paid(shell: Shell) -> None:
    shell.stand_in.faults.add(Fault("pika.download", "hang", times=None))
    run = shell.begin("--json")
    await shell.stand_in.faults.wait_taken("pika.download")
    ctrl_c()
    ran = await stopped(shell, run, "too_late", charged=True)
    assert "To go on from here" in ran.err


async def test_a_second_time_ends_at_once(tmp_path: Path) -> None:
    async with a_shell(tmp_path, "fal") as shell:
        shell.stand_in.behaviour.queue_seconds = math.inf
        shell.stand_in.faults.add(Fault("fal.cancel", "hang"))
        process = await shell.program("photo.jpg", "--json")
        await shell.stand_in.wait_requests("fal.status")
        process.send_signal(signal.SIGINT)
        await shell.stand_in.faults.wait_taken("fal.cancel")
        process.send_signal(signal.SIGINT)
        ran = await asyncio.wait_for(shell.ended(process), 5)
        assert ran.code == Exit.INTERRUPTED
        assert ran.last["cancellation"] == "unknown"
        assert ran.last["may_be_charged"]
        assert ran.resume_arguments()[0] == "--resume"


async def test_a_process_that_was_told_to_ignore_it_does(shell: Shell) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        shell.stand_in.faults.add(Fault("pika.submit", "delay", seconds=0.05))
        run = shell.begin()
        await shell.stand_in.faults.wait_taken("pika.submit")
        os.kill(os.getpid(), signal.SIGINT)
        assert (await run).code == 0
    finally:
        signal.signal(signal.SIGINT, before)
