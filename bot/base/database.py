"""The SQLite file: opening, migrating, and transactions as plain functions."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import deque
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

import aiosqlite

from bot.base.database_file import (
    APPLICATION_ID,
    BACKUP_FOLDER,
    BUSY_TIMEOUT_MS,
    copy_before_upgrade,
    find_upgrade_copy,
    pragma,
    replace_copy,
)
from bot.base.errors import DatabaseFileError, DatabaseLostError
from bot.base.picture_folder import PICTURE_FOLDER, write_picture

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping

log = logging.getLogger(__name__)

MIGRATIONS: Final = Path(__file__).with_name("migrations")
_INCREMENTAL: Final = 2
"""The mode of SQLite's in which a file can be made smaller in small parts."""
_PAGES_KEPT: Final = 1000
_PART_KEPT: Final = 20
_PAGES_AT_ONCE: Final = 256
"""Of 4,096 bytes each."""
_JOURNAL_BYTES: Final = 64 * 1_048_576
"""To which a journal is cut that had to grow, as while a long report was read."""

SqlValue: TypeAlias = int | str | bytes | None
SqlRow: TypeAlias = sqlite3.Row
T = TypeVar("T")


@lru_cache
def _insert_sql(table: str, names: tuple[str, ...]) -> str:
    """The statement that inserts a row, with a parameter for each column in their order."""
    values = ", ".join("?" * len(names))
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})"  # noqa: S608 - ours


