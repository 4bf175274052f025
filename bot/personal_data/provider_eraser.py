"""Has deleted what could not be at once: at the provider, and of clips that were in the making."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from bot.base import Timeouts, from_ms, service, to_ms
from bot.personal_data import erasure
from pika import PikaError

if TYPE_CHECKING:
    from bot.base import Clock, Database, SqlRow
    from bot.personal_data.service import PersonalDataService
    from pika import Pika

log = logging.getLogger(__name__)

_GIVEN_UP_AFTER: Final = timedelta(days=30)
_AT_ONCE: Final = 100
_DUE: Final = "SELECT * FROM provider_erasures WHERE due_at <= :now ORDER BY due_at, id LIMIT :most"


@service
class ProviderEraser:
    """Looks now and then for what members wanted deleted, and goes on over restarts."""

    database: Database
    pika: Pika
    personal_data: PersonalDataService
    clock: Clock
    timeouts: Timeouts

    async def run(self) -> None:
        """Delete what can be by now, when asked to and now and then, until cancelled."""
        while True:
            self.personal_data.asked.clear()
            try:
                await self._round()
            except sqlite3.OperationalError as error:
                log.warning("members' data is not deleted yet: %r", error)
                await asyncio.sleep(Timeouts.DATABASE_PAUSE_SECONDS)
                continue
            except Exception:  # as in the worker: of whatever breaks it, the log has all
                log.exception("deleting members' data broke")
            with suppress(TimeoutError):
                async with asyncio.timeout(self.timeouts.erasure_look.total_seconds()):
                    await self.personal_data.asked.wait()

    async def _round(self) -> None:
        now = self.clock()
        for member_id in await self.database.read(erasure.undone):
            await self.personal_data.erase_clips(member_id)
            if await self.database.read(partial(erasure.is_over, member_id=member_id, now=now)):
                await self.database.write(partial(erasure.mark_done, member_id=member_id))
        await self.database.write(lambda tx: erasure.unlink(tx, now))
        values = {"now": to_ms(now), "most": _AT_ONCE}
        while rows := await self.database.read(lambda tx: tx.all(_DUE, values)):
            for row in rows:
                await self._erase(row)

    async def _erase(self, row: SqlRow) -> None:
        now = self.clock()
        age = now - from_ms(row["added_at"])
        try:
            await self.pika.erase(row["provider"], row["trace"])
        except PikaError as error:
            if age < _GIVEN_UP_AFTER:
                log.info("%s did not delete something yet: %r", row["provider"], error)
                await self._postpone(row["id"], max(self.timeouts.erasure_look, age / 4))
                return
            log.warning("%s never deleted %s: %r", row["provider"], row["trace"], error)
        await self.database.write(
            lambda tx: tx.execute("DELETE FROM provider_erasures WHERE id = :id", {"id": row["id"]})
        )

    async def _postpone(self, row_id: int, pause: timedelta) -> None:
        values = {"id": row_id, "due": to_ms(self.clock() + pause)}
        sql = "UPDATE provider_erasures SET due_at = :due WHERE id = :id"
        await self.database.write(lambda tx: tx.execute(sql, values))
