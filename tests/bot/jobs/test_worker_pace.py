"""How often the worker asks the database."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from bot.base.database import Database
from bot.jobs.worker import Worker
from tests.bot.rows import NOON, put_job

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import pytest

    from bot.base.database import Transaction


async def test_a_line_that_waits_for_room_is_not_polled(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await database.write(put_job)
    asked = 0
    transaction = Database.transaction

    @asynccontextmanager
    async def counted(self: Database) -> AsyncGenerator[Transaction, None]:
        nonlocal asked
        asked += 1
        async with transaction(self) as tx:
            yield tx

    monkeypatch.setattr(Database, "transaction", counted)
    nobody: Any = None
    worker = Worker(database, nobody, nobody, lambda: NOON, renders_at_once=0)
    running = asyncio.create_task(worker.run())
    await asyncio.sleep(0.2)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert asked == 2
