"""The loop that posts the messages that wait for log channels and for the owner."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Protocol

from bot.base import ChannelUnreachableError, DeliveryError, Timeouts
from bot.guilds import log_messages

if TYPE_CHECKING:
    from bot.base import Clock, Database
    from bot.guilds.log_messages import UnsentLogMessage

log = logging.getLogger(__name__)


class LogChannelPort(Protocol):
    """Posts to log channels and to the owner. `cogs.delivery.log_channel` implements it."""

    async def post(self, unsent: UnsentLogMessage) -> None:
        """Post a message once, however often this is called within a few minutes.

        Raises:
            ChannelUnreachableError: The channel, or all who own the application, are closed to
                the bot.
            DeliveryError: A later attempt may succeed.
        """


@dataclass(frozen=True, slots=True)
class LogSender:
    """Sends each message once: it has a nonce of its own, and is marked when posted."""

    database: Database
    channels: LogChannelPort
    clock: Clock
    timeouts: Timeouts
    _awake: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    # By channel, of which the owner's has no id.
    _posting: dict[int | None, asyncio.Task[bool]] = field(default_factory=dict, init=False)

    def wake(self) -> None:
        """Look for messages now."""
        self._awake.set()

    async def run(self) -> None:
        """Send the messages that wait, then new ones, until cancelled."""
        try:
            await self._run()
        finally:
            posting = [*self._posting.values()]
            for task in posting:
                task.cancel()
            await asyncio.gather(*posting, return_exceptions=True)

    async def _run(self) -> None:
        failed = 0
        while True:
            # Before looking: what is added while this round runs must start another.
            self._awake.clear()
            failed = 0 if await self._round() else failed + 1
            seconds = Timeouts.LOG_SENDER_SLEEP_SECONDS
            if failed:
                seconds = self.timeouts.pause(failed).total_seconds()
            # Not `wait_for`: in Python 3.11 it loses a cancellation that comes with a wake-up.
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._awake.wait()

    async def _round(self) -> bool:
        """Try each waiting message; return whether none is left for a later attempt."""
        all_done, last_id = True, 0
        try:
            while page := await self._page(last_id):
                for unsent in page:
                    # One that fails must not delay other guilds'.
                    all_done &= await self._send(unsent)
                last_id = page[-1].id
        except sqlite3.OperationalError:
            log.exception("the database did not answer")
            return False
        return all_done

    async def _page(self, after_id: int) -> list[UnsentLogMessage]:
        return await self.database.read(
            lambda tx: log_messages.unsent(tx, self.clock(), after_id=after_id)
        )

    async def _send(self, unsent: UnsentLogMessage) -> bool:
        """Post a message; return `False` if it is left for a later attempt.

        Where Discord limits a channel or does not answer, others' messages do not wait for it.
        """
        channel_id = unsent.channel_id
        if channel_id in self._posting:
            return True
        task = self._posting[channel_id] = asyncio.create_task(self._post(unsent))
        await asyncio.wait({task}, timeout=Timeouts.PLACE_SECONDS)
        if task.done():
            del self._posting[channel_id]
            return task.result()
        task.add_done_callback(partial(self._posted_late, channel_id))
        return True

    def _posted_late(self, channel_id: int | None, task: asyncio.Task[bool]) -> None:
        del self._posting[channel_id]
        if task.cancelled():
            return
        if error := task.exception():
            log.error("a message is not marked as sent", exc_info=error)
        elif task.result():
            # For the channel's next message. After a failure that waits as long as any other.
            self.wake()

    async def _post(self, unsent: UnsentLogMessage) -> bool:
        """Post a message unless it is outdated; return whether it is done with."""
        key = unsent.message.dedup_key
        try:
            if not unsent.message.is_over(self.clock()):
                await self.channels.post(unsent)
        except ChannelUnreachableError as error:
            # Done with too: once the channel is open again, old messages would fill it.
            log.warning("notice %d %s: given up: %r", unsent.id, key, error)
        except DeliveryError as error:
            log.warning("notice %d %s: not told yet: %r", unsent.id, key, error)
            return False
        await self.database.write(lambda tx: log_messages.mark_sent(tx, unsent.id, self.clock()))
        return True
