"""Backups: written while the bot runs, checked, and put back; killed at every step of that."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.base import DatabaseFileError, open_database, write_picture
from bot.base.database import check_journal
from bot.base.database_file import DATABASE_FILE, check_copy
from bot.base.key_values import get_value, set_value
from bot.jobs.job import JobState
from bot.maintenance.backup import back_up, kept_backups, made_at
from bot.maintenance.restore import restore
from tests.bot.rows import NOON, put_job

if TYPE_CHECKING:
    from bot.base import Database, Transaction

NAME = "animate-bot-2026-11-22T120000Z.zip"


@pytest.fixture
def data_folder(path: Path) -> Path:
    return path.parent


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups"


async def put_jobs_with_pictures(database: Database, folder: Path) -> list[str]:
    names = [write_picture(folder / "pictures", it) for it in (b"\xff\xd8 open", b"\xff\xd8 over")]

    def put(tx: Transaction) -> None:
        put_job(tx, JobState.QUEUED, picture_file=names[0])
        put_job(tx, JobState.DELIVERED, picture_file=names[1])

    await database.write(put)
    return names


def files(folder: Path) -> set[str]:
    return {it.name for it in folder.iterdir()}


def read_all(path: Path) -> bytes:
    return path.read_bytes()


def write_over(path: Path) -> None:
    path.write_bytes(b"no database")
    path.with_name(f"{path.name}-wal").write_bytes(b"of something else")


def names_in(backup: Path) -> set[str]:
    with zipfile.ZipFile(backup) as archive:
        return set(archive.namelist())


async def test_a_backup_has_what_clips_in_the_making_need(
    database: Database, data_folder: Path, backups: Path
) -> None:
    """Written beside a bot that has the file open; what is in its journal is in the backup."""
    in_the_making, over = await put_jobs_with_pictures(database, data_folder)
    made = back_up(data_folder, backups, NOON)
    assert made.path == backups / NAME
    assert made.path.stat().st_mode & 0o777 == 0o600
    assert names_in(made.path) == {DATABASE_FILE, f"pictures/{in_the_making}"}
    assert files(backups) == {NAME}, "something is left of the work"
    assert kept_backups(backups) == [made.path]
    assert made_at(made.path) == NOON
    both = back_up(data_folder, backups / "all.zip", NOON, all_pictures=True)
    assert names_in(both.path) >= {f"pictures/{in_the_making}", f"pictures/{over}"}
    assert both.pictures == 2
    with pytest.raises(FileExistsError):
        back_up(data_folder, made.path, NOON)


async def test_a_backup_is_restored_and_the_old_is_kept(
    path: Path, data_folder: Path, backups: Path
) -> None:
    async with open_database(path) as database:
        await set_value(database, "which", "first")
        name, _ = await put_jobs_with_pictures(database, data_folder)
        made = back_up(data_folder, backups, NOON)
        await set_value(database, "which", "second")
    shutil.rmtree(data_folder / "pictures")
    done = restore(data_folder, made.path, NOON)
    assert files(data_folder / "pictures") == {name}
    async with open_database(path) as database:
        assert await get_value(database, "which") == "first"
    assert done.replaced is not None
    done.replaced.rename(path)
    async with open_database(path) as database:
        assert await get_value(database, "which") == "second"


async def test_a_database_alone_is_restored_where_there_is_none(
    path: Path, data_folder: Path, backups: Path
) -> None:
    async with open_database(path) as database:
        await set_value(database, "which", "first")
    alone = shutil.move(path, backups / "alone.sqlite3")
    assert restore(data_folder, Path(alone), NOON).replaced is None
    async with open_database(path) as database:
        assert await get_value(database, "which") == "first"


def damage(backup: Path) -> None:
    with backup.open("r+b") as file:
        file.seek(backup.stat().st_size // 2)
        file.write(b"\0" * 64)


async def test_what_is_damaged_or_no_backup_is_refused(
    path: Path, data_folder: Path, backups: Path
) -> None:
    async with open_database(path) as database:
        await set_value(database, "which", "first")
        made = back_up(data_folder, backups, NOON)
    before = read_all(path)
    alone, page = backups / "alone.sqlite3", 4096
    shutil.copy(path, alone)
    with alone.open("r+b") as file:
        file.seek(2 * page)
        file.write(os.urandom(page))
    damage(made.path)
    (words := backups / "words.txt").write_text("no database" * 999)
    with zipfile.ZipFile(empty := backups / "empty.zip", "w") as archive:
        archive.writestr("something", "else")
    cut = backups / "cut.zip"
    cut.write_bytes(made.path.read_bytes()[:-100])
    for wrong in (made.path, alone, words, empty, cut):
        with pytest.raises(DatabaseFileError):
            restore(data_folder, wrong, NOON)
    assert read_all(path) == before
    assert files(data_folder) == {path.name, "backups"}


async def test_what_is_newer_is_refused(path: Path, data_folder: Path, backups: Path) -> None:
    async with open_database(path):
        made = back_up(data_folder, backups, NOON)
    with closing(sqlite3.connect(newer := backups / "newer.sqlite3")) as file:
        with zipfile.ZipFile(made.path) as archive:
            newer.write_bytes(archive.read(DATABASE_FILE))
        file.execute("PRAGMA user_version = 999")
    with pytest.raises(DatabaseFileError, match=r"schema 999 .* newer animate-bot"):
        restore(data_folder, newer, NOON)


async def test_a_damaged_database_is_kept_with_its_journal(
    path: Path, data_folder: Path, backups: Path
) -> None:
    async with open_database(path) as database:
        await set_value(database, "which", "first")
        made = back_up(data_folder, backups, NOON)
    write_over(path)
    replaced = restore(data_folder, made.path, NOON).replaced
    assert replaced is not None
    assert read_all(replaced) == b"no database"
    assert read_all(replaced.with_name(f"{replaced.name}-wal")) == b"of something else"
    async with open_database(path) as database:
        assert await get_value(database, "which") == "first"


# Restores in a fork for each folder, which ends right before the n-th thing that it does to files.
KILLED = """
import os, signal, sys
from datetime import datetime, UTC
from pathlib import Path
from bot.maintenance.restore import restore
source, *folders = map(Path, sys.argv[1:])
left = 0
CALLS = "os.rename", "os.link", "os.remove", "sqlite3.connect", "os.mkdir", "os.chmod"
def watch(event, args):
    global left
    is_written = event == "open" and isinstance(args[1], str) and args[1].strip("rb")
    if event in CALLS or is_written:
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
for step, folder in enumerate(folders, start=1):
    if not (pid := os.fork()):
        left = step
        sys.addaudithook(watch)
        restore(folder, source, datetime.now(UTC))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""
