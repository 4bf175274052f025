"""Reports beside what was entered, and how the database finds it."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.base import Cost
from bot.base.clock import to_ms
from bot.base.database import Database, Transaction
from bot.jobs.job import Failure, JobState
from bot.quota import ledger
from bot.quota.ledger import MemberKey
from bot.quota.ledger_sides import reserve_sides
from bot.reports import history, report
from bot.reports.csv_export import COLUMNS, jobs_csv, without_formula
from bot.reports.history import GrantEvent, RequestEvent, ResetEvent, SettleEvent
from bot.reports.report import Period, Report, ReportFigures, period_interval, read
from tests.bot.rows import GUILD, MIA, MODERATOR, NOAH, NOON, OPTIONS, put_job
from tests.bystanders import OTHER_MEMBER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.base.database import SqlRow, SqlValue
    from bot.jobs.job import Job

pytestmark = pytest.mark.usefixtures("bystanders")

BERLIN = ZoneInfo("Europe/Berlin")
UTC_ZONE = ZoneInfo("UTC")


def made(
    tx: Transaction,
    state: JobState = JobState.DELIVERED,
    *,
    member: int = MIA,
    guild: int = GUILD,
    micro_usd: int = 200_000,
    at: datetime = NOON,
    **columns: Any,
) -> int:
    """A job with its reserve."""
    job = put_job(tx, state, member_id=member, guild_id=guild, created_at=to_ms(at), **columns)
    ledger.reserve(tx, job.id, MemberKey(guild, member), reserve_sides(Cost(1, micro_usd)), at)
    return job.id


def settled(tx: Transaction, charge: int = 200_000, **differs: Any) -> int:
    job = made(tx, **differs)
    ledger.settle(tx, job, charge, differs.get("at", NOON))
    return job


def look(tx: Transaction, period: Period = Period.THIS_MONTH, now: datetime = NOON) -> Report:
    return read(tx, GUILD, period, now, BERLIN)


async def test_every_end_is_in_its_place(database: Database) -> None:
    def fill(tx: Transaction) -> tuple[Cost, Report]:
        settled(tx)
        settled(tx, 150_000, member=NOAH)
        moderated = made(tx, JobState.NOTIFIED, failure="moderated")
        ledger.refund(tx, moderated, NOON)
        spoilt = settled(tx, state=JobState.NOTIFIED, failure="video_too_large", member=NOAH)
        ledger.credit(tx, spoilt, 0, NOON)
        called_off = made(tx, JobState.CANCELLED, micro_usd=600_000)
        ledger.refund(tx, called_off, NOON)
        made(tx, JobState.RENDERING, cancelled_by=MODERATOR)
        made(tx, JobState.QUEUED, member=NOAH, micro_usd=450_000)
        settled(tx, guild=GUILD + 1)
        ledger.grant(tx, MemberKey(GUILD, MIA), Cost(9, 9_000_000), 1, NOON)
        ledger.reset(tx, MemberKey(GUILD, MIA), 1, NOON)
        seen = look(tx)
        return ledger.spent_by_guild(tx, GUILD, seen.interval.start), seen

    paid, seen = await database.write(fill)
    assert seen.members[MIA] == ReportFigures(
        clips=4,
        delivered=1,
        cancelled=1,
        failures=type(seen.total.failures)({Failure.MODERATED: 1}),
        charged_micro_usd=200_000,
        reserved=1,
        reserved_micro_usd=200_000,
        refunds=2,
        refunded_micro_usd=800_000,
    )
    assert seen.members[NOAH] == ReportFigures(
        clips=3,
        delivered=1,
        failures=type(seen.total.failures)({Failure.VIDEO_TOO_LARGE: 1}),
        charged_micro_usd=350_000,
        reserved=1,
        reserved_micro_usd=450_000,
        credits=1,
        credited_micro_usd=200_000,
    )
    assert list(seen.members) == [NOAH, MIA]
    assert seen.total.clips == 7
    assert seen.total.spent_micro_usd == paid.micro_usd == 1_200_000
    assert sum(it.micro_usd for it in seen.buckets) == 1_200_000
    assert len(seen.jobs) == 7


async def test_a_job_counts_where_its_reserve_does(database: Database) -> None:
    """SettleEvent after midnight, it belongs to the day before, as for its limits."""
    night = datetime(2026, 11, 22, 22, 59, tzinfo=UTC)

    def look_twice(tx: Transaction) -> tuple[Report, Report]:
        job = made(tx, at=night)
        ledger.settle(tx, job, 300_000, night + timedelta(hours=1))
        before = look(tx, Period.TODAY, night)
        after = look(tx, Period.TODAY, night + timedelta(minutes=2))
        return before, after

    before, after = await database.write(look_twice)
    assert before.total.charged_micro_usd == 300_000
    assert before.buckets[-1].micro_usd == 300_000
    assert after.total == ReportFigures()
    assert (after.members, list(after.jobs)) == ({}, [])


async def test_what_is_dated_ahead_is_in_the_latest_stretch(database: Database) -> None:
    await database.write(lambda tx: settled(tx, at=NOON + timedelta(days=2)))
    seen = await database.read(look)
    assert seen.buckets[-1].start == datetime(2026, 11, 21, 23, tzinfo=UTC)
    assert seen.buckets[-1].micro_usd == 200_000


@pytest.mark.parametrize(
    ("period", "start", "end", "stretches"),
    [
        (Period.TODAY, "2026-10-25T00:00", "2026-10-26T00:00", 15),
        (Period.THIS_WEEK, "2026-10-19T00:00", "2026-10-26T00:00", 7),
        (Period.THIS_MONTH, "2026-10-01T00:00", "2026-11-01T00:00", 25),
        (Period.LAST_MONTH, "2026-09-01T00:00", "2026-10-01T00:00", 30),
        (Period.LAST_30_DAYS, "2026-09-26T00:00", "2026-10-26T00:00", 30),
    ],
)
async def test_periods_are_the_guilds_own_days(
    database: Database, period: Period, start: str, end: str, stretches: int
) -> None:
    """On the day when the clocks go back, which has 25 hours."""
    now = datetime(2026, 10, 25, 12, 30, tzinfo=UTC)
    seen = await database.write(lambda tx: look(tx, period, now))
    local = (seen.interval.start.astimezone(BERLIN), seen.interval.end.astimezone(BERLIN))
    assert [f"{it:%Y-%m-%dT%H:%M}" for it in local] == [start, end]
    assert len(seen.buckets) == stretches
    assert seen.buckets[0].start == seen.interval.start


@pytest.mark.parametrize("at", [timedelta(0), timedelta(microseconds=1)])
async def test_at_midnight_the_new_day_has_begun(database: Database, at: timedelta) -> None:
    midnight = datetime(2026, 11, 1, 23, tzinfo=UTC)
    seen = await database.write(lambda tx: look(tx, Period.THIS_MONTH, midnight + at))
    assert [it.start for it in seen.buckets] == [midnight - timedelta(days=1), midnight]


@given(
    now=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - the strategy adds the zone
    zone=st.sampled_from([BERLIN, UTC_ZONE, ZoneInfo("Asia/Kolkata"), ZoneInfo("America/Havana")]),
    period=st.sampled_from(Period),
)
def test_periods_end_now_or_where_this_month_starts(
    now: datetime, zone: ZoneInfo, period: Period
) -> None:
    found = period_interval(period, now, zone)
    if period is Period.LAST_MONTH:
        assert found.end == period_interval(Period.THIS_MONTH, now, zone).start <= now
    else:
        assert found.start <= now < found.end
    if period is Period.LAST_30_DAYS:
        days = (found.end.astimezone(zone).date() - found.start.astimezone(zone).date()).days
        assert days == 30


class Explaining(Transaction):
    """Notes how each statement finds its rows."""

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self.plans: list[str] = []

    def all(self, sql: str, values: Mapping[str, SqlValue] | None = None) -> list[SqlRow]:
        plan = super().all(f"EXPLAIN QUERY PLAN {sql}", values)
        self.plans.append("; ".join(row["detail"] for row in plan))
        return super().all(sql, values)


async def test_every_statement_finds_its_rows_by_an_index(database: Database) -> None:
    def explain(tx: Transaction) -> list[str]:
        explaining = Explaining(tx._connection)
        look(explaining)
        history.read(explaining, GUILD, NOON)
        return explaining.plans

    plans = await database.read(explain)
    groups, quarters, listed, entries, drawn, grants = plans
    window = "USING INDEX ledger_of_guild (guild_id=? AND counts_at>? AND counts_at<?)"
    for plan in (groups, listed):
        assert f"SEARCH reserved {window}" in plan
        assert "SEARCH jobs USING INTEGER PRIMARY KEY" in plan
        assert "SEARCH closed USING INDEX ledger_closed_once" in plan
        assert "SEARCH credit USING INDEX ledger_credited_once" in plan
    assert (
        "SEARCH guild_totals USING PRIMARY KEY (guild_id=? AND quarter_hour>? AND quarter_hour<?)"
        in quarters
    )
    assert "SEARCH ledger USING INDEX ledger_of_guild (guild_id=? AND counts_at>?)" in entries
    assert grants == "SEARCH ledger USING COVERING INDEX ledger_grants (guild_id=?)"
    assert "INDEX grants_of_guild (guild_id=?)" in drawn
    assert not any("SCAN" in plan for plan in plans)


async def test_the_table_has_a_line_for_each_job(database: Database) -> None:
    def fill(tx: Transaction) -> int:
        options = OPTIONS.model_copy(update={"prompt": "=a secret"})
        settled(tx, 123_456, options_json=options.model_dump_json())
        refunded = made(tx, JobState.NOTIFIED, failure="busy", at=NOON + timedelta(hours=1))
        ledger.refund(tx, refunded, NOON)
        return made(tx, JobState.RENDERING, at=NOON + timedelta(hours=2), options_json=longer)

    longer = OPTIONS.model_copy(update={"duration": 10}).model_dump_json()
    open_job = await database.write(fill)
    seen = await database.read(look)
    text = jobs_csv(seen.jobs, {MIA: "Mía; \t=1+1"}).decode("utf-8-sig")
    newest, middle, oldest = csv.DictReader(io.StringIO(text))
    assert "secret" not in text
    assert tuple(newest) == COLUMNS
    assert list(newest.values()) == [
        "2026-11-22T14:00:00Z",
        f"<@{MIA}>",
        "Mía =1+1",
        str(open_job),
        *("rendering", "720p", "10", "0.20", "", "0.00", "0.00", ""),
    ]
    assert (middle["failure"], middle["refunded_usd"], middle["charged_usd"]) == (
        *("busy", "0.20", "0.00"),
    )
    assert oldest["charged_usd"] == "0.123456"


async def test_the_table_is_cut_where_it_is_too_long(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "MAX_LISTED_JOBS", 2)

    jobs = await database.write(
        lambda tx: [made(tx, at=NOON + timedelta(minutes=n)) for n in range(4)]
    )
    seen = await database.read(look)
    assert [row["id"] for row in seen.jobs] == [jobs[3], jobs[2]]
    assert seen.total.clips == 4


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1"]
)
def test_no_cell_is_a_formula(cell: str) -> None:
    assert without_formula(cell) == f"'{cell}"
    assert without_formula(f"a{cell}") == f"a{cell}"


async def test_a_history_tells_what_was_entered(database: Database) -> None:
    holder, later = MemberKey(GUILD, MIA), NOON + timedelta(hours=1)

    def fill(tx: Transaction) -> Job:
        ledger.grant(tx, holder, Cost(2, 0), 1, NOON - timedelta(days=90))
        ledger.grant(tx, holder, Cost(0, 100), 1, NOON)
        job = put_job(tx, guild_id=GUILD, member_id=MIA, role_ids=json.dumps([7, 8]))
        sides = reserve_sides(Cost(1, 200_000), Cost(1, 50))
        ledger.reserve(tx, job.id, holder, sides, NOON)
        ledger.settle(tx, job.id, 150_000, later)
        ledger.reset(tx, holder, 1, later)
        return job

    job = await database.write(fill)
    found = await database.read(lambda tx: history.read(tx, GUILD, NOON - timedelta(days=60)))
    past = found.history()
    roles = frozenset({7, 8})
    asked = RequestEvent(job.id, MIA, roles, NOON, Cost(1, 200_000), Cost(1, 50), Cost(1, 150_000))
    assert past.granted == {MIA: Cost(2, 0), OTHER_MEMBER: Cost(3, 0)}
    assert past.events == (
        GrantEvent(MIA, Cost(0, 100)),
        asked,
        SettleEvent(job.id, 150_000),
        ResetEvent(MIA, later),
    )
    assert past.requests(NOON) == [asked]
    assert past.requests(later) == []
