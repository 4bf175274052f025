"""The loop that posts the messages that wait for log channels and for the owner."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import Counter
from contextlib import suppress
from dataclasses import field
from typing import TYPE_CHECKING, Protocol

from bot.base import (
    ChannelUnreachableError,
    DeliveryError,
    MessageRefusedError,
    Timeouts,
    service,
)
from bot.guilds import log_messages

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from bot.base import Clock, Database
    from bot.guilds.log_messages import UnsentLogMessage

log = logging.getLogger(__name__)


async def _nothing(_busy: Collection[int]) -> None:
    """Prepare nothing."""


class LogChannelPort(Protocol):
    """Posts to log channels and to the owner. `cogs.delivery.log_channel` implements it."""

    async def post(self, unsent: UnsentLogMessage) -> None:
        """Post a message once, however often this is called within a few minutes.

        Raises:
            ChannelUnreachableError: The channel, or all who own the application, are closed to
                the bot.
            MessageRefusedError: Discord takes this message in no form.
            DeliveryError: A later attempt may succeed.
        """


@service
class LogSender:
    """Sends each message once: it has a nonce of its own, and is marked when posted.

    Each guild's are sent by a task of their own, so that a channel which fails, or in which Discord
    takes few messages, holds nobody else up.
    """

    database: Database
    channels: LogChannelPort
    clock: Clock
    timeouts: Timeouts
    _awake: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _sending: dict[int, asyncio.Task[None]] = field(default_factory=dict, init=False)
    _failed: Counter[int] = field(default_factory=Counter, init=False)

    def wake(self) -> None:
        """Look for messages now."""
        self._awake.set()

    async def run(self, prepare: Callable[[Collection[int]], Awaitable[None]] = _nothing) -> None:
        """Send the messages that wait, then new ones, until cancelled.

        `prepare` is called before each look, with the guilds to whom messages are being sent.
        """
        failed = 0
        try:
            while True:
                # Before looking: what is added while this round runs must start another.
                self._awake.clear()
                failed = 0 if await self._round(prepare) else failed + 1
                seconds = Timeouts.LOG_SENDER_SLEEP_SECONDS
                if failed:
                    seconds = self.timeouts.pause(failed).total_seconds()
                # Not `wait_for`: in Python 3.11 it loses a cancellation that comes with a wake-up.
                with suppress(TimeoutError):
                    async with asyncio.timeout(seconds):
                        await self._awake.wait()
        finally:
            sending = list(self._sending.values())
            for task in sending:
                task.cancel()
            await asyncio.gather(*sending, return_exceptions=True)

    async def _round(self, prepare: Callable[[Collection[int]], Awaitable[None]]) -> bool:
        """Have the messages sent that wait; return whether the database answered."""
        # One that ends meanwhile marks what it has sent after that was read as waiting.
        busy = frozenset(self._sending)
        try:
            await prepare(busy)
            waiting = await self.database.read(lambda tx: log_messages.unsent(tx, self.clock()))
        except sqlite3.OperationalError:
            log.exception("the database did not answer")
            return False
        for guild_id, messages in waiting.items():
            if guild_id not in busy:
                task = asyncio.create_task(self._send_all(guild_id, messages))
                self._sending[guild_id] = task
        return True

    async def _send_all(self, guild_id: int, messages: list[UnsentLogMessage]) -> None:
        """Try each message of a guild; where one is left for later, pause."""
        try:
            results = [await self._send(message) for message in messages]
        except sqlite3.OperationalError:
            log.exception("the database did not answer")
            results = [False]
        if all(results):
            self._failed.pop(guild_id, None)
        else:
            self._failed[guild_id] += 1
            await asyncio.sleep(self.timeouts.pause(self._failed[guild_id]).total_seconds())
        del self._sending[guild_id]
        # There may be more of them than were read at once.
        self._awake.set()

    async def _send(self, unsent: UnsentLogMessage) -> bool:
        """Post a message unless it is outdated; return whether it is done with."""
        key = unsent.message.dedup_key
        try:
            if not unsent.message.is_over(self.clock()):
                await self.channels.post(unsent)
        except (ChannelUnreachableError, MessageRefusedError) as error:
            # Done with too: once the channel is open again, old messages would fill it.
            log.warning("notice %d %s: given up: %r", unsent.id, key, error)
        except DeliveryError as error:
            log.warning("notice %d %s: not told yet: %r", unsent.id, key, error)
            return False
        await self.database.write(lambda tx: log_messages.mark_sent(tx, unsent.id, self.clock()))
        return True