STEPS = 40


@pytest.mark.slow
async def test_killed_at_any_step_it_leaves_the_old_or_the_new(
    path: Path, data_folder: Path, backups: Path, tmp_path: Path
) -> None:
    async with open_database(path) as database:
        await set_value(database, "which", "new")
        made = back_up(data_folder, backups, NOON)
        await set_value(database, "which", "old")
        # With a journal, as after a crash.
        shutil.copytree(data_folder, crashed := tmp_path / "crashed")
    folders = [tmp_path / f"step{step}" for step in range(STEPS)]
    for folder in folders:
        shutil.copytree(crashed, folder)
    killed = [it == -signal.SIGKILL for it in restored_and_killed(made.path, folders)]
    assert killed == sorted(killed, reverse=True)
    assert 8 < sum(killed) < STEPS
    found = [read(folder) for folder in folders]
    assert found == sorted(found, reverse=True), "old, then new"
    assert found[0] == "old"
    assert found[sum(killed)] == "new"
    for folder in folders[: sum(killed)]:
        # Once more, after whatever the killed one left behind.
        restore(folder, made.path, NOON)
        assert read(folder) == "new"
    async with open_database(folders[0] / DATABASE_FILE) as database:
        assert await get_value(database, "which") == "new"


def restored_and_killed(backup: Path, folders: list[Path]) -> list[int]:
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, backup, *folders],
        cwd=Path.cwd(),
        check=True,
        capture_output=True,
    )
    return [int(it) for it in ended.stdout.split()]


def read(folder: Path) -> str:
    check_journal(folder / DATABASE_FILE)
    with closing(sqlite3.connect(folder / DATABASE_FILE)) as file:
        (value,) = file.execute("SELECT value FROM key_values WHERE name = 'which'").fetchone()
    return str(value)


async def test_a_database_without_pictures_of_its_own_schema(data_folder: Path) -> None:
    """One of an earlier version is backed up before its upgrade."""
    with closing(sqlite3.connect(data_folder / DATABASE_FILE)) as file:
        file.execute("CREATE TABLE jobs (id INTEGER PRIMARY KEY)")
        file.execute(f"PRAGMA application_id = {0x414E494D}")
        file.execute("PRAGMA user_version = 2")
    made = back_up(data_folder, data_folder / "backup.zip", NOON)
    assert made.schema == 2


@pytest.mark.usefixtures("database")
async def test_the_copy_has_no_journal(data_folder: Path) -> None:
    made = back_up(data_folder, data_folder / "backup.zip", NOON)
    with zipfile.ZipFile(made.path) as archive:
        archive.extract(DATABASE_FILE, out := data_folder / "out")
    assert check_copy(out / DATABASE_FILE) == made.schema
    assert files(out) == {DATABASE_FILE}
