"""Checks the database at each start and logs the findings. Nothing is put right in silence.

An owner who has put a copy back reads what that means; one whose clock was wrong, or whose
books do not balance, learns that before anything more is spent. Reads the tables of all rooms.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from bot.base import from_ms, to_ms, value
from bot.jobs.job import JobState
from pika import usd

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from bot.base import Clock, Database, Transaction

log = logging.getLogger(__name__)


@value
class StartupFindings:
    """The findings of a start; numbers are counts.

    Attributes:
        looked_at: Now, by the clock of this start.
        written_at: The time of the latest row; `None` if there is none.
        ahead: Entries of the ledger that are dated after `looked_at`.
        ahead_until: The latest of their dates.
        unreserved: Jobs without a reserve.
        unclosed: Jobs that ended, and whose reserve was neither settled nor refunded.
        closed_early: Jobs that go on, and whose reserve is closed.
        adrift_clips: Clips by which the sums by quarter hours, or by days, exceed the ledger's.
        adrift_micro_usd: Money by which they do.
        reviews: Clips that wait for a moderator's verdict.
        doubts: Orders of which nobody knows whether Pika bills them.
        doubtful_micro_usd: What is counted for these.
    """

    looked_at: datetime
    written_at: datetime | None
    open_jobs: Mapping[JobState, int]
    ahead: int
    ahead_until: datetime | None
    unreserved: int
    unclosed: int
    closed_early: int
    adrift_clips: int
    adrift_micro_usd: int
    unanswered_interactions: int
    log_messages: int
    reviews: int
    doubts: int
    doubtful_micro_usd: int


async def log_findings(database: Database, clock: Clock) -> None:
    """Check the database and log the findings."""
    findings = await database.read(lambda tx: check_database(tx, clock()))
    for sentence in info_lines(findings):
        log.info("%s", sentence)
    for sentence in warning_lines(findings):
        log.warning("%s", sentence)


def check_database(tx: Transaction, now: datetime) -> StartupFindings:
    """Read the findings. Takes under a second for a million entries of the ledger."""
    open_jobs = {JobState(row["state"]): row["jobs"] for row in tx.all(_OPEN)}
    found = dict(tx.all(_REST, {"now": to_ms(now)})[0])
    for name in ("written_at", "ahead_until"):
        found[name] = None if found[name] is None else from_ms(found[name])
    return StartupFindings(looked_at=now, open_jobs=open_jobs, **found)


def info_lines(findings: StartupFindings) -> Iterator[str]:
    """Sentences that an owner should read at every start."""
    if findings.written_at is None:
        yield "the database is new: nothing was ever spent."
        return
    age = findings.looked_at - findings.written_at
    yield (
        f"the database was last written to at {_date(findings.written_at)},"
        f" {_ago(age.total_seconds())}. If this is a copy that was put"
        " back, what was spent since then is not in it, and limits do not count it."
    )
    if findings.open_jobs:
        counts = sorted(findings.open_jobs.items())
        yield f"clips in the making: {', '.join(f'{count} {state}' for state, count in counts)}."
    waiting = {
        "requests to apologise for": findings.unanswered_interactions,
        "notices for log channels and the owner": findings.log_messages,
        "clips before moderators": findings.reviews,
    }
    if text := ", ".join(f"{what} ({count})" for what, count in waiting.items() if count):
        yield f"still waiting: {text}."


def warning_lines(findings: StartupFindings) -> Iterator[str]:
    """Sentences about what should not be so. The bot works on, and changes none of it."""
    if findings.doubts:
        yield (
            f"orders in doubt: {findings.doubts}, counted at {usd(findings.doubtful_micro_usd)}."
            " Budgets and the ceiling count them: Pika may bill them. `/owner doubts` settles them."
        )
    if findings.ahead_until is not None:
        yield (
            f"ledger entries dated ahead of this machine's clock: {findings.ahead}, up to"
            f" {_date(findings.ahead_until)}. It was put back, or was ahead. Limits count them"
            " until the windows of those dates have passed."
        )
    if findings.unreserved:
        yield f"{_UNBALANCED}: clips without a reserve: {findings.unreserved}."
    if findings.unclosed:
        yield (
            f"{_UNBALANCED}: clips that ended and were neither settled nor refunded:"
            f" {findings.unclosed}. Limits count what they reserved."
        )
    if findings.closed_early:
        yield (
            f"{_UNBALANCED}: clips in the making that were settled or refunded already:"
            f" {findings.closed_early}. Limits do not count them any further."
        )
    if findings.adrift_clips or findings.adrift_micro_usd:
        yield (
            f"{_UNBALANCED}: the sums that budgets go by exceed the ledger by"
            f" {findings.adrift_clips} clips and {findings.adrift_micro_usd} micro-USD."
        )


def _date(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"


def _ago(seconds: float) -> str:
    which = "ago" if seconds > 0 else "ahead of this machine's clock"
    for name, unit in _SECONDS_OF.items():
        if count := int(abs(seconds) // unit):
            return f"{count} {name}{'' if count == 1 else 's'} {which}"
    return "just now"


_UNBALANCED: Final = "the books do not balance"
_SECONDS_OF: Final = {"day": 86_400, "hour": 3_600, "minute": 60}

_OPEN: Final = """
    SELECT state, count(*) AS jobs FROM jobs
    WHERE state NOT IN ('delivered', 'notified') GROUP BY state
