"""Reports of a guild's past and simulations of other limits, in read transactions alone."""

from __future__ import annotations

import asyncio
import gc
from contextlib import contextmanager
from dataclasses import field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.base import Window, service, value
from bot.guilds import guild_settings
from bot.quota import ledger
from bot.quota.rules import Rule
from bot.reports import current, history, report
from bot.reports.forecast import (
    RATE_PERIOD,
    Forecast,
    SpendingRate,
    forecast,
    spending_rate,
)
from bot.reports.simulation import ReplayOutcome, refused_job_ids, replay_outcome, with_rule

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from bot.base import Clock, Database, Limit, Transaction
    from bot.quota.allowances import AllowanceReader
    from bot.quota.overview import ChosenTarget
    from bot.quota.rules import Allowance, RuleTimeZones
    from bot.reports.history import HistoryRows, RequestEvent
    from bot.reports.report import Period, Report

REPLAY_PERIOD: Final = timedelta(days=30)
"""The past that a simulation decides anew."""


@value
class Projection:
    """What rules would have made of `REPLAY_PERIOD`, and forecasts at its spending rate."""

    outcome: ReplayOutcome
    rate: SpendingRate
    forecasts: tuple[Forecast, ...]


@value
class Simulation:
    """A rule tried on the past.

    Attributes:
        requests: The number of requests that were decided anew.
        spent: With nothing refused, as it happened.
        as_it_is: Under the guild's present rules.
        with_rule: Under these and the rule.
        has_drawn_grants: As `HistoryRows.has_drawn_grants`.
    """

    rule: Rule
    requests: int
    spent: Projection
    as_it_is: Projection
    with_rule: Projection
    has_drawn_grants: bool = False


@value
class CurrentState:
    """A guild at this moment.

    Attributes:
        forecasts: Of its budgets, at the spending rate of the last days.
        failures: The jobs that failed within `current.FAILURES_WITHIN`, by why.
    """

    rate: SpendingRate
    forecasts: tuple[Forecast, ...]
    failures: Counter[str]


@service
class ReportService:
    """Reports and simulates, for the moderators of any guild."""

    database: Database
    allowances: AllowanceReader
    clock: Clock
    # Some seconds of CPU and a connection each: several at once would take the event loop's share.
    _slot: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1), init=False)

    async def report(self, guild_id: int, period: Period) -> Report:
        """Read where a guild's money went."""
        now = self.clock()

        def read_report(tx: Transaction) -> Report:
            zones = self.allowances.time_zones(guild_settings.get(tx, guild_id))
            return report.read(tx, guild_id, period, now, zones.guild)

        async with self._slot:
            return await self.database.read_long(read_report)

    async def current(self, guild_id: int) -> CurrentState:
        """Read how a guild's clips go now, and when its budgets end."""
        now = self.clock()

        def read_current(tx: Transaction) -> CurrentState:
            settings = guild_settings.get(tx, guild_id)
            spent = ledger.spent_by_guild(tx, guild_id, now - RATE_PERIOD)
            rate = spending_rate([(now, spent)], current.first_request(tx, guild_id), now)
            budgets = self.allowances.of_guild(tx, settings, guild_id, now)
            failures = current.failures(tx, guild_id, now)
            return CurrentState(rate, forecast(budgets, rate, now), failures)

        return await self.database.read(read_current)

    async def simulate(self, guild_id: int, chosen: ChosenTarget, limit: Limit) -> Simulation:
        """Try a limit, in place of the one that it would replace, on the past."""
        async with self._slot:
            with _no_garbage_collection():
                return await self._simulated(guild_id, chosen, limit)

    async def _simulated(self, guild_id: int, chosen: ChosenTarget, limit: Limit) -> Simulation:
        now = self.clock()

        def read_case(tx: Transaction) -> _Case:
            settings = guild_settings.get(tx, guild_id)
            zones = self.allowances.time_zones(settings)
            # With all that counted in a window when the first of the requests was decided.
            first = now - REPLAY_PERIOD
            since = min(zones.guild_interval(it, first).start for it in Window)
            entries = history.read(tx, guild_id, since)
            rules = self.allowances.rule_store.of_guild(tx, guild_id)
            budgets = self.allowances.of_guild(tx, settings, guild_id, now)
            return _Case(entries, rules, budgets, zones, now)

        case = await self.database.read_long(read_case)
        return await asyncio.to_thread(case.simulation, chosen, limit)


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Leave cycles of objects uncollected for the seconds that this lasts.

    A collection looks at all objects at once: at those of 100,000 entries for a tenth of a second,
    again and again while they are made, and the event loop stands still for it.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@value
class _Case:
    """Everything that a simulation needs, read in one transaction."""

    entries: HistoryRows
    rules: list[Rule]
    budgets: Allowance
    zones: RuleTimeZones
    now: datetime

    def simulation(self, chosen: ChosenTarget, limit: Limit) -> Simulation:
        past, since = self.entries.history(), self.now - REPLAY_PERIOD
        # Here, on a thread: on the event loop's own, to give 100,000 back would take it 30 ms.
        self.entries.rows.clear()
        requests = past.requests(since)
        known_roles = {role_id for request in requests for role_id in request.role_ids}
        rule = Rule(chosen.resolved(known_roles).target, limit)
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
            has_drawn_grants=self.entries.has_drawn_grants,
        )

    def _projection(self, requests: list[RequestEvent], refused: Collection[int]) -> Projection:
        kept = ((it.asked_at, it.paid) for it in requests if it.job_id not in refused)
        first = min((it.asked_at for it in requests), default=None)
        rate = spending_rate(kept, first, self.now)
        outcome = replay_outcome(requests, refused)
        return Projection(outcome, rate, forecast(self.budgets, rate, self.now))
