"""`/quota simulate`: what a limit would have refused and saved, before anybody sets it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands

from bot.quota.overview import ChosenTarget
from bot.quota.rules import EVERYONE
from bot.reports.forecast import RATE_PERIOD
from bot.reports.service import REPLAY_PERIOD
from cogs.interactions.target_options import TargetOption
from cogs.quota import options
from cogs.texts.amounts import amount_text, budget_end_text, limit_text, rule_title
from cogs.texts.error_texts import UNCHANGED
from cogs.texts.languages import _, money, ngettext
from cogs.texts.markdown import fit_lines, plural
from cogs.texts.punctuation import labelled, sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.reports.service import Projection, ReportService, Simulation
    from bot.reports.simulation import ReplayOutcome

_NAMED: Final = 10
# Digits of micro-USD that are rounded away: a forecast to the cent is exact enough.
_BELOW_CENTS: Final = 4
_DAYS: Final = REPLAY_PERIOD.days


class SimulateCommand(app_commands.Group):
    """`/quota simulate`."""

    def __init__(self, reports: ReportService) -> None:
        super().__init__()
        self._reports = reports

    @app_commands.command(
        description=f"Try a limit on the last {_DAYS} days: whom it refuses, what it saves"
    )
    @app_commands.describe(
        amount="How many clips or dollars; 0 forbids", **options.LIMIT_OPTIONS, who=options.ANYBODY
    )
    async def simulate(
        self,
        interaction: discord.Interaction,
        amount: options.AmountOption,
        unit: options.UnitOption,
        window: options.WindowOption,
        who: TargetOption | None = None,
    ) -> None:
        """Replay what was asked for under a limit that nobody has set."""
        target, limit = who or ChosenTarget(EVERYONE), options.limit_from(amount, unit, window)
        simulation = await self._reports.simulate(interaction.guild_id or 0, target, limit)
        await interaction.edit_original_response(content=simulation_text(simulation))


def simulation_text(simulation: Simulation) -> str:
    """Word a simulation for moderators: refusals, savings, and when budgets end."""
    return fit_lines(_lines(simulation))


def _lines(simulation: Simulation) -> Iterator[str]:
    yield _(
        "**If it had been {rule_title}** in the last {days} days",
        rule_title=rule_title(simulation.rule),
        days=_DAYS,
    )
    if simulation.requests:
        yield from _refusals(simulation)
    else:
        yield _("Nobody has made a clip in this time, so there is nothing to try it on.")
    yield _("**Forecast**")
    yield from _forecasts(simulation)
    yield (
        "-# "
        + _(
            "{unchanged} What was refused at the time is not on record and not counted here.",
            unchanged=_(UNCHANGED),
        )
    )


def _refusals(simulation: Simulation) -> Iterator[str]:
    simulated, today = simulation.with_rule.outcome, simulation.as_it_is.outcome
    spent = simulation.spent.outcome.kept.micro_usd
    yield ngettext(
        "**{n} of {requests}** would have been refused, and **{price}** of {price_2} not been "
        "spent.",
        "**{n} of {requests}** would have been refused, and **{price}** of {price_2} not been "
        "spent.",
        simulated.refused.total(),
        requests=plural(simulation.requests, "request"),
        price=money(simulated.saved_micro_usd),
        price_2=money(spent),
    )
    if today.refused:
        yield (
            "-# "
            + _(
                "Your rules as they are now would have refused {total} of them anyway, and "
                "saved {price}.",
                total=today.refused.total(),
                price=money(today.saved_micro_usd),
            )
        )
    yield from _people(simulated)
    if simulated.refused and simulation.has_drawn_grants:
        yield _("-# Of grants to roles or with an end, I know only what was used: it may be fewer.")


def _people(simulated: ReplayOutcome) -> Iterator[str]:
    people = simulated.refused.most_common()
    for member_id, refused in people[:_NAMED]:
        yield (
            "• "
            + _(
                "<@{member_id}>: {refused} of {requests}",
                member_id=member_id,
                refused=refused,
                requests=plural(simulated.asked[member_id], "request"),
            )
        )
    if rest := people[_NAMED:]:
        count = sum(refused for _, refused in rest)
        yield labelled(f"• {plural(len(rest), 'other member')}", plural(count, "request"))


def _forecasts(simulation: Simulation) -> Iterator[str]:
    now, then = simulation.spent, simulation.with_rule
    month = _("{each_month} in {days} days", each_month=_each_month(now), days=_DAYS)
    with_it = (
        _(", and {each_month} with this limit", each_month=_each_month(then))
        if then.rate != now.rate
        else ""
    )
    days = max(1, round(now.rate.over / timedelta(days=1)))
    pace = ngettext(
        "At the pace of the last day the server spends {month}{with_it}.",
        "At the pace of the last {n} days the server spends {month}{with_it}.",
        days,
        month=month,
        with_it=with_it,
    )
    young = _("That is little to go by.") if now.rate.over < RATE_PERIOD else ""
    yield sentences(pace, young)
    if not now.forecasts:
        yield _("It has no budget that could end; `/quota budget` sets one.")
    for present, other in zip(now.forecasts, then.forecasts, strict=True):
        limit = present.status.limit
        left = amount_text(present.status.left, limit.unit)
        yield (
            "• "
            + _(
                "The budget of {limit} has {left} left and {budget_end}.",
                limit=limit_text(limit),
                left=left,
                budget_end=budget_end_text(present),
            )
        )
        if other.ends_at != present.ends_at:
            rest = _("With this limit it {budget_end}.", budget_end=budget_end_text(other))
            yield f"  {rest}"


def _each_month(projection: Projection) -> str:
    return money(round(projection.rate.in_days(_DAYS).micro_usd, -_BELOW_CENTS))
