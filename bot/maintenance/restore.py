"""Puts a backup in place of a bot's data. Whenever it is killed, either is there, whole.

For whoever holds the lock of the data folder: no bot runs on it.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import zipfile
from contextlib import closing, suppress
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.base import (
    PICTURE_FOLDER,
    DatabaseFileError,
    newest_schema,
    picture_name,
    sync_folder,
    value,
    write_pictures,
)
from bot.base.database import check_journal
from bot.base.database_file import DATABASE_FILE, check_copy

if TYPE_CHECKING:
    from datetime import datetime

_JOURNALS: Final = ("-wal", "-shm")


@value
class Restored:
    """What was put in place.

    Attributes:
        schema: The version of the database's schema.
        pictures: The number of pictures that came with it.
        replaced: Where the database from before is now; `None` if there was none.
    """

    schema: int
    pictures: int
    replaced: Path | None


def restore(data_folder: Path, source: Path, now: datetime) -> Restored:
    """Put a backup in place of the database; keep that beside it, and all pictures.

    Args:
        data_folder: Of the bot, which is locked.
        source: A backup, or a database alone, as one made before an upgrade is.
        now: The time that names what is replaced.

    Raises:
        DatabaseFileError: The backup is damaged, another program's, or newer than this program.
        OSError: A file cannot be read or written.
    """
    with tempfile.TemporaryDirectory(prefix=".restoring-", dir=data_folder) as work:
        found = Path(work) / DATABASE_FILE
        try:
            with zipfile.ZipFile(source) as archive:
                _extract(archive, found)
                schema = _check(found)
                pictures = _take_pictures(archive, data_folder / PICTURE_FOLDER)
        except zipfile.BadZipFile as error:
            if zipfile.is_zipfile(source):
                raise DatabaseFileError(f"it is damaged ({error})") from error
            shutil.copyfile(source, found)
            schema, pictures = _check(found), 0
        _sync_file(found)
        return Restored(schema, pictures, _put_in_place(found, data_folder / DATABASE_FILE, now))


def _extract(archive: zipfile.ZipFile, to: Path) -> None:
    if (broken := archive.testzip()) is not None:
        raise DatabaseFileError(f"it is damaged ({broken})")
    try:
        with archive.open(DATABASE_FILE) as packed, to.open("xb") as file:
            shutil.copyfileobj(packed, file)
    except KeyError as error:
        raise DatabaseFileError(f"it has no {DATABASE_FILE} in it") from error


def _check(found: Path) -> int:
    found.chmod(0o600)
    schema, newest = check_copy(found), newest_schema()
    if schema > newest:
        raise DatabaseFileError(
            f"it has schema {schema} and this version knows {newest}: it was written by a newer"
            " animate-bot, which can restore it"
        )
    return schema


def _take_pictures(archive: zipfile.ZipFile, folder: Path) -> int:
    """Write pictures beside those that are there: named by their content, none replaces another."""
    taken = 0
    for packed in archive.namelist():
        name = packed.removeprefix(f"{PICTURE_FOLDER}/")
        if name != packed and picture_name(data := archive.read(packed)) == name:
            (error,) = write_pictures(folder, [(name, data)])
            if error is not None:
                raise error
            taken += 1
    return taken


def _put_in_place(found: Path, path: Path, now: datetime) -> Path | None:
    replaced = None
    if path.exists():
        _finish_journal(path)
        name = f"animate-bot-replaced-{now.astimezone(UTC):%Y-%m-%dT%H%M%SZ}.sqlite3"
        replaced = path.with_name(name)
        _keep(path, replaced)
    for journal in _JOURNALS:
        # SQLite would write those of another file into this one.
        path.with_name(path.name + journal).unlink(missing_ok=True)
    found.replace(path)
    sync_folder(path.parent)
    return replaced


def _finish_journal(path: Path) -> None:
    """Have what is in the journal written into the file, so that the file alone has all.

    Unless they do not belong together or are damaged, which may be why the file is replaced: then
    it is kept beside its journal.
    """
    with suppress(sqlite3.DatabaseError, DatabaseFileError):
        check_journal(path)
        with closing(sqlite3.connect(path, isolation_level=None)) as file:
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _keep(path: Path, replaced: Path) -> None:
    """Give a file, and what is left of its journal, another name beside the one it has."""
    for journal in ("", *_JOURNALS):
        old = path.with_name(path.name + journal)
        new = replaced.with_name(replaced.name + journal)
        if not old.exists():
            continue
        try:
            os.link(old, new)
        except OSError:  # a file system without links
            shutil.copy2(old, new)
    sync_folder(path.parent)


def _sync_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
