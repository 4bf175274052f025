"""What deleting leaves in the books: all sums, and in the end nobody's name."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.base import ZERO_COST, Cost, from_ms, to_ms
from bot.jobs.job import JobState
from bot.personal_data import erasure, export
from bot.quota import ledger
from bot.quota.ledger import MemberKey
from bot.startup_check import check_database
from tests.bot.rows import (
    COST,
    GUILD,
    MODERATOR,
    NOAH,
    NOON,
    address,
    number,
    put_job,
    reserve,
)

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base import Database, SqlValue, Transaction

pytestmark = pytest.mark.usefixtures("bystanders")

KEY = MemberKey(GUILD, NOAH)
SOON, LATER = NOON + timedelta(hours=1), NOON + erasure.LIMITS_LOOK_BACK + timedelta(hours=2)


def spend(tx: Transaction, at: datetime, doubt: str | None = None) -> int:
    columns = {**address(NOAH).columns(), "created_at": to_ms(at), "doubt": doubt}
    job = put_job(tx, JobState.DELIVERED, at, **columns)
    reserve(tx, job, now=at)
    ledger.settle(tx, job.id, COST.micro_usd, at)
    return job.id


def delete(tx: Transaction, at: datetime) -> None:
    erasure.begin(tx, NOAH, at)
    erasure.erase(tx, erasure.erasable(tx, NOAH), at)


async def test_what_was_used_is_counted_until_no_limit_looks_back(database: Database) -> None:
    def play(tx: Transaction) -> None:
        ledger.grant(tx, KEY, Cost(3, 5), MODERATOR, NOON)
        spend(tx, NOON)
        delete(tx, SOON)
        assert ledger.used_by_member(tx, KEY, NOON - timedelta(days=1)) == COST
        erasure.mark_done(tx, NOAH)
        erasure.unlink(tx, SOON + timedelta(days=31))
        assert ledger.used_by_member(tx, KEY, NOON - timedelta(days=1)) == COST
        spend(tx, LATER)
        books = check_database(tx, LATER)

        erasure.unlink(tx, LATER)
        assert ledger.used_by_member(tx, KEY, LATER - timedelta(days=1)) == COST
        assert ledger.grants_left(tx, KEY) == Cost(3, 5)
        assert check_database(tx, LATER) == books

    await database.write(play)
    assert await number(database, "SELECT count(*) FROM ledger WHERE member_id = 0") == 3
    at = "counts_at < 1700000000000"
    assert (
        await number(database, f"SELECT count(*) FROM ledger WHERE actor_id = {NOAH} AND {at}") == 0
    )
    assert await number(database, f"SELECT count(*) FROM jobs WHERE member_id = {NOAH}") == 1
    assert await number(database, "SELECT count(*) FROM erasures") == 0


async def test_a_late_credit_of_an_entry_without_a_name_keeps_the_sums(database: Database) -> None:
    def play(tx: Transaction) -> None:
        job_id = spend(tx, NOON)
        delete(tx, SOON)
        erasure.mark_done(tx, NOAH)
        erasure.unlink(tx, LATER)
        books = check_database(tx, LATER)
        ledger.credit(tx, job_id, MODERATOR, LATER)
        assert check_database(tx, LATER).adrift_clips == books.adrift_clips
        assert ledger.used_by_member(tx, MemberKey(GUILD, 0), from_ms(0)) == ZERO_COST

    await database.write(play)


async def test_an_order_in_doubt_is_kept_whole_until_that_is_settled(database: Database) -> None:
    def play(tx: Transaction) -> None:
        job_id = spend(tx, NOON, doubt="open")
        delete(tx, SOON)
        assert erasure.count_clips(tx, NOAH) == 1
        assert not erasure.is_over(tx, NOAH, LATER)
        erasure.unlink(tx, LATER)
        tx.execute("UPDATE jobs SET doubt = 'billed' WHERE id = :id", {"id": job_id})
        assert erasure.erasable(tx, NOAH) == [job_id]

    await database.write(play)
    assert await number(database, f"SELECT count(*) FROM ledger WHERE member_id = {NOAH}") == 2


@pytest.mark.parametrize(
    "change",
    ["member_id = 5", "member_id = 0, micro_usd = 9", "clips = 7", "actor_id = 0, member_id = 0"],
)
async def test_nothing_else_in_the_ledger_can_be_changed(database: Database, change: str) -> None:
    def grant(tx: Transaction) -> None:
        ledger.grant(tx, KEY, Cost(3, 5), MODERATOR, NOON)

    await database.write(grant)
    sql = f"UPDATE ledger SET {change} WHERE member_id = {NOAH}"
    with pytest.raises(sqlite3.IntegrityError, match="only added to"):
        await database.write(lambda tx: tx.execute(sql))


async def test_who_only_opened_a_form_is_not_told_to_the_pictures_owner(database: Database) -> None:
    """What was asked is theirs to read, and to delete."""
    asker, owner = 4242, 4343
    form: dict[str, SqlValue] = {"guild_id": GUILD, "member_id": asker, "owner_id": owner}
    form |= {"expires_at": to_ms(LATER), "options_json": "{}"}

    def told(tx: Transaction, member_id: int) -> list[object]:
        return [row["state"] for row in export.read(tx, member_id).tables["picture_requests"]]

    def play(tx: Transaction) -> None:
        tx.insert("picture_requests", form)
        assert (told(tx, asker), told(tx, owner)) == (["chosen"], [])
        tx.insert("picture_requests", {**form, "state": "refused"})
        assert told(tx, owner) == ["refused"]
        erasure.begin(tx, owner, NOON)
        erasure.erase(tx, erasure.erasable(tx, owner), NOON)
        left = (
            "SELECT options_json FROM picture_requests WHERE member_id = :asker AND state = :state"
        )
        (refused,) = tx.all(left, {"asker": asker, "state": "refused"})
        assert refused["options_json"] is None

    await database.write(play)
