"""Deletes each day what was kept for long enough, and gives the room back to the disk."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from bot.base import key_values, service, to_ms
from bot.personal_data import retention
from bot.personal_data.erasure import LIMITS_LOOK_BACK

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.base import Clock, Database, Transaction
    from bot.jobs.picture_files import PictureFiles

log = logging.getLogger(__name__)

_LEAST_KEPT: Final = timedelta(days=1)
"""A member who comes back to yesterday's clip still finds what it was made of."""
_PAUSE_SECONDS: Final = 0.02
"""Between two transactions, for what others have to write."""
_BOOKS: Final = "retention:books"
"""The key under which it is remembered up to when no entry of the books names a member."""


@service
class DailyDeletion:
    """Works in small transactions, beside everything else; goes on where it was interrupted.

    Attributes:
        kept_for: For which the details of a clip are kept after its end, a day at least.
    """

    database: Database
    pictures: PictureFiles
    clock: Clock
    kept_for: timedelta

    async def run(self) -> None:
        """Delete all whose time has come.

        Raises:
            sqlite3.OperationalError: The database did not answer; the rest is left for later.
        """
        now = self.clock()
        details = now - max(self.kept_for, _LEAST_KEPT)
        names = now - max(self.kept_for, LIMITS_LOOK_BACK)
        for guild_id in await self.database.read(lambda tx: retention.guilds_to_delete(tx, now)):
            await self._delete_guild(guild_id, now)
        await self._delete_jobs(
            lambda tx: retention.jobs_with_details(tx, details), retention.delete_details
        )
        await self._delete_jobs(
            lambda tx: retention.jobs_with_names(tx, names), retention.delete_names
        )
        await self._unname_books(names)
        await self._until_done(lambda tx: retention.delete_old_rows(tx, details, names))
        await self._until_done(lambda tx: tx.give_pages_back())

    async def _delete_guild(self, guild_id: int, now: datetime) -> None:
        await self._until_done(lambda tx: retention.delete_guild_rows(tx, guild_id))
        await self._delete_jobs(
            lambda tx: retention.jobs_of_guild(tx, guild_id), retention.delete_names
        )
        await self._unname_guild(guild_id, 0, to_ms(now))
        await self.database.write(lambda tx: retention.end_deletion(tx, guild_id))
        log.info("what there was of server %d, which was left, is deleted", guild_id)

    async def _delete_jobs(
        self,
        find: Callable[[Transaction], list[int]],
        delete: Callable[..., list[str]],
    ) -> None:
        while ids := await self.database.read(find):
            at = self.clock()
            files = await self.database.write(partial(delete, job_ids=ids, now=at))
            self.pictures.lost_rows(files)
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _unname_books(self, before: datetime) -> None:
        stored = await key_values.get_value(self.database, _BOOKS)
        since = int(stored or 0)
        for guild_id in await self.database.read_long(retention.named_guilds):
            await self._unname_guild(guild_id, since, to_ms(before))
        await key_values.set_value(self.database, _BOOKS, str(max(since, to_ms(before))))

    async def _unname_guild(self, guild_id: int, since: int, before: int) -> None:
        while True:
            first = await self.database.read(
                partial(retention.first_named, guild_id=guild_id, since_ms=since, before_ms=before)
            )
            if first is None:
                return
            since, until = retention.books_slice(first, before)
            await self._until_done(
                partial(
                    retention.unname_entries, guild_id=guild_id, since_ms=since, before_ms=until
                )
            )

    async def _until_done(self, part: Callable[[Transaction], bool]) -> None:
        while await self.database.write(part):  # noqa: ASYNC110 - each call does a part
            await asyncio.sleep(_PAUSE_SECONDS)
