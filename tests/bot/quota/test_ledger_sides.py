"""What each entry does to the member's windows, to their grants, and to the server's purse."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from bot.base import Cost, Window, window_interval
from bot.quota import ledger
from bot.quota.ledger import LedgerError, MemberKey
from bot.quota.ledger_sides import reserve_sides
from tests.bot.rows import COST, GUILD, MIA, NOON, put_job

if TYPE_CHECKING:
    from bot.base.database import Database, Transaction

pytestmark = pytest.mark.usefixtures("bystanders")

HOLDER = MemberKey(GUILD, MIA)
TODAY = window_interval(Window.DAY, NOON, ZoneInfo("UTC")).start
GIVEN = Cost(2, 500_000)


def reserved(tx: Transaction, drawn: Cost) -> int:
    ledger.grant(tx, HOLDER, GIVEN, 99, NOON)
    job = put_job(tx)
    ledger.reserve(tx, job.id, HOLDER, reserve_sides(COST, drawn), NOON)
    return job.id


def sides(tx: Transaction) -> tuple[Cost, Cost, Cost]:
    """What is used of the windows, what of the grants, and what the server has paid."""
    held = ledger.grants_left(tx, HOLDER)
    taken = Cost(GIVEN.clips - held.clips, GIVEN.micro_usd - held.micro_usd)
    return (
        ledger.used_by_member(tx, HOLDER, TODAY),
        taken,
        ledger.spent_by_guild(tx, GUILD, TODAY),
    )


@pytest.mark.parametrize(
    ("drawn", "charge", "from_windows", "from_grants"),
    [
        (150_000, 200_000, 50_000, 150_000),
        (150_000, 120_000, 50_000, 70_000),
        (150_000, 50_000, 50_000, 0),
        (150_000, 30_000, 30_000, 0),
        (150_000, 0, 0, 0),
        (150_000, 260_000, 110_000, 150_000),
        (200_000, 120_000, 0, 120_000),
        (200_000, 240_000, 40_000, 200_000),
        (0, 120_000, 120_000, 0),
    ],
)
async def test_a_charge_is_paid_from_windows_then_grants_then_windows(
    database: Database, drawn: int, charge: int, from_windows: int, from_grants: int
) -> None:
    def check(tx: Transaction) -> None:
        job = reserved(tx, Cost(1, drawn))
        ledger.settle(tx, job, charge, NOON)
        paid = Cost(1, charge)
        assert sides(tx) == (Cost(0, from_windows), Cost(1, from_grants), paid)
        ledger.credit(tx, job, 99, NOON)
        assert sides(tx) == (Cost(0, 0), Cost(0, 0), paid)

    await database.write(check)


async def test_a_refund_returns_all_three_sides(database: Database) -> None:
    def check(tx: Transaction) -> None:
        job = reserved(tx, Cost(1, 150_000))
        assert sides(tx) == (Cost(0, 50_000), Cost(1, 150_000), COST)
        ledger.refund(tx, job, NOON)
        assert sides(tx) == (Cost(0, 0), Cost(0, 0), Cost(0, 0))

    await database.write(check)


async def test_a_reset_starts_windows_afresh_and_leaves_grants_and_the_purse(
    database: Database,
) -> None:
    def check(tx: Transaction) -> None:
        job = reserved(tx, Cost(1, 150_000))
        ledger.reset(tx, HOLDER, 99, NOON)
        assert sides(tx) == (Cost(0, 0), Cost(1, 150_000), COST)
        # What the old window reserved is closed in the old window, dearer or given back.
        ledger.settle(tx, job, 900_000, NOON)
        assert sides(tx) == (Cost(0, 0), Cost(1, 150_000), Cost(1, 900_000))
        ledger.credit(tx, job, 99, NOON)
        assert sides(tx) == (Cost(0, 0), Cost(0, 0), Cost(1, 900_000))

    await database.write(check)


async def test_a_reset_under_a_clock_moved_back_comes_after_all_that_is_dated_ahead(
    database: Database,
) -> None:
    earlier = NOON - timedelta(hours=2)

    def check(tx: Transaction) -> None:
        reserved(tx, Cost(0, 0))
        ledger.reset(tx, HOLDER, 99, earlier)
        assert (sides(tx))[0] == Cost(0, 0)
        second = put_job(tx)
        ledger.reserve(tx, second.id, HOLDER, reserve_sides(COST), earlier)
        assert (sides(tx))[0] == COST

    await database.write(check)


async def test_what_is_dated_ahead_counts_in_the_purse_too(database: Database) -> None:
    def check(tx: Transaction) -> None:
        reserved(tx, Cost(0, 0))
        for back in (timedelta(hours=1), timedelta(days=1), timedelta(days=40)):
            since = window_interval(Window.HOUR, NOON - back, ZoneInfo("UTC")).start
            assert ledger.spent_by_guild(tx, GUILD, since) == COST
            assert ledger.spent_by_guild(tx, ledger.ALL_GUILDS, since) == COST
            assert ledger.used_by_member(tx, HOLDER, since) == COST

    await database.write(check)


async def test_no_more_is_taken_back_than_is_held(database: Database) -> None:
    def check(tx: Transaction) -> None:
        reserved(tx, Cost(1, 150_000))
        for amount in (Cost(-2, 0), Cost(0, -350_001), Cost(-1, -350_001)):
            with pytest.raises(LedgerError):
                ledger.grant(tx, HOLDER, amount, 99, NOON)
        ledger.grant(tx, HOLDER, Cost(-1, -350_000), 99, NOON)
        assert ledger.grants_left(tx, HOLDER) == Cost(0, 0)

    await database.write(check)
