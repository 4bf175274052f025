from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

import pytest

from bot.base import Cost, Interval, Limit
from bot.jobs.job import Failure
from bot.quota.rules import EVERYONE, GUILD, LimitStatus, Rule
from bot.reports.forecast import Forecast, SpendingRate
from bot.reports.report import Bucket, Period, Report, ReportFigures
from bot.reports.service import Projection, Simulation
from bot.reports.simulation import ReplayOutcome
from cogs.quota.report_chart import CHARTED, chart_of
from cogs.quota.report_texts import report_text
from cogs.quota.simulate import simulation_text
from cogs.texts.languages import LANGUAGES, use_language
from cogs.texts.markdown import CONTENT_LIMIT
from tests.cogs.samples import NOW

if TYPE_CHECKING:
    from bot.base.database import SqlRow

MONTH = Interval(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
DAY = timedelta(days=1)


def report(members: int, **total: Any) -> Report:
    each = ReportFigures(clips=2, delivered=1, charged_micro_usd=400_000)
    figures = ReportFigures(clips=2 * members, charged_micro_usd=400_000 * members)
    for name, value in total.items():
        setattr(figures, name, value)
    return Report(
        period=Period.THIS_MONTH,
        interval=MONTH,
        read_at=NOW,
        time_zone=ZoneInfo("UTC"),
        total=figures,
        members={10**18 + n: each for n in range(members)},
        buckets=(Bucket(MONTH.start, 400_000 * members),),
        jobs=cast("list[SqlRow]", [None] * (2 * members)),
    )


@pytest.mark.parametrize("failure", Failure)
def test_every_failure_has_words(failure: Failure) -> None:
    text = report_text(report(1, failures=Counter({failure: 3})))
    assert "3 clips failed: " in text
    assert "(3)" in text


def test_the_longest_report_fits() -> None:
    failures = Counter(dict.fromkeys(Failure, 123_456))
    text = report_text(report(5000, failures=failures, credits=9, refunds=9, cancelled=9))
    assert len(text) <= CONTENT_LIMIT
    assert "• 4990 other members: $1996.00" in text
    assert "The table has 10000 requests" in text


def test_a_table_that_was_cut_says_so() -> None:
    text = report_text(report(1, clips=31_000))
    assert "The table has the newest 2 of 31,000 requests" in text
    with use_language("de"):
        assert "2 von 31.000 Anfragen" in report_text(report(1, clips=31_000))


def test_a_period_that_is_over_has_an_end() -> None:
    over = replace(report(1), period=Period.LAST_MONTH, read_at=MONTH.end)
    assert f"to <t:{int(MONTH.end.timestamp())}:f>" in report_text(over)
    assert " to <t:" not in report_text(report(1))


def test_a_chart_has_a_bar_for_the_rest() -> None:
    chart = chart_of(report(CHARTED + 3), {10**18: ("Mia", "mia")})
    first, second, *_, last = chart.rows
    assert len(chart.rows) == CHARTED + 1
    assert first.labels == ("Mia", "mia", "…0000")
    assert second.labels == ("…0001",)
    assert (last.labels, last.value, last.note) == (
        ("3 other members",),
        1_200_000,
        "$1.20 · 3 clips",
    )
    assert chart.title == "This month: $3.60"
    assert [bar.labels for bar in chart.columns] == [("Nov 1",)]


def test_a_chart_reads_the_same_in_every_language() -> None:
    """The font of the picture has no Japanese."""
    in_english = chart_of(report(CHARTED + 3), {})
    for language in LANGUAGES:
        with use_language(language):
            assert chart_of(report(CHARTED + 3), {}) == in_english


def test_a_day_is_charted_by_its_hours() -> None:
    today = replace(report(1), period=Period.TODAY, time_zone=ZoneInfo("Asia/Kolkata"))
    chart = chart_of(today, {})
    assert (chart.title, chart.columns_title) == ("Today: $0.40", "Spent each hour")
    assert [bar.labels for bar in chart.columns] == [("05:30",)]


def projection(
    refused: int, saved: int, ends_at: datetime | None, used: int = 4_000_000
) -> Projection:
    people = Counter(dict.fromkeys(range(1, 1 + refused // 2), 2))
    status = LimitStatus(Rule(GUILD, Limit.parse("$10 a month")), used, MONTH.end)
    kept = Cost(40, 8_000_000 - saved)
    done = ReplayOutcome(Counter(dict.fromkeys(people, 5)), people, saved, kept)
    return Projection(
        done, SpendingRate(Cost(7, 7_000_000 - saved), 7 * DAY), (Forecast(status, ends_at),)
    )


def test_a_simulation_names_people_and_the_budgets_end() -> None:
    simulation = Simulation(
        rule=Rule(EVERYONE, Limit.parse("3 a day")),
        requests=40,
        spent=projection(0, 0, NOW + 6 * DAY),
        as_it_is=projection(2, 200_000, NOW + 6 * DAY),
        with_rule=projection(24, 3_500_000, None),
    )
    text = simulation_text(simulation)
    assert "**24 of 40 requests** would have been refused, and **$3.50** of $8.00" in text
    assert "would have refused 2 of them anyway, and saved $0.20" in text
    assert "• <@1>: 2 of 5 requests\n" in text
    assert "• 2 other members: 4 requests\n" in text
    assert "spends $30.00 in 30 days, and $15.00 with this limit" in text
    ends, renews = int((NOW + 6 * DAY).timestamp()), int(MONTH.end.timestamp())
    assert f"has $6.00 left and ends <t:{ends}:f>, before it renews <t:{renews}:f>." in text
    assert f"With this limit it lasts until it renews <t:{renews}:f>." in text


def test_a_forecast_is_in_whole_cents() -> None:
    uneven = replace(
        projection(0, 0, None), rate=SpendingRate(Cost(7, 4_900_000), 3 * DAY + DAY / 3)
    )
    text = simulation_text(
        Simulation(Rule(EVERYONE, Limit.parse("9 a day")), 8, uneven, uneven, uneven)
    )
    assert "spends $44.10 in 30 days" in text


def test_the_same_forecast_is_said_once() -> None:
    same = projection(0, 0, None)
    text = simulation_text(Simulation(Rule(EVERYONE, Limit.parse("9 a day")), 8, same, same, same))
    assert text.count("lasts until it renews") == 1
    assert "with this limit" not in text.lower()
    assert "anyway" not in text
