"""How a report of spending reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.reports.report import Period
from cogs.texts.amounts import timestamp
from cogs.texts.failure_names import failures_text
from cogs.texts.languages import N_, _, money
from cogs.texts.markdown import fit_lines, mention, plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.reports.report import Report, ReportFigures

_NAMED: Final = 10


_PERIODS: Final = {
    Period.TODAY: N_("today"),
    Period.THIS_WEEK: N_("this week"),
    Period.THIS_MONTH: N_("this month"),
    Period.LAST_MONTH: N_("last month"),
    Period.LAST_30_DAYS: N_("last 30 days"),
}


def report_text(report: Report) -> str:
    """Word a report for moderators; its chart and its table are files beside it."""
    return fit_lines(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    interval, total = report.interval, report.total
    start, end = timestamp(interval.start, "f"), timestamp(interval.end, "f")
    if not report.members:
        when = _("since {start}", start=start)
        yield _("**Spending, {period}** ({when})", period=_(_PERIODS[report.period]), when=when)
        yield _("Nobody has asked for a clip in this time, so nothing was spent.")
        return
    when = (
        _("{start} to {end}", start=start, end=end)
        if interval.end <= report.read_at
        else _("since {start}", start=start)
    )
    yield _("**Spending, {period}** ({when})", period=_(_PERIODS[report.period]), when=when)
    charged = money(total.charged_micro_usd)
    yield _(
        "**{charged} charged**, {clips} delivered",
        charged=charged,
        clips=plural(total.delivered, "clip"),
    )
    yield from _notes(total)
    yield _("**Who spent it**")
    members = list(report.members.items())
    for member_id, figures in members[:_NAMED]:
        yield f"• {mention(member_id)}: {_figures(figures)}"
    if rest := members[_NAMED:]:
        spent = sum(figures.spent_micro_usd for _, figures in rest)
        yield f"• {plural(len(rest), 'other member')}: {money(spent)}"
    listed = len(report.jobs)
    some = (
        _("the newest {listed} of {clips} requests", listed=f"{listed:,}", clips=f"{total.clips:,}")
        if listed < total.clips
        else ""
    )
    yield (
        "-# " + _("The table has {some}, without prompts.", some=some or plural(listed, "request"))
    )


def _notes(total: ReportFigures) -> Iterator[str]:
    if total.doubts:
        doubtful = money(total.doubtful_micro_usd)
        yield _(
            "{doubtful} of that in doubt: Pika may not bill {clips}",
            doubtful=doubtful,
            clips=_clips(total.doubts),
        )
    if total.reserved:
        making = _("{clips} in the making", clips=_clips(total.reserved))
        yield _(
            "{price} set aside for {making}", price=money(total.reserved_micro_usd), making=making
        )
    if total.refunds:
        yield _(
            "{price} refunded for {clips}",
            price=money(total.refunded_micro_usd),
            clips=_clips(total.refunds),
        )
    if total.credits:
        yield (
            _(
                "{price} credited to members for {clips} that the server paid",
                price=money(total.credited_micro_usd),
                clips=_clips(total.credits),
            )
        )
    if total.cancelled:
        yield _("{clips} cancelled by moderators", clips=_clips(total.cancelled))
    if total.failures:
        yield _(
            "{clips} failed: {failures}",
            clips=_clips(total.failures.total()),
            failures=failures_text(total.failures),
        )


def _figures(figures: ReportFigures) -> str:
    failed = figures.failures.total()
    parts = [
        f"**{money(figures.spent_micro_usd)}**",
        _("{clips} delivered", clips=_clips(figures.delivered)),
        _("{reserved} in the making", reserved=figures.reserved) if figures.reserved else "",
        _("{failed} failed", failed=failed) if failed else "",
        _("{cancelled} cancelled", cancelled=figures.cancelled) if figures.cancelled else "",
        _("{credits} credited", credits=figures.credits) if figures.credits else "",
    ]
    return ", ".join(filter(None, parts))


def _clips(count: int) -> str:
    return plural(count, "clip")
