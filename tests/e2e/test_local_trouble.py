"""What breaks here after Pika has accepted an order: no ticket is lost, and no bill forgotten."""

from __future__ import annotations

import asyncio
import dataclasses
import math
import shutil
import sqlite3
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.__main__ import run
from bot.base import Timeouts
from bot.base.child_process import ChildKilledError
from bot.config import SettingError
from playground.faults import Fault
from tests.bot.base import child_work
from tests.e2e.quota_play import button_ids
from tests.house import House, open_house

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator
    from pathlib import Path

BROKEN = sqlite3.OperationalError, TimeoutError, NotADirectoryError
"""What the steps may log with a traceback here."""
WIRES = {"pika": "pika.submit", "fal": "fal.submit", "comfy-proxy": "proxy.submit"}


@pytest.fixture(params=list(WIRES))
async def wired(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[House, None]:
    async with open_house(tmp_path / "data", request.param) as house:
        yield house


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Timeouts, "DATABASE_PAUSE_SECONDS", 0.1)
    monkeypatch.setattr("bot.base.database.BUSY_TIMEOUT_MS", 200)


@contextmanager
def write_lock(house: House) -> Generator[None, None, None]:
    """Another program holds the database, as a backup may."""
    path = house.data_dir / "animate-bot.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def no_room(house: House) -> Generator[None, None, None]:
    """A file stands where the folder of videos was: nothing can be written there."""
    videos = house.data_dir / "clips"
    shutil.rmtree(videos)
    videos.write_bytes(b"")
    yield
    videos.unlink()
    videos.mkdir()


async def logged(caplog: pytest.LogCaptureFixture, words: str, seconds: float = 30.0) -> None:
    async with asyncio.timeout(seconds):
        while words not in caplog.text:
            await asyncio.sleep(0.02)


