"""Notices that the machine's clock was set, while the bot ran or was off, and mends what waits.

Clips wait by times in their rows. Where the clock is set, those of open jobs are set by as much, so
that nothing ends early or late. The ledger and everything that moderators have set go by the
calendar, and are left alone. Its SQL sets times of jobs, of their reviews and of log messages.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.base import Timeouts, from_ms, key_values, service, to_ms
from bot.guilds import owner_messages

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.base import Database, SteadyClock, Transaction

log = logging.getLogger(__name__)

_KEY: Final = "clock"
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
"""Linux's name for the time since the machine was started; other systems have none."""
_SET: Final = timedelta(seconds=3)
"""By how much a clock must change to count as set; the rest is the daily adjustment."""
_DRIFT: Final = timedelta(milliseconds=250)


@service
class ClockWatcher:
    """Compares the machine's clock with one that nobody can set.

    Attributes:
        wake: Called when what is due, and whom to tell, may have changed.
    """

    database: Database
    clock: SteadyClock
    wake: Callable[[], None]

    async def take_over(self) -> None:
        """Find out whether the clock was set while no process ran. Before any job is claimed."""
        # Nothing of this process waits yet, and its login may have taken until the clock was right.
        self.clock.follow(self.clock.change())
        now, zero = self.clock(), self.clock.zero

        def mend(tx: Transaction) -> None:
            change = _change_since(key_values.find(tx, _KEY), zero)
            if change is None:
                # Another boot, of which no clock tells. Times ahead of now show a clock set back.
                latest = tx.all(_LATEST)[0][0]
                change = timedelta() if latest is None else min(now - from_ms(latest), timedelta())
            _mend(tx, change, now, zero)

        await self.database.write(mend)

    async def run(self) -> None:
        """Look from time to time, until cancelled."""
        while True:
            await asyncio.sleep(Timeouts.CLOCK_LOOK_SECONDS)
            try:
                await self._look()
            except sqlite3.OperationalError as error:
                log.warning("the database did not answer: %r", error)

    async def _look(self) -> None:
        change = self.clock.change()
        if abs(change) < _DRIFT:
            return
        now, zero = self.clock() + change, self.clock.zero + change
        # Between the two, ages are too small and never too large, by which a clip would end.
        is_back = change < timedelta()
        if is_back:
            self.clock.follow(change)
        try:
            await self.database.write(lambda tx: _mend(tx, change, now, zero))
        except BaseException:
            if is_back:
                self.clock.follow(-change)
            raise
        if not is_back:
            self.clock.follow(change)
        self.wake()


def _change_since(stored: str | None, zero: datetime) -> timedelta | None:
    """By how much the clock was set since that was stored; `None` after another start of Linux."""
    boot_id, was_zero = json.loads(stored or '["", 0]')
    return zero - from_ms(was_zero) if boot_id and boot_id == _boot_id() else None


def _mend(tx: Transaction, change: timedelta, now: datetime, zero: datetime) -> None:
    key_values.put(tx, _KEY, json.dumps([_boot_id(), to_ms(zero)]))
    if abs(change) < _SET:
        return
    seconds = round(change.total_seconds())
    jobs = 0
    for sql in _SHIFTS:
        jobs = tx.execute(sql, {"change": seconds * 1000})
    log.warning("this machine's clock was set by %+d s, and %d clips with it", seconds, jobs)
    kind, told = owner_messages.LogMessageKind.CLOCK_SET, {"seconds": seconds, "jobs": jobs}
    owner_messages.put(tx, kind, str(to_ms(now)), now, **told)


def _boot_id() -> str:
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return ""


# In the words by which SQLite finds the index of open jobs.
_LATEST: Final = """
    SELECT max(max(created_at, coalesce(submitted_at, 0), coalesce(rendered_at, 0),
        coalesce(failing_since, 0)))
    FROM jobs WHERE state NOT IN ('delivered', 'notified')
"""
# The jobs last: their number is told.
_SHIFTS: Final = (
    "UPDATE log_messages SET due_at = due_at + :change WHERE sent_at IS NULL AND due_at > 0",
    """
    UPDATE reviews SET asked_at = asked_at + :change WHERE verdict IS NULL
    AND job_id IN (SELECT id FROM jobs WHERE state NOT IN ('delivered', 'notified'))
    """,
    """
    UPDATE jobs SET due_at = due_at + :change, created_at = created_at + :change,
        submitted_at = submitted_at + :change, rendered_at = rendered_at + :change,
        failing_since = failing_since + :change
    WHERE state NOT IN ('delivered', 'notified')
    """,
)
