"""What moderators are told of the past and of what may come; nothing here changes anything."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.guilds import guild_settings
from bot.quota.limits import Window
from bot.quota.rules import LimitTarget, Rule, Scope
from bot.reports import history, report
from bot.reports.forecast import Forecast, SpendingRate, forecast, spending_rate
from bot.reports.simulation import ReplayOutcome, refused_job_ids, replay_outcome, with_rule

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from bot.base import Clock, Database, Transaction
    from bot.quota.allowances import AllowanceReader
    from bot.quota.limits import Limit
    from bot.quota.overview import ChosenTarget
    from bot.quota.rule_store import RuleStore
    from bot.quota.rules import Allowance, RuleTimeZones
    from bot.reports.history import HistoryRows, RequestEvent
    from bot.reports.report import Period, Report

REPLAY_PERIOD: Final = timedelta(days=30)
"""How much of the past a simulation decides anew."""


@dataclass(frozen=True, slots=True)
class Projection:
    """What rules would have made of the last days, and what budgets come to at their pace."""

    outcome: ReplayOutcome
    rate: SpendingRate
    forecasts: tuple[Forecast, ...]


@dataclass(frozen=True, slots=True)
class Simulation:
    """A rule tried on the past.

    Attributes:
        requests: How many were decided anew.
        spent: What happened, with nothing refused.
        as_it_is: What today's rules make of it.
        with_rule: What they make of it with the rule put in.
    """

    rule: Rule
    requests: int
    spent: Projection
    as_it_is: Projection
    with_rule: Projection


@dataclass(frozen=True, slots=True)
class ReportService:
    """Reports and simulates, for the moderators of any guild."""

    database: Database
    rule_store: RuleStore
    allowances: AllowanceReader
    clock: Clock
    _slot: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1), init=False)

    async def report(self, guild_id: int, period: Period) -> Report:
        """Return where a guild's money went."""
        now = self.clock()

        def read_report(tx: Transaction) -> Report:
            zones = self.allowances.time_zones(guild_settings.get(tx, guild_id))
            return report.read(tx, guild_id, period, now, zones.guild)

        return await self.database.read(read_report)

    async def simulate(self, guild_id: int, chosen: ChosenTarget, limit: Limit) -> Simulation:
        """Return what a limit would have done, put in place of the one it would replace."""
        now = self.clock()

        def read_case(tx: Transaction) -> _Case:
            settings = guild_settings.get(tx, guild_id)
            zones = self.allowances.time_zones(settings)
            entries = history.read(tx, guild_id, _open_since(now - REPLAY_PERIOD, zones))
            rules = self.rule_store.of_guild(tx, guild_id)
            budgets = self.allowances.of_guild(tx, settings, guild_id, now)
            return _Case(entries, rules, budgets, zones, now)

        case = await self.database.read(read_case)
        async with self._slot:
            return await asyncio.to_thread(case.simulation, chosen, limit)


@dataclass(frozen=True, slots=True)
class _Case:
    """All that a simulation needs, read at one moment."""

    entries: HistoryRows
    rules: list[Rule]
    budgets: Allowance
    zones: RuleTimeZones
    now: datetime

    def simulation(self, chosen: ChosenTarget, limit: Limit) -> Simulation:
        past, since = self.entries.history(), self.now - REPLAY_PERIOD
        requests = past.requests(since)
        rule = Rule(_subject(chosen, requests), limit)
        today, simulated = (
            refused_job_ids(past, rules, since, self.zones)
            for rules in (self.rules, with_rule(self.rules, rule))
        )
        return Simulation(
            rule=rule,
            requests=len(requests),
            spent=self._projection(requests, frozenset()),
            as_it_is=self._projection(requests, today),
            with_rule=self._projection(requests, simulated),
        )

    def _projection(self, requests: list[RequestEvent], refused: Collection[int]) -> Projection:
        kept = ((it.asked_at, it.paid) for it in requests if it.job_id not in refused)
        first = min((it.asked_at for it in requests), default=None)
        at_pace = spending_rate(kept, first, self.now)
        return Projection(
            replay_outcome(requests, refused), at_pace, forecast(self.budgets, at_pace, self.now)
        )


def _open_since(instant: datetime, zones: RuleTimeZones) -> datetime:
    """Return when the longest of the windows began that were open at an instant."""
    return min(zones.guild_interval(window, instant).start for window in Window)


def _subject(chosen: ChosenTarget, requests: list[RequestEvent]) -> LimitTarget:
    """Take a bare id for a role's where somebody had that role when asking."""
    role = LimitTarget(Scope.ROLE, chosen.target.id)
    if not chosen.is_certain and any(role.id in request.role_ids for request in requests):
        return role
    return chosen.target
