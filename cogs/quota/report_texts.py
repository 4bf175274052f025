"""How a report of spending reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cogs.texts.amounts import timestamp
from cogs.texts.failure_names import failures_text
from cogs.texts.markdown import fit_lines, mention, plural
from pika import usd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.reports.report import Report, ReportFigures

_NAMED: Final = 10


def report_text(report: Report) -> str:
    """Word a report for moderators; its chart and its table are files beside it."""
    return fit_lines(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    interval, total = report.interval, report.total
    start, end = timestamp(interval.start, "f"), timestamp(interval.end, "f")
    if not report.members:
        yield f"**Spending, {report.period}** (since {start})"
        yield "Nobody has asked for a clip in this time, so nothing was spent."
        return
    when = f"{start} to {end}" if interval.end <= report.read_at else f"since {start}"
    yield f"**Spending, {report.period}** ({when})"
    yield f"**{usd(total.charged_micro_usd)} charged**, {plural(total.delivered, 'clip')} delivered"
    yield from _notes(total)
    yield "**Who spent it**"
    members = list(report.members.items())
    for member_id, figures in members[:_NAMED]:
        yield f"• {mention(member_id)}: {_figures(figures)}"
    if rest := members[_NAMED:]:
        spent = sum(figures.spent_micro_usd for _, figures in rest)
        yield f"• {plural(len(rest), 'other member')}: {usd(spent)}"
    listed = len(report.jobs)
    some = f"the newest {listed:,} of {total.clips:,} requests" if listed < total.clips else ""
    yield f"-# The table has {some or plural(listed, 'request')}, without prompts."


def _notes(total: ReportFigures) -> Iterator[str]:
    if total.doubts:
        doubtful = usd(total.doubtful_micro_usd)
        yield f"{doubtful} of that in doubt: Pika may not bill {_clips(total.doubts)}"
    if total.reserved:
        making = f"{_clips(total.reserved)} in the making"
        yield f"{usd(total.reserved_micro_usd)} set aside for {making}"
    if total.refunds:
        yield f"{usd(total.refunded_micro_usd)} refunded for {_clips(total.refunds)}"
    if total.credits:
        yield (
            f"{usd(total.credited_micro_usd)} credited to members for {_clips(total.credits)} "
            "that the server paid"
        )
    if total.cancelled:
        yield f"{_clips(total.cancelled)} cancelled by moderators"
    if total.failures:
        yield f"{_clips(total.failures.total())} failed: {failures_text(total.failures)}"


def _figures(figures: ReportFigures) -> str:
    failed = figures.failures.total()
    parts = [
        f"**{usd(figures.spent_micro_usd)}**",
        f"{_clips(figures.delivered)} delivered",
        f"{figures.reserved} in the making" if figures.reserved else "",
        f"{failed} failed" if failed else "",
        f"{figures.cancelled} cancelled" if figures.cancelled else "",
        f"{figures.credits} credited" if figures.credits else "",
    ]
    return ", ".join(filter(None, parts))


def _clips(count: int) -> str:
    return plural(count, "clip")
