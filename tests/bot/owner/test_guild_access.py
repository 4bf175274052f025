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
from tests.bot.rows import NOON, number

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

    def is_member(self, guild_id: int) -> bool:
        return guild_id in (MUTE, HOME)

    async def is_managed(self, guild_id: int) -> bool:
        if guild_id == MUTE:
            self.unanswered += 1
            raise GuildLookupError("no answer")
        return self.home_is_managed


@asynccontextmanager
async def running(access: GuildAccess) -> AsyncGenerator[None, None]:
    tasks = [asyncio.create_task(it) for it in (access.run(), access._records.run())]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def written(database: Database, guild_id: int) -> None:
    sql = f"SELECT count(*) FROM known_guilds WHERE guild_id = {guild_id} AND was_open = 0"
    async with asyncio.timeout(60):
        while not await number(database, sql):
            await asyncio.sleep(0.01)


def access_by(
    database: Database, allowed: frozenset[int] | None, lookup: Lookup, timeouts: Timeouts
) -> GuildAccess:
    records = GuildRecords(database, lambda: NOON, lambda: None)
    return GuildAccess(allowed, lookup, records, timeouts)


async def closes(access: GuildAccess, guild_id: int) -> None:
    async with asyncio.timeout(60):
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
        async with asyncio.timeout(60):
            while lookup.unanswered < 3:
                await asyncio.sleep(0.01)
        await access.require_open(HOME)
        lookup.home_is_managed = False
        await closes(access, HOME)


async def test_a_guild_with_the_commands_alone_is_no_server_of_the_bots(
    database: Database,
) -> None:
    elsewhere = 3
    access = access_by(database, frozenset(), Lookup(), Timeouts())
    async with running(access):
        with pytest.raises(GuildClosedError):
            await access.require_open(elsewhere)
        with pytest.raises(GuildClosedError):
            await access.require_open(HOME)
        await written(database, HOME)
    assert await number(database, "SELECT count(*) FROM known_guilds WHERE guild_id = 3") == 0


async def test_an_id_that_is_not_named_is_closed_without_a_question(database: Database) -> None:
    access = access_by(database, frozenset({MUTE}), Lookup(), Timeouts())
    await access.require_open(MUTE)
    with pytest.raises(GuildClosedError):
        await access.require_open(HOME)
