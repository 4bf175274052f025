"""Where the money of a guild went, read from the ledger and the jobs it paid for.

A job belongs to the period in which its reserve counts, and with it its settle, refund and
credit: so the sums are those that count against budgets.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from bot.base import Interval, Window, from_ms, to_ms, value, window_interval
from bot.jobs.job import Doubt, Failure, JobState
from bot.quota.ledger import QUARTER_HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from bot.base import SqlRow, Transaction

MAX_LISTED_JOBS: Final = 20_000
"""The newest jobs, in a report's CSV file; about a megabyte and a half."""


class Period(StrEnum):
    """The time of a report. Days, weeks and months are those of the guild's time zone."""

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
        clips: All jobs, however they ended.
        delivered: Jobs whose clip was shown.
        cancelled: Jobs that a member or a moderator cancelled.
        failures: The other jobs that ended without a clip, by reason.
        charged_micro_usd: Paid by the guild for good.
        reserved: Jobs whose cost is not final.
        reserved_micro_usd: Set aside for these.
        doubts: Jobs whose bill nobody knows yet.
        doubtful_micro_usd: The part of `charged_micro_usd` that is counted for them.
        refunds: Jobs that cost nothing in the end.
        refunded_micro_usd: Given back to the guild for these.
        credits: Jobs that the guild paid for and the member did not.
        credited_micro_usd: Given back to these members' limits and grants.
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
        """Charged and set aside: what counts against the guild's budgets."""
        return self.charged_micro_usd + self.reserved_micro_usd

    def add(self, group: SqlRow) -> None:
        """Add a row of `_GROUPS`: jobs of one member that ended alike."""
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


@value
class Bucket:
    """The spending of an hour or a day, charged and set aside."""

    start: datetime
    micro_usd: int


@value
class Report:
    """Where the money went.

    Attributes:
        read_at: The time of reading, often before the interval's end.
        time_zone: The guild's, for days and hours.
        members: By id, those who spent most first.
        buckets: Hours of a day, else days; none of them lies ahead.
        jobs: Rows for `bot.reports.csv_export`, at most `MAX_LISTED_JOBS`, the newest first.
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
    """The calendar time that a period means at this moment."""
    if period in _WINDOWS:
        return window_interval(_WINDOWS[period], now, zone)
    if period is Period.LAST_MONTH:
        this = window_interval(Window.MONTH, now, zone)
        return window_interval(Window.MONTH, this.start - timedelta(days=1), zone)
    today = window_interval(Window.DAY, now, zone)
    # From noon, so that an hour more or less since a change of the clocks meets the same day.
    noon = today.start + timedelta(hours=12)
    return Interval(window_interval(Window.DAY, noon - timedelta(days=29), zone).start, today.end)


def read(tx: Transaction, guild_id: int, period: Period, now: datetime, zone: ZoneInfo) -> Report:
    """Read a guild's report."""
    interval = period_interval(period, now, zone)
    within = {"guild": guild_id, "start": to_ms(interval.start), "end": to_ms(interval.end)}
    total, members = _sums(tx.all(_GROUPS, within))
    totals = tx.all(_TOTALS, within | {"ms": QUARTER_HOUR_MS})
    buckets = _buckets(totals, period, interval, now, zone)
    jobs = tx.all(_JOBS, within | {"most": MAX_LISTED_JOBS})
    return Report(period, interval, now, zone, total, members, buckets, jobs)


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
    totals: Iterable[SqlRow], period: Period, interval: Interval, now: datetime, zone: ZoneInfo
) -> tuple[Bucket, ...]:
    window = Window.HOUR if period is Period.TODAY else Window.DAY
    end = min(interval.end, window_interval(window, now, zone).end)
    starts = [interval.start]
    while (following := window_interval(window, starts[-1], zone).end) < end:
        starts.append(following)
    sums = [0] * len(starts)
    total = 0
    for row in totals:
        at = from_ms(row["quarter_hour"] * QUARTER_HOUR_MS)
        if at >= interval.start:
            # What a clock that was moved back had dated ahead counts in the latest bucket.
            sums[bisect_right(starts, at) - 1] += row["micro_usd"] - total
        total = row["micro_usd"]
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
# Running totals, from the one that the interval begins with.
_TOTALS: Final = """
    SELECT quarter_hour, micro_usd FROM guild_totals
    WHERE guild_id = :guild AND quarter_hour < :end / :ms AND quarter_hour >= coalesce((
        SELECT max(quarter_hour) FROM guild_totals
        WHERE guild_id = :guild AND quarter_hour < :start / :ms), 0)
    ORDER BY quarter_hour
"""
