"""The loop that tells notices, against a log channel that fails on purpose."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

import pytest

from bot.base import Database, Timeouts
from bot.base.errors import ChannelUnreachableError, DeliveryError
from bot.guilds import guild_settings, log_messages
from bot.guilds.log_messages import LogMessage, LogMessageKind
from bot.guilds.log_sender import LogSender
from tests.bot.rows import GUILD, NOON, number

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from bot.base.database import Transaction
    from bot.guilds.log_messages import UnsentLogMessage

T = TypeVar("T")

pytestmark = pytest.mark.usefixtures("bystanders")

QUICK = Timeouts(backoff=timedelta(milliseconds=5), longest_backoff=timedelta(milliseconds=5))
DOWN, GONE, OPEN = 1, 2, 3
UNTOLD = "SELECT count(*) FROM log_messages WHERE sent_at IS NULL"


class Channels:
    """`DOWN` does not work until `mended`, `GONE` never will."""

    def __init__(self) -> None:
        self.mended = False
        self.attempts = 0
        self.posted: list[str] = []
        self.changed = asyncio.Event()
        self.closed: asyncio.Event | None = None
        """What a post waits for."""

    async def post(self, untold: UnsentLogMessage) -> None:
        self.changed.set()
        if self.closed is not None:
            await self.closed.wait()
        if untold.channel_id == DOWN and not self.mended:
            self.attempts += 1
            raise DeliveryError("500")
        if untold.channel_id == GONE:
            raise ChannelUnreachableError("10003")
        self.posted.append(untold.message.dedup_key)

    async def until(self, posted: int = 0, attempts: int = 0) -> None:
        async with asyncio.timeout(60):
            while len(self.posted) < posted or self.attempts < attempts:
                self.changed.clear()
                await self.changed.wait()


@asynccontextmanager
async def telling(database: Database, channels: Channels) -> AsyncGenerator[LogSender, None]:
    teller = LogSender(database, channels, lambda: NOON, QUICK)
    running = asyncio.create_task(teller.run())
    yield teller
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def note(database: Database, name: str, guild: int = GUILD, **data: int) -> bool:
    return await database.write(
        lambda tx: log_messages.add(
            tx, guild, LogMessage(name, LogMessageKind.MAY_BE_BILLED, data), NOON
        )
    )


async def log_channel(database: Database, channel: int, guild: int = GUILD) -> None:
    await database.write(lambda tx: guild_settings.put(tx, guild, log_channel_id=channel))


async def none_left(database: Database) -> None:
    async with asyncio.timeout(60):
        while await number(database, UNTOLD):
            await asyncio.sleep(0.005)


async def test_what_is_sent_while_others_are_read_is_sent_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await log_channel(database, OPEN)
    await note(database, "told")
    channels = Channels()
    channels.closed = asyncio.Event()
    read = Database.read
    was_read = asyncio.Event()

    async def read_while_it_is_sent(self: Database, function: Callable[[Transaction], T]) -> T:
        found = await read(self, function)
        monkeypatch.undo()
        was_read.set()
        await none_left(database)
        # Sent and marked, its task has ended too.
        await asyncio.sleep(0)
        return found

    async with telling(database, channels) as teller:
        await channels.changed.wait()
        monkeypatch.setattr(Database, "read", read_while_it_is_sent)
        teller.wake()
        await was_read.wait()
        channels.closed.set()
        await none_left(database)
        await note(database, "told too")
        teller.wake()
        await channels.until(posted=2)
    assert channels.posted == ["told", "told too"]


async def test_a_channel_that_is_down_holds_nobody_else_up(database: Database) -> None:
    await log_channel(database, DOWN)
    await log_channel(database, GONE, GUILD + 1)
    await log_channel(database, OPEN, GUILD + 2)
    for count in range(30):
        await note(database, f"down {count}")
    await note(database, "gone", GUILD + 1)
    await note(database, "told", GUILD + 2)
    channels = Channels()
    async with telling(database, channels):
        await channels.until(posted=1, attempts=61)
        assert channels.posted == ["told"]
        assert await number(database, UNTOLD) == 30
        channels.mended = True
        await none_left(database)
    assert channels.posted == ["told", *(f"down {count}" for count in range(30))]


async def test_a_channel_in_which_discord_is_slow_holds_nobody_else_up(
    database: Database,
) -> None:
    class SlowChannels(Channels):
        async def post(self, untold: UnsentLogMessage) -> None:
            if untold.channel_id == DOWN:
                await asyncio.Event().wait()
            await super().post(untold)

    await log_channel(database, DOWN)
    await log_channel(database, OPEN, GUILD + 1)
    await note(database, "slow")
    channels = SlowChannels()
    async with telling(database, channels) as teller:
        for count in range(3):
            await note(database, f"quick {count}", GUILD + 1)
            teller.wake()
            await channels.until(posted=count + 1)
    assert channels.posted == ["quick 0", "quick 1", "quick 2"]


async def test_news_is_sent_at_once_when_woken(database: Database) -> None:
    await log_channel(database, OPEN)
    channels = Channels()
    async with telling(database, channels) as teller:
        assert await note(database, "first")
        teller.wake()
        await channels.until(posted=1)
        assert not await note(database, "first")
        assert await note(database, "second")
        teller.wake()
        await channels.until(posted=2)
    assert channels.posted == ["first", "second"]


async def test_what_has_renewed_or_waited_too_long_is_dropped(database: Database) -> None:
    await log_channel(database, OPEN)
    noon = int(NOON.timestamp() * 1000)
    await note(database, "renewed", renews_at=noon)
    await note(database, "not yet", renews_at=noon + 1)

    def add_old(tx: Transaction) -> None:
        old = LogMessage("old", LogMessageKind.MAY_BE_BILLED, {})
        log_messages.add(tx, GUILD, old, NOON - Timeouts.LOG_MESSAGE_LIFE)

    await database.write(add_old)
    channels = Channels()
    async with telling(database, channels):
        await channels.until(posted=1)
    assert channels.posted == ["not yet"]
    assert (
        await number(database, "SELECT sent_at FROM log_messages WHERE dedup_key = 'renewed'")
        == noon
    )


async def test_a_database_that_does_not_answer_does_not_end_the_loop(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await log_channel(database, OPEN)
    await note(database, "told")
    channels = Channels()
    await database.write(lambda tx: tx.execute("ALTER TABLE log_messages RENAME TO elsewhere"))
    async with telling(database, channels):
        async with asyncio.timeout(60):
            while "the database did not answer" not in caplog.text:
                await asyncio.sleep(0.005)
        assert channels.posted == []
        await database.write(lambda tx: tx.execute("ALTER TABLE elsewhere RENAME TO log_messages"))
        await channels.until(posted=1)
