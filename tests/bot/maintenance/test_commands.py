"""The commands of `python -m bot`, as processes: beside a bot that runs, and without Discord."""

from __future__ import annotations

import csv
import io
import sqlite3
import zipfile
from contextlib import asynccontextmanager, closing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock

from bot.base import open_database, to_ms
from bot.base.database import newest_schema
from bot.base.database_file import DATABASE_FILE
from bot.base.key_values import get_value, set_value
from bot.jobs.job import JobState
from bot.maintenance.spend_report import COLUMNS
from bot.quota import ledger
from tests.bot.base.test_upgrades import make_old
from tests.bot.rows import COST, NOON, put_job, reserve
from tests.bot.test_startup import Ended, start

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from bot.base import Database, Transaction

pytestmark = pytest.mark.slow  # starts processes


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / DATABASE_FILE


def found(folder: Path, names: str) -> list[Path]:
    return list(folder.glob(names))


async def run(folder: Path, *arguments: str) -> Ended:
    return await start(folder, *arguments, TIME_ZONE="Europe/Berlin")


async def test_backup_and_restore(tmp_path: Path, path: Path, database: Database) -> None:
    await set_value(database, "which", "first")
    made = await run(tmp_path, "backup", str(tmp_path))
    assert (made.status, made.told) == (0, "")
    (backup,) = found(tmp_path, "animate-bot-*.zip")
    assert made.found.startswith(f"{backup} is written and checked: ")
    assert f"schema {newest_schema()}, pictures: 0." in made.found
    elsewhere = tmp_path / "other.disk"
    made = await start(tmp_path, "backup", BACKUP_DIR=str(elsewhere))
    assert found(elsewhere, "animate-bot-*.zip"), made
    await set_value(database, "which", "second")
    with FileLock(path.parent / "lock"):
        refused = await run(tmp_path, "restore", str(backup))
    assert refused.status == 2
    assert refused.told.startswith("DATA_DIR is in use by another animate-bot")
    assert await get_value(database, "which") == "second"


async def test_restore(tmp_path: Path, path: Path) -> None:
    async with open_database_of(path) as database:
        await set_value(database, "which", "first")
        await run(tmp_path, "backup", "copy.zip")
        await set_value(database, "which", "second")
    done = await run(tmp_path, "restore", "copy.zip")
    assert (done.status, done.told) == (0, "")
    (replaced,) = found(path.parent, "animate-bot-replaced-*.sqlite3")
    assert f"The database from before is {replaced.relative_to(tmp_path)};" in done.found
    async with open_database_of(path) as database:
        assert await get_value(database, "which") == "first"
    with zipfile.ZipFile(tmp_path / "newer.zip", "w") as archive:
        with closing(sqlite3.connect(tmp_path / "newer")) as file:
            file.executescript("PRAGMA application_id = 0x414E494D; PRAGMA user_version = 999")
        archive.write(tmp_path / "newer", DATABASE_FILE)
    refused = await run(tmp_path, "restore", "newer.zip")
    assert (refused.status, refused.found) == (2, "")
    assert refused.told.startswith("restore: newer.zip: it has schema 999 and this version knows ")
    (tmp_path / "words.txt").write_text("no database" * 999)
    other = await run(tmp_path, "restore", "words.txt")
    assert (other.status, other.told) == (2, "restore: words.txt: file is not a database.\n")
    missing = await run(tmp_path, "restore", "nothing.zip")
    assert (missing.status, missing.found) == (2, "")
    assert missing.told == "restore: nothing.zip is no file: give the path of a backup.\n"


@asynccontextmanager
async def open_database_of(path: Path) -> AsyncGenerator[Database, None]:
    path.parent.mkdir(exist_ok=True)
    async with open_database(path) as database:
        yield database


def spend(tx: Transaction) -> None:
    """In November a clip with a bill, one without, one in doubt, one in the making; one before."""
    ended: dict[str, Any] = {"state": JobState.DELIVERED, "ended_at": to_ms(NOON)}
    clips: list[tuple[str, dict[str, Any], int | None]] = [
        ("pika", ended | {"charge_micro_usd": 150_000}, 150_000),
        ("pika", ended, COST.micro_usd),
        ("fal", {"state": JobState.NOTIFIED, "failure": "in_doubt", "doubt": "open"}, None),
        ("fal", {"state": JobState.QUEUED}, None),
    ]
    for provider, columns, charge in clips:
        job = put_job(tx, provider=provider, **columns)
        reserve(tx, job)
        if charge is not None:
            ledger.settle(tx, job.id, charge, NOON)
    # 23:30 UTC on the last of October is November in Berlin, and an hour before is not.
    for hours in (0, 1):
        late = datetime.fromisoformat("2026-10-31T23:30Z") - timedelta(hours=hours)
        job = put_job(tx, provider="comfy", **ended)
        reserve(tx, job, now=late)
        ledger.settle(tx, job.id, 0, late)


async def test_report_and_doubts(tmp_path: Path, database: Database) -> None:
    assert "No order is in doubt." in (await run(tmp_path, "doubts")).found
    await database.write(spend)
    report = await run(tmp_path, "report", "--month", "2026-11")
    assert (report.status, report.told) == (0, "")
    head, *lines = csv.reader(io.StringIO(report.found))
    assert tuple(head) == COLUMNS
    assert [",".join(line) for line in lines] == [
        "2026-11,10,comfy,1,0.00,0,0.00,1,0.00,0,0.00,0,0.00",
        "2026-11,10,fal,2,0.40,0,0.00,0,0.00,1,0.20,1,0.20",
        "2026-11,10,pika,2,0.35,1,0.15,1,0.20,0,0.00,0,0.00",
    ]
    assert len((await run(tmp_path, "report", "--month", "2026-10")).found.splitlines()) == 2
    assert len((await run(tmp_path, "report", "--month", "2020-01")).found.splitlines()) == 1
    wrong = await run(tmp_path, "report", "--month", "2026-13")
    assert wrong.status == 2
    assert "argument --month: 2026-13 is no month: write it like 2026-11" in wrong.told
    listed = await run(tmp_path, "doubts")
    assert (listed.status, listed.told) == (0, "")
    order, rest = listed.found.splitlines()
    assert order.startswith("#3: $0.20, fal, sent 2026-11-22 12:00:00 UTC: ")
    assert rest.startswith("In doubt: 1, counted at $0.20. ")
    assert "/owner doubts settle" in rest


async def test_nothing_is_made_where_there_is_nothing(tmp_path: Path) -> None:
    for arguments in (("backup", "."), ("report",), ("doubts",)):
        ended = await run(tmp_path, *arguments)
        assert (ended.status, ended.found) == (2, "")
        assert ended.told == f"{arguments[0]}: there is no {DATABASE_FILE} in data.\n"
    assert found(tmp_path, "*") == []


async def test_an_upgrade_is_tried_on_a_copy(tmp_path: Path, path: Path) -> None:
    path.parent.mkdir()
    make_old(path, 4)
    tried = await run(tmp_path, "try-upgrade")
    assert (tried.status, tried.told) == (0, "")
    assert f"from schema 4 to {newest_schema()} in " in tried.found
    # A reader of a file that nobody has open leaves an empty journal.
    names = {it.name for it in found(path.parent, "*")}
    assert names <= {f"{DATABASE_FILE}{journal}" for journal in ("", "-wal", "-shm")}
    made = await run(tmp_path, "backup")
    assert "data/backups/animate-bot-" in made.found
    assert "schema 4," in made.found
    listed = await run(tmp_path, "report")
    assert listed.status == 2
    assert "the database has schema 4" in listed.told
