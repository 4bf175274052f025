"""Where the money of a guild went, read from the ledger and the jobs it paid for.

A job belongs to the stretch of time in which its reserve counts, as it does for limits, and
so do its settle, refund and credit: the sums here are those that budgets are held against.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from bot.base import from_ms, to_ms
from bot.jobs.job import Doubt, Failure, JobState
from bot.quota.ledger import QUARTER_HOUR_MS
from bot.quota.limits import Interval, Window, window_interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from bot.base import SqlRow, Transaction

MAX_LISTED_JOBS: Final = 20_000
"""Jobs in a report's table, the newest; about a megabyte and a half of it."""
_ROLLING: Final = timedelta(days=30)


class Period(StrEnum):
    """What a report is about. Days, weeks and months are those of the guild's time zone."""

    TODAY = "today"
    THIS_WEEK = "this week"
    THIS_MONTH = "this month"
    LAST_MONTH = "last month"
    LAST_30_DAYS = "last 30 days"


_WINDOWS: Final = {
    Period.TODAY: Window.DAY,
    Period.THIS_WEEK: Window.WEEK,
    Period.THIS_MONTH: Window.MONTH,
}


@dataclass(slots=True)
class ReportFigures:
    """Sums over jobs.

    Attributes:
        clips: Jobs, however they ended.
        delivered: Those whose clip was shown.
        cancelled: Those that a moderator called off.
        failures: The others that ended without a clip, by reason.
        charged_micro_usd: What the server has paid for good.
        reserved: Jobs whose cost is not final.
        reserved_micro_usd: What is set aside for them.
        doubts: Jobs whose bill nobody knows yet.
        doubtful_micro_usd: The part of `charged_micro_usd` that is counted for them.
        refunds: Jobs that cost nothing in the end.
        refunded_micro_usd: What went back to the server for them.
        credits: Jobs that the server paid and the member did not.
        credited_micro_usd: What their members got back of limits and grants.
    """

    clips: int = 0
    delivered: int = 0
    cancelled: int = 0
    failures: Counter[Failure] = field(default_factory=Counter)
    charged_micro_usd: int = 0
    reserved: int = 0
    reserved_micro_usd: int = 0
    doubts: int = 0
    doubtful_micro_usd: int = 0
    refunds: int = 0
    refunded_micro_usd: int = 0
    credits: int = 0
    credited_micro_usd: int = 0

    @property
    def spent_micro_usd(self) -> int:
        """What counts against the server's budgets: charged, and set aside."""
        return self.charged_micro_usd + self.reserved_micro_usd

    def add(self, group: SqlRow) -> None:
        """Count a group of jobs that ended alike."""
        jobs, closing = group["jobs"], group["closing"]
        self.clips += jobs
        if group["state"] == JobState.DELIVERED:
            self.delivered += jobs
        elif group["failure"] is not None:
            self.failures[Failure(group["failure"])] += jobs
        elif group["cancelled"] and closing is not None:
            self.cancelled += jobs
        paid = group["reserved"] + group["corrected"]
        if group["doubt"] == Doubt.OPEN:
            self.doubts += jobs
            self.doubtful_micro_usd += paid
        if closing == "settle":
            self.charged_micro_usd += paid
        elif closing == "refund":
            self.refunds += jobs
            self.refunded_micro_usd += group["reserved"]
        else:
            self.reserved += jobs
            self.reserved_micro_usd += group["reserved"]
        self.credits += group["credits"]
        self.credited_micro_usd += group["credited"]


@dataclass(frozen=True, slots=True)
class Bucket:
    """What was spent in an hour or a day: micro-USD, charged and set aside."""

    start: datetime
    micro_usd: int


@dataclass(frozen=True, slots=True)
class Report:
    """Where the money went.

    Attributes:
        interval: From when to when.
        read_at: When it was read, which may be before the end.
        time_zone: Whose days these are.
        total: Over all members.
        members: By id, those who spent most first.
        buckets: Hours of a day, else days; none of them is still to come.
        jobs: Rows for `bot.reports.csv_export`, the newest `MAX_LISTED_JOBS` of them, newest first.
    """

    period: Period
    interval: Interval
    read_at: datetime
    time_zone: ZoneInfo
    total: ReportFigures
    members: Mapping[int, ReportFigures]
    buckets: tuple[Bucket, ...]
    jobs: Sequence[SqlRow]


def period_interval(period: Period, now: datetime, zone: ZoneInfo) -> Interval:
    """Return the stretch of calendar time that a period means at this moment."""
    if period in _WINDOWS:
        return window_interval(_WINDOWS[period], now, zone)
    if period is Period.LAST_MONTH:
        this = window_interval(Window.MONTH, now, zone)
        return window_interval(Window.MONTH, this.start - timedelta(days=1), zone)
    today = window_interval(Window.DAY, now, zone)
    first = now.astimezone(zone).date() - _ROLLING + timedelta(days=1)
    start = datetime.combine(first, time(), zone).astimezone(now.tzinfo)
    return Interval(start, today.end)


