"""The messages that call members to their clips: they go once they were seen, or after a day.

Seen means that the member has used the bot in that channel since: a button, a command or a menu.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import suppress
from dataclasses import field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.base import ChannelUnreachableError, DeliveryError, service, to_ms
from bot.jobs import closed_direct_messages
from bot.jobs.delivery import Notice

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base import Clock, Database, SqlValue, Timeouts, Transaction
    from bot.jobs.delivery import Delivery, Told
    from bot.jobs.job import Job

log = logging.getLogger(__name__)

_SHOWN_FOR: Final = timedelta(days=1)
_SHOWN_FOR_MS: Final = _SHOWN_FOR // timedelta(milliseconds=1)
_TRIED_FOR: Final = timedelta(days=7)
_TRIED_AGAIN_AFTER: Final = timedelta(hours=1)
_AT_ONCE: Final = 50
# What members pressed is acknowledged first, and of a crowd many are looked up at once.
_PAUSE_SECONDS: Final = 0.25
# What was written down after the member had used the bot there is not seen.
_UNSEEN: Final = """
    SELECT 1 FROM notices WHERE member_id = :member AND channel_id = :channel
    AND delete_at > :used AND delete_at <= :used + :shown_for LIMIT 1
"""
_MARK_SEEN: Final = """
    UPDATE notices SET delete_at = :used WHERE member_id = :member AND channel_id = :channel
    AND delete_at > :used AND delete_at <= :used + :shown_for
"""


def note(tx: Transaction, job: Job, told: Told, now: datetime) -> None:
    """Write down how a member was told of the end of their clip."""
    reply_to = job.reply_to
    if told.notice_message_id is not None:
        tx.execute(
            "INSERT OR IGNORE INTO notices"
            " VALUES (:message, :guild, :channel, :member, :delete, :give_up)",
            {
                "message": told.notice_message_id,
                "guild": reply_to.guild_id,
                "channel": reply_to.channel_id,
                "member": reply_to.member_id,
                "delete": to_ms(now + _SHOWN_FOR),
                "give_up": to_ms(now + _SHOWN_FOR + _TRIED_FOR),
            },
        )
    if told.is_direct_closed:
        closed_direct_messages.add(tx, reply_to.member_id, now)


@service
class NoticeService:
    """Deletes notices when their time has come, and goes on over restarts."""

    database: Database
    delivery: Delivery
    clock: Clock
    timeouts: Timeouts
    _awake: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _used: dict[tuple[int, int], int] = field(default_factory=dict, init=False)
    """When a member last used the bot in a channel, in Unix milliseconds, by channel and member."""

    def mark_seen(self, channel_id: int, member_id: int) -> None:
        """Have the notices that a member has in a channel by now deleted: they are there."""
        self._used[channel_id, member_id] = to_ms(self.clock())
        self._awake.set()

    async def run(self) -> None:
        """Delete what can be by now, when one was seen and now and then, until cancelled."""
        while True:
            self._awake.clear()
            try:
                await self._update_seen()
                await self._round()
            except Exception:  # as in the worker: of whatever breaks it, the log has all
                log.exception("deleting notices broke")
            with suppress(TimeoutError):
                async with asyncio.timeout(self.timeouts.notice_look.total_seconds()):
                    await self._awake.wait()
                    await asyncio.sleep(_PAUSE_SECONDS)

    async def _update_seen(self) -> None:
        used = [
            {"channel": channel, "member": member, "used": at, "shown_for": _SHOWN_FOR_MS}
            for (channel, member), at in self._used.items()
        ]
        self._used.clear()

        def unseen(tx: Transaction) -> list[dict[str, int]]:
            return [it for it in used if tx.one(_UNSEEN, it)]

        def mark(tx: Transaction) -> None:
            for values in found:
                tx.execute(_MARK_SEEN, values)

        # What does not answer now is deleted after its day.
        with suppress(sqlite3.OperationalError):
            # Read first: most presses see no notice, and one connection alone writes.
            if used and (found := await self.database.read(unseen)):
                await self.database.write(mark)

    async def _round(self) -> None:
        sql = "SELECT * FROM notices WHERE delete_at <= :now ORDER BY delete_at LIMIT :most"
        values = {"now": to_ms(self.clock()), "most": _AT_ONCE}
        while rows := await self.database.read(lambda tx: tx.all(sql, values)):
            for row in rows:
                notice = Notice(row["message_id"], row["guild_id"], row["channel_id"])
                await self._delete(notice, row["give_up_at"])

    async def _delete(self, notice: Notice, give_up_at: int) -> None:
        now = self.clock()
        values: dict[str, SqlValue] = {"id": notice.message_id}
        sql = "DELETE FROM notices WHERE message_id = :id"
        try:
            await self.delivery.delete_notice(notice)
        except ChannelUnreachableError as error:
            log.info("notice %d stays: %r", notice.message_id, error)
        except DeliveryError as error:
            log.info("notice %d is not deleted yet: %r", notice.message_id, error)
            if to_ms(now) < give_up_at:
                values["due"] = to_ms(now + _TRIED_AGAIN_AFTER)
                sql = "UPDATE notices SET delete_at = :due WHERE message_id = :id"
        await self.database.write(lambda tx: tx.execute(sql, values))
