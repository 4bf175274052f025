"""Acts of moderators that share a message, or have one of their own, as time goes by."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.base import Timeouts
from bot.guilds import audit, guild_settings, log_messages, moderation_log
from bot.guilds.audit import AuditAction, AuditEvent, AuditSubject
from tests.bot.rows import GUILD, NOON

if TYPE_CHECKING:
    from bot.base.database import Database, Transaction

pytestmark = pytest.mark.usefixtures("bystanders")

APART = Timeouts.ACTS_APART
FAR = NOON + timedelta(hours=1)


async def act(database: Database, after: timedelta, guild: int = GUILD) -> None:
    event = AuditEvent(1, AuditAction.PAUSE, AuditSubject.GUILD)
    await database.write(lambda tx: audit.record(tx, guild, event, NOON + after))


async def told(database: Database, now: datetime = FAR) -> list[int]:
    """How many acts each message has that is due."""
    due = await database.read(lambda tx: log_messages.unsent(tx, now).get(GUILD, []))
    return [len(moderation_log.entry_ids(it.message)) for it in due]


async def in_log(database: Database, **columns: int | None) -> None:
    wanted = {"log_channel_id": 5, **columns}
    await database.write(lambda tx: guild_settings.put(tx, GUILD, **wanted))


async def test_acts_of_a_burst_join_the_message_that_is_not_due_yet(database: Database) -> None:
    await in_log(database)
    second = timedelta(seconds=1)
    await act(database, 0 * second)
    assert await told(database, NOON) == []
    await act(database, second / 2)
    assert await told(database, NOON + Timeouts.ACTS_TOGETHER) == [2]
    # What is due may be on its way, and stays as it is.
    for number in range(2, 40):
        await act(database, number * second)
    assert await told(database) == [2, 19, 19]
    assert await told(database, NOON + Timeouts.ACTS_TOGETHER + APART) == [2, 19]


async def test_after_a_quiet_time_an_act_is_told_soon(database: Database) -> None:
    await in_log(database)
    await act(database, timedelta())
    await act(database, 2 * APART)
    assert await told(database, NOON + 2 * APART + Timeouts.ACTS_TOGETHER) == [1, 1]


async def test_each_act_is_in_one_message_in_the_order_of_the_acts(database: Database) -> None:
    await in_log(database)
    for number in range(30):
        await act(database, timedelta(seconds=number))
        await act(database, timedelta(seconds=number), guild=GUILD + 1)

    def seen(tx: Transaction) -> tuple[list[int], list[int]]:
        waiting = log_messages.unsent(tx, FAR)
        assert list(waiting) == [GUILD]
        ids = [it for one in waiting[GUILD] for it in moderation_log.entry_ids(one.message)]
        rows = tx.all("SELECT id FROM audit WHERE guild_id = :guild ORDER BY id", {"guild": GUILD})
        return ids, [row["id"] for row in rows]

    ids, recorded = await database.read(seen)
    assert ids == recorded
    assert len(ids) == 30


@pytest.mark.parametrize("columns", [{"log_channel_id": None}, {"log_acts": 0}])
async def test_nothing_is_kept_where_nobody_wants_it(
    database: Database, columns: dict[str, int | None]
) -> None:
    await in_log(database, **columns)
    await act(database, timedelta())
    assert await told(database) == []


async def test_an_act_that_is_undone_is_not_told(database: Database) -> None:
    await in_log(database)

    def undone(tx: Transaction) -> None:
        audit.record(tx, GUILD, AuditEvent(1, AuditAction.PAUSE, AuditSubject.GUILD), NOON)
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(undone)
    assert await told(database) == []
