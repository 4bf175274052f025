"""What other rules would have made of the past: the same requests, decided again.

A request that these rules refuse takes nothing from anybody, and all that later happened to it
is left out. What was refused at the time is not on record, so a more generous rule shows no
more than that it refuses nothing.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bot.quota.ledger_sides import ZERO_COST, Sides, credit_sides, reserve_sides, settle_sides
from bot.quota.limits import Cost
from bot.quota.rules import UsageSums, evaluate, rules_in_force
from bot.reports.history import (
    CreditEvent,
    GrantEvent,
    RefundEvent,
    RequestEvent,
    ResetEvent,
    SettleEvent,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from bot.quota.limits import Interval, Window
    from bot.quota.rules import Rule, RuleTimeZones
    from bot.reports.history import Event, History

_GUILD: Final = 0
"""Under which the purse of the guild is kept beside those of its members."""


@dataclass(frozen=True, slots=True)
class ReplayOutcome:
    """What rules would have made of the requests of some time.

    Attributes:
        asked: How many each member made that were accepted then.
        refused: How many of them these rules refuse.
        saved_micro_usd: What the server would not have paid.
        kept: What it would have paid all the same.
    """

    asked: Counter[int]
    refused: Counter[int]
    saved_micro_usd: int
    kept: Cost


def with_rule(rules: Iterable[Rule], rule: Rule) -> tuple[Rule, ...]:
    """Return the rules with one put in, in place of that of its subject, unit and window."""
    kept = (
        it
        for it in rules
        if it.target != rule.target or it.limit.unit_and_window != rule.limit.unit_and_window
    )
    return (*kept, rule)


def refused_job_ids(
    history: History, rules: Collection[Rule], since: datetime, zones: RuleTimeZones
) -> frozenset[int]:
    """Return the ids of the jobs that these rules would not have let in.

    Args:
        history: From the start of every window that was open at `since`.
        rules: All of a guild's; the owner's ceiling, which other guilds fill too, cannot be
            replayed.
        since: From when on is decided anew; what was before stays as it was.
        zones: Whose midnights count.
    """
    replay = _Replay(history.granted, tuple(rules), since, zones)
    for event in history.events:
        replay.take(event)
    return frozenset(replay.refused)


def replay_outcome(requests: Iterable[RequestEvent], refused: Collection[int]) -> ReplayOutcome:
    """Return what it comes to if some of these requests had been refused."""
    asked: Counter[int] = Counter()
    lost: Counter[int] = Counter()
    saved, kept = 0, ZERO_COST
    for request in requests:
        asked[request.member_id] += 1
        if request.job_id in refused:
            lost[request.member_id] += 1
            saved += request.paid.micro_usd
        else:
            kept += request.paid
    return ReplayOutcome(asked, lost, saved, kept)


@dataclass(frozen=True, slots=True)
class _Tally:
    """What one purse has paid in the windows of one kind, by their starts."""

    _starts: list[datetime] = field(default_factory=list, init=False)
    _sums: dict[datetime, Cost] = field(default_factory=dict, init=False)

    def add(self, start: datetime, cost: Cost) -> None:
        if start not in self._sums:
            insort(self._starts, start)
        self._sums[start] = self._sums.get(start, ZERO_COST) + cost

    def since(self, start: datetime) -> Cost:
        """Return the sum from a window on; what is dated ahead counts, as in the ledger."""
        total = ZERO_COST
        for other in reversed(self._starts):
            if other < start:
                break
            total += self._sums[other]
        return total


@dataclass(slots=True)
class _Held:
    """What an accepted request takes at present: of the member's windows, of their grants."""

    member_id: int
    counts_at: datetime
    sides: Sides


class _Replay:
    """The ledger of what would have been, in memory."""

    def __init__(
        self,
        granted: Mapping[int, Cost],
        rules: tuple[Rule, ...],
        since: datetime,
        zones: RuleTimeZones,
    ) -> None:
        self.refused: set[int] = set()
        self._rules = rules
        self._since = since
        self._zones = zones
        self._windows = {rule.limit.window for rule in rules}
        self._granted = defaultdict(lambda: ZERO_COST, granted)
        self._tallies: defaultdict[tuple[int, Window], _Tally] = defaultdict(_Tally)
        self._spans: dict[Window, Interval] = {}
        self._resets: dict[int, datetime] = {}
        self._held: dict[int, _Held] = {}
        self._holding: dict[tuple[int, frozenset[int]], tuple[Rule, ...]] = {}

    def take(self, event: Event) -> None:
        match event:
            case RequestEvent():
                from_grants = (
                    event.from_grants if event.asked_at < self._since else self._from_grants(event)
                )
                if from_grants is None:
                    self.refused.add(event.job_id)
                else:
                    self._reserve(event, from_grants)
            case GrantEvent(member_id, amount):
                self._grant(member_id, amount)
            case ResetEvent(member_id, at):
                self._reset(member_id, at)
            case _ if event.job_id in self.refused:
                pass
            case SettleEvent(job_id, charge):
                held = self._held[job_id]
                self._enter(held, settle_sides(held.sides, charge))
            case RefundEvent(job_id):
                self._enter(self._held[job_id], -self._held[job_id].sides)
            case CreditEvent(job_id):
                self._enter(self._held[job_id], credit_sides(self._held[job_id].sides))

    def _from_grants(self, request: RequestEvent) -> Cost | None:
        """Decide; return what grants pay, or `None` for a refusal."""
        member_id, now = request.member_id, request.asked_at
        key = member_id, request.role_ids
        if key not in self._holding:
            self._holding[key] = rules_in_force(self._rules, *key)
        starts = {window: self._start(window, now) for window in self._windows}
        sums = UsageSums(
            member={it: self._tallies[member_id, it].since(starts[it]) for it in starts},
            guild={it: self._tallies[_GUILD, it].since(starts[it]) for it in starts},
            owner=ZERO_COST,
            granted=self._granted[member_id],
        )
        return evaluate(self._holding[key], sums, now, self._zones).from_grants(request.cost)

    def _reserve(self, request: RequestEvent, from_grants: Cost) -> None:
        counts_at = max(request.asked_at, self._resets.get(request.member_id, request.asked_at))
        held = self._held[request.job_id] = _Held(request.member_id, counts_at, Sides())
        self._enter(held, reserve_sides(request.cost, from_grants))

    def _grant(self, member_id: int, amount: Cost) -> None:
        """Add to grants; what was taken back may be spent already here, and is then not owed."""
        left = self._granted[member_id] + amount
        self._granted[member_id] = Cost(max(0, left.clips), max(0, left.micro_usd))

    def _reset(self, member_id: int, at: datetime) -> None:
        self._resets[member_id] = at
        for window in self._windows:
            self._tallies.pop((member_id, window), None)

    def _enter(self, held: _Held, sides: Sides) -> None:
        held.sides += sides
        self._count(_GUILD, held.counts_at, sides.guild)
        self._granted[held.member_id] += sides.grants
        if held.counts_at >= self._resets.get(held.member_id, held.counts_at):
            self._count(held.member_id, held.counts_at, sides.member)

    def _count(self, allowance: int, at: datetime, cost: Cost) -> None:
        if cost == ZERO_COST:
            return
        for window in self._windows:
            self._tallies[allowance, window].add(self._start(window, at), cost)

    def _start(self, window: Window, at: datetime) -> datetime:
        known = self._spans.get(window)
        if known is None or not known.start <= at < known.end:
            known = self._spans[window] = self._zones.guild_interval(window, at)
        return known.start
