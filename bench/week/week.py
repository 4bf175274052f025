"""Runs a week: the bot in processes of its own, the stand-ins, clocks that move, and people."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections import Counter
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bench.books import compare
from bench.local_faults import fill_disk, locked_database
from bench.places import add_places
from bench.week.copies import check_backup, check_upgrade_copy
from bench.week.level import missed_levels, take_sample
from bench.week.people import People
from bench.week.plan import GUILDS, MEMBERS, STEP_MINUTES, STEPS_A_DAY
from bench.week.versions import Versions
from bot.base import BACKUP_FOLDER, to_ms
from bot.maintenance.backup import kept_backups, made_at
from tests.crash.bots import bots
from tests.crash.moved_clock import ClockOffset
from tests.decided import decide
from tests.house import open_house

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from bench.books import Books
    from bench.week.level import Sample
    from bench.week.plan import Step
    from playground.pika import WireName
    from tests.crash.bots import Bots
    from tests.house import House

RETENTION_DAYS: Final = 2
BACKUPS_KEPT: Final = 3
_PATIENCE: Final = {
    # Those of the real bot, as they are held against the clock.
    "pika": 600.0,
    "discord": 86_400.0,
    # Those that it sleeps for, which no moved clock ends.
    "read_back": 0.3,
    "guild_look": 5.0,
    "doubt_look": 0.5,
    "line_look": 1.0,
    "daily_look": 0.05,
    "probe": 1.0,
}
_PAUSES: Final = {
    "WORKER_SLEEP_SECONDS": 0.2,
    "LOG_SENDER_SLEEP_SECONDS": 0.2,
    "CLOCK_LOOK_SECONDS": 0.5,
    "PICTURE_SWEEP_SECONDS": 0.2,
    "SWEEP_SECONDS": 5.0,
    "DATABASE_PAUSE_SECONDS": 0.5,
}
"""Seconds; the rest that the bot sleeps for."""
MAINTENANCE_HOUR: Final = 1
_START_SECONDS: Final = 60.0
_END_SECONDS: Final = 120.0
_SETTLE_SECONDS: Final = 2.0
"""How long a step waits for its clips, before time moves on."""
_QUIET_SECONDS: Final = 0.02
_FULL_DISK_SECONDS: Final = 0.7
_LOCKED_SECONDS: Final = 5.5
_TRIED_IN_VAIN: Final = 3
"""After so many tries of which none succeeds, the people do it wrong, or the bot."""
_LONG_LEASE: Final = timedelta(minutes=1)
"""Nothing but a lease puts a job off for longer."""


# Without repr: asyncio asks for that of a task's result as it ends, and this one is a whole world.
@dataclass(slots=True, repr=False)
class Week:
    """The world of a week, and what has come of it so far.

    Attributes:
        copies: What was looked into: backups by their names, and schemas before upgrades.
        differences: One sentence for each thing that is not as it must be.
    """

    house: House
    people: People
    offset: ClockOffset
    versions: Versions
    folder: Path
    samples: list[Sample] = field(default_factory=list)
    copies: list[str] = field(default_factory=list)
    cuts: int = 0
    faults: int = 0
    differences: list[str] = field(default_factory=list)

    async def run(self, steps: Sequence[Step]) -> Books:
        """Live through all steps, then go on without faults until every job has ended.

        Raises:
            TimeoutError: The bot did not start, or not all jobs came to an end.
            RuntimeError: It ended by itself.
        """
        log = self.folder / "bot.log"
        async with bots(self.house, self.folder, patience=_PATIENCE, log=log) as processes:
            processes.more = {
                "clock": str(self.folder / "clock"),
                "pauses": _PAUSES,
                "migrations": str(self.versions.folder),
            }
            await processes.start()
            for number, step in enumerate(steps, 1):
                await self._live(processes, step)
                self.pass_time(minutes=STEP_MINUTES)
                if step.is_upgraded:
                    await self._upgrade(processes)
                if number % STEPS_A_DAY == STEPS_A_DAY * MAINTENANCE_HOUR // 24 + 1:
                    await self._look_into_backup()
                if number % STEPS_A_DAY == 0:
                    self.samples.append(take_sample(self.house, processes.pid))
            self._calm()
            await self.house.settled(_END_SECONDS)
            await self._look_at_leftovers(len(steps) // STEPS_A_DAY)
            if status := await processes.stop():
                raise RuntimeError(f"the last bot ended with {status}")
        for job in self.house.pika.jobs.values():
            await job.made()
        with self.versions.known_here():
            books = await compare(self.house, self.people.asked, self.people.names)
        self.differences += (*books.differences, *missed_levels(self.samples))
        planned = Counter(act.what for step in steps for act in step.acts)
        for what, times in planned.items():
            if times >= _TRIED_IN_VAIN and not self.people.done[what]:
                self.differences.append(f"nobody came to the end of {what!r}, in {times} tries")
        return books

    def pass_time(self, **span: float) -> None:
        """Move everybody's clock."""
        seconds = timedelta(**span).total_seconds()
        self.offset.advance(seconds)
        self.house.discord.clock.advance(seconds)

    def _calm(self) -> None:
        house = self.house
        house.discord.faults.clear()
        house.pika.faults.clear()
        house.pika.behaviour.queue_seconds = 0.03

    async def _live(self, processes: Bots, step: Step) -> None:
        self._calm()
        house = self.house
        for fault in step.discord_faults:
            house.discord.faults.add(fault)
        for fault in step.pika_faults:
            house.pika.faults.add(fault)
        self.faults += len(step.discord_faults) + len(step.pika_faults)
        if step.is_stalled:
            house.pika.behaviour.queue_seconds = 3600.0
        with locked_database(house) if step.is_locked else nullcontext():
            doing = [asyncio.create_task(self.people.act(it)) for it in step.acts]
            if step.largest_file is not None:
                await fill_disk(processes.pid, step.largest_file, _FULL_DISK_SECONDS)
            if step.drops_gateway:
                await house.discord.drop_gateway()
            if step.cut_after is not None:
                await asyncio.sleep(step.cut_after)
                await self._cut(processes)
            if step.is_locked:
                await asyncio.sleep(_LOCKED_SECONDS)
        await asyncio.gather(*doing)
        await self._settle(step)
        if step.acts:
            self.people.names.read(house)

    async def _cut(self, processes: Bots) -> None:
        if (status := await processes.kill()) != signal.SIGKILL:
            raise RuntimeError(f"a bot ended by itself, with {status}")
        self.cuts += 1
        await processes.spawn()
        await self.house.discord.wait_ready(_START_SECONDS)

    async def _settle(self, step: Step) -> None:
        """Wait for what a step began: for a while for clips, and for leases to their ends.

        What leases a job for some minutes must not see more of them pass than it would in life.
        """
        patient_until = time.monotonic() + (_SETTLE_SECONDS if step.acts else 0)
        async with asyncio.timeout(_END_SECONDS):
            while True:
                await asyncio.sleep(_QUIET_SECONDS)
                due = [it for (it,) in self.house.query(_OPEN)]
                limit = to_ms(self.offset.now() + _LONG_LEASE)
                is_over = step.is_stalled or time.monotonic() > patient_until
                if not due or (is_over and max(due) < limit):
                    return

    async def _upgrade(self, processes: Bots) -> None:
        if status := await processes.stop():
            raise RuntimeError(f"a bot that was stopped ended with {status}")
        schema = self.versions.schema
        self.versions.publish()
        await processes.start()
        folder = self.house.data_dir / BACKUP_FOLDER
        self.differences += check_upgrade_copy(self.house, folder, schema)
        found = self.house.query("SELECT user_version FROM pragma_user_version")[0][0]
        if found != self.versions.schema:
            self.differences.append(f"after an upgrade the database has schema {found}")
        self.copies.append(f"schema {schema}")

    async def _look_into_backup(self) -> None:
        """Wait for the day's backup; restore it elsewhere, and compare its books."""
        folder = self.house.data_dir / BACKUP_FOLDER
        today = self.offset.now().date()

        def are_there() -> bool:
            kept = kept_backups(folder)
            is_made = bool(kept) and made_at(kept[-1]).date() == today
            return is_made and len(kept) <= BACKUPS_KEPT

        is_done = await _until(are_there)
        kept = kept_backups(folder)
        if not is_done:
            names = [it.name for it in kept]
            self.differences.append(f"on {today} these are the backups: {names}")
            return
        scratch = self.folder / f"restored-{today}"
        with self.versions.known_here():
            now = self.offset.now()
            self.differences += check_backup(self.house, kept[-1], scratch, now)
        self.copies.append(kept[-1].name)

    async def _look_at_leftovers(self, days: int) -> None:
        """Say what is still there that should have been deleted."""
        before = to_ms(self.offset.now() - timedelta(days=RETENTION_DAYS + 1))
        kept = self.house.query(f"{_DETAILS} AND ended_at < {before} AND has_details = 1")
        if kept:
            self.differences.append(f"details of these jobs are kept for too long: {kept}")
        if days > RETENTION_DAYS + 1 and not self.house.query(f"{_DETAILS} AND has_details = 0"):
            self.differences.append("no job's details were deleted")
        if not await _until(lambda: not self._unnamed_pictures()):
            left = sorted(self._unnamed_pictures())
            self.differences.append(f"no row names these pictures: {left}")
        if videos := [it.name for it in (self.house.data_dir / "clips").iterdir()]:
            self.differences.append(f"these videos are left: {videos}")

    def _unnamed_pictures(self) -> set[str]:
        return {*self.house.pictures()} - {it for (it,) in self.house.query(_PICTURES)}


