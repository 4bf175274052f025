"""Daily backups, and a database file that is taken away from a bot that runs."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.base import to_ms, utc_now
from bot.base.database_file import check_copy
from bot.maintenance.backup import kept_backups
from bot.maintenance.restore import restore
from tests.house import DATABASE, House, open_house
from tests.timeouts import QUICK

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator
    from pathlib import Path


DONE = "SELECT value FROM key_values WHERE name = 'daily:backup'"
"""When the latest backup was made, or the bot first started."""
DELETED = "SELECT 1 FROM key_values WHERE name = 'daily:deletion' AND CAST(value AS INTEGER)"


class Alone(House):
    """A house without bystanders, whose clips ended long ago."""

    @contextmanager
    def _bystanders(self) -> Generator[None, None, None]:
        yield


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[House, None]:
    async with open_house(tmp_path / "data") as opened:
        house = Alone(opened.discord, opened.pika, opened.data_dir)
        house.patience = replace(QUICK, daily_look=timedelta(milliseconds=50))
        yield house


async def until(found: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not found():
            await asyncio.sleep(0.02)


def next_morning(house: House, days: int = 0) -> None:
    """Move the clocks to some minutes after the hour of the daily tasks."""
    now = house.clock()
    hour = now.replace(hour=4, minute=0, second=0) + timedelta(days=days)
    # A bot that has started since the hour waits for the next.
    is_over = hour < now + timedelta(minutes=1)
    morning = hour + timedelta(days=is_over, minutes=5)
    house.pass_time(seconds=(morning - now).total_seconds())


async def test_backups_are_made_daily_and_some_are_kept(house: House) -> None:
    house.overrides["backups_kept"] = 2
    folder = house.data_dir / "backups"
    made: list[str] = []

    def new() -> bool:
        names = [it.name for it in kept_backups(folder)]
        fresh = [it for it in names if it not in made]
        made.extend(fresh)
        return bool(fresh)

    async with house.bot():
        await house.delivered(await house.animate())
        await house.until(DONE)
        for _ in range(3):
            next_morning(house)
            await until(new)
        await until(lambda: len(kept_backups(folder)) == 2)
    assert [it.name for it in kept_backups(folder)] == made[1:]
    # One that was missed while the bot was off.
    next_morning(house, days=3)
    async with house.bot():
        await until(new)
        await until(lambda: int(house.query(DONE)[0][0]) > to_ms(house.clock()) - 600_000)
    async with house.bot():
        # A whole round of the loop.
        await house.delivered(await house.animate())
        assert not new(), "twice on a day"
    restore(house.data_dir, kept_backups(folder)[-1], house.clock())
    assert house.kinds() == ["reserve", "settle"]


async def test_the_owner_hears_once_of_backups_that_fail(house: House) -> None:
    house.overrides["backups_kept"] = 2
    folder = house.data_dir / "backups"
    house.data_dir.mkdir()
    folder.write_text("no folder")
    async with house.bot():
        await house.until(DONE)
        next_morning(house)
        told = await house.owner_told("daily backup failed")
        assert "There is none." in told
        for _ in range(2):
            tried = house.query(DONE)
            house.pass_time(hours=25)
            await house.delivered(await house.animate())
            assert house.query(DONE) == tried
        folder.unlink()
        house.pass_time(hours=2)
        # And what it was written in is gone, which else goes while the folder does.
        await until(lambda: kept_backups(folder) and not [*folder.glob(".*")])
        shutil.rmtree(folder)
        folder.write_text("no folder")
        next_morning(house)
        await until(lambda: len(failures(house)) == 1)
    assert len(failures(house)) == 1


def failures(house: House) -> list[str]:
    return [it for it in house.told_to_owner() if "daily backup failed" in it]


def take_away(house: House, how: str) -> None:
    path = house.data_dir / DATABASE
    if how == "deleted":
        path.unlink()
    else:
        with (
            closing(sqlite3.connect(path)) as live,
            closing(sqlite3.connect(path.with_name("copy"))) as copy,
        ):
            live.backup(copy)
        path.with_name("copy").replace(path)


def saved(house: House) -> Path:
    (path,) = (house.data_dir / "backups").glob("animate-bot-saved-*.sqlite3")
    return path


@pytest.mark.parametrize("how", ["deleted", "replaced"])
async def test_a_lost_file_is_noticed(house: House, how: str) -> None:
    house.pika.behaviour.render_seconds = 3600
    bot = house.bot()
    await bot.__aenter__()
    interaction = await house.animate()
    await house.told(interaction.original, "Rendering")
    path = house.data_dir / DATABASE
    take_away(house, how)
    refused = await house.animate()
    await house.refused(refused, "I cannot take anything on right now")
    told = await house.owner_told("My database file was deleted or replaced")
    assert "animate-bot-saved-" in told
    await until(lambda: saved(house).exists())
    # What is in the making is finished, and is in what is saved at the end.
    house.pika.behaviour.render_seconds = 0
    await house.delivered(interaction)
    # The house looks there for what bystanders had.
    shutil.copy(saved(house), path)
    await bot.__aexit__(None, None, None)
    assert house.pika.paid_submits == 1
    check_copy(saved(house))
    restore(house.data_dir, saved(house), utc_now())
    assert house.kinds() == ["reserve", "settle"]
    async with house.bot():
        assert house.query("SELECT state FROM jobs") == [("delivered",)]


async def test_details_of_clips_and_left_servers_are_deleted_in_time(house: House) -> None:
    house.overrides["retention_days"] = 3
    guild = house.add_managed_guild(house.discord.world.application_owner)
    async with house.bot():
        clip = await house.animate(prompt="a kite")
        await house.delivered(clip)
        await house.settled()
        await house.until("SELECT 1 FROM key_values WHERE name = 'daily:deletion'")
        await house.until(f"SELECT 1 FROM known_guilds WHERE guild_id = {guild.id}")
        next_morning(house, days=1)
        await house.until(f"{DELETED} > {to_ms(house.clock()) - 600_000}")
        assert "a kite" in house.query("SELECT options_json FROM jobs")[0][0]
        next_morning(house, days=3)
        await house.until("SELECT 1 FROM jobs WHERE has_details = 0")
        assert "a kite" not in house.query("SELECT options_json FROM jobs")[0][0]
        listed = await house.ask(house.mia, "my-clips")
        assert "a kite" not in str(listed.components) + listed.content
        assert house.spent() == (1, 200_000)
        house.discord.remove_bot(guild)
        left = f"SELECT 1 FROM known_guilds WHERE guild_id = {guild.id} AND left_at"
        await house.until(f"{left} IS NOT NULL")
        next_morning(house, days=31)
        await house.until(f"{left} IS NULL AND is_member = 0")
