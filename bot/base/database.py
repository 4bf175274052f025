"""The SQLite file: opening, migrating, and one transaction at a time."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import aiosqlite

from bot.base.errors import DatabaseFileError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

log = logging.getLogger(__name__)

MIGRATIONS: Final = Path(__file__).with_name("migrations")
APPLICATION_ID: Final = 0x414E_494D
"""Written into the file's header ("ANIM"), so that another program's file is told apart."""

SqlValue: TypeAlias = int | str | bytes | None
SqlRow: TypeAlias = sqlite3.Row


class Transaction:
    """What code may do inside `Database.transaction()`. Parameters are named (`:name`)."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def execute(self, sql: str, values: Mapping[str, SqlValue] | None = None) -> int:
        """Run a statement; return the number of rows it changed."""
        async with self._connection.execute(sql, values or {}) as cursor:
            return cursor.rowcount

    async def one(self, sql: str, values: Mapping[str, SqlValue] | None = None) -> SqlRow | None:
        """Return the first row, or `None`."""
        return next(iter(await self.all(sql, values)), None)

    async def all(self, sql: str, values: Mapping[str, SqlValue] | None = None) -> list[SqlRow]:
        """Return every row."""
        # One errand to the connection's thread instead of three.
        return list(await self._connection.execute_fetchall(sql, values or {}))


class Database:
    """One connection, shared by coroutines, with a lock around its transactions."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Transaction, None]:
        """Hold the database alone: committed at the end, rolled back on any exception.

        Cancellation included. The connection's own thread works in the order of calls, so
        a rollback that nobody waits for any more still comes before the next BEGIN.
        """
        async with self._lock:
            try:
                await self._connection.execute("BEGIN IMMEDIATE")
                yield Transaction(self._connection)
                await self._connection.commit()
            except BaseException:
                await asyncio.shield(self._connection.rollback())
                raise


@asynccontextmanager
async def open_database(path: Path) -> AsyncGenerator[Database, None]:
    """Open, and create or migrate, the file.

    Raises:
        DatabaseFileError: It belongs to another program or to a newer version of this one, it is
            not a database, or it is damaged.
    """
    try:
        # aiosqlite's thread outlives a connect that fails, and the loop; so this one goes first.
        await asyncio.to_thread(lambda: sqlite3.connect(path).close())
        await asyncio.to_thread(_check_journal, path)
    except sqlite3.Error as error:
        raise DatabaseFileError(f"{path.name} cannot be opened: {error}") from error
    async with aiosqlite.connect(path, isolation_level=None) as connection:
        connection.row_factory = sqlite3.Row
        try:
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
                await connection.execute(f"PRAGMA {pragma}")
            await connection.execute("PRAGMA busy_timeout=5000")
            await _migrate(connection)
        except sqlite3.DatabaseError as error:
            raise DatabaseFileError(f"{path.name} cannot be used as a database: {error}") from error
        yield Database(connection)


def _check_journal(path: Path) -> None:
    """See that a journal that was left beside the file belongs to it.

    A crash leaves one that does. Beside a copy that was put back lies that of another state,
    and SQLite would write its pages into the copy all the same. This only reads.

    Raises:
        DatabaseFileError: Together they make no sound database.
    """
    journal = path.with_name(f"{path.name}-wal")
    if not path.stat().st_size or not journal.exists() or not journal.stat().st_size:
        return
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as file:
        try:
            (found,) = file.execute("PRAGMA integrity_check(1)").fetchone()
        except sqlite3.DatabaseError as error:
            found = str(error)
    if found != "ok":
        log.error("%s: %s", path.name, found)
        raise DatabaseFileError(
            f"{path.name} is damaged, or {journal.name} beside it belongs to another copy: put"
            f" your copy back again, and delete {journal.name} and {path.name}-shm"
        )


async def _migrate(connection: aiosqlite.Connection) -> None:
    """Apply what is missing, each script and its version in one transaction."""
    version = await _pragma(connection, "user_version")
    owner = await _pragma(connection, "application_id")
    async with connection.execute("SELECT 1 FROM sqlite_master") as cursor:
        used = await cursor.fetchone() is not None
    if owner != APPLICATION_ID and (owner or version or used):
        raise DatabaseFileError("the file belongs to another program")
    scripts = sorted(MIGRATIONS.glob("[0-9]*.sql"))
    if version > len(scripts):
        raise DatabaseFileError(
            f"the file has schema {version} and this version knows {len(scripts)}: "
            "it was written by a newer animate-bot"
        )
    for number, script in enumerate(scripts[version:], start=version + 1):
        text = await asyncio.to_thread(script.read_text, "utf-8")
        try:
            await connection.executescript(
                f"BEGIN IMMEDIATE; {text};\n"
                f"PRAGMA application_id = {APPLICATION_ID};\n"
                f"PRAGMA user_version = {number}; COMMIT;"
            )
        except BaseException:
            await asyncio.shield(connection.rollback())
            raise


async def _pragma(connection: aiosqlite.Connection, name: str) -> int:
    async with connection.execute(f"PRAGMA {name}") as cursor:
        row: Any = await cursor.fetchone()
    return int(row[0])