async def test_deleting_members_data_waits_for_another_program(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.overrides["retention_days"] = 30
    noah = house.member("noah")
    async with house.bot():
        await house.delivered(await house.animate(noah))
        await house.settled()
        house.pika.faults.add(held := Fault("pika.delete", "hold"))
        question = await house.ask(noah, "mydata delete")
        (button,) = button_ids(question, "mydata:")
        await house.discord.press(noah, question, button)
        await house.pika.faults.wait_taken(held.operation)
        with write_lock(house):
            house.pika.faults.release(held.operation)
            await logged(caplog, "members' data is not deleted yet")
        await house.until("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM provider_erasures)")
    told = [it for it in caplog.records if it.name == "bot.personal_data.provider_eraser"]
    assert told
    assert all(it.levelname == "WARNING" and it.exc_info is None for it in told)


@pytest.mark.parametrize(
    ("step", "words"),
    [(Timeouts.STEP, "is not written yet"), (timedelta(seconds=3), "not set back yet")],
    ids=["within its step", "beyond its step"],
)
async def test_a_ticket_that_cannot_be_written_is_kept(
    wired: House,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    step: timedelta,
    words: str,
) -> None:
    monkeypatch.setattr(Timeouts, "STEP", step)
    operation = WIRES[wired.pika.wire]
    async with wired.bot(*BROKEN):
        wired.pika.faults.add(Fault(operation, "hold"))
        interaction = await wired.animate()
        await wired.pika.faults.wait_taken(operation)
        with write_lock(wired):
            wired.pika.faults.release(operation)
            await logged(caplog, words)
        await wired.delivered(interaction)
        await wired.settled()
    assert wired.pika.paid_submits == 1
    assert wired.kinds() == ["reserve", "settle"]


async def test_a_ticket_is_kept_beyond_the_time_for_tries(
    wired: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Pika was busy first, so that the job's time for tries is over before it can be written."""
    monkeypatch.setattr(Timeouts, "STEP", timedelta(seconds=3))
    operation = WIRES[wired.pika.wire]
    async with wired.bot(*BROKEN):
        wired.pika.faults.add(Fault(operation, "reply", status=429, body={}))
        wired.pika.faults.add(Fault(operation, "hold"))
        interaction = await wired.animate()
        await wired.until("SELECT 1 FROM jobs WHERE attempts = 1 AND may_be_billed = 1")
        await wired.pika.faults.wait_taken(operation)
        with write_lock(wired):
            wired.pika.faults.release(operation)
            await logged(caplog, "is not written yet")
            wired.pass_time(minutes=14)
            await logged(caplog, "not set back yet")
        await wired.delivered(interaction)
        await wired.settled()
    assert wired.pika.paid_submits == 1
    assert wired.kinds() == ["reserve", "settle"]


async def test_a_step_is_set_back_when_the_database_answers_again(
    wired: House, caplog: pytest.LogCaptureFixture
) -> None:
    wired.pika.behaviour.render_seconds = math.inf
    async with wired.bot(*BROKEN):
        interaction = await wired.animate()
        await wired.told(interaction.original, "Rendering")
        with write_lock(wired):
            wired.pika.behaviour.render_seconds = 0
            await logged(caplog, "not set back yet")
        await wired.delivered(interaction)
        await wired.settled()
    assert wired.kinds() == ["reserve", "settle"]


async def test_a_video_without_room_is_fetched_once_there_is_some(
    wired: House, caplog: pytest.LogCaptureFixture
) -> None:
    # Longer than Pika itself is waited for: it is not Pika's fault.
    wired.patience = dataclasses.replace(
        wired.patience, pika=timedelta(seconds=0.3), discord=timedelta(minutes=1)
    )
    wired.pika.behaviour.render_seconds = math.inf
    async with wired.bot(*BROKEN):
        interaction = await wired.animate()
        await wired.told(interaction.original, "Rendering")
        with no_room(wired):
            wired.pika.behaviour.render_seconds = 0
            await logged(caplog, "rendering failed (NotADirectoryError")
            caplog.clear()
            wired.pass_time(seconds=1)
            await logged(caplog, "rendering failed (NotADirectoryError")
        await wired.delivered(interaction)
        await wired.settled()
    assert wired.pika.paid_submits == 1
    assert wired.kinds() == ["reserve", "settle"]


async def test_a_video_that_never_finds_room_is_counted(wired: House) -> None:
    wired.patience = dataclasses.replace(wired.patience, discord=timedelta(seconds=1))
    wired.pika.behaviour.render_seconds = math.inf
    async with wired.bot(*BROKEN):
        interaction = await wired.animate()
        await wired.told(interaction.original, "Rendering")
        with no_room(wired):
            wired.pika.behaviour.render_seconds = 0
            await wired.told(interaction.original, "went wrong on my side")
        await wired.settled()
    assert wired.kinds() == ["reserve", "settle", "credit"]
    assert (wired.paid(), wired.spent()) == ((1, 200_000), (0, 0))
    assert wired.query("SELECT doubt FROM jobs") == [(None,)], "Pika made it, so it is billed"


def make_too_large(house: House) -> None:
    house.pika.behaviour.result = "rendered"
    house.discord.advertised_upload_limit = house.discord.upload_limit = 120_000


async def test_a_crash_that_comes_once_does_not_cost_a_clip(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    make_too_large(house)
    async with house.bot(*BROKEN, ChildKilledError):
        with monkeypatch.context() as patched:
            patched.setattr("bot.media.video_processor._shrink", child_work.crash)
            interaction = await house.animate()
            await logged(caplog, "rendered failed (ChildKilledError")
        await house.delivered(interaction)
        await house.settled()
    assert house.kinds() == ["reserve", "settle"]


async def test_a_video_that_crashes_what_reads_it_every_time_is_given_up(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    make_too_large(house)
    monkeypatch.setattr("bot.jobs.video_files.CRASHES", 3)
    monkeypatch.setattr("bot.media.video_processor._shrink", child_work.crash)
    async with house.bot(*BROKEN, ChildKilledError):
        await house.failed(await house.animate(), "not a playable video")
        await house.settled()
    assert caplog.text.count("rendered failed (ChildKilledError") == 2
    assert house.kinds() == ["reserve", "settle", "credit"]


async def test_nothing_is_ordered_while_no_video_can_be_kept(
    wired: House, caplog: pytest.LogCaptureFixture
) -> None:
    async with wired.bot(*BROKEN):
        with no_room(wired):
            interaction = await wired.animate()
            await logged(caplog, "queued failed (NotADirectoryError")
            assert wired.pika.paid_submits == 0
        await wired.delivered(interaction)
        await wired.settled()
    assert wired.pika.paid_submits == 1


@pytest.mark.parametrize("folder", ["clips", "pictures"])
async def test_a_start_without_room_says_so(house: House, folder: str) -> None:
    house.data_dir.mkdir(parents=True)
    (house.data_dir / folder).write_bytes(b"")
    with pytest.raises(SettingError, match="DATA_DIR"):
        async with house.bot():
            pass
    assert not house.discord.exchanges, "before the login"


async def test_a_start_with_a_database_that_cannot_be_written_says_so(house: House) -> None:
    async with house.bot():
        pass
    seen = len(house.discord.exchanges)
    # Not as `house.bot()`, which writes to the file first.
    with write_lock(house), pytest.raises(SettingError, match="DATA_DIR"):
        await run(house.settings(), asyncio.Event())
    assert len(house.discord.exchanges) == seen, "before the login"
