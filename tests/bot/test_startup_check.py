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
    async with database.transaction() as tx:
        return await check_database(tx, now)


def told(findings: StartupFindings) -> str:
    return "\n".join([*info_lines(findings), *warning_lines(findings)])


async def keep_books(tx: Transaction, state: JobState = JobState.DELIVERED) -> int:
    """A job as the bot leaves it: reserved, and closed where it has ended."""
    job = await put_job(tx, state)
    await reserve(tx, job)
    match state:
        case JobState.DELIVERED:
            await ledger.settle(tx, job.id, 150_000, NOON)
        case JobState.FAILED | JobState.NOTIFIED:
            await ledger.refund(tx, job.id, NOON)
    return job.id


async def test_a_new_database_is_called_new(database: Database) -> None:
    findings = await found(database)
    assert findings.written_at is None
    assert list(info_lines(findings)) == ["the database is new: nothing was ever spent."]
    assert list(warning_lines(findings)) == []


async def test_books_that_balance_worry_nobody(database: Database) -> None:
    async with database.transaction() as tx:
        for state in (
            JobState.QUEUED,
            JobState.RENDERED,
            JobState.FAILED,
            JobState.DELIVERED,
            JobState.NOTIFIED,
        ):
            await keep_books(tx, state)
        credited = await keep_books(tx)
        await ledger.credit(tx, credited, 0, NOON)
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
    async with database.transaction() as tx:
        await keep_books(tx)
    findings = await found(database, NOON + later)
    assert findings.written_at == NOON
    first = next(info_lines(findings))
    assert f"at 2026-11-22 12:00 UTC, {words}." in first
    assert "a copy that was put back" in first


async def test_live_jobs_are_counted_by_state(database: Database) -> None:
    async with database.transaction() as tx:
        for state in (JobState.QUEUED, JobState.QUEUED, JobState.RENDERING, JobState.DELIVERED):
            await keep_books(tx, state)
    findings = await found(database)
    assert findings.open_jobs == {JobState.QUEUED: 2, JobState.RENDERING: 1}
    assert "clips in the making: 2 queued, 1 rendering." in told(findings)


async def test_entries_ahead_of_the_clock_are_told(database: Database) -> None:
    async with database.transaction() as tx:
        await keep_books(tx)
    findings = await found(database, NOON - HOUR)
    assert (findings.ahead, findings.ahead_until) == (2, NOON)
    assert "dated ahead of this machine's clock: 2, up to 2026-11-22 12:00 UTC" in told(findings)
    assert (await found(database, NOON)).ahead_until is None


async def test_a_job_without_a_reserve_is_told(database: Database) -> None:
    async with database.transaction() as tx:
        await put_job(tx)
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
    async with database.transaction() as tx:
        await keep_books(tx, JobState.RENDERING)
        await reserve(tx, await put_job(tx, state, cancelled_by=7))
    findings = await found(database)
    assert (findings.unclosed, findings.closed_early) == (1, 0)
    assert "neither settled nor refunded: 1." in told(findings)


@pytest.mark.parametrize(
    "state", [JobState.QUEUED, JobState.SUBMITTING, JobState.RENDERING, JobState.RENDERED]
)
async def test_a_live_job_that_was_closed_is_told(database: Database, state: JobState) -> None:
    async with database.transaction() as tx:
        await ledger.refund(tx, await keep_books(tx, state), NOON)
    findings = await found(database)
    assert (findings.unclosed, findings.closed_early) == (0, 1)
    assert "settled or refunded already: 1." in told(findings)


async def test_sums_that_differ_from_the_ledger_are_told(database: Database) -> None:
    async with database.transaction() as tx:
        await keep_books(tx)
        await tx.execute("UPDATE spending SET micro_usd = micro_usd - 7, clips = clips + 2")
    findings = await found(database)
    assert (findings.adrift_clips, findings.adrift_micro_usd) == (2, -7)
    assert "by 2 clips and -7 micro-USD" in told(findings)


async def test_what_waits_is_counted(database: Database) -> None:
    async with database.transaction() as tx:
        job = await keep_books(tx, JobState.RENDERED)
        await unanswered_interactions.add(tx, address())
        for name in ("a", "b"):
            await log_messages.add(tx, GUILD, LogMessage(name, LogMessageKind.BUDGET_LOW, {}), NOON)
        (first,) = await tx.all("SELECT min(id) FROM notices")
        await log_messages.mark_sent(tx, first[0], NOON)
        await tx.execute(
            "INSERT INTO reviews (job_id, channel_id, message_id, asked_at)"
            " VALUES (:job, 1, 2, :at)",
            {"job": job, "at": to_ms(NOON)},
        )
    assert (
        "requests to apologise for (1), notices for log channels (1), clips before moderators (1)"
        in told(await found(database))
    )


async def test_worries_are_logged_as_warnings(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with database.transaction() as tx:
        await put_job(tx)
    await startup_check.log_findings(database, lambda: NOON + HOUR)
    levels = [record.levelname for record in caplog.records]
    assert levels == ["INFO", "INFO", "WARNING"]
    assert "1 hour ago" in caplog.messages[0]


async def test_looking_changes_nothing(database: Database) -> None:
    async with database.transaction() as tx:
        await put_job(tx)
        before = await tx.one("SELECT total_changes()")
        await check_database(tx, NOON)
        after = await tx.one("SELECT total_changes()")
    assert before is not None
    assert after is not None
    assert tuple(before) == tuple(after)


async def test_a_review_of_an_ended_job_does_not_wait(database: Database) -> None:
    async with database.transaction() as tx:
        job = await keep_books(tx)
        await tx.execute(
            "INSERT INTO reviews (job_id, channel_id, message_id, asked_at)"
            " VALUES (:job, 1, 2, :at)",
            {"job": job, "at": to_ms(NOON)},
        )
    assert (await found(database)).reviews == 0
