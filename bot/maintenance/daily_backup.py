"""The daily backup: written, checked, and as many kept as the owner wants."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from typing import TYPE_CHECKING

from bot.base import DatabaseFileError, service
from bot.guilds import owner_messages
from bot.guilds.owner_messages import LogMessageKind
from bot.maintenance.backup import back_up, kept_backups

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.base import Clock, Database

log = logging.getLogger(__name__)


@service
class DailyBackup:
    """Backs up while the bot works.

    Attributes:
        folder: Of the backups; made if missing.
        kept: So many are kept there, the newest ones, whoever has made them.
        wake: Called when there is a message for the owner.
    """

    database: Database
    data_folder: Path
    folder: Path
    kept: int
    clock: Clock
    wake: Callable[[], None]

    async def run(self) -> None:
        """Write a backup, and delete what is older than those that are kept.

        The owner is told of a failure once, until a backup succeeds.

        Raises:
            OSError: It could not be written, or an old one not deleted.
            DatabaseFileError: The copy turned out damaged.
            sqlite3.Error: The database did not answer.
        """
        # What is there under its name now is not what the bot has.
        self.database.check_file()
        before = await asyncio.to_thread(kept_backups, self.folder)
        try:
            made = await asyncio.to_thread(back_up, self.data_folder, self.folder, self.clock())
        except (OSError, sqlite3.Error, DatabaseFileError) as error:
            await self._tell(before, error)
            raise
        log.info("backed up as %s, %.1f MB", made.path, made.size / 1e6)
        await asyncio.to_thread(self._delete_old)

    def _delete_old(self) -> None:
        for backup in kept_backups(self.folder)[: -self.kept]:
            backup.unlink(missing_ok=True)

    async def _tell(self, before: list[Path], error: Exception) -> None:
        latest = before[-1].name if before else ""
        data = {"folder": str(self.folder), "latest": latest, "error": str(error)}
        now, kind = self.clock(), LogMessageKind.BACKUP_FAILED
        # Named by the latest that succeeded: until the next one does, there is nothing new to say.
        await self.database.write(
            lambda tx: owner_messages.put(tx, kind, latest or "none", now, **data)
        )
        self.wake()
