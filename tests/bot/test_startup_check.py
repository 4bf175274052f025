from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot import startup_check
from bot.base.clock import to_ms
from bot.guilds import log_messages
from bot.guilds.log_messages import LogMessage, LogMessageKind
from bot.jobs.job import JobState
from bot.quota import ledger
from bot.requests import unanswered_interactions
from bot.startup_check import check_database, info_lines, warning_lines
from tests.bot.rows import GUILD, NOON, address, put_job, reserve

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base.database import Database, Transaction
    from bot.startup_check import StartupFindings

HOUR = timedelta(hours=1)


async def found(database: Database, now: datetime = NOON) -> StartupFindings:
    return await database.read(lambda tx: check_database(tx, now))


def told(findings: StartupFindings) -> str:
    return "\n".join([*info_lines(findings), *warning_lines(findings)])


def keep_books(tx: Transaction, state: JobState = JobState.DELIVERED) -> int:
    """A job as the bot leaves it: reserved, and closed where it has ended."""
    job = put_job(tx, state)
    reserve(tx, job)
    match state:
        case JobState.DELIVERED:
            ledger.settle(tx, job.id, 150_000, NOON)
        case JobState.FAILED | JobState.NOTIFIED:
            ledger.refund(tx, job.id, NOON)
    return job.id


async def test_a_new_database_is_called_new(database: Database) -> None:
    findings = await found(database)
    assert findings.written_at is None
    assert list(info_lines(findings)) == ["the database is new: nothing was ever spent."]
    assert list(warning_lines(findings)) == []


async def test_books_that_balance_worry_nobody(database: Database) -> None:
    def fill(tx: Transaction) -> None:
        for state in (
            JobState.QUEUED,
            JobState.RENDERED,
            JobState.FAILED,
            JobState.DELIVERED,
            JobState.NOTIFIED,
        ):
            keep_books(tx, state)
        credited = keep_books(tx)
        ledger.credit(tx, credited, 0, NOON)

    await database.write(fill)
    assert list(warning_lines(await found(database))) == []


@pytest.mark.parametrize(
    ("later", "words"),
    [
        (timedelta(seconds=30), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=26), "1 day ago"),
        (timedelta(hours=5), "5 hours ago"),
        (-3 * HOUR, "3 hours ahead of this machine's clock"),
    ],
)
async def test_the_age_of_the_database_is_told(
    database: Database, later: timedelta, words: str
) -> None:
    await database.write(keep_books)
    findings = await found(database, NOON + later)
    assert findings.written_at == NOON
    first = next(info_lines(findings))
    assert f"at 2026-11-22 12:00 UTC, {words}." in first
    assert "a copy that was put back" in first


async def test_live_jobs_are_counted_by_state(database: Database) -> None:
    def fill(tx: Transaction) -> None:
        for state in (JobState.QUEUED, JobState.QUEUED, JobState.RENDERING, JobState.DELIVERED):
            keep_books(tx, state)

    await database.write(fill)
    findings = await found(database)
    assert findings.open_jobs == {JobState.QUEUED: 2, JobState.RENDERING: 1}
    assert "clips in the making: 2 queued, 1 rendering." in told(findings)


async def test_entries_ahead_of_the_clock_are_told(database: Database) -> None:
    await database.write(keep_books)
    findings = await found(database, NOON - HOUR)
    assert (findings.ahead, findings.ahead_until) == (2, NOON)
    assert "dated ahead of this machine's clock: 2, up to 2026-11-22 12:00 UTC" in told(findings)
    assert (await found(database, NOON)).ahead_until is None


async def test_a_job_without_a_reserve_is_told(database: Database) -> None:
    await database.write(put_job)
    findings = await found(database)
    assert findings.unreserved == 1
    assert list(warning_lines(findings)) == [
        "the books do not balance: clips without a reserve: 1."
    ]


@pytest.mark.parametrize(
    "state", [JobState.DELIVERED, JobState.NOTIFIED, JobState.FAILED, JobState.CANCELLED]
)
async def test_a_job_that_ended_without_a_close_is_told(
    database: Database, state: JobState
) -> None:
    def put_cancelled(tx: Transaction) -> None:
        keep_books(tx, JobState.RENDERING)
        reserve(tx, put_job(tx, state, cancelled_by=7))

    await database.write(put_cancelled)
    findings = await found(database)
    assert (findings.unclosed, findings.closed_early) == (1, 0)
    assert "neither settled nor refunded: 1." in told(findings)


@pytest.mark.parametrize(
    "state", [JobState.QUEUED, JobState.SUBMITTING, JobState.RENDERING, JobState.RENDERED]
)
async def test_a_live_job_that_was_closed_is_told(database: Database, state: JobState) -> None:
    await database.write(lambda tx: ledger.refund(tx, keep_books(tx, state), NOON))
    findings = await found(database)
    assert (findings.unclosed, findings.closed_early) == (0, 1)
    assert "settled or refunded already: 1." in told(findings)


@pytest.mark.parametrize("table", ["guild_totals", "member_totals"])
async def test_sums_that_differ_from_the_ledger_are_told(database: Database, table: str) -> None:
    def spoil_sums(tx: Transaction) -> None:
        keep_books(tx)
        tx.execute(f"UPDATE {table} SET micro_usd = micro_usd - 7, clips = clips + 2")

    await database.write(spoil_sums)
    findings = await found(database)
    assert (findings.adrift_clips, findings.adrift_micro_usd) == (2, -7)
    assert "by 2 clips and -7 micro-USD" in told(findings)


async def test_what_waits_is_counted(database: Database) -> None:
    def fill(tx: Transaction) -> None:
        job = keep_books(tx, JobState.RENDERED)
        unanswered_interactions.add(tx, address())
        for name in ("a", "b"):
            log_messages.add(tx, GUILD, LogMessage(name, LogMessageKind.BUDGET_LOW, {}), NOON)
        (first,) = tx.all("SELECT min(id) FROM log_messages")
        log_messages.mark_sent(tx, first[0], NOON)
        tx.execute(
            "INSERT INTO reviews (job_id, channel_id, message_id, asked_at)"
            " VALUES (:job, 1, 2, :at)",
            {"job": job, "at": to_ms(NOON)},
        )

    await database.write(fill)
    assert (
        "requests to apologise for (1), notices for log channels and the owner (1),"
        " clips before moderators (1)" in told(await found(database))
    )


async def test_worries_are_logged_as_warnings(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await database.write(put_job)
    await startup_check.log_findings(database, lambda: NOON + HOUR)
    levels = [record.levelname for record in caplog.records]
    assert levels == ["INFO", "INFO", "WARNING"]
    assert "1 hour ago" in caplog.messages[0]


async def test_looking_changes_nothing(database: Database) -> None:
    await database.write(put_job)
    # The connection that reads refuses to write, so all this needs is no error.
    await database.read(lambda tx: check_database(tx, NOON))


async def test_a_review_of_an_ended_job_does_not_wait(database: Database) -> None:
    def add_review(tx: Transaction) -> None:
        job = keep_books(tx)
        tx.execute(
            "INSERT INTO reviews (job_id, channel_id, message_id, asked_at)"
            " VALUES (:job, 1, 2, :at)",
            {"job": job, "at": to_ms(NOON)},
        )

    await database.write(add_review)
    assert (await found(database)).reviews == 0
