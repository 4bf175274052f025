"""Which notices go when their member uses the bot."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, cast

import pytest

from bot.base import Timeouts, to_ms
from bot.jobs.notices import NoticeService
from tests.bot.rows import GUILD, MIA, NOAH, NOON

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base.database import Database
    from bot.jobs.delivery import Delivery, Notice

pytestmark = pytest.mark.usefixtures("bystanders")

HERE, ELSEWHERE = 1, 2
INSERT = "INSERT INTO notices VALUES (:id, :guild, :channel, :member, :delete, :delete + 1000)"


class Deletions:
    def __init__(self) -> None:
        self.deleted: asyncio.Queue[int] = asyncio.Queue()

    async def delete_notice(self, notice: Notice) -> None:
        await self.deleted.put(notice.message_id)


async def put(
    database: Database, number: int, at: datetime, channel: int = HERE, member: int = MIA
) -> None:
    """A notice that was written at this time: it is shown for a day."""
    values = {"id": number, "guild": GUILD, "channel": channel, "member": member}
    values["delete"] = to_ms(at + timedelta(days=1))
    await database.write(lambda tx: tx.execute(INSERT, values))


async def test_a_member_has_seen_what_was_there_when_they_used_the_bot(database: Database) -> None:
    minute = timedelta(minutes=1)
    await put(database, 1, NOON - minute)
    await put(database, 2, NOON)
    await put(database, 3, NOON + minute)
    await put(database, 4, NOON - minute, channel=ELSEWHERE)
    await put(database, 5, NOON - minute, member=NOAH)
    seen = Deletions()
    service = NoticeService(database, cast("Delivery", seen), lambda: NOON, Timeouts())
    running = asyncio.create_task(service.run())
    await asyncio.sleep(0)
    service.mark_seen(HERE, MIA)
    async with asyncio.timeout(60):
        assert {await seen.deleted.get(), await seen.deleted.get()} == {1, 2}
        service.mark_seen(ELSEWHERE, MIA)
        assert await seen.deleted.get() == 4
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    left = await database.read(lambda tx: tx.all("SELECT message_id FROM notices"))
    assert {3, 5} <= {row[0] for row in left}
