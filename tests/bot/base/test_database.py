from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from bot.base import database as database_module
from bot.base.database import APPLICATION_ID, MIGRATIONS, Database, Transaction, open_database
from bot.base.errors import DatabaseFileError
from bot.base.key_values import get_value, set_value
from tests.bot.rows import number

if TYPE_CHECKING:
    from pathlib import Path

INSERT = "INSERT INTO marks (name, value) VALUES (:name, 'x')"
COUNT = "SELECT count(*) FROM marks"


class BoomError(Exception):
    pass


async def write_marks(database: Database, *names: str) -> None:
    def work(tx: Transaction) -> None:
        for name in names:
            tx.execute(INSERT, {"name": name})

    await database.write(work)


async def test_what_is_done_in_a_transaction_stays(database: Database, path: Path) -> None:
    await write_marks(database, "a", "b")
    with closing(sqlite3.connect(path)) as other:
        assert other.execute(COUNT).fetchone() == (2,)


async def test_an_exception_undoes_everything(database: Database) -> None:
    async def write_and_break() -> None:
        def work(tx: Transaction) -> None:
            tx.execute(INSERT, {"name": "a"})
            raise BoomError

        await database.write(work)

    with pytest.raises(BoomError):
        await write_and_break()
    await write_marks(database, "b")
    assert await number(database, COUNT) == 1


async def test_a_failing_statement_undoes_what_came_before(database: Database) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        await write_marks(database, "a", "a")
    assert await number(database, COUNT) == 0


@pytest.mark.parametrize("ticks", range(14))
async def test_cancelling_anywhere_leaves_all_or_nothing(database: Database, ticks: int) -> None:
    """Cancel after so many turns of the loop: in BEGIN, in a statement, in COMMIT, after it."""
    task = asyncio.create_task(write_marks(database, "a", "b", "c"))
    for _ in range(ticks):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await number(database, COUNT) in {0, 3}
    await write_marks(database, "d")
    assert await number(database, "SELECT count(*) FROM marks WHERE name = 'd'") == 1


STAGES = ("BEGIN IMMEDIATE", "INSERT", "COMMIT")


@pytest.mark.parametrize("stage", STAGES)
async def test_cancelling_while_sqlite_works_leaves_all_or_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    """Cancel while the connection's thread has a statement in hand and the caller waits."""
    connection = database._connection
    reached = asyncio.Event()
    execute: Any = connection._execute

    task: asyncio.Task[None]

    async def watched(function: object, *args: Any, **kwargs: Any) -> object:
        if stage in str(args[:1]) or (stage == "COMMIT" and "commit" in str(function)):
            asyncio.get_running_loop().call_soon(task.cancel)
            reached.set()
        return await execute(function, *args, **kwargs)

    monkeypatch.setattr(connection, "_execute", watched)
    task = asyncio.create_task(write_marks(database, "a", "b"))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert reached.is_set()
    monkeypatch.setattr(connection, "_execute", execute)
    assert not connection.in_transaction
    assert await number(database, COUNT) in ({2} if stage == "COMMIT" else {0})
    await write_marks(database, "c")


async def test_cancelling_one_that_waits_for_its_turn_does_not_touch_the_other(
    database: Database,
) -> None:
    inside, leave = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with database.transaction() as tx:
            tx.execute(INSERT, {"name": "first"})
            inside.set()
            await leave.wait()
            tx.execute(INSERT, {"name": "second"})

    holder = asyncio.create_task(hold())
    await inside.wait()
    waiter = asyncio.create_task(write_marks(database, "third"))
    await asyncio.sleep(0)
    waiter.cancel()
    await asyncio.gather(waiter, return_exceptions=True)
    leave.set()
    await holder
    assert await number(database, COUNT) == 2


async def test_transactions_at_once_take_turns(database: Database) -> None:
    await set_value(database, "n", "0")

    async def add_one() -> None:
        async with database.transaction() as tx:
            row = tx.one("SELECT value FROM marks WHERE name = 'n'")
            assert row is not None
            await asyncio.sleep(0)
            value = str(int(row["value"]) + 1)
            tx.execute("UPDATE marks SET value = :v WHERE name = 'n'", {"v": value})

    await asyncio.gather(*(add_one() for _ in range(40)))
    assert await get_value(database, "n") == "40"


async def test_a_file_is_made_and_found_again(path: Path) -> None:
    async with open_database(path) as database:
        await set_value(database, "k", "first")
        await set_value(database, "k", "kept")
    async with open_database(path) as database:
        assert await get_value(database, "k") == "kept"
        assert await get_value(database, "other") is None
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert file.execute("PRAGMA user_version").fetchone() == (
            len(list(MIGRATIONS.glob("*.sql"))),
        )
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_the_connection_is_set_up_for_money(database: Database) -> None:
    def work(tx: Transaction) -> Any:
        pragmas = {}
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout"):
            row = tx.one(f"PRAGMA {name}")
            assert row is not None
            pragmas[name] = row[0]
        return pragmas

    pragmas = await database.write(work)
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
    }


async def refused(path: Path) -> str:
    with pytest.raises(DatabaseFileError) as refusal:
        async with open_database(path):
            raise AssertionError("was opened")
    return str(refusal.value)


def write(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as file:
        for statement in statements:
            file.execute(statement)
        file.commit()


async def test_a_newer_schema_is_refused_and_not_touched(path: Path) -> None:
    write(path, f"PRAGMA application_id = {APPLICATION_ID}", "PRAGMA user_version = 999")
    assert "newer" in await refused(path)
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (999,)


@pytest.mark.parametrize("pragma", ["application_id = 7", "user_version = 3", "page_size"])
async def test_another_programs_file_is_refused(path: Path, pragma: str) -> None:
    write(path, "CREATE TABLE notes (t)", f"PRAGMA {pragma}")
    assert "another program" in await refused(path)
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("SELECT name FROM sqlite_master").fetchall() == [("notes",)]


@pytest.mark.parametrize("data", [b"This is no database. " * 100, b"\xff" * 8192])
def test_what_is_no_database_is_refused_and_kept(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    assert path.name in asyncio.run(refused(path))
    assert path.read_bytes() == data


def test_an_empty_file_becomes_a_database(path: Path) -> None:
    path.touch()

    async def use() -> str | None:
        async with open_database(path) as database:
            await set_value(database, "k", "v")
            return await get_value(database, "k")

    assert asyncio.run(use()) == "v"


async def test_a_migration_that_fails_leaves_the_version_before_it(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_good.sql").write_text("CREATE TABLE a (x)")
    (folder / "0002_bad.sql").write_text("CREATE TABLE b (x); INSERT INTO nowhere VALUES (1)")
    monkeypatch.setattr(database_module, "MIGRATIONS", folder)
    await refused(path)
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (1,)
        assert file.execute("SELECT name FROM sqlite_master").fetchall() == [("a",)]
    (folder / "0002_bad.sql").write_text("CREATE TABLE b (x)")
    async with open_database(path):
        pass
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (2,)


def test_a_folder_where_the_file_should_be_is_refused(path: Path) -> None:
    path.mkdir()
    assert path.name in asyncio.run(refused(path))
