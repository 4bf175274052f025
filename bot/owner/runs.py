"""Whether the run before this one stopped in order, so that the owner hears of a crash."""

from __future__ import annotations

import sqlite3
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from bot.base import to_ms
from bot.guilds import owner_messages
from bot.guilds.owner_messages import LogMessageKind
from bot.quota import doubts

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from datetime import datetime

    from bot.base import Clock, Database, Transaction


@asynccontextmanager
async def record_run(database: Database, clock: Clock) -> AsyncGenerator[None, None]:
    """Write down that the process runs, and that it stopped unless an exception ended it."""
    await database.write(lambda tx: _begin(tx, clock()))
    yield
    # A file that cannot be written now: the next start says so, and this one stops all the same.
    with suppress(sqlite3.OperationalError):
        await database.write(lambda tx: tx.execute("UPDATE owner_state SET running_since = NULL"))


def _begin(tx: Transaction, now: datetime) -> None:
    (row,) = tx.all(
        "SELECT running_since, (SELECT count(*) FROM jobs"
        " WHERE state NOT IN ('delivered', 'notified')) AS jobs FROM owner_state"
    )
    since = row["running_since"]
    if since is not None:
        found = {"running_since": since, "jobs": row["jobs"], "doubts": doubts.count_open(tx)}
        owner_messages.put(tx, LogMessageKind.UNCLEAN_STOP, str(since), now, **found)
    tx.execute("UPDATE owner_state SET running_since = :now", {"now": to_ms(now)})
