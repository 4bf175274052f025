"""Which guilds are open, over a chat that answers as it is told."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.base import Timeouts
from bot.owner.errors import GuildClosedError, GuildLookupError
from bot.owner.guild_access import GuildAccess
from bot.owner.guild_records import GuildRecords
from tests.bot.rows import NOON

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection

    from bot.base.database import Database

MUTE, HOME = 1, 2


class Lookup:
    """Gives no answer about one guild, and about the other what it is told."""

    def __init__(self) -> None:
        self.home_is_managed = True
        self.unanswered = 0

    async def guild_ids(self) -> Collection[int]:
        return (MUTE, HOME)

    def describe(self, guild_id: int) -> str:
        return str(guild_id)

    async def is_managed(self, guild_id: int) -> bool:
        if guild_id == MUTE:
            self.unanswered += 1
            raise GuildLookupError("no answer")
        return self.home_is_managed


@asynccontextmanager
async def running(access: GuildAccess) -> AsyncGenerator[None, None]:
    task = asyncio.create_task(access.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def access_by(
    database: Database, allowed: frozenset[int] | None, lookup: Lookup, timeouts: Timeouts
) -> GuildAccess:
    records = GuildRecords(database, lambda: NOON, lambda: None)
    return GuildAccess(allowed, lookup, records, timeouts)


async def closes(access: GuildAccess, guild_id: int) -> None:
    async with asyncio.timeout(5):
        while True:
            try:
                await access.require_open(guild_id)
            except GuildClosedError:
                return
            await asyncio.sleep(0.01)


async def test_a_guild_that_is_not_heard_of_keeps_no_other_from_being_closed(
    database: Database,
) -> None:
    often = Timeouts(backoff=timedelta(milliseconds=10), guild_look=timedelta(milliseconds=50))
    lookup = Lookup()
    access = access_by(database, None, lookup, often)
    async with running(access):
        async with asyncio.timeout(5):
            while lookup.unanswered < 3:
                await asyncio.sleep(0.01)
        await access.require_open(HOME)
        lookup.home_is_managed = False
        await closes(access, HOME)


async def test_an_id_that_is_not_named_is_closed_without_a_question(database: Database) -> None:
    access = access_by(database, frozenset({MUTE}), Lookup(), Timeouts())
    await access.require_open(MUTE)
    with pytest.raises(GuildClosedError):
        await access.require_open(HOME)