async def _until(is_true: Callable[[], bool]) -> bool:
    """Wait until something is true, for a minute at most; whether it is."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_START_SECONDS):
            while not is_true():  # noqa: ASYNC110 - files and rows announce nothing
                await asyncio.sleep(_QUIET_SECONDS)
            return True
    return False


async def live_week(
    folder: Path, wire: WireName, seed: int, steps: Sequence[Step]
) -> tuple[Week, Books]:
    """Live so many steps, from midnight on, in a folder that is there."""
    async with open_house(folder / "data", wire) as house:
        week = await _furnish(house, folder, seed)
        return week, await week.run(steps)


async def _furnish(house: House, folder: Path, seed: int) -> Week:
    """Bring people into the guilds, and begin at midnight."""
    discord = house.discord
    owner = discord.add_member("who owns elsewhere").user
    guilds = [discord.world.guild, *(house.add_managed_guild(owner) for _ in range(GUILDS - 1))]
    house.overrides |= {
        "renders_at_once": "8",
        "owner_budget_usd_per_month": "none",
        "default_limit": "12 clips a day",
        "retention_days": str(RETENTION_DAYS),
        "backups_kept": str(BACKUPS_KEPT),
        "maintenance_hour": str(MAINTENANCE_HOUR),
        "health_address": "off",
    }
    house.pika.behaviour.render_seconds = 0.1
    await decide(house, log_channel_id=discord.world.guild.channel("mod-log").id)
    draw = random.Random(f"people {seed}")  # noqa: S311 - a simulation
    offset, versions = ClockOffset(folder / "clock"), Versions(folder / "migrations")
    week = Week(
        house, People(house, add_places(house, guilds, MEMBERS), draw), offset, versions, folder
    )
    now = offset.now()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    week.pass_time(seconds=(midnight - now).total_seconds())
    return week


_OPEN: Final = "SELECT due_at FROM jobs WHERE ended_at IS NULL"
_DETAILS: Final = (
    "SELECT id FROM jobs WHERE ended_at NOT NULL AND interaction_id > 0 AND doubt IS NOT 'open'"
)
_PICTURES: Final = """
    SELECT picture_file FROM jobs WHERE picture_file NOT NULL
    UNION SELECT poster_file FROM jobs WHERE poster_file NOT NULL
"""