class Transaction:
    """Runs statements for a function in `Database.write` or `read`; parameters are `:name`."""

    def __init__(self, connection: sqlite3.Connection, facts: list[object] | None = None) -> None:
        self._connection = connection
        self._facts = facts

    def report(self, fact: object) -> None:
        """Hand something to `Database.on_commit`, once this is committed."""
        if self._facts is not None:
            self._facts.append(fact)

    def execute(self, sql: str, values: Mapping[str, SqlValue] | None = None) -> int:
        """Run a statement; return the number of rows it changed."""
        return self._connection.execute(sql, values or {}).rowcount

    def insert(self, table: str, row: Mapping[str, SqlValue]) -> int:
        """Insert a row, by the names of its columns; return its rowid."""
        # By place: to find a value by its name takes sqlite3 as long as to store it.
        values = tuple(row.values())
        rowid = self._connection.execute(_insert_sql(table, tuple(row)), values).lastrowid
        if rowid is None:
            raise LookupError(f"{table} gave its row no id")
        return rowid

    def one(self, sql: str, values: Mapping[str, SqlValue] | None = None) -> SqlRow | None:
        """The first row, or `None` where nothing is found."""
        return next(iter(self.all(sql, values)), None)

    def all(self, sql: str, values: Mapping[str, SqlValue] | None = None) -> list[SqlRow]:
        """All rows, in memory at once."""
        # To the last row: a statement that is not at its end keeps its snapshot open.
        return self._connection.execute(sql, values or {}).fetchall()

    def give_pages_back(self) -> bool:
        """Give a part of the room that deleted rows left back to the disk; whether there is more.

        Some is kept, which new rows would soon take anew. A part takes some milliseconds.
        """
        pages, free = (pragma(self._connection, it) for it in ("page_count", "freelist_count"))
        spare = free - max(_PAGES_KEPT, pages // _PART_KEPT)
        if spare <= 0 or not pragma(self._connection, "auto_vacuum"):
            return False
        for _ in range(min(spare, _PAGES_AT_ONCE)):
            # Page by page: after the first one, sqlite3 takes the statement to be at its end.
            self._connection.execute("PRAGMA incremental_vacuum(1)")
        return spare > _PAGES_AT_ONCE


class Database:
    """Two connections to one file, each with a thread: one writes, one only reads.

    `read_long` opens a third for the time of its function.

    A transaction is a plain function, run whole on the connection's thread. So nothing can be
    awaited within one, and all its statements share a trip to the thread: a trip takes about
    0.2 ms under asyncio, a statement 0.01 to 0.02 ms. Functions that wait when the thread comes
    to them share a commit too, which is what takes the disk its time.

    Attributes:
        on_commit: Called with each thing that a committed function reported, in the order of the
            commits, on the thread of the connection that writes. It may not raise.
    """

    def __init__(
        self, path: Path, writer: aiosqlite.Connection, reader: aiosqlite.Connection
    ) -> None:
        self._path = path
        self._journals = [path.with_name(f"{path.name}{it}") for it in ("-wal", "-shm")]
        self._identities = {it: _identity(it) for it in (path, *self._journals)}
        self._writer = writer
        self._reader = reader
        self._waiting: deque[_Write] = deque()
        self.on_commit: Callable[[object], None] = lambda _fact: None

    async def write(self, function: Callable[[Transaction], T]) -> T:
        """Run a function that may change rows: committed when it returns, undone if it raises.

        A function that its thread was given runs to its end even if the caller is cancelled,
        and is then committed all the same: there are no half transactions. Where the commit
        itself fails, all that share it are undone, and their callers get its error.
        """
        results: list[T] = []
        waiting = _Write(lambda tx: results.append(function(tx)))
        self._waiting.append(waiting)
        # The trip of the first that waits writes them all; the others' find theirs done.
        await _on_its_thread(self._writer, self._write_waiting)
        if waiting.error is not None:
            raise waiting.error
        return results[0]

    def _write_waiting(self, connection: sqlite3.Connection) -> None:
        group: list[_Write] = []
        while self._waiting:
            group.append(self._waiting.popleft())
        if group:
            _write_group(connection, group)
        for fact in (it for write in group if write.error is None for it in write.facts):
            self.on_commit(fact)

    async def read(self, function: Callable[[Transaction], T]) -> T:
        """Run a function that changes nothing, beside writers; it sees one state throughout.

        Rows read here may be out of date when they are used: a decision reads its grounds in
        the `write` that acts on it.
        """
        return await _on_its_thread(self._reader, lambda it: _read(it, function))

    async def read_long(self, function: Callable[[Transaction], T]) -> T:
        """As `read`, for what takes seconds: no other read waits for it.

        On a connection of its own, which is closed afterwards, so that its pages take no memory
        while nobody asks for a report. To open it takes a few milliseconds.
        """
        async with aiosqlite.connect(self._path, isolation_level=None) as connection:
            await _on_its_thread(connection, _prepare_reader)
            return await _on_its_thread(connection, lambda it: _read(it, function))

    def is_file_lost(self) -> bool:
        """Whether the file was deleted, moved or replaced since it was opened.

        Then what is written goes into a file without a name, which ends with this process. A copy
        that was written over the file itself is not noticed. Takes one system call.
        """
        return _identity(self._path) != self._identities[self._path]

    def check_file(self) -> None:
        """Check that the file is there, before anything new is taken on.

        Raises:
            DatabaseLostError: What would be written is lost with this process.
        """
        if self.is_file_lost():
            raise DatabaseLostError(f"{self._path} was deleted or replaced")

    async def save_as(self, path: Path) -> None:
        """Write all that the connections see as another file, or in its place, also when lost.

        Reads wait meanwhile, for seconds where the file is large. Of a lost file the journal loses
        its name: whoever opens the file that is there now would take it for that one's.

        Raises:
            OSError: It cannot be written.
            sqlite3.Error: Likewise, or the file is damaged.
        """
        await _on_its_thread(self._reader, lambda it: replace_copy(it, path))
        if self.is_file_lost():
            for journal in self._journals:
                if _identity(journal) == self._identities[journal]:
                    journal.unlink(missing_ok=True)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


@dataclass(slots=True)
class _Write:
    function: Callable[[Transaction], None]
    error: BaseException | None = None
    facts: list[object] = field(default_factory=list)


def _write_group(connection: sqlite3.Connection, group: list[_Write]) -> None:
    """Run functions in one transaction; of several, each is all or nothing by a savepoint."""
    try:
        # IMMEDIATE: one that began as a reader could not become a writer beside another.
        connection.execute("BEGIN IMMEDIATE")
        if len(group) == 1:
            # Without a savepoint, for which SQLite copies each page before it changes.
            group[0].function(Transaction(connection, group[0].facts))
        else:
            for write in group:
                _write_one(connection, write)
        if any(write.error is None for write in group):
            _commit(connection)
        else:
            connection.rollback()
    except BaseException as error:  # noqa: BLE001 - each caller raises it
        # First: should the rollback fail too, all that share it are still told.
        for write in group:
            if write.error is None:
                write.error = error
        # Whatever was raised: within a transaction left open, no other could begin.
        connection.rollback()


def _write_one(connection: sqlite3.Connection, write: _Write) -> None:
    connection.execute("SAVEPOINT one")
    try:
        write.function(Transaction(connection, write.facts))
    except BaseException as error:
        write.error = error
        # A full disk, say, makes SQLite itself undo the whole transaction, others' parts with it.
        if not connection.in_transaction:
            raise
        connection.execute("ROLLBACK TO one")
    connection.execute("RELEASE one")


def _read(connection: sqlite3.Connection, function: Callable[[Transaction], T]) -> T:
    connection.execute("BEGIN DEFERRED")
    try:
        return function(Transaction(connection))
    except StopIteration as error:
        # A future refuses this exception, and its caller would wait for ever.
        raise RuntimeError("a transaction raised StopIteration") from error
    finally:
        connection.rollback()


def _commit(connection: sqlite3.Connection) -> None:
    """Commit; apart so that the crash tests can kill the process right before and after."""
    connection.commit()


async def _on_its_thread(
    connection: aiosqlite.Connection, function: Callable[[sqlite3.Connection], T]
) -> T:
    # aiosqlite's public methods send one statement a trip, none sends a function; this one, of
    # which all of them are made, does.
    call: Callable[..., Awaitable[T]] = connection._execute  # noqa: SLF001 - see above
    return await call(lambda: function(connection._conn))  # noqa: SLF001 - as above


@asynccontextmanager
async def open_database(path: Path) -> AsyncGenerator[Database, None]:
    """Open the file; create or migrate it first. Pictures in it become files in a folder beside it.

    Raises:
        DatabaseFileError: The file belongs to another program or to a newer version of this
            one, is not a database, is damaged, or cannot be written to.
    """
    try:
        await asyncio.to_thread(check_journal, path)
    except sqlite3.Error as error:
        raise DatabaseFileError(f"{path.name} cannot be opened: {error}") from error
    # `None`: else sqlite3 begins transactions of its own, and never IMMEDIATE ones.
    async with (
        aiosqlite.connect(path, isolation_level=None) as writer,
        aiosqlite.connect(path, isolation_level=None) as reader,
    ):
        try:
            await _on_its_thread(writer, lambda it: _prepare_writer(it, path.parent))
            await _on_its_thread(reader, _prepare_reader)
        except sqlite3.DatabaseError as error:
            raise DatabaseFileError(f"{path.name} cannot be used as a database: {error}") from error
        yield Database(path, writer, reader)


def _prepare_writer(connection: sqlite3.Connection, data_folder: Path) -> None:
    connection.row_factory = sqlite3.Row
    # FULL: a reserve that a power cut undoes would be money spent that nobody counts. The wait:
    # an owner's backup may lock the file for a moment.
    if not pragma(connection, "page_count"):
        # Now: it cannot be changed any more once a new file has its first page.
        connection.execute(f"PRAGMA auto_vacuum={_INCREMENTAL}")
    for setting in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        f"journal_size_limit={_JOURNAL_BYTES}",
    ):
        connection.execute(f"PRAGMA {setting}")
    _migrate(connection, data_folder)
    _let_shrink(connection)
    _try_to_write(connection)
    # Only now: SQLite cannot rebuild a table that others refer to while it enforces references,
    # not even deferred. Migrations check them before they commit.
    connection.execute("PRAGMA foreign_keys=ON")


