"""The journal that lies beside the database when a bot was killed, or a copy put back."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from bot.base.database import open_database
from bot.base.errors import DatabaseFileError
from tests.bot.rows import number

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Files:
    path: Path

    def beside(self, suffix: str) -> Path:
        return self.path.with_name(self.path.name + suffix)

    def write(self, first: int, last: int) -> bytes:
        """Add marks in one run of the bot; return its journal as a crash would leave it."""
        with closing(sqlite3.connect(self.path)) as file:
            file.execute("PRAGMA wal_autocheckpoint = 0")
            for mark in range(first, last):
                file.execute("INSERT INTO key_values VALUES (?, ?)", (f"{mark:08}", "x" * 500))
            file.commit()
            return self.beside("-wal").read_bytes()

    def put(self, database: bytes, journal: bytes) -> None:
        for suffix in ("-wal", "-shm"):
            self.beside(suffix).unlink(missing_ok=True)
        self.path.write_bytes(database)
        self.beside("-wal").write_bytes(journal)


@pytest.fixture
async def files(path: Path) -> Files:
    async with open_database(path):
        pass
    return Files(path)


async def marks(path: Path) -> int:
    async with open_database(path) as database:
        return await number(database, "SELECT count(*) FROM key_values")


async def test_the_journal_of_a_crash_is_carried_on_with(files: Files) -> None:
    files.write(0, 100)
    before = files.path.read_bytes()
    journal = files.write(100, 200)
    files.put(before, journal)
    assert await marks(files.path) == 200


async def test_the_journal_of_another_copy_is_refused_and_changes_nothing(files: Files) -> None:
    files.write(0, 100)
    copy = files.path.read_bytes()
    files.write(100, 2000)
    journal = files.write(2000, 2050)
    files.put(copy, journal)
    with pytest.raises(DatabaseFileError) as refusal:
        await marks(files.path)
    assert f"delete {files.path.name}-wal and {files.path.name}-shm" in str(refusal.value)
    assert files.path.read_bytes() == copy
    for suffix in ("-wal", "-shm"):
        files.beside(suffix).unlink(missing_ok=True)
    assert await marks(files.path) == 100


@pytest.mark.parametrize("journal", [b"", b"no journal"])
async def test_a_journal_that_is_none_is_passed_over(files: Files, journal: bytes) -> None:
    files.write(0, 10)
    files.put(files.path.read_bytes(), journal)
    assert await marks(files.path) == 10


async def test_a_journal_without_its_database_is_passed_over(files: Files) -> None:
    journal = files.write(0, 10)
    files.put(b"", journal)
    assert await marks(files.path) == 0


async def test_a_path_with_odd_characters_is_checked_too(files: Files, tmp_path: Path) -> None:
    folder = tmp_path / "100% odd? #1 ä"
    folder.mkdir()
    files.write(0, 10)
    shutil.copy(files.path, folder)
    odd = Files(folder / files.path.name)
    odd.put(odd.path.read_bytes(), odd.write(10, 20))
    assert await marks(odd.path) == 20
