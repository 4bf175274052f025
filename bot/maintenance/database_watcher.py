"""Notices when the database file is deleted or replaced under a bot that runs.

What such a bot writes goes into a file without a name, and is gone when it stops. So it takes no
more requests (`Database.check_file`), finishes what is in the making, saves what it knows under
another name, and tells the owner.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import suppress
from dataclasses import field
from datetime import UTC
from typing import TYPE_CHECKING

from bot.base import BACKUP_FOLDER, service
from bot.guilds import owner_messages
from bot.guilds.owner_messages import LogMessageKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.base import Clock, Database, Timeouts

log = logging.getLogger(__name__)


@service
class DatabaseWatcher:
    """Looks now and then.

    Attributes:
        wake: Called when there is a message for the owner.
    """

    database: Database
    data_folder: Path
    clock: Clock
    timeouts: Timeouts
    wake: Callable[[], None]
    _saved: list[Path] = field(default_factory=list, init=False)

    async def run(self) -> None:
        """Look from time to time, until cancelled; save once more what was done since the loss."""
        try:
            while not self._saved:
                await asyncio.sleep(self.timeouts.file_look.total_seconds())
                if self.database.is_file_lost():
                    await self._lost()
            await asyncio.Event().wait()
        finally:
            if self._saved:
                with suppress(OSError, sqlite3.Error):
                    await self.database.save_as(self._saved[0])

    async def _lost(self) -> None:
        now = self.clock()
        name = f"animate-bot-saved-{now.astimezone(UTC):%Y-%m-%dT%H%M%SZ}.sqlite3"
        path = self.data_folder / BACKUP_FOLDER / name
        log.error(
            "the database file was deleted or replaced while the bot runs: no request is taken"
            " until it is started again. What it knows is saved as %s.",
            path,
        )
        try:
            await self.database.save_as(path)
            kind, told = LogMessageKind.DATABASE_LOST, {"saved": str(path)}
            await self.database.write(
                lambda tx: owner_messages.put(tx, kind, name, now, **told),
            )
        except (OSError, sqlite3.Error):
            log.exception("what the bot knows is not saved yet")
            return
        self._saved.append(path)
        self.wake()
