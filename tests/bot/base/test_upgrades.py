"""A file of each earlier schema, with something in every table, is opened by this version."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from bot.base import DatabaseFileError, database_file, newest_schema, open_database
from bot.base import database as database_module
from bot.base.database import MIGRATIONS, try_database
from bot.base.database_file import check_copy
from bot.maintenance.restore import restore
from bot.startup_check import check_database, warning_lines
from tests.bot.rows import NOON, rows
from tests.new_database import make_database

if TYPE_CHECKING:
    from pathlib import Path

SCHEMAS = range(1, newest_schema())
_TABLES = "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
_SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY 1, 2"
# A job in a later state needs more than a column alone says; the books follow from jobs.
_VALUES: dict[str, Any] = {
    "state": "queued",
    "kind": "reserve",
    "options_json": '{"prompt": "words", "resolution": "720p", "duration": 5, "seed": 7}',
    "resolution": "720p",
    "upload_limit": 10_000_000,
    "provider": "pika",
    "micro_usd": 200_000,
    "member_micro_usd": 200_000,
    "price_micro_usd": 200_000,
    "grant_clips": 0,
    "grant_micro_usd": 0,
    "scope": "member",
}


def make_old(path: Path, schema: int) -> None:
    """Write a file of a schema, by its scripts, with a row in each table."""
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.create_function("save_picture", 1, lambda _: "0" * 64 + ".jpg")
        for script in sorted(MIGRATIONS.glob("*.sql"))[:schema]:
            file.executescript(script.read_text("utf-8"))
        file.execute("PRAGMA journal_mode=WAL")
        file.execute(f"PRAGMA application_id = {database_file.APPLICATION_ID}")
        file.execute(f"PRAGMA user_version = {schema}")
        tables = dict(file.execute(_TABLES).fetchall())
        for table in sorted(tables, key=lambda it: it != "jobs"):
            if file.execute(f"SELECT 1 FROM {table}").fetchone() is None:
                put_row(file, table, tables[table])


def put_row(file: sqlite3.Connection, table: str, sql: str) -> None:
    row: dict[str, Any] = {}
    for _, name, kind, not_null, default, key in file.execute(f"PRAGMA table_info({table})"):
        if key or (not_null and default is None):
            row[name] = value_of(name, kind, sql)
        elif name == "job_id" or (name == "ends_at" and table == "grants"):
            row[name] = 1
    columns, places = ", ".join(row), ", ".join(f":{name}" for name in row)
    file.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", row)


def value_of(name: str, kind: str, sql: str) -> Any:
    if name in _VALUES:
        return _VALUES[name]
    if chosen := re.search(rf"\b{name} IN \('?(\w+)", sql):
        return chosen[1]
    return {"INTEGER": 1, "TEXT": "{}", "BLOB": b"\xff\xd8"}[kind]


@pytest.mark.slow  # every schema that there was
@pytest.mark.parametrize("schema", SCHEMAS)
async def test_a_file_of_each_schema_is_opened(path: Path, tmp_path: Path, schema: int) -> None:
    make_old(path, schema)
    make_database(tmp_path / "fresh.sqlite3")
    with closing(sqlite3.connect(tmp_path / "fresh.sqlite3")) as fresh:
        expected = fresh.execute(_SCHEMA).fetchall()
    before = counts(path)
    assert all(before.values()), before
    async with open_database(path) as database:
        assert [tuple(row) for row in await rows(database, _SCHEMA)] == expected
        assert await rows(database, "PRAGMA foreign_key_check") == []
        assert [tuple(it) for it in await rows(database, "PRAGMA integrity_check")] == [("ok",)]
        findings = await database.read(lambda tx: check_database(tx, NOON))
        assert sum(findings.open_jobs.values()) == 1
        assert not [it for it in warning_lines(findings) if "balance" in it]
    after = counts(path)
    lost = {table for table in before.keys() & after.keys() if after[table] < before[table]}
    # Before the fourth, what is `log_messages` now had a name that another table has since.
    assert lost <= ({"notices"} if schema < 4 else set())
    copy = path.parent / "backups" / f"animate-bot-schema-{schema}.sqlite3"
    assert check_copy(copy) == schema
    assert counts(copy) == before


def counts(path: Path) -> dict[str, int]:
    with closing(sqlite3.connect(path)) as file:
        tables = [name for name, _ in file.execute(_TABLES).fetchall()]
        return {it: file.execute(f"SELECT count(*) FROM {it}").fetchone()[0] for it in tables}


async def test_back_to_an_earlier_version_it_says_which_copy_to_restore(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = newest_schema() - 1
    make_old(path, known)
    before = counts(path)
    async with open_database(path):
        pass
    earlier = tmp_path / "earlier"
    shutil.copytree(MIGRATIONS, earlier)
    (*_, last) = sorted(earlier.glob("*.sql"))
    last.unlink()
    monkeypatch.setattr(database_module, "MIGRATIONS", earlier)
    copy = path.parent / "backups" / f"animate-bot-schema-{known}.sqlite3"
    for opened in (try_database, opens):
        with pytest.raises(DatabaseFileError, match=re.escape(f"restore {copy}`")):
            await opened(path)
    restore(path.parent, copy, NOON)
    async with open_database(path):
        assert counts(path) == before


async def opens(path: Path) -> None:
    async with open_database(path):
        raise AssertionError("was opened")


async def test_without_a_copy_nothing_is_upgraded(path: Path) -> None:
    make_old(path, 3)
    (path.parent / "backups").write_text("no folder")
    with pytest.raises(DatabaseFileError, match="no copy of it can be made"):
        await opens(path)
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (3,)


async def test_copies_of_the_last_upgrades_are_kept(path: Path) -> None:
    folder = path.parent / "backups"
    make_old(path, 3)
    with closing(sqlite3.connect(path)) as file:
        for schema in (8, 9, 10, 11, 11):
            database_file.copy_before_upgrade(file, folder, schema)
    assert sorted(it.name for it in folder.iterdir()) == [
        f"animate-bot-schema-{it}.sqlite3" for it in (10, 11, 9)
    ]
    assert database_file.find_upgrade_copy(folder, 8) is None
    found = database_file.find_upgrade_copy(folder, 10)
    assert found is not None
    assert found.name == "animate-bot-schema-10.sqlite3"
