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
from cogs.texts.markdown import fit_lines, plural
from pika import usd

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
    yield f"**If it had been {rule_title(simulation.rule)}** in the last {_DAYS} days"
    if simulation.requests:
        yield from _refusals(simulation)
    else:
        yield "Nobody has made a clip in this time, so there is nothing to try it on."
    yield "**Forecast**"
    yield from _forecasts(simulation)
    yield f"-# {UNCHANGED} What was refused at the time is not on record and not counted here."


def _refusals(simulation: Simulation) -> Iterator[str]:
    simulated, today = simulation.with_rule.outcome, simulation.as_it_is.outcome
    spent = simulation.spent.outcome.kept.micro_usd
    yield (
        f"**{simulated.refused.total()} of {plural(simulation.requests, 'request')}** would have"
        f" been refused, and **{usd(simulated.saved_micro_usd)}** of {usd(spent)} not been spent."
    )
    if today.refused:
        yield (
            f"-# Your rules as they are now would have refused {today.refused.total()} of them "
            f"anyway, and saved {usd(today.saved_micro_usd)}."
        )
    yield from _people(simulated)
    if simulated.refused and simulation.has_drawn_grants:
        yield "-# Of grants to roles or with an end, I know only what was used: it may be fewer."


def _people(simulated: ReplayOutcome) -> Iterator[str]:
    people = simulated.refused.most_common()
    for member_id, refused in people[:_NAMED]:
        yield f"• <@{member_id}>: {refused} of {plural(simulated.asked[member_id], 'request')}"
    if rest := people[_NAMED:]:
        count = sum(refused for _, refused in rest)
        yield f"• {plural(len(rest), 'other member')}: {plural(count, 'request')}"


def _forecasts(simulation: Simulation) -> Iterator[str]:
    now, then = simulation.spent, simulation.with_rule
    month = f"{_each_month(now)} in {_DAYS} days"
    with_it = f", and {_each_month(then)} with this limit" if then.rate != now.rate else ""
    days = max(1, round(now.rate.over / timedelta(days=1)))
    since = "day" if days == 1 else f"{days} days"
    young = " That is little to go by." if now.rate.over < RATE_PERIOD else ""
    yield f"At the pace of the last {since} the server spends {month}{with_it}.{young}"
    if not now.forecasts:
        yield "It has no budget that could end; `/quota budget` sets one."
    for present, other in zip(now.forecasts, then.forecasts, strict=True):
        limit = present.status.limit
        left = amount_text(present.status.left, limit.unit)
        yield f"• The budget of {limit_text(limit)} has {left} left and {budget_end_text(present)}."
        if other.ends_at != present.ends_at:
            yield f"  With this limit it {budget_end_text(other)}."


def _each_month(projection: Projection) -> str:
    return usd(round(projection.rate.in_days(_DAYS).micro_usd, -_BELOW_CENTS))