def read(tx: Transaction, guild_id: int, period: Period, now: datetime, zone: ZoneInfo) -> Report:
    """Read a guild's report."""
    about = period_interval(period, now, zone)
    within = {"guild": guild_id, "start": to_ms(about.start), "end": to_ms(about.end)}
    groups = tx.all(_GROUPS, within)
    quarters = tx.all(_QUARTERS, within | {"ms": QUARTER_HOUR_MS})
    total, members = _sums(groups)
    return Report(
        period=period,
        interval=about,
        read_at=now,
        time_zone=zone,
        total=total,
        members=members,
        buckets=_buckets(quarters, period, about, now, zone),
        jobs=tx.all(_JOBS, within | {"most": MAX_LISTED_JOBS}),
    )


def _sums(groups: Iterable[SqlRow]) -> tuple[ReportFigures, dict[int, ReportFigures]]:
    total, members = ReportFigures(), dict[int, ReportFigures]()
    for group in groups:
        total.add(group)
        members.setdefault(group["member_id"], ReportFigures()).add(group)
    return total, dict(sorted(members.items(), key=_rank))


def _rank(item: tuple[int, ReportFigures]) -> tuple[int, int, int]:
    member_id, figures = item
    return -figures.spent_micro_usd, -figures.clips, member_id


def _buckets(
    quarters: Iterable[SqlRow], period: Period, about: Interval, now: datetime, zone: ZoneInfo
) -> tuple[Bucket, ...]:
    """Sum quarters of an hour up. What is dated ahead counts in the latest stretch."""
    window = Window.HOUR if period is Period.TODAY else Window.DAY
    end = min(about.end, window_interval(window, now, zone).end)
    starts = [about.start]
    while (following := window_interval(window, starts[-1], zone).end) < end:
        starts.append(following)
    sums = [0] * len(starts)
    for row in quarters:
        at = from_ms(row["quarter_hour"] * QUARTER_HOUR_MS)
        sums[bisect_right(starts, at) - 1] += row["micro_usd"]
    return tuple(Bucket(*pair) for pair in zip(starts, sums, strict=True))


# How a job came out for the server: a doubt that was settled as not billed cost it nothing, and one
# that an older version had refunded counts like any other.
_CLOSING: Final = """
    CASE jobs.doubt WHEN 'not_billed' THEN 'refund' WHEN 'billed' THEN 'settle'
        WHEN 'open' THEN 'settle' ELSE closed.kind END
"""
# Corrections are few, and their index holds no other entries.
_CORRECTED: Final = """
    closed.micro_usd + coalesce((SELECT sum(micro_usd) FROM ledger AS correction
        WHERE correction.job_id = reserved.job_id AND correction.kind = 'correction'), 0)
"""
_CREDITED: Final = """
    CASE jobs.doubt WHEN 'not_billed' THEN 0
        ELSE coalesce(credit.grant_micro_usd - credit.member_micro_usd, 0) END
"""
_RESERVED: Final = """
    FROM ledger AS reserved
    JOIN jobs ON jobs.id = reserved.job_id
    LEFT JOIN ledger AS closed
        ON closed.job_id = reserved.job_id AND closed.kind IN ('settle', 'refund')
    LEFT JOIN ledger AS credit ON credit.job_id = reserved.job_id AND credit.kind = 'credit'
    WHERE reserved.guild_id = :guild AND reserved.counts_at >= :start
        AND reserved.counts_at < :end AND reserved.kind = 'reserve'
"""
_GROUPS: Final = f"""
    SELECT reserved.member_id, jobs.state, jobs.failure, {_CLOSING} AS closing,
        jobs.cancelled_by IS NOT NULL AS cancelled, jobs.doubt,
        count(*) AS jobs,
        sum(reserved.micro_usd) AS reserved,
        sum(coalesce({_CORRECTED}, 0)) AS corrected,
        count(credit.id) FILTER (WHERE jobs.doubt IS NOT 'not_billed') AS credits,
        sum({_CREDITED}) AS credited
    {_RESERVED}
    GROUP BY 1, 2, 3, 4, 5, 6
"""
_JOBS: Final = f"""
    SELECT jobs.id, jobs.created_at, jobs.member_id, jobs.state, jobs.resolution, jobs.duration,
        jobs.price_micro_usd AS price, jobs.failure,
        reserved.micro_usd + {_CORRECTED} AS charge,
        CASE {_CLOSING} WHEN 'refund' THEN reserved.micro_usd ELSE 0 END AS refunded,
        {_CREDITED} AS credited
    {_RESERVED}
    ORDER BY reserved.counts_at DESC, reserved.id DESC LIMIT :most
"""
_QUARTERS: Final = """
    SELECT quarter_hour, micro_usd FROM spending
    WHERE guild_id = :guild AND quarter_hour >= :start / :ms AND quarter_hour < :end / :ms
"""
