"""Whether the bot does what it is for: one check for each part, and `/healthz` with all of them."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from bot.base import from_ms, service, value
from bot.base.folders import ROOM_BYTES
from bot.monitoring.http_server import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bot.base import SteadyClock, Transaction
    from bot.base.database import Database
    from bot.jobs.breaker import Breaker
    from bot.monitoring.vitals import Vitals

MOST_HEARTBEAT_SECONDS: Final = 60.0
"""Discord asks for a heartbeat about every 41 seconds."""
MOST_LAG_SECONDS: Final = 3.0
"""Within which Discord wants the first answer to an interaction."""
MOST_LATE_SECONDS: Final = 1800.0
"""For a step that is due, twice as long as the longest may take."""
WRITE_SECONDS: Final = 6.0
"""For one write: a little longer than SQLite waits for whoever holds the file."""


@value
class Check:
    """One check.

    Attributes:
        ok: Whether it is passed.
        facts: Numbers and names of what was found; nothing of members, and no secrets.
    """

    ok: bool
    facts: Mapping[str, object]


@service
class HealthChecks:
    """The checks of a running bot.

    Attributes:
        bot_id: Whose checks they are, where two bots share a machine; `None` where it is unknown.
    """

    database: Database
    breaker: Breaker
    vitals: Vitals
    clock: SteadyClock
    data_dir: Path
    bot_id: str | None

    async def check(self) -> dict[str, Check]:
        """Make all checks."""
        return {
            "gateway": self._gateway(),
            "database": await self._database(),
            "jobs": await self._jobs(),
            "event_loop": self._event_loop(),
            "disk": await self._disk(),
            "orders": self._orders(),
        }

    async def page(self) -> Answer:
        """All checks as JSON; 503 where one is not passed.

        Stopped orders are told, as `degraded`, and answered with 200: whoever starts a sick bot
        anew would only have it log in to Discord again, which lets that happen a limited number
        of times a day.
        """
        checks = await self.check()
        is_well = all(it.ok for it in checks.values())
        stopped = checks["orders"].facts["stopped"]
        status = "failing" if not is_well else "degraded" if stopped else "ok"
        told = {name: {"ok": it.ok, **it.facts} for name, it in checks.items()}
        body = json.dumps({"status": status, "bot": self.bot_id, "checks": told}, indent=2) + "\n"
        code = HTTPStatus.OK if is_well else HTTPStatus.SERVICE_UNAVAILABLE
        return Answer(body.encode(), "application/json", code)

    def _gateway(self) -> Check:
        age = self.vitals.heartbeat_age()
        is_beating = age is not None and age < MOST_HEARTBEAT_SECONDS
        return Check(is_beating, {"heartbeat_age_seconds": _rounded(age)})

    async def _database(self) -> Check:
        if self.database.is_file_lost():
            return Check(ok=False, facts={"error": "the file was deleted or replaced"})
        began = time.perf_counter()
        try:
            async with asyncio.timeout(WRITE_SECONDS):
                await self.database.write(_write)
        except (sqlite3.Error, TimeoutError) as error:
            # Its text may have a path in it.
            return Check(ok=False, facts={"error": type(error).__name__})
        return Check(ok=True, facts={"write_seconds": _rounded(time.perf_counter() - began)})

    async def _jobs(self) -> Check:
        try:
            async with asyncio.timeout(WRITE_SECONDS):
                row = (await self.database.read(lambda tx: tx.all(_DUE)))[0]
        except (sqlite3.Error, TimeoutError) as error:
            return Check(ok=False, facts={"error": type(error).__name__})
        step, in_line = self._late(row["step"]), self._late(row["in_line"])
        # In line clips wait for places, or for orders to be taken again.
        waits_for_nothing = not row["at_pika"] and not self.breaker.stops()
        is_late = step > MOST_LATE_SECONDS or (in_line > MOST_LATE_SECONDS and waits_for_nothing)
        facts = {"oldest_due_seconds": _rounded(step), "oldest_in_line_seconds": _rounded(in_line)}
        return Check(not is_late, facts)

    def _late(self, due_ms: int | None) -> float:
        if due_ms is None:
            return 0.0
        return max(0.0, (self.clock() - from_ms(due_ms)).total_seconds())

    def _event_loop(self) -> Check:
        lag = self.vitals.lag()
        return Check(lag < MOST_LAG_SECONDS, {"lag_seconds": _rounded(lag)})

    async def _disk(self) -> Check:
        try:
            free = (await asyncio.to_thread(shutil.disk_usage, self.data_dir)).free
        except OSError as error:
            return Check(ok=False, facts={"error": type(error).__name__})
        return Check(free >= ROOM_BYTES, {"free_bytes": free})

    def _orders(self) -> Check:
        stops = self.breaker.stops()
        return Check(ok=True, facts={"stopped": {it.provider: it.reason.value for it in stops}})


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def _write(tx: Transaction) -> None:
    """Write one value over itself, which takes a page of the journal as any other does."""
    version = int(tx.all("PRAGMA user_version")[0][0])
    tx.execute(f"PRAGMA user_version = {version}")


# In the words of the partial indexes on open jobs.
_DUE: Final = """
    SELECT
        (SELECT min(due_at) FROM jobs WHERE state NOT IN ('delivered', 'notified')
            AND state <> 'queued' AND awaits_read_back = 0) AS step,
        (SELECT min(due_at) FROM jobs WHERE state NOT IN ('delivered', 'notified')
            AND state = 'queued' AND awaits_read_back = 0) AS in_line,
        EXISTS (SELECT 1 FROM jobs WHERE state NOT IN ('delivered', 'notified')
            AND state IN ('submitting', 'rendering')) AS at_pika
"""