def _let_shrink(connection: sqlite3.Connection) -> None:
    """Have a file of an earlier version written anew, so that it can be made smaller in parts."""
    if pragma(connection, "auto_vacuum"):
        return
    try:
        connection.execute(f"PRAGMA auto_vacuum={_INCREMENTAL}")
        connection.execute("VACUUM")
    except sqlite3.OperationalError as error:
        log.warning("the database cannot be made smaller, and is used as it is: %s", error)


def _try_to_write(connection: sqlite3.Connection) -> None:
    """Write one value over itself: a file that can only be read opens without complaint.

    Raises:
        DatabaseFileError: It cannot be written, or another program has held it for too long.
    """
    try:
        connection.execute("BEGIN IMMEDIATE")
        version = pragma(connection, "user_version")
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("COMMIT")
    except sqlite3.OperationalError as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise DatabaseFileError(f"it cannot be written to ({error})") from error


async def try_database(path: Path) -> None:
    """Try a file as `open_database` would, if there is one; it is neither made nor migrated.

    Raises:
        DatabaseFileError: As `open_database` does.
    """
    try:
        await asyncio.to_thread(_try_file, path)
    except sqlite3.Error as error:
        raise DatabaseFileError(f"{path.name} cannot be used as a database: {error}") from error


async def stored_value(path: Path, name: str) -> str | None:
    """One of the key values in a file that no process of this one has open, if it can be read."""

    def read() -> str | None:
        if not path.exists():
            return None
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            sql = "SELECT value FROM key_values WHERE name = ?"
            row = connection.execute(sql, (name,)).fetchone()
        return None if row is None else str(row[0])

    try:
        return await asyncio.to_thread(read)
    except sqlite3.Error:
        return None


