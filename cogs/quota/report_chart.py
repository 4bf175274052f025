"""A report as a chart: its title, its bars and their labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.guilds.languages import ENGLISH
from bot.reports.chart import Bar, Chart
from bot.reports.report import Period
from cogs.texts.languages import money, use_language
from cogs.texts.markdown import plural

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.reports.report import Report

CHARTED: Final = 6
"""Members with a bar of their own; one more bar stands for all others."""
_DIGITS: Final = 4


def chart_of(report: Report, names: Mapping[int, tuple[str, ...]]) -> Chart:
    """Lay out the chart of a report in which something was spent, in English for all readers.

    Each member may have several names, the best first, for fonts lack some letters.
    """
    # The font of the picture has no Japanese: a translated label would be a row of boxes.
    with use_language(ENGLISH):
        return _chart(report, names)


def _chart(report: Report, names: Mapping[int, tuple[str, ...]]) -> Chart:
    each = "hour" if report.period is Period.TODAY else "day"
    columns = (
        Bar((_at(it.start.astimezone(report.time_zone), each),), it.micro_usd, money(it.micro_usd))
        for it in report.buckets
    )
    return Chart(
        title=f"{report.period.capitalize()}: {money(report.total.spent_micro_usd)}",
        columns_title=f"Spent each {each}",
        columns=tuple(columns),
        rows_title="Spent by member",
        rows=_rows(report, names),
    )


def _rows(report: Report, names: Mapping[int, tuple[str, ...]]) -> tuple[Bar, ...]:
    members = list(report.members.items())
    rows = []
    for member_id, figures in members[:CHARTED]:
        # Digits, which every font has, for members who have left and names that cannot be drawn.
        labels = (*names.get(member_id, ()), f"…{str(member_id)[-_DIGITS:]}")
        rows.append(_row(labels, figures.spent_micro_usd, figures.delivered))
    if rest := [figures for _, figures in members[CHARTED:]]:
        others = (plural(len(rest), "other member"),)
        spent = sum(figures.spent_micro_usd for figures in rest)
        rows.append(_row(others, spent, sum(figures.delivered for figures in rest)))
    return tuple(rows)


def _row(labels: tuple[str, ...], micro_usd: int, clips: int) -> Bar:
    return Bar(labels, micro_usd, f"{money(micro_usd)} · {plural(clips, 'clip')}")


def _at(start: datetime, each: str) -> str:
    return f"{start:%H:%M}" if each == "hour" else f"{start:%b} {start.day}"
