"""Opens what the process needs while it runs: data folder, database, account at Pika."""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import os
import socket
import stat
from contextlib import ExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Final

from bot.base import (
    DATABASE_FILE,
    PICTURE_FOLDER,
    DatabaseFileError,
    Timeouts,
    UnreachableError,
    check_writable,
    make_private,
    open_database,
    stored_value,
    try_database,
)
from bot.base.event_counts import NO_ANSWER, EventKind
from bot.base.folders import ROOM_BYTES, hold_lock
from bot.config import SettingError
from pika import BadKeyError, ConfigurationError, NoCreditError, Pika, PikaError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator
    from pathlib import Path

    from bot.base import Database
    from bot.base.event_counts import EventCounts
    from bot.config import Settings

log = logging.getLogger("bot")

_LOCK: Final = "lock"
VIDEO_FOLDER: Final = "clips"
"""The name of the folder of finished videos, in the data folder."""
IN_USE: Final = "is in use by an animate-bot that runs now"
"""What `try_folder` says where the bot of these settings runs."""
_SETTINGS: Final = {
    "provider": "PIKA_PROVIDER",
    "base": "PIKA_API_BASE",
    "upload_base": "PIKA_UPLOAD_BASE",
    "history_base": "PIKA_HISTORY_BASE",
}


@contextmanager
def lock_data_folder(settings: Settings) -> Generator[None, None, None]:
    """Make the data folder, and lock it against a second process.

    Raises:
        SettingError: The folder cannot be made or written to, is full, or is locked by another
            process.
    """
    with ExitStack() as stack:
        try:
            # For nobody else's eyes: interaction tokens and members' pictures will be in it.
            settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            stack.enter_context(hold_lock(settings.data_dir / _LOCK))
            # A clip that could not be kept must not be paid, nor a picture be asked for.
            for name in (VIDEO_FOLDER, PICTURE_FOLDER):
                kept = settings.data_dir / name
                kept.mkdir(mode=0o700, exist_ok=True)
                check_writable(kept)
            # Of pictures, of which there may be very many, each is made so.
            _make_private(settings.data_dir / PICTURE_FOLDER, lambda _: False)
            _make_private(settings.data_dir / VIDEO_FOLDER, lambda _: True)
            _make_private(settings.data_dir, _is_own_file)
        except BlockingIOError:
            raise SettingError(
                "DATA_DIR",
                "is in use by another animate-bot: stop that one, or give each its own folder.",
            ) from None
        except OSError as error:
            raise _folder_error(error) from None
        yield


def _is_own_file(name: str) -> bool:
    return name == _LOCK or name.startswith(DATABASE_FILE)


def _make_private(folder: Path, is_own: Callable[[str], bool]) -> None:
    # `/tmp`, say, as the data folder: others have their files there too.
    if folder.stat().st_mode & stat.S_ISVTX:
        log.warning("others may write to %s: give the bot a folder of its own.", folder)
        return
    try:
        make_private(folder, is_own)
    except OSError as error:
        # A share of another system, say: it has rights of its own.
        log.warning("others may read %s: its rights cannot be changed (%s).", folder, error)


def try_folder(settings: Settings) -> str:
    """Try the data folder without making it or starting anything; say how it stands.

    Raises:
        SettingError: It could not be used.
    """
    folder = settings.data_dir
    try:
        if not folder.exists():
            parent = next(it for it in folder.absolute().parents if it.exists())
            if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
                raise SettingError("DATA_DIR", f"cannot be made in {parent}.")
            return "will be made at the first start"
        for tried in (folder, folder / VIDEO_FOLDER, folder / PICTURE_FOLDER):
            if tried.exists():
                check_writable(tried)
        with hold_lock(folder / _LOCK):
            return "can be written to"
    except BlockingIOError:
        return IN_USE
    except OSError as error:
        raise _folder_error(error) from None


def try_backup_folder(settings: Settings) -> None:
    """Try the folder of the daily backups, where one is set and any are kept; make nothing.

    Raises:
        SettingError: It could not be used.
    """
    folder = settings.backup_dir
    if folder is None or not settings.backups_kept:
        return
    found = next(it for it in (folder, *folder.absolute().parents) if it.exists())
    if not found.is_dir() or not os.access(found, os.W_OK | os.X_OK):
        where = "be written to" if found == folder else f"be made in {found}"
        raise SettingError("BACKUP_DIR", f"cannot {where}.")


