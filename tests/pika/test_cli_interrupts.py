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
from tests.pika.cli_runner import CliResult, CliRunner, ctrl_c, open_cli, picture_for, shorten_waits
from tests.pika.samples import names_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playground.pika import WireName

ENDLESS_CANCEL = """
import sys
from pika.cli import command, stopping
stopping.CANCEL_SECONDS = 3600.0
sys.exit(command.main(sys.argv[1:]))
"""
CHECKS = {"pika": "pika.check", "fal": "fal.status", "comfy": "comfy.status"}


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shorten_waits(monkeypatch, tmp_path)


@pytest.fixture
async def cli(tmp_path: Path) -> AsyncIterator[CliRunner]:
    async with open_cli(tmp_path) as cli:
        yield cli


async def stopped(
    cli: CliRunner, run: asyncio.Task[CliResult], outcome: str, *, charged: bool
) -> CliResult:
    """The end of a run that was interrupted; nothing but the picture may be left."""
    ran = await asyncio.wait_for(run, 60)
    assert ran.code == ran.last["exit_code"] == Exit.INTERRUPTED
    assert (ran.last["kind"], ran.last["cancellation"]) == ("interrupted", outcome)
    assert ran.last["may_be_charged"] == charged
    assert ran.last["message"] in ran.sentences
    assert names_in(cli.folder) == ["photo.jpg"]
    assert not inspect.isfunction(signal.getsignal(signal.SIGINT))
    return ran


async def test_before_the_paid_request_nothing_is_paid(cli: CliRunner) -> None:
    cli.stand_in.faults.add(Fault("pika.upload", "hang"))
    run = cli.begin("--json")
    await cli.stand_in.faults.wait_taken("pika.upload")
    ctrl_c()
    ran = await stopped(cli, run, "nothing_ordered", charged=False)
    assert "nothing is charged" in ran.err
    assert cli.stand_in.counters.requests["pika.submit"] == 0


async def test_between_two_tries_nothing_more_is_sent(cli: CliRunner) -> None:
    asked = {"Retry-After": "30"}
    cli.stand_in.faults.add(Fault("pika.submit", "reply", status=503, headers=asked))
    run = cli.begin("--json")
    await cli.stand_in.wait_requests("pika.submit")
    await cli.err.says("trying again in 30 s")
    ctrl_c()
    await stopped(cli, run, "nothing_ordered", charged=False)
    assert cli.stand_in.paid_submits == 0


async def test_the_answer_to_the_paid_request_is_awaited(cli: CliRunner) -> None:
    cli.stand_in.behaviour.queue_seconds = math.inf
    cli.stand_in.faults.add(Fault("pika.submit", "delay", seconds=0.1))
    run = cli.begin("--json")
    await cli.stand_in.faults.wait_taken("pika.submit")
    ctrl_c()
    ran = await stopped(cli, run, "impossible", charged=True)
    assert "waiting for its answer" in ran.err
    assert [event["event"] for event in ran.events] == ["price", "ticket", "error"]
    assert ran.last["ticket"] == ran.events[1]["ticket"]
    assert cli.stand_in.paid_submits == 1


