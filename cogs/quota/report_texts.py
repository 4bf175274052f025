"""How a report of spending reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.reports.report import Period
from cogs.texts.amounts import timestamp
from cogs.texts.failure_names import failures_text
from cogs.texts.languages import N_, _, money, ngettext, number
from cogs.texts.markdown import fit_lines, mention, plural
from cogs.texts.punctuation import labelled, listed

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
    yield ngettext(
        "**{charged} charged**, {n} clip delivered",
        "**{charged} charged**, {n} clips delivered",
        total.delivered,
        charged=charged,
    )
    yield from _notes(total)
    yield _("**Who spent it**")
    members = list(report.members.items())
    for member_id, figures in members[:_NAMED]:
        yield labelled(f"• {mention(member_id)}", _figures(figures))
    if rest := members[_NAMED:]:
        spent = sum(figures.spent_micro_usd for _, figures in rest)
        yield labelled(f"• {plural(len(rest), 'other member')}", money(spent))
    rows = len(report.jobs)
    some = plural(rows, "request")
    if rows < total.clips:
        some = _(
            "the newest {listed} of {clips} requests",
            listed=number(rows),
            clips=number(total.clips),
        )
    yield "-# " + _("The table has {some}, without prompts.", some=some)


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
        yield ngettext(
            "{n} clip cancelled by moderators", "{n} clips cancelled by moderators", total.cancelled
        )
    if total.failures:
        yield ngettext(
            "{n} clip failed: {failures}",
            "{n} clips failed: {failures}",
            total.failures.total(),
            failures=failures_text(total.failures),
        )


def _figures(figures: ReportFigures) -> str:
    counted = (
        (ngettext("{n} in the making", "{n} in the making", figures.reserved), figures.reserved),
        (ngettext("{n} failed", "{n} failed", failed := figures.failures.total()), failed),
        (ngettext("{n} cancelled", "{n} cancelled", figures.cancelled), figures.cancelled),
        (ngettext("{n} credited", "{n} credited", figures.credits), figures.credits),
    )
    delivered = ngettext("{n} clip delivered", "{n} clips delivered", figures.delivered)
    spent = f"**{money(figures.spent_micro_usd)}**"
    return listed((spent, delivered, *(text for text, count in counted if count)))


def _clips(count: int) -> str:
    return plural(count, "clip")
