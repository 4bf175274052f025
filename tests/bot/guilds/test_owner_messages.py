"""Which messages to the owner are sent at once, which are summed up, and which are none."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.base import Timeouts
from bot.guilds import log_messages, owner_messages
from bot.guilds.log_messages import LogMessageKind
from tests.bot.rows import NOON

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base.database import Database, Transaction

pytestmark = pytest.mark.usefixtures("bystanders")


async def put(database: Database, occasions: str, now: datetime = NOON) -> None:
    def put_all(tx: Transaction) -> None:
        for occasion in occasions:
            owner_messages.put(tx, LogMessageKind.GUILD_LEFT, occasion, now)

    await database.write(put_all)


async def unsent(database: Database, now: datetime = NOON) -> list[str]:
    found = await database.read(lambda tx: log_messages.unsent(tx, now).get(log_messages.OWNER, []))
    return [f"{it.message.kind} {it.message.data.get('count', '')}".strip() for it in found]


async def test_an_occasion_is_told_once_and_never_counted_again(database: Database) -> None:
    await put(database, "abcaab")
    assert await unsent(database, NOON + timedelta(days=1)) == ["guild_left"] * 3


async def test_what_is_too_much_for_a_day_is_counted_and_told_after_it(database: Database) -> None:
    await put(database, "abcdef")
    assert await unsent(database, NOON + timedelta(hours=11)) == ["guild_left"] * 3
    tomorrow = NOON + timedelta(hours=12)
    await put(database, "ghij", tomorrow)
    told = ["guild_left", "guild_left", "guild_left", "more 3", *["guild_left"] * 3]
    assert await unsent(database, tomorrow) == told


async def test_it_waits_for_a_week_and_no_longer(database: Database) -> None:
    await put(database, "a")
    week = Timeouts.OWNER_MESSAGE_LIFE
    assert await unsent(database, NOON + week - timedelta(seconds=1)) == ["guild_left"]
    assert await unsent(database, NOON + week) == []