async def test_an_answer_that_does_not_come_leaves_a_doubt(
    cli: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pika.cli.run.ANSWER_SECONDS", 0.05)
    cli.stand_in.faults.add(Fault("pika.submit", "hang"))
    run = cli.begin("--json")
    await cli.stand_in.faults.wait_taken("pika.submit")
    ctrl_c()
    await stopped(cli, run, "in_doubt", charged=True)


async def test_an_order_that_is_not_taken_after_ctrl_c_is_not_repeated(cli: CliRunner) -> None:
    cli.stand_in.faults.add(Fault("pika.submit", "reply", status=503, seconds=0.1))
    run = cli.begin("--json")
    await cli.stand_in.faults.wait_taken("pika.submit")
    ctrl_c()
    ran = await run
    assert (ran.code, ran.last["kind"]) == (Exit.TRY_AGAIN, "unavailable")
    assert not ran.last["may_be_charged"]
    assert cli.stand_in.paid_submits == 0


@pytest.mark.parametrize(
    ("wire", "running", "outcome", "charged"),
    [
        ("pika", False, "impossible", True),
        ("fal", False, "cancelled", False),
        ("fal", True, "requested", True),
        ("comfy", False, "cancelled", False),
        ("comfy", True, "requested", True),
    ],
)
async def test_a_job_is_cancelled_where_that_can_be(
    tmp_path: Path, wire: WireName, outcome: str, *, running: bool, charged: bool
) -> None:
    async with open_cli(tmp_path, wire) as cli, picture_for(cli) as picture:
        behaviour = cli.stand_in.behaviour
        behaviour.render_seconds = math.inf
        behaviour.queue_seconds = 0 if running else math.inf
        run = cli.begin("--json", picture=picture)
        await cli.stand_in.wait_requests(CHECKS[wire], 2)
        ctrl_c()
        ran = await stopped(cli, run, outcome, charged=charged)
        # Once when it was accepted, and once more if there still is something to go on from.
        assert ran.err.count("To go on from here") == 1 + charged
        assert cli.stand_in.paid_submits == 1


async def test_a_job_that_timed_out_meanwhile_is_not_called_cancelled(tmp_path: Path) -> None:
    async with open_cli(tmp_path, "fal") as cli:
        cli.stand_in.behaviour.queue_seconds = math.inf
        run = cli.begin("--json")
        await cli.stand_in.wait_requests("fal.status")
        late = {"detail": "late", "error_type": "generation_timeout"}
        cli.stand_in.faults.add(Fault("fal.result", "reply", status=504, body=late))
        ctrl_c()
        await stopped(cli, run, "requested", charged=True)


async def test_a_cancel_without_an_answer_is_not_called_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pika.cli.stopping.CANCEL_SECONDS", 0.05)
    async with open_cli(tmp_path, "fal") as cli:
        cli.stand_in.behaviour.queue_seconds = math.inf
        cli.stand_in.faults.add(Fault("fal.cancel", "hang"))
        run = cli.begin("--json")
        await cli.stand_in.wait_requests("fal.status")
        ctrl_c()
        await stopped(cli, run, "unknown", charged=True)


async def test_a_video_that_is_made_is_paid(cli: CliRunner) -> None:
    cli.stand_in.faults.add(Fault("pika.download", "hang", times=None))
    run = cli.begin("--json")
    await cli.stand_in.faults.wait_taken("pika.download")
    ctrl_c()
    ran = await stopped(cli, run, "too_late", charged=True)
    assert "To go on from here" in ran.err


async def test_a_second_time_ends_at_once(tmp_path: Path) -> None:
    async with open_cli(tmp_path, "fal") as cli:
        cli.stand_in.behaviour.queue_seconds = math.inf
        cli.stand_in.faults.add(Fault("fal.cancel", "hang"))
        process = await cli.program("photo.jpg", "--json", code=ENDLESS_CANCEL)
        await cli.stand_in.wait_requests("fal.status")
        process.send_signal(signal.SIGINT)
        await cli.stand_in.faults.wait_taken("fal.cancel")
        process.send_signal(signal.SIGINT)
        ran = await cli.ended(process)
        assert ran.code == Exit.INTERRUPTED
        assert ran.last["cancellation"] == "unknown"
        assert ran.last["may_be_charged"]
        assert ran.resume_arguments()[0] == "--resume"


async def test_a_process_that_was_told_to_ignore_it_does(cli: CliRunner) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        cli.stand_in.faults.add(Fault("pika.submit", "delay", seconds=0.05))
        run = cli.begin()
        await cli.stand_in.faults.wait_taken("pika.submit")
        os.kill(os.getpid(), signal.SIGINT)
        assert (await run).code == 0
    finally:
        signal.signal(signal.SIGINT, before)
