"""The database as a file: read from beside a bot that runs, copied, and checked. For threads."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final

from bot.base.errors import DatabaseFileError
from bot.base.folders import sync_folder

if TYPE_CHECKING:
    from pathlib import Path

DATABASE_FILE: Final = "animate-bot.sqlite3"
"""Its name in the data folder."""
BACKUP_FOLDER: Final = "backups"
"""The name of the folder of backups, in the data folder."""
_UPGRADE_COPY: Final = "animate-bot-schema-{}.sqlite3"
_UPGRADE_COPY_NAMED: Final = re.compile(r"animate-bot-schema-(\d+)\.sqlite3")
_UPGRADE_COPIES_KEPT: Final = 3
APPLICATION_ID: Final = 0x414E_494D
"""Written into the file's header ("ANIM"), to recognise a file of another program."""
BUSY_TIMEOUT_MS: Final = 5000
"""How long a statement waits, in milliseconds, while another program holds the file."""


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open a file that another process may be writing to; nothing can be changed through this.

    Raises:
        DatabaseFileError: There is no such file.
    """
    if not path.is_file():
        raise DatabaseFileError(f"there is no {path.name} in {path.parent}")
    # As a URI, which alone can ask to read only; it needs `?`, `#` and `%` of a path escaped.
    address = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(address, uri=True, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    return connection


def read_schema(connection: sqlite3.Connection) -> int:
    """The version of the schema in a file.

    Raises:
        DatabaseFileError: The file is another program's, or no database.
    """
    try:
        if pragma(connection, "application_id") == APPLICATION_ID:
            return pragma(connection, "user_version")
    except sqlite3.DatabaseError as error:
        raise DatabaseFileError(str(error)) from error
    raise DatabaseFileError("the file belongs to another program")


def pragma(connection: sqlite3.Connection, name: str) -> int:
    """The value of a pragma that is a number."""
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def copy_database(source: sqlite3.Connection, to: Path) -> None:
    """Write what a connection sees now into a new file, for its owner alone, and sync it.

    Writers go on meanwhile. The copy has no journal beside it.

    Raises:
        OSError: The file cannot be written.
        sqlite3.Error: Likewise, or the source is damaged.
    """
    # Before SQLite would make it, as anybody may read what it makes.
    os.close(os.open(to, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(to, isolation_level=None)) as copy:
        source.backup(copy)
        # The journal mode is copied too. In this one, the file is whole when it is closed.
        copy.execute("PRAGMA journal_mode=DELETE")
    with to.open("rb") as file:
        os.fsync(file.fileno())


def replace_copy(source: sqlite3.Connection, path: Path) -> None:
    """As `copy_database`, in place of a file that may be there; its folder is made if missing."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    copy_database(source, unfinished)
    unfinished.replace(path)
    sync_folder(path.parent)


def copy_before_upgrade(connection: sqlite3.Connection, folder: Path, schema: int) -> Path:
    """Keep what a connection sees as the copy from before the upgrade from this schema.

    Copies from before the last few upgrades are kept.

    Raises:
        OSError: The copy cannot be written.
        sqlite3.Error: Likewise, or the source is damaged.
    """
    path = folder / _UPGRADE_COPY.format(schema)
    replace_copy(connection, path)
    for _, older in sorted(_upgrade_copies(folder).items())[:-_UPGRADE_COPIES_KEPT]:
        older.unlink()
    return path


def find_upgrade_copy(folder: Path, newest_schema: int) -> Path | None:
    """The newest copy from before an upgrade that a version which knows this schema can use."""
    copies = _upgrade_copies(folder)
    return copies.get(max((it for it in copies if it <= newest_schema), default=-1))


def _upgrade_copies(folder: Path) -> dict[int, Path]:
    found = {}
    for path in folder.iterdir() if folder.is_dir() else ():
        if match := _UPGRADE_COPY_NAMED.fullmatch(path.name):
            found[int(match[1])] = path
    return found


def check_copy(path: Path) -> int:
    """Check that a file without a journal is whole; return the version of its schema.

    Takes some seconds for a million entries of the ledger.

    Raises:
        DatabaseFileError: It is damaged, another program's, or no database.
    """
    with closing(open_to_read(path)) as file:
        schema = read_schema(file)
        try:
            (found,) = file.execute("PRAGMA integrity_check(1)").fetchone()
        except sqlite3.DatabaseError as error:
            found = str(error)
    if found != "ok":
        raise DatabaseFileError(f"it is damaged ({found})")
    return schema
