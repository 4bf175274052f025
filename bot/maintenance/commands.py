"""What `python -m bot backup`, `restore`, `report` and `doubts` do; a bot may be running."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.base import DatabaseFileError, Transaction, newest_schema, open_database, utc_now
from bot.base.database_file import (
    BACKUP_FOLDER,
    DATABASE_FILE,
    check_copy,
    copy_database,
    open_to_read,
    read_schema,
)
from bot.startup import lock_data_folder
from pika import usd

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Generator, Iterator, Mapping

    from bot.config import Settings
    from bot.quota.doubts import Doubt

EXIT_REFUSED = 2
"""The file or the folder cannot be used as asked: to repeat the command does not help."""
EXIT_FAILED = 1
"""The disk failed, or the database was held for too long."""


def carry_out(command: Namespace, settings: Settings) -> int:
    """Carry a command out; write what was done, and errors to stderr. Returns the exit status.

    Args:
        command: `command` with what it takes: `to` and `all_pictures` of a backup, `source` of a
            restore, `month` of a report (its first day, or `None` for the present one).
        settings: Of which only the folders and the time zone are used.

    Raises:
        SettingError: For `restore` where the bot runs, or the folder cannot be written to.
    """
    try:
        for text in _COMMANDS[command.command](command, settings):
            sys.stdout.write(text)
    except DatabaseFileError as error:
        sys.stderr.write(f"{command.command}: {error}.\n")
        return EXIT_REFUSED
    except (OSError, sqlite3.Error) as error:
        sys.stderr.write(f"{command.command} failed: {error}\n")
        return EXIT_FAILED
    return 0


def _backup(command: Namespace, settings: Settings) -> Iterator[str]:
    from bot.maintenance.backup import back_up  # noqa: PLC0415 - no other command needs it

    to = command.to or settings.backup_dir or settings.data_dir / BACKUP_FOLDER
    if command.to is None and settings.backup_dir is not None:
        # Its name may have a dot, and is that of a folder all the same.
        to.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = back_up(settings.data_dir, to, utc_now(), all_pictures=command.all_pictures)
    yield (
        f"{made.path} is written and checked: {made.size / 1e6:,.1f} MB, schema {made.schema},"
        f" pictures: {made.pictures}.\n"
    )


def _restore(command: Namespace, settings: Settings) -> Iterator[str]:
    from bot.maintenance.restore import restore  # noqa: PLC0415 - no other command needs it

    if not command.source.is_file():
        raise DatabaseFileError(f"{command.source} is no file: give the path of a backup")
    with lock_data_folder(settings):
        try:
            done = restore(settings.data_dir, command.source, utc_now())
        except DatabaseFileError as error:
            raise DatabaseFileError(f"{command.source}: {error}") from error
    yield f"{command.source} is restored: schema {done.schema}, pictures: {done.pictures}.\n"
    if done.replaced:
        yield f"The database from before is {done.replaced}; delete it when you need it no more.\n"
    yield "Start the bot, and read what it says of the database.\n"


def _try_upgrade(_command: Namespace, settings: Settings) -> Iterator[str]:
    with (
        tempfile.TemporaryDirectory(prefix=".trying-upgrade-", dir=settings.data_dir) as work,
        closing(open_to_read(settings.data_dir / DATABASE_FILE)) as connection,
    ):
        schema = read_schema(connection)
        copy_database(connection, copy := Path(work) / DATABASE_FILE)
        began = time.perf_counter()
        asyncio.run(_open(copy))
        seconds = time.perf_counter() - began
    yield (
        f"A copy of the database was upgraded from schema {schema} to {newest_schema()} in"
        f" {seconds:.1f} seconds, and is sound. The start of this version does the same, and keeps"
        " a copy from before.\n"
    )


async def _open(copy: Path) -> None:
    async with open_database(copy):
        pass
    await asyncio.to_thread(check_copy, copy)


def _report(command: Namespace, settings: Settings) -> Iterator[str]:
    from bot.maintenance.spend_report import spend_csv  # noqa: PLC0415 - no other command needs it

    now = datetime.now(settings.time_zone).date()
    month = command.month or now.replace(day=1)
    with _reading(settings) as tx:
        yield spend_csv(tx, month, settings.time_zone)


def _doubts(_command: Namespace, settings: Settings) -> Iterator[str]:
    from bot.quota import doubts  # noqa: PLC0415 - no other command needs it

    with _reading(settings) as tx:
        found = doubts.read_open(tx)
    if not found:
        yield "No order is in doubt.\n"
        return
    yield from map(_doubt_line, found)
    yield (
        f"In doubt: {len(found)}, counted at {usd(sum(it.micro_usd for it in found))}. Look each up"
        " on the provider's bill, by its job id, its key or its time, and say in Discord which it"
        " is: `/owner doubts settle`.\n"
    )


def _doubt_line(doubt: Doubt) -> str:
    ticket = f"job {doubt.ticket_id}" if doubt.ticket_id else "no answer came, so no job id"
    key = f", key {doubt.idempotency_key}" if doubt.idempotency_key else ""
    return (
        f"#{doubt.job_id}: {usd(doubt.micro_usd)}, {doubt.provider}, sent"
        f" {doubt.sent_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC: {ticket}{key}; server"
        f" {doubt.guild_id}, member {doubt.member_id}, reference {doubt.reference}\n"
    )


@contextmanager
def _reading(settings: Settings) -> Generator[Transaction, None, None]:
    with closing(open_to_read(settings.data_dir / DATABASE_FILE)) as connection:
        schema, newest = read_schema(connection), newest_schema()
        if schema != newest:
            raise DatabaseFileError(
                f"the database has schema {schema} and this version knows {newest}: start the bot"
                " of this version first, or ask the version that runs"
            )
        connection.execute("BEGIN")
        yield Transaction(connection)


_COMMANDS: Final[Mapping[str, Callable[[Namespace, Settings], Iterator[str]]]] = {
    "backup": _backup,
    "restore": _restore,
    "try-upgrade": _try_upgrade,
    "report": _report,
    "doubts": _doubts,
}
