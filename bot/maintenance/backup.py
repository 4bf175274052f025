"""Copies of a bot's data as one file each, while the bot runs or not. For threads.

A copy is a ZIP file with the database and members' pictures: those of clips in the making, without
which a restored bot could not go on, or all. Videos are left out: they are fetched again.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import tempfile
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.base import PICTURE_FOLDER, DatabaseFileError, picture_of, sync_folder, value
from bot.base.database_file import DATABASE_FILE, check_copy, copy_database, open_to_read

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

_NAME: Final = "animate-bot-%Y-%m-%dT%H%M%SZ.zip"
_NAMED: Final = re.compile(r"animate-bot-\d{4}-\d\d-\d\dT\d{6}Z\.zip")
_UNFINISHED: Final = ".animate-bot-backup-"
_GIVEN_UP_AFTER: Final = timedelta(hours=6)
"""What a killed backup left behind is deleted by a later one, but not what is being written."""
_ROOM_FACTOR: Final = 2
"""The database is there twice while it is packed, at worst."""


@value
class Backup:
    """A backup that was written and checked.

    Attributes:
        schema: The version of the database's schema.
        size: In bytes.
        pictures: The number of pictures in it.
    """

    path: Path
    schema: int
    size: int
    pictures: int


def back_up(data_folder: Path, to: Path, now: datetime, *, all_pictures: bool = False) -> Backup:
    """Write a copy of the data, and check it.

    Args:
        data_folder: Of the bot, which may be running.
        to: A folder, in which the file is named by its time; or the file, which must not exist.
            What does not exist is a file if its name has a dot.
        now: The time that names it.
        all_pictures: Whether those of clips that have ended are in it too.

    Raises:
        DatabaseFileError: There is no database, or the copy turned out damaged.
        OSError: The file cannot be written or exists, or there is no room for it.
    """
    is_folder = to.is_dir() or not to.suffix
    path = to / now.astimezone(UTC).strftime(_NAME) if is_folder else to
    if path.exists():
        raise FileExistsError(f"{path} exists: name a folder, or a file that is not there")
    with _workplace(path.parent) as work:
        copy, packed = work / DATABASE_FILE, work / "packed.zip"
        _copy(data_folder / DATABASE_FILE, copy)
        schema = check_copy(copy)
        pictures = _pictures(data_folder / PICTURE_FOLDER, None if all_pictures else copy)
        written = _pack(packed, copy, pictures)
        _check_packed(packed)
        size = packed.stat().st_size
        packed.replace(path)
    sync_folder(path.parent)
    return Backup(path, schema, size, written)


def kept_backups(folder: Path) -> list[Path]:
    """The backups in a folder that were named by their time, the oldest first."""
    if not folder.is_dir():
        return []
    return sorted(it for it in folder.iterdir() if _NAMED.fullmatch(it.name))


def made_at(backup: Path) -> datetime:
    """The time that names a backup."""
    return datetime.strptime(backup.name, _NAME).replace(tzinfo=UTC)


@contextmanager
def _workplace(folder: Path) -> Generator[Path, None, None]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    too_old = datetime.now(UTC).timestamp() - _GIVEN_UP_AFTER.total_seconds()
    for left in folder.glob(f"{_UNFINISHED}*"):
        if left.stat().st_mtime < too_old:
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_UNFINISHED, dir=folder) as work:
        yield Path(work)


def _copy(source: Path, to: Path) -> None:
    with closing(open_to_read(source)) as file:
        size = source.stat().st_size
        if shutil.disk_usage(to.parent).free < _ROOM_FACTOR * size:
            raise OSError(f"a backup needs up to {_ROOM_FACTOR * size >> 20} MB of room")
        try:
            copy_database(file, to)
        except sqlite3.Error as error:
            raise DatabaseFileError(f"{source.name} cannot be copied: {error}") from error


def _pictures(folder: Path, needed_by: Path | None) -> list[Path]:
    """The files of pictures: all, or those that clips in the making of a database name."""
    if not folder.is_dir():
        return []
    if needed_by is None:
        return sorted(it for it in folder.iterdir() if picture_of(it.name) == it.name)
    sql = "SELECT DISTINCT picture_file FROM jobs WHERE picture_file NOT NULL AND ended_at IS NULL"
    with closing(open_to_read(needed_by)) as file:
        try:
            return [folder / row["picture_file"] for row in file.execute(sql)]
        except sqlite3.OperationalError:
            return []  # an earlier schema, which has pictures in the database itself


def _pack(to: Path, copy: Path, pictures: Iterable[Path]) -> int:
    import zipfile  # noqa: PLC0415 - a quarter of a megabyte that an idle bot does without

    written = 0
    handle = os.open(to, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    with os.fdopen(handle, "w+b") as file:
        with zipfile.ZipFile(file, "w") as archive:
            archive.write(copy, DATABASE_FILE, zipfile.ZIP_DEFLATED, compresslevel=1)
            for picture in pictures:
                # The bot deletes pictures meanwhile, which nothing names any more by then.
                if picture.is_file():
                    archive.write(picture, f"{PICTURE_FOLDER}/{picture.name}")
                    written += 1
        file.flush()
        os.fsync(file.fileno())
    return written


def _check_packed(path: Path) -> None:
    import zipfile  # noqa: PLC0415 - as in `_pack`

    with zipfile.ZipFile(path) as archive:
        if (broken := archive.testzip()) is not None:
            raise DatabaseFileError(f"the backup was written damaged ({broken})")
