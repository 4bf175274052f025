from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from bot.base import Cost, Window, window_interval
from bot.base.clock import to_ms
from bot.quota import ledger
from bot.quota.ledger import LedgerError, MemberKey
from tests.bot.rows import COST, GUILD, MIA, NOAH, NOON, put_job, reserve, rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.base.database import Database, Transaction
    from bot.jobs.job import Job

    Entry = Callable[[Transaction, int], None]

pytestmark = pytest.mark.usefixtures("bystanders")


async def reserved(database: Database, now: datetime = NOON) -> Job:
    def put(tx: Transaction) -> Job:
        job = put_job(tx)
        reserve(tx, job, now=now)
        return job

    return await database.write(put)


async def enter(database: Database, entry: Entry, job_id: int) -> None:
    await database.write(lambda tx: entry(tx, job_id))


def settle(tx: Transaction, job_id: int) -> None:
    ledger.settle(tx, job_id, 190_000, NOON + timedelta(minutes=2))


def refund(tx: Transaction, job_id: int) -> None:
    ledger.refund(tx, job_id, NOON + timedelta(minutes=2))


async def spent(database: Database, since: datetime = NOON, member: int = MIA) -> Cost:
    return await database.read(
        lambda tx: ledger.used_by_member(tx, MemberKey(GUILD, member), since)
    )


async def test_a_reserve_counts_at_once_and_for_its_member_alone(database: Database) -> None:
    await reserved(database)
    assert await spent(database) == COST
    assert await spent(database, member=NOAH) == Cost(0, 0)
    elsewhere = MemberKey(GUILD + 1, MIA)
    spent_there = await database.read(lambda tx: ledger.used_by_member(tx, elsewhere, NOON))
    assert spent_there == Cost(0, 0)


@pytest.mark.parametrize("charge", [0, 150_000, 200_000, 450_000])
async def test_a_settle_puts_the_real_charge_in_place_of_the_price(
    database: Database, charge: int
) -> None:
    job = await reserved(database)
    await database.write(lambda tx: ledger.settle(tx, job.id, charge, NOON))
    assert await spent(database) == Cost(1, charge)


async def test_a_refund_gives_everything_back(database: Database) -> None:
    job = await reserved(database)
    await enter(database, refund, job.id)
    assert await spent(database) == Cost(0, 0)


@pytest.mark.parametrize("second", [settle, refund])
@pytest.mark.parametrize("first", [settle, refund])
async def test_the_schema_closes_a_job_once(
    database: Database, first: Entry, second: Entry
) -> None:
    job = await reserved(database)
    await enter(database, first, job.id)
    before = await spent(database)
    with pytest.raises(sqlite3.IntegrityError):
        await enter(database, second, job.id)
    assert await spent(database) == before


async def test_the_schema_reserves_for_a_job_once(database: Database) -> None:
    job = await reserved(database)
    with pytest.raises(sqlite3.IntegrityError):
        await enter(database, lambda tx, _: reserve(tx, job), job.id)
    assert await spent(database) == COST


@pytest.mark.parametrize("entry", [settle, refund])
async def test_what_was_not_reserved_cannot_be_closed(database: Database, entry: Entry) -> None:
    job = await database.write(put_job)
    for missing in (job.id, job.id + 1000):
        with pytest.raises(LedgerError):
            await enter(database, entry, missing)
    assert await rows(database, "SELECT * FROM ledger") == []


async def test_a_reserve_needs_its_job(database: Database) -> None:
    def put_and_delete(tx: Transaction) -> Job:
        job = put_job(tx)
        tx.execute("DELETE FROM jobs WHERE id = :id", {"id": job.id})
        return job

    job = await database.write(put_and_delete)
    with pytest.raises(sqlite3.IntegrityError):
        await enter(database, lambda tx, _: reserve(tx, job), job.id)


@pytest.mark.parametrize("cost", [Cost(0, 5), Cost(-1, 5), Cost(1, -5)])
async def test_a_reserve_takes_and_never_gives(database: Database, cost: Cost) -> None:
    job = await database.write(put_job)
    with pytest.raises(sqlite3.IntegrityError):
        await enter(database, lambda tx, _: reserve(tx, job, cost), job.id)


@pytest.mark.parametrize("entry", [settle, refund])
async def test_both_ends_count_in_the_window_of_the_reserve(
    database: Database, entry: Entry
) -> None:
    evening = NOON.replace(hour=23, minute=59)
    job = await reserved(database, now=evening)
    await enter(database, entry, job.id)
    today = evening.replace(hour=0, minute=0)
    tomorrow = today + timedelta(days=1)
    assert await spent(database, tomorrow) == Cost(0, 0)
    assert await spent(database, today) == (Cost(1, 190_000) if entry is settle else Cost(0, 0))
    (closing,) = await rows(database, "SELECT * FROM ledger WHERE kind <> 'reserve'")
    assert closing["counts_at"] == to_ms(evening)
    assert closing["entered_at"] == to_ms(NOON + timedelta(minutes=2))


async def test_a_window_begins_with_its_first_moment(database: Database) -> None:
    window = window_interval(Window.DAY, NOON, ZoneInfo("Europe/Berlin"))
    await reserved(database, now=window.start)
    await reserved(database, now=window.start - timedelta(milliseconds=1))
    assert await spent(database, window.start) == COST


async def test_a_late_change_counts_from_its_reserve_on(database: Database) -> None:
    instants = [NOON + timedelta(minutes=20) * it for it in range(3)]
    first, second, _ = [await reserved(database, now=at) for at in instants]
    later = instants[-1] + timedelta(days=1)
    await database.write(lambda tx: ledger.settle(tx, first.id, 50_000, later))
    await database.write(lambda tx: ledger.refund(tx, second.id, later))
    left = [Cost(2, 50_000 + COST.micro_usd), COST, COST]
    key = MemberKey(GUILD, MIA)
    both = await database.read(
        lambda tx: ledger.sums(tx, key, instants, [(GUILD, at) for at in instants])
    )
    assert (both.used, both.spent) == (left, left)