"""
# Entries are only ever added, so the last one is the latest. A close always has its reserve, and
# a reserve at most one close; so what is open is counted without joining a million rows. In the
# states of `unfinished` a reserve is open; what ends a job closes its reserve with it. The second
# condition there excludes nothing: with it SQLite uses the index of open jobs.
_REST: Final = """
    WITH unfinished AS (
        SELECT
            EXISTS (SELECT 1 FROM ledger WHERE job_id = jobs.id AND kind = 'reserve') AS reserved,
            EXISTS (SELECT 1 FROM ledger
                WHERE job_id = jobs.id AND kind IN ('settle', 'refund')) AS closed
        FROM jobs
        WHERE state IN ('queued', 'submitting', 'rendering', 'rendered')
            AND state NOT IN ('delivered', 'notified')
    )
    SELECT
        ahead, ahead_until, closed_early,
        coalesce(nullif(spent_clips - clips, 0), used_clips - member_clips) AS adrift_clips,
        coalesce(nullif(spent_money - money, 0), used_money - member_money) AS adrift_micro_usd,
        jobs - reserves AS unreserved,
        reserves - closes - open_reserves AS unclosed,
        (SELECT max(at) FROM (
            SELECT * FROM (SELECT entered_at AS at FROM ledger ORDER BY id DESC LIMIT 1)
            UNION ALL SELECT * FROM (SELECT created_at FROM jobs ORDER BY id DESC LIMIT 1)
            UNION ALL SELECT * FROM (SELECT done_at FROM audit ORDER BY id DESC LIMIT 1)
            UNION ALL SELECT * FROM (SELECT created_at FROM log_messages ORDER BY id DESC LIMIT 1)
        )) AS written_at,
        (SELECT count(*) FROM unanswered_interactions) AS unanswered_interactions,
        (SELECT count(*) FROM log_messages WHERE sent_at IS NULL) AS log_messages,
        (SELECT count(*) FROM reviews JOIN jobs ON jobs.id = job_id
            WHERE verdict IS NULL AND ended_at IS NULL) AS reviews,
        (SELECT count(*) FROM jobs WHERE doubt = 'open') AS doubts,
        (SELECT coalesce(sum(ledger.micro_usd), 0) FROM jobs JOIN ledger ON job_id = jobs.id
            WHERE doubt = 'open') AS doubtful_micro_usd
    FROM (
        SELECT
            coalesce(sum(clips), 0) AS clips,
            coalesce(sum(micro_usd), 0) AS money,
            coalesce(sum(member_clips), 0) AS member_clips,
            coalesce(sum(member_micro_usd), 0) AS member_money,
            count(*) FILTER (WHERE kind = 'reserve') AS reserves,
            count(*) FILTER (WHERE max(counts_at, entered_at) > :now) AS ahead,
            max(max(counts_at, entered_at))
                FILTER (WHERE max(counts_at, entered_at) > :now) AS ahead_until
        FROM ledger
    ), (
        SELECT coalesce(sum(clips), 0) AS spent_clips, coalesce(sum(micro_usd), 0) AS spent_money
        FROM guild_totals WHERE guild_id = 0 AND quarter_hour = (
            SELECT max(quarter_hour) FROM guild_totals WHERE guild_id = 0)
    ), (
        SELECT coalesce(sum(clips), 0) AS used_clips, coalesce(sum(micro_usd), 0) AS used_money
        FROM member_totals JOIN (
            SELECT guild_id, member_id, max(counts_at) AS counts_at FROM member_totals
            GROUP BY guild_id, member_id
        ) USING (guild_id, member_id, counts_at)
    ), (
        SELECT
            count(*) FILTER (WHERE closed) AS closed_early,
            count(*) FILTER (WHERE reserved AND NOT closed) AS open_reserves
        FROM unfinished
    ), (
        SELECT
            (SELECT count(*) FROM jobs) AS jobs,
            (SELECT count(*) FROM ledger WHERE kind IN ('settle', 'refund')) AS closes
    )
"""
