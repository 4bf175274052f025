"""The loop that tells notices, against a log channel that fails on purpose."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.base import Timeouts
from bot.base.errors import ChannelUnreachableError, DeliveryError
from bot.guilds import guild_settings, log_messages
from bot.guilds.log_messages import LogMessage, LogMessageKind
from bot.guilds.log_sender import LogSender
from tests.bot.rows import GUILD, NOON, number

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from bot.base.database import Database, Transaction
    from bot.guilds.log_messages import UnsentLogMessage

pytestmark = pytest.mark.usefixtures("bystanders")

QUICK = Timeouts(backoff=timedelta(milliseconds=5), longest_backoff=timedelta(milliseconds=5))
DOWN, GONE, OPEN, SILENT = 1, 2, 3, 4
UNTOLD = "SELECT count(*) FROM log_messages WHERE sent_at IS NULL"


class Channels:
    """`DOWN` does not work until `mended`, `GONE` never will; `SILENT` waits for `answers`."""

    def __init__(self) -> None:
        self.mended = False
        self.attempts = 0
        self.posted: list[str] = []
        self.answers = asyncio.Event()
        self.changed = asyncio.Event()

    async def post(self, untold: UnsentLogMessage) -> None:
        self.changed.set()
        if untold.channel_id == DOWN and not self.mended:
            self.attempts += 1
            raise DeliveryError("500")
        if untold.channel_id == GONE:
            raise ChannelUnreachableError("10003")
        if untold.channel_id == SILENT:
            self.attempts += 1
            self.changed.set()
            await self.answers.wait()
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


async def none_left(database: Database, but: int = 0) -> None:
    async with asyncio.timeout(60):
        while await number(database, UNTOLD) > but:
            await asyncio.sleep(0.005)


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
    # It is mended in the midst of a round.
    assert channels.posted[0] == "told"
    assert sorted(channels.posted[1:]) == sorted(f"down {count}" for count in range(30))


async def test_a_channel_that_does_not_answer_holds_nobody_else_up(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Timeouts, "PLACE_SECONDS", 0.01)
    await log_channel(database, SILENT)
    await log_channel(database, OPEN, GUILD + 1)
    for name in ("silent 1", "silent 2"):
        await note(database, name)
    await note(database, "told", GUILD + 1)
    channels = Channels()
    async with telling(database, channels) as teller:
        await channels.until(posted=1)
        assert channels.posted == ["told"]
        await note(database, "told too", GUILD + 1)
        teller.wake()
        await channels.until(posted=2)
        await none_left(database, but=2)
        assert channels.attempts == 1
        channels.answers.set()
        await none_left(database)
    assert channels.posted == ["told", "told too", "silent 1", "silent 2"]


async def test_a_message_on_its_way_is_given_up_at_the_end(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Timeouts, "PLACE_SECONDS", 0.01)
    await log_channel(database, SILENT)
    await note(database, "silent")
    channels = Channels()
    async with telling(database, channels):
        await channels.until(attempts=1)
    assert not [it for it in asyncio.all_tasks() if it is not asyncio.current_task()]
    assert await number(database, UNTOLD) == 1


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
