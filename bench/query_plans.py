"""What SQLite does for each statement that some code runs: read from its own query plans."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable

    from bot.base.database import Database, Transaction

_PLANNED = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
_OF_FEW = ("INDEX jobs_due", "INDEX jobs_open_of_guild")
"""Indexes of the open jobs alone, which are few however many there ever were."""


class Plan(NamedTuple):
    """A statement with its values filled in, and SQLite's steps for it."""

    sql: str
    steps: tuple[str, ...]

    def scans(self) -> tuple[str, ...]:
        """Return the steps that read a table, or an index of all its rows, from end to end."""
        return tuple(
            step for step in self.steps if step.startswith("SCAN") and not step.endswith(_OF_FEW)
        )


def _ignored(_sql: str) -> None:
    """Be called in place of the collector, which would go on."""


@asynccontextmanager
async def statements(database: Database) -> AsyncGenerator[list[str], None]:
    """Collect the statements that are run inside, with their values filled in."""
    connections = (database._writer, database._reader)  # noqa: SLF001 - only these can be traced
    found: list[str] = []
    for connection in connections:
        await connection.set_trace_callback(found.append)
    try:
        yield found
    finally:
        for connection in connections:
            await connection.set_trace_callback(_ignored)


async def plans(database: Database, found: Iterable[str]) -> list[Plan]:
    """Ask SQLite how it runs these statements; without those that only begin or commit."""
    known = dict.fromkeys(sql for sql in found if sql.lstrip().upper().startswith(_PLANNED))
    return await database.read(lambda tx: [_plan(tx, sql) for sql in known])


def _plan(tx: Transaction, sql: str) -> Plan:
    steps = tx.all(f"EXPLAIN QUERY PLAN {sql}")
    return Plan(sql, tuple(row["detail"] for row in steps))
