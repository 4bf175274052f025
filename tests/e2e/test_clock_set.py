"""Somebody sets the machine's clock while clips are made: none ends early or stands still."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.base import Limit, Timeouts, from_ms
from bot.jobs import clock_watcher
from tests.e2e.test_clock import is_accepted

if TYPE_CHECKING:
    from pathlib import Path

    from playground.discord import Interaction
    from tests.house import House

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Timeouts, "CLOCK_LOOK_SECONDS", 0.05)


async def rendering(house: House, name: str = "mia") -> Interaction:
    """Ask for a clip that Pika does not finish before `finish`."""
    house.pika.behaviour.render_seconds = 3600
    interaction = await house.animate(house.member(name))
    await house.told(interaction.original, "Rendering")
    return interaction


async def checked(house: House) -> None:
    """Wait until Pika was asked twice more about every clip in the making."""

    began = time.time()

    def checks(name: str) -> int:
        return sum(name in it.path for it in house.pika.exchanges if it.at > began)

    running = [name for name, job in house.pika.jobs.items() if job.status == "running"]
    async with asyncio.timeout(60):
        while not all(checks(name) > 1 for name in running):
            await asyncio.sleep(0.02)
    assert all(house.pika.jobs[name].status == "running" for name in running)


async def finish(house: House, *asked: Interaction) -> None:
    house.pika.behaviour.render_seconds = 0
    for interaction in asked:
        await house.delivered(interaction)
    await house.settled()


def assert_young(house: House) -> None:
    """No clip in the making is older, or begun later, than it can be.

    Its times are moved by whole seconds, so half a second they may be off.
    """
    for times in house.query("SELECT created_at, submitted_at FROM jobs WHERE ended_at IS NULL"):
        for instant in times:
            age = house.clock() - from_ms(instant)
            assert timedelta(seconds=-0.5) <= age < timedelta(minutes=10)


async def test_while_the_bot_runs(house: House, caplog: pytest.LogCaptureFixture) -> None:
    async with house.bot():
        first = await rendering(house)
        house.set_by = -HOUR
        await house.owner_told("set back by 1:00:00")
        await checked(house)
        assert_young(house)
        second = await rendering(house, "noah")
        await finish(house, first, second)
        third = await rendering(house)
        house.set_by = timedelta()
        await house.owner_told("set forward by 1:00:00")
        await checked(house)
        assert_young(house)
        await finish(house, third)
    assert house.kinds() == ["reserve", "reserve", "settle", "settle", "reserve", "settle"]
    assert "this machine's clock was set by -3600 s" in caplog.text
    assert len(house.told_to_owner()) == 2


@pytest.mark.parametrize(
    ("change", "told"), [(HOUR, "forward by 1:00:00"), (-30 * HOUR, "back by 30:00:00")]
)
async def test_while_the_bot_was_off(house: House, change: timedelta, told: str) -> None:
    async with house.bot():
        interaction = await rendering(house)
    house.set_by = change
    async with house.bot():
        await house.owner_told(f"set {told}")
        await checked(house)
        assert_young(house)
        await finish(house, interaction)
    assert house.kinds() == ["reserve", "settle"]


async def test_a_machine_that_was_started_with_a_wrong_clock(
    house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No clock tells how long it was off; then its clock is set right by the network."""
    boot_id = tmp_path / "boot_id"
    monkeypatch.setattr(clock_watcher, "_BOOT_ID", boot_id)
    boot_id.write_text("one")
    async with house.bot():
        interaction = await rendering(house)
    boot_id.write_text("two")
    house.set_by = timedelta(days=-3)
    async with house.bot():
        await house.owner_told("set back by")
        await checked(house)
        assert_young(house)
        house.set_by = timedelta()
        await house.owner_told("set forward by 72:00:00")
        await checked(house)
        assert_young(house)
        await finish(house, interaction)
        house.set_by = timedelta(days=-3)
        await house.discord.wait_for(lambda: len(house.told_to_owner()) == 3)
    assert house.kinds() == ["reserve", "settle"]


async def test_windows_of_limits_go_by_the_calendar(house: House) -> None:
    house.overrides["default_limit"] = Limit.parse("1 clip a day")
    async with house.bot():
        assert [await is_accepted(house) for _ in range(2)] == [True, False]
        house.set_by = timedelta(days=1)
        await house.owner_told("set forward by 24:00:00")
        assert [await is_accepted(house) for _ in range(2)] == [True, False]
        house.set_by = timedelta()
        await house.owner_told("set back by 24:00:00")
        assert not await is_accepted(house)
    assert house.spent()[0] == 2
