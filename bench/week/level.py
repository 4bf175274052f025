"""How much memory and disk the bot takes at the end of each day, and what bounds both."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bench.outcome import table
from bench.process_memory import resident_bytes
from bot.base import BACKUP_FOLDER, DATABASE_FILE, PICTURE_FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.house import House

MOST_MEMORY_GROWTH: Final = 3_000_000
"""The target for the last day, in bytes: the process has run for more than one by then."""
MOST_BYTES_A_ROW: Final = 1024
"""The target for what the database grew by in the last two days, for each row that it has more."""
_SPARE_BYTES: Final = 128 * 1024
"""Pages that are partly used, of some forty tables and their indexes."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What there was at the end of a day, in bytes and numbers of files.

    Attributes:
        rows: In all tables of the database.
        used: By the database: without pages that are free.
        other: Whatever else is in the data folder.
    """

    memory: int
    rows: int
    used: int
    database: int
    journal: int
    pictures: int
    picture_bytes: int
    backups: int
    backup_bytes: int
    other: int

    @property
    def folder(self) -> int:
        """The whole data folder."""
        parts = self.database, self.journal, self.picture_bytes, self.backup_bytes, self.other
        return sum(parts)


def take_sample(house: House, pid: int) -> Sample:
    """Look at a bot that runs, and at its folder."""
    folder = house.data_dir
    sizes = {it: it.stat().st_size for it in folder.rglob("*") if it.is_file()}
    rows, used = _database_sizes(folder / DATABASE_FILE)
    database, journal = (sizes.pop(folder / f"{DATABASE_FILE}{it}", 0) for it in ("", "-wal"))
    pictures = [size for it, size in sizes.items() if it.parent == folder / PICTURE_FOLDER]
    backups = [size for it, size in sizes.items() if it.parent == folder / BACKUP_FOLDER]
    return Sample(
        resident_bytes(pid),
        rows,
        used,
        database,
        journal,
        len(pictures),
        sum(pictures),
        len(backups),
        sum(backups),
        sum(sizes.values()) - sum(pictures) - sum(backups),
    )


def _database_sizes(path: Path) -> tuple[int, int]:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as file:
        tables = file.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        rows = sum(
            file.execute(f'SELECT count(*) FROM "{it}"').fetchone()[0]  # noqa: S608 - its own names
            for (it,) in tables
        )
        pages, free, size = (
            file.execute(f"PRAGMA {it}").fetchone()[0]
            for it in ("page_count", "freelist_count", "page_size")
        )
        return rows, (pages - free) * size


def missed_levels(samples: Sequence[Sample]) -> Iterator[str]:
    """Say which targets the last days have missed; three days are needed to tell."""
    if len(samples) < 3:  # noqa: PLR2004 - as said
        return
    earlier, before, last = samples[-3:]
    if last.memory - before.memory > MOST_MEMORY_GROWTH:
        yield f"memory grew by {(last.memory - before.memory) / 1e6:.1f} MB on the last day"
    explained = MOST_BYTES_A_ROW * max(last.rows - earlier.rows, 0) + _SPARE_BYTES
    if last.used - earlier.used > explained:
        yield (
            f"the database grew by {last.used - earlier.used:,} bytes on the last two days, of"
            f" which {last.rows - earlier.rows} rows explain {explained:,}"
        )


def level_table(samples: Sequence[Sample]) -> str:
    """Word the days, in kB and MB."""
    head = (
        *("day", "memory MB", "rows", "database used kB", "file kB", "journal kB"),
        *("pictures", "kB", "backups", "kB", "other kB", "folder kB"),
    )
    rows = [
        (
            str(day),
            f"{it.memory / 1e6:.1f}",
            str(it.rows),
            *(f"{size / 1e3:,.0f}" for size in (it.used, it.database, it.journal)),
            *(str(it.pictures), f"{it.picture_bytes / 1e3:,.0f}"),
            *(str(it.backups), f"{it.backup_bytes / 1e3:,.0f}"),
            *(f"{size / 1e3:,.0f}" for size in (it.other, it.folder)),
        )
        for day, it in enumerate(samples, 1)
    ]
    return table(head, rows)
