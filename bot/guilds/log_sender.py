"""The loop that tells moderators in their log channel what was noted for them."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from bot.base import ChannelUnreachableError, DeliveryError, Timeouts
from bot.guilds import log_messages

if TYPE_CHECKING:
    from bot.base import Clock, Database
    from bot.guilds.log_messages import UnsentLogMessage

log = logging.getLogger(__name__)


class LogChannelPort(Protocol):
    """Where moderators are told. `cogs.delivery.log_channel` implements it."""

    async def post(self, untold: UnsentLogMessage) -> None:
        """Post a notice once, however often this is called within a few minutes.

        Raises:
            ChannelUnreachableError: The channel is gone or closed to the bot.
            DeliveryError: It did not work this time.
        """


@dataclass(frozen=True, slots=True)
class LogSender:
    """Tells each notice once: what was posted is marked, and posted under its own nonce."""

    database: Database
    channels: LogChannelPort
    clock: Clock
    timeouts: Timeouts
    _awake: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def wake(self) -> None:
        """Look for notices now."""
        self._awake.set()

    async def run(self) -> None:
        """Tell what waits, then what comes, until cancelled."""
        failed = 0
        while True:
            self._awake.clear()
            failed = 0 if await self._round() else failed + 1
            pause = (
                self.timeouts.pause(failed).total_seconds()
                if failed
                else Timeouts.LOG_SENDER_SLEEP_SECONDS
            )
            try:
                async with asyncio.timeout(pause):
                    await self._awake.wait()
            except TimeoutError:
                continue

    async def _round(self) -> bool:
        """Go through all that waits; return whether nothing is left for a later attempt."""
        all_told, last = True, 0
        try:
            while page := await self._page(last):
                for untold in page:
                    all_told &= await self._tell(untold)
                last = page[-1].id
        except sqlite3.OperationalError:
            log.exception("the database did not answer")
            return False
        return all_told

    async def _page(self, after_id: int) -> list[UnsentLogMessage]:
        return await self.database.read(
            lambda tx: log_messages.unsent(tx, self.clock(), after_id=after_id)
        )

    async def _tell(self, untold: UnsentLogMessage) -> bool:
        """Post a notice unless it is over; return whether it is done with."""
        try:
            if not untold.message.is_over(self.clock()):
                await self.channels.post(untold)
        except ChannelUnreachableError as error:
            log.warning(
                "notice %d %s: no log channel: %r", untold.id, untold.message.dedup_key, error
            )
        except DeliveryError as error:
            log.warning(
                "notice %d %s: not told yet: %r", untold.id, untold.message.dedup_key, error
            )
            return False
        await self.database.write(lambda tx: log_messages.mark_sent(tx, untold.id, self.clock()))
        return True
