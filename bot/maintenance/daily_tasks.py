"""What is done once a day: deleting what is kept for some days only, and backups."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from dataclasses import field
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from bot.base import DatabaseFileError, from_ms, key_values, midnight, service, to_ms

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from zoneinfo import ZoneInfo

    from bot.base import Clock, Database, Timeouts, Transaction

log = logging.getLogger(__name__)

_AGAIN: Final = timedelta(hours=1)
"""After a task that failed."""


@service
class DailyTasks:
    """Runs tasks one after the other, at an hour of the day, also after a start that missed it.

    Attributes:
        hour: Of the day in `zone`.
        tasks: By the names under which it is remembered when each was done. A task raises OSError,
            `sqlite3.Error` or `DatabaseFileError` to be tried again in an hour.
    """

    database: Database
    clock: Clock
    timeouts: Timeouts
    hour: int
    zone: ZoneInfo
    tasks: Mapping[str, Callable[[], Awaitable[None]]]
    _due: dict[str, datetime] = field(default_factory=dict, init=False)

    async def run(self) -> None:
        """Run each task when its time has come, until cancelled."""
        while True:
            await asyncio.sleep(self.timeouts.daily_look.total_seconds())
            for name in self.tasks:
                try:
                    await self._run_if_due(name)
                except (OSError, sqlite3.Error, DatabaseFileError) as error:
                    log.warning("%s failed, and is tried again in an hour: %r", name, error)
                    self._due[name] = self.clock() + _AGAIN

    async def _run_if_due(self, name: str) -> None:
        if name not in self._due:
            done = await self.database.write(lambda tx: _last_done(tx, name, self.clock()))
            self._due[name] = next_time(done, self.hour, self.zone)
        now = self.clock()
        if now < self._due[name]:
            return
        await self.tasks[name]()
        await self.database.write(lambda tx: key_values.put(tx, _key(name), str(to_ms(now))))
        self._due[name] = next_time(now, self.hour, self.zone)


def _last_done(tx: Transaction, name: str, now: datetime) -> datetime:
    """When a task was done, by a process before this one; at the first start ever, now."""
    stored = key_values.find(tx, _key(name))
    # A clock that was ahead then must not put the task off until it is so late again.
    done = now if stored is None else min(from_ms(int(stored)), now)
    key_values.put(tx, _key(name), str(to_ms(done)))
    return done


def _key(name: str) -> str:
    return f"daily:{name}"


def next_time(after: datetime, hour: int, zone: ZoneInfo) -> datetime:
    """The first instant after another at which it is so late in a zone."""
    day = after.astimezone(zone).date()
    times = (
        datetime.combine(it, time(hour), zone).astimezone(UTC)
        for it in (day, day + timedelta(days=1))
    )
    return next((it for it in times if it > after), midnight(day + timedelta(days=2), zone))