def try_health_address(settings: Settings) -> str:
    """Say why health and metrics cannot be told, and what to do; nothing where they can."""
    address = settings.health_address
    if address is None:
        return ""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            # As the server has it: connections of a bot that has just ended are no hindrance.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return (
            f"HEALTH_ADDRESS {address} cannot be used ({error.strerror}): choose another port, or"
            " `off`, or the bot goes on without health and metrics."
        )
    return ""


def _folder_error(error: OSError) -> SettingError:
    if error.errno == errno.ENOSPC:
        room = ROOM_BYTES // 1_048_576
        return SettingError("DATA_DIR", f"needs {room} MB of free room: make some on its disk.")
    return SettingError("DATA_DIR", f"must be a folder that can be written to ({error.strerror}).")


async def last_refusal(settings: Settings) -> str | None:
    """Why the provider took no orders when a bot last ran here, as `StopReason` names it."""
    text = await stored_value(settings.data_dir / DATABASE_FILE, "order_stops")
    stop = json.loads(text or "{}").get(settings.pika_provider)
    return None if stop is None else str(stop["reason"])


async def try_database_file(settings: Settings) -> None:
    """Try the database in the data folder, if there is one, and change nothing.

    Raises:
        SettingError: The file cannot be used.
    """
    try:
        await try_database(settings.data_dir / DATABASE_FILE)
    except DatabaseFileError as error:
        raise _database_error(error) from error


def _database_error(error: DatabaseFileError) -> SettingError:
    return SettingError("DATA_DIR", f"holds a database that cannot be used: {error}.")


@asynccontextmanager
async def open_database_file(settings: Settings) -> AsyncGenerator[Database, None]:
    """Open the database in the data folder.

    Raises:
        SettingError: The file cannot be used.
    """
    try:
        async with open_database(settings.data_dir / DATABASE_FILE) as database:
            yield database
    except DatabaseFileError as error:
        raise _database_error(error) from error


@asynccontextmanager
async def open_pika(settings: Settings, counts: EventCounts) -> AsyncGenerator[Pika, None]:
    """Open the client and try the key, once and briefly, with a call that is free of charge.

    The answers to all its calls are counted.

    Raises:
        SettingError: The key was refused, or a setting cannot work.
    """

    def count(provider: str, status: int | None) -> None:
        answer = NO_ANSWER if status is None else str(status)
        counts.add(EventKind.PIKA_ANSWER, provider, answer)

    async with _connect(settings, count) as pika:
        try:
            async with asyncio.timeout(Timeouts.KEY_CHECK_SECONDS):
                await pika.verify()
        except BadKeyError:
            raise
        except (PikaError, TimeoutError) as error:
            # Commands and waiting jobs do without Pika for a while; a restart mends nothing.
            log.warning("Pika's key could not be checked now: %r", error)
        yield pika


async def try_pika(settings: Settings) -> None:
    """Try the key with one call that is free of charge.

    Raises:
        SettingError: The key was refused, or a setting cannot work.
        NoCreditError: The account cannot pay, on a wire that tells.
        UnreachableError: Pika did not say.
    """
    async with _connect(settings) as pika:
        try:
            await pika.verify()
        except (BadKeyError, NoCreditError):
            raise
        except PikaError as error:
            raise UnreachableError(f"PIKA_API_KEY could not be checked now: {error}.") from error


@asynccontextmanager
async def _connect(
    settings: Settings, on_answer: Callable[[str, int | None], None] | None = None
) -> AsyncGenerator[Pika, None]:
    client = Pika(
        settings.pika_api_key,
        provider=settings.pika_provider,
        base=settings.pika_api_base,
        upload_base=settings.pika_upload_base,
        history_base=settings.pika_history_base,
        others=settings.other_accounts(),
        on_answer=on_answer,
    )
    try:
        async with client as pika:
            yield pika
    except ConfigurationError as error:
        setting = _SETTINGS.get(error.code or "", "PIKA_API_KEY")
        if error.provider in settings.other_accounts():
            setting = f"{setting}S__{error.provider.upper().replace('-', '_')}"
        raise SettingError(setting, f"must be {error.detail}.") from error
    except BadKeyError as error:
        raise SettingError(
            "PIKA_API_KEY", "was refused by Pika: copy it again from your account there."
        ) from error
