"""How often the worker asks the database."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from bot.base import Timeouts
from bot.base.database import Database
from bot.jobs.breaker import Breaker
from bot.jobs.step_places import StepPlaces
from bot.jobs.worker import Worker
from tests.bot.rows import NOON, put_job

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from bot.base.database import Transaction

T = TypeVar("T")


class Counted(Database):
    """Counts its transactions."""

    transactions = 0

    async def write(self, function: Callable[[Transaction], T]) -> T:
        self.transactions += 1
        return await super().write(function)

    async def read(self, function: Callable[[Transaction], T]) -> T:
        self.transactions += 1
        return await super().read(function)


async def test_a_line_that_waits_for_room_is_not_polled(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It looks once, and then sleeps as long as it ever does."""
    asleep, timeout = asyncio.Queue[float | None](), asyncio.timeout

    def noted_timeout(delay: float | None) -> asyncio.Timeout:
        asleep.put_nowait(delay)
        return timeout(delay)

    monkeypatch.setattr(asyncio, "timeout", noted_timeout)
    await database.write(put_job)
    counted = Counted(database._path, database._writer, database._reader)
    nobody: Any = None
    worker = Worker(
        counted, nobody, nobody, lambda: NOON, StepPlaces(0), Breaker(lambda: NOON, Timeouts())
    )
    running = asyncio.create_task(worker.run())
    assert await asleep.get() == Timeouts.WORKER_SLEEP_SECONDS
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert counted.transactions == 2
