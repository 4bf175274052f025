"""How often the worker asks the database."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from bot.base.database import Database
from bot.jobs.worker import Worker
from tests.bot.rows import NOON, put_job

if TYPE_CHECKING:
    from collections.abc import Callable

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


async def test_a_line_that_waits_for_room_is_not_polled(database: Database) -> None:
    await database.write(put_job)
    counted = Counted(database._writer, database._reader)
    nobody: Any = None
    worker = Worker(counted, nobody, nobody, lambda: NOON, renders_at_once=0)
    running = asyncio.create_task(worker.run())
    await asyncio.sleep(0.2)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert counted.transactions == 2
