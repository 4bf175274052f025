"""What moderators are told of the past and of what may come; nothing here changes anything."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.guilds import guild_settings
from bot.quota.limits import Window, span
from bot.quota.rules import Rule, Scope, Subject
from bot.reports import history, report
from bot.reports.forecast import Forecast, Pace, forecast, pace
from bot.reports.simulation import Outcome, outcome, refusals, with_rule

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from bot.base.clock import Clock
    from bot.base.database import Database
    from bot.quota.allowances import Accounts
    from bot.quota.limits import Limit
    from bot.quota.overview import Whom
    from bot.quota.rule_store import Rulebook
    from bot.quota.rules import Purse, Zones
    from bot.reports.history import Entries, Request
    from bot.reports.report import Period, Report

REPLAYED: Final = timedelta(days=30)
"""How much of the past a simulation decides anew."""


@dataclass(frozen=True, slots=True)
class Prospect:
    """What rules would have made of the last days, and what budgets come to at their pace."""

    outcome: Outcome
    pace: Pace
    forecasts: tuple[Forecast, ...]


@dataclass(frozen=True, slots=True)
class Study:
    """A rule tried on the past.

    Attributes:
        requests: How many were decided anew.
        spent: What happened, with nothing refused.
        today: What today's rules make of it.
        simulated: What they make of it with the rule put in.
    """

    rule: Rule
    requests: int
    spent: Prospect
    today: Prospect
    simulated: Prospect


class Analyst:
    """Reports and simulates, for the moderators of any guild."""

    def __init__(
        self, database: Database, rulebook: Rulebook, accounts: Accounts, clock: Clock
    ) -> None:
        self._database = database
        self._rulebook = rulebook
        self._accounts = accounts
        self._clock = clock
        self._slot = asyncio.Semaphore(1)

    async def report(self, guild_id: int, period: Period) -> Report:
        """Return where a guild's money went."""
        now = self._clock()
        async with self._database.transaction() as tx:
            zones = self._accounts.zones(await guild_settings.get(tx, guild_id))
            return await report.read(tx, guild_id, period, now, zones.guild)

    async def simulate(self, guild_id: int, whom: Whom, limit: Limit) -> Study:
        """Return what a limit would have done, put in place of the one it would replace."""
        now = self._clock()
        async with self._database.transaction() as tx:
            settings = await guild_settings.get(tx, guild_id)
            zones = self._accounts.zones(settings)
            entries = await history.read(tx, guild_id, _open_since(now - REPLAYED, zones))
            rules = await self._rulebook.rules(tx, guild_id)
            budgets = await self._accounts.budgets(tx, settings, guild_id, now)
        case = _Case(entries, rules, budgets, zones, now)
        async with self._slot:
            return await asyncio.to_thread(case.study, whom, limit)


@dataclass(frozen=True, slots=True)
class _Case:
    """All that a simulation needs, read at one moment."""

    entries: Entries
    rules: list[Rule]
    budgets: Purse
    zones: Zones
    now: datetime

    def study(self, whom: Whom, limit: Limit) -> Study:
        past, since = self.entries.history(), self.now - REPLAYED
        requests = past.requests(since)
        rule = Rule(_subject(whom, requests), limit)
        today, simulated = (
            refusals(past, rules, since, self.zones)
            for rules in (self.rules, with_rule(self.rules, rule))
        )
        return Study(
            rule=rule,
            requests=len(requests),
            spent=self._prospect(requests, frozenset()),
            today=self._prospect(requests, today),
            simulated=self._prospect(requests, simulated),
        )

    def _prospect(self, requests: list[Request], refused: Collection[int]) -> Prospect:
        kept = ((it.asked_at, it.paid) for it in requests if it.job_id not in refused)
        first = min((it.asked_at for it in requests), default=None)
        at_pace = pace(kept, first, self.now)
        return Prospect(
            outcome(requests, refused), at_pace, forecast(self.budgets, at_pace, self.now)
        )


def _open_since(instant: datetime, zones: Zones) -> datetime:
    """Return when the longest of the windows began that were open at an instant."""
    return min(span(window, instant, zones.guild).start for window in Window)


def _subject(whom: Whom, requests: list[Request]) -> Subject:
    """Take a bare id for a role's where somebody had that role when asking."""
    role = Subject(Scope.ROLE, whom.subject.id)
    if not whom.is_certain and any(role.id in request.role_ids for request in requests):
        return role
    return whom.subject