def _try_file(path: Path) -> None:
    if not path.exists():
        return
    # First: SQLite writes a journal of another state into the file as soon as it is closed.
    check_journal(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        _missing_scripts(connection, path.parent)
        _try_to_write(connection)


def _prepare_reader(connection: sqlite3.Connection) -> None:
    connection.row_factory = sqlite3.Row
    for setting in ("query_only=ON", f"busy_timeout={BUSY_TIMEOUT_MS}"):
        connection.execute(f"PRAGMA {setting}")


def check_journal(path: Path) -> None:
    """Open the file; check, reading only, that a journal beside it belongs to it.

    A crash leaves one that does. Beside a copy that was put back lies the journal of another
    state, and SQLite would write its pages into the copy all the same.

    Raises:
        DatabaseFileError: It belongs to another, or the file is damaged.
        sqlite3.Error: The file cannot be opened.
    """
    journal = path.with_name(f"{path.name}-wal")
    # aiosqlite's thread outlives a connect that fails, and the loop; so plain sqlite3 tries first.
    sqlite3.connect(path).close()
    # Beside an empty file SQLite deletes the journal by itself.
    if not path.stat().st_size or not journal.exists() or not journal.stat().st_size:
        return
    # As a URI, which alone can ask to read only; it needs `?`, `#` and `%` of a path escaped.
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as file:
        try:
            (found,) = file.execute("PRAGMA integrity_check(1)").fetchone()
        except sqlite3.DatabaseError as error:
            found = str(error)
    if found != "ok":
        log.error("%s: %s", path.name, found)
        raise DatabaseFileError(
            f"{path.name} is damaged, or {journal.name} beside it belongs to another copy: put"
            f" your copy back again, and delete {journal.name} and {path.name}-shm"
        )


def newest_schema() -> int:
    """The version of the schema that this program makes."""
    return len(_scripts())


def _scripts() -> list[Path]:
    # The version is a count of scripts, so a released one keeps its number and its text.
    return sorted(MIGRATIONS.glob("[0-9]*.sql"))


def _missing_scripts(connection: sqlite3.Connection, data_folder: Path) -> list[tuple[int, Path]]:
    """Return the scripts that the file lacks, with the versions that they make.

    Raises:
        DatabaseFileError: The file is another program's, or a newer version's.
    """
    version = pragma(connection, "user_version")
    owner = pragma(connection, "application_id")
    used = connection.execute("SELECT 1 FROM sqlite_master").fetchone() is not None
    if owner != APPLICATION_ID and (owner or version or used):
        raise DatabaseFileError("the file belongs to another program")
    scripts = _scripts()
    if version > len(scripts):
        raise DatabaseFileError(_newer_text(version, len(scripts), data_folder / BACKUP_FOLDER))
    return list(enumerate(scripts[version:], start=version + 1))


def _newer_text(schema: int, known: int, backups: Path) -> str:
    text = f"the file has schema {schema} and this version knows {known}: it was written by a newer"
    if (copy := find_upgrade_copy(backups, known)) is None:
        return f"{text} animate-bot, which has to be started instead"
    return (
        f"{text} animate-bot. Start that one, or give up what was done since its upgrade:"
        f" `python -m bot restore {copy}` puts the copy from before it back"
    )


def _migrate(connection: sqlite3.Connection, data_folder: Path) -> None:
    """Apply the missing scripts, each with its version in one transaction, to a file with a copy.

    Raises:
        DatabaseFileError: The file cannot be used, or no copy can be made of it.
    """
    missing = _missing_scripts(connection, data_folder)
    if missing and (schema := pragma(connection, "user_version")):
        _copy_before(connection, data_folder / BACKUP_FOLDER, schema)
    connection.execute("PRAGMA foreign_keys=OFF")
    for number, script in missing:
        with (
            _saving_pictures(connection, data_folder),
            connection,
        ):  # commits at its end, or rolls back
            # `executescript` commits what is open, so the transaction begins in the script.
            connection.executescript(f"BEGIN IMMEDIATE; {script.read_text('utf-8')};")
            if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise sqlite3.IntegrityError(f"{script.name} leaves a reference to nothing")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {number}")


def _copy_before(connection: sqlite3.Connection, folder: Path, schema: int) -> None:
    try:
        copy = copy_before_upgrade(connection, folder, schema)
    except (OSError, sqlite3.Error) as error:
        raise DatabaseFileError(
            f"it has to be upgraded, and no copy of it can be made before in {folder} ({error})"
        ) from error
    log.info("the database is upgraded from schema %d; %s is a copy from before", schema, copy)


@contextmanager
def _saving_pictures(connection: sqlite3.Connection, data_folder: Path) -> Generator[None]:
    """Let scripts call `save_picture(blob)`, which writes a file and returns its name."""
    errors: list[OSError] = []

    def save(data: bytes) -> str:
        try:
            return write_picture(data_folder / PICTURE_FOLDER, data)
        except OSError as error:
            errors.append(error)
            raise

    connection.create_function("save_picture", 1, save)
    try:
        yield
    except sqlite3.OperationalError as error:
        # SQLite says only that a function of ours failed.
        if errors:
            reason = f"pictures in it cannot be moved to {PICTURE_FOLDER} ({errors[0].strerror})"
            raise DatabaseFileError(reason) from error
        raise
