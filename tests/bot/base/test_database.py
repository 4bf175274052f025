"""Opening the file, and the connections to it."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from bot.base import database as database_module
from bot.base.database import MIGRATIONS, Database, open_database
from bot.base.database_file import APPLICATION_ID
from bot.base.errors import DatabaseFileError
from bot.base.key_values import get_value, set_value
from tests.bot.rows import number

if TYPE_CHECKING:
    from pathlib import Path

    from bot.base.database import SqlValue, Transaction


async def test_a_function_is_run_on_the_thread_of_its_connection(database: Database) -> None:
    """aiosqlite has no public method for it, so a new version may lack what this is made of."""
    for connection in (database._writer, database._reader):
        for private in ("_execute", "_conn"):
            assert hasattr(connection, private), f"aiosqlite has no {private} any more"
        await connection.create_function("thread", 0, threading.get_ident)
        ((own,),) = await connection.execute_fetchall("SELECT thread()")
        thread, raw = await database_module._on_its_thread(
            connection, lambda it: (threading.get_ident(), it)
        )
        assert isinstance(raw, sqlite3.Connection)
        assert thread == own != threading.get_ident()


async def test_both_connections_are_set_up_for_money(database: Database) -> None:
    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "query_only")

    def pragmas(tx: Transaction) -> dict[str, SqlValue]:
        found = {name: tx.one(f"PRAGMA {name}") for name in names}
        return {name: row[0] for name, row in found.items() if row is not None}

    written = {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 5000}
    assert await database.write(pragmas) == {**written, "foreign_keys": 1, "query_only": 0}
    read = await database.read(pragmas)
    assert (read["journal_mode"], read["busy_timeout"], read["query_only"]) == ("wal", 5000, 1)


async def test_a_reference_to_nothing_is_refused(database: Database) -> None:
    review = "INSERT INTO reviews VALUES (1, 2, 3, 4, NULL, NULL, NULL)"
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        await database.write(lambda tx: tx.execute(review))


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


PARENT_AND_CHILD = """
    CREATE TABLE parent (id INTEGER PRIMARY KEY, x);
    CREATE TABLE child (parent_id INTEGER NOT NULL REFERENCES parent (id));
    INSERT INTO parent VALUES (1, 'kept'); INSERT INTO child VALUES (1)
"""
REBUILT = """
    CREATE TABLE other (id INTEGER PRIMARY KEY, x NOT NULL); INSERT INTO other SELECT * FROM parent;
    DROP TABLE parent; ALTER TABLE other RENAME TO parent
"""


async def test_a_migration_that_leaves_a_reference_to_nothing_is_refused_and_undone(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_tables.sql").write_text(PARENT_AND_CHILD)
    (folder / "0002_loses_a_parent.sql").write_text("CREATE TABLE b (x); DELETE FROM parent")
    monkeypatch.setattr(database_module, "MIGRATIONS", folder)
    assert "0002_loses_a_parent.sql" in await refused(path)
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (1,)
        assert file.execute("SELECT * FROM parent").fetchall() == [(1, "kept")]
        assert file.execute("SELECT 1 FROM sqlite_master WHERE name = 'b'").fetchone() is None


async def test_a_migration_may_rebuild_a_table_that_others_refer_to(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_tables.sql").write_text(PARENT_AND_CHILD)
    (folder / "0002_rebuilt.sql").write_text(REBUILT)
    monkeypatch.setattr(database_module, "MIGRATIONS", folder)
    async with open_database(path) as database:
        assert (
            await number(database, "SELECT count(*) FROM child JOIN parent ON id = parent_id") == 1
        )
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            await database.write(lambda tx: tx.execute("INSERT INTO child VALUES (2)"))


def test_a_folder_where_the_file_should_be_is_refused(path: Path) -> None:
    path.mkdir()
    assert path.name in asyncio.run(refused(path))
