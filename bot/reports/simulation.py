"""What other rules would have made of the past: the same requests, decided again.

A request that these rules refuse takes nothing from anybody, and its later entries are left
out. Requests that were refused at the time are not on record, so a more generous rule shows
only that it refuses none.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from bot.base import ZERO_COST, Cost, Window, value
from bot.quota.ledger_sides import Sides, credit_sides, reserve_sides, settle_sides
from bot.quota.rules import UsageSums, evaluate, rules_in_force, with_intervals
from bot.reports.history import (
    CorrectionEvent,
    CreditEvent,
    GrantEvent,
    RefundEvent,
    RequestEvent,
    ResetEvent,
    SettleEvent,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from bot.quota.rules import Rule, RuleTimeZones
    from bot.reports.history import Event, History


@value
class ReplayOutcome:
    """What rules would have made of some requests.

    Attributes:
        asked: Requests accepted at the time, by member id.
        refused: Those of them that these rules refuse, by member id.
        saved_micro_usd: What the guild would not have paid.
        kept: What the guild would have paid all the same.
    """

    asked: Counter[int]
    refused: Counter[int]
    saved_micro_usd: int
    kept: Cost


def with_rule(rules: Iterable[Rule], rule: Rule) -> tuple[Rule, ...]:
    """The rules with one added, in place of the one of the same target, unit and window."""
    return (*(other for other in rules if not other.is_replaced_by(rule)), rule)


def refused_job_ids(
    history: History, rules: Collection[Rule], since: datetime, zones: RuleTimeZones
) -> frozenset[int]:
    """The ids of the jobs that these rules would have refused.

    Args:
        history: From the start of every window that contains `since`.
        rules: All of a guild's. The owner's ceiling cannot be replayed: other guilds fill it too.
        since: Requests from then on are decided anew; earlier ones stay accepted.
        zones: Whose midnights count.
    """
    replay = _Replay(history, rules, since, zones)
    for event in history.events:
        replay.apply(event)
    return frozenset(replay.refused)


def replay_outcome(requests: Collection[RequestEvent], refused: Collection[int]) -> ReplayOutcome:
    """Sum up requests, as if those with the refused job ids had not been accepted."""
    lost = [it for it in requests if it.job_id in refused]
    return ReplayOutcome(
        asked=Counter(it.member_id for it in requests),
        refused=Counter(it.member_id for it in lost),
        saved_micro_usd=sum(it.paid.micro_usd for it in lost),
        kept=sum((it.paid for it in requests if it.job_id not in refused), start=ZERO_COST),
    )


_Starts: TypeAlias = "dict[Window, datetime]"


class _Tally:
    """What the guild or a member has used, summed by the starts of windows."""

    def __init__(self, windows: Iterable[Window]) -> None:
        self._sums: dict[Window, dict[datetime, Cost]] = {window: {} for window in windows}
        self._latest: _Starts = {}

    def add(self, starts: _Starts, cost: Cost) -> None:
        if cost.clips or cost.micro_usd:
            for window, sums in self._sums.items():
                start = starts[window]
                if start not in sums:
                    self._latest[window] = max(start, self._latest.get(window, start))
                sums[start] = sums.get(start, ZERO_COST) + cost

    def used(self, starts: _Starts) -> dict[Window, Cost]:
        return {window: self._since(window, starts[window]) for window in self._sums}

    def _since(self, window: Window, start: datetime) -> Cost:
        sums = self._sums[window]
        if self._latest.get(window, start) <= start:
            return sums.get(start, ZERO_COST)
        # Entries dated ahead count, as in the ledger: a clock that was moved back frees nothing.
        return sum((cost for at, cost in sums.items() if at >= start), start=ZERO_COST)


@dataclass(slots=True)
class _Taken:
    """What an accepted request takes at present, and the windows that it counts in."""

    member_id: int
    counts_at: datetime
    starts: _Starts
    sides: Sides


class _Replay:
    """The ledger of what would have been, in memory."""

    def __init__(
        self, history: History, rules: Collection[Rule], since: datetime, zones: RuleTimeZones
    ) -> None:
        self.refused: set[int] = set()
        self._rules = rules
        self._since = since
        self._zones = zones
        self._windows = {rule.limit.window for rule in rules}
        self._guild = _Tally({rule.limit.window for rule in rules if rule.is_shared})
        own = {rule.limit.window for rule in rules if not rule.is_shared}
        self._members = defaultdict[int, _Tally](lambda: _Tally(own))
        self._granted = defaultdict(lambda: ZERO_COST, history.granted)
        self._resets: dict[int, datetime] = {}
        self._taken: dict[int, _Taken] = {}
        self._in_force: dict[tuple[int, frozenset[int]], tuple[Rule, ...]] = {}
        self._known_starts: dict[datetime, _Starts] = {}

    def apply(self, event: Event) -> None:
        match event:
            case RequestEvent():
                self._request(event)
            case GrantEvent(member_id, amount):
                # A grant that was taken back may be spent already here; it is then not owed.
                left = self._granted[member_id] + amount
                self._granted[member_id] = Cost(max(0, left.clips), max(0, left.micro_usd))
            case ResetEvent(member_id, at):
                self._resets[member_id] = at
                self._members.pop(member_id, None)
            case _ if event.job_id in self.refused:
                pass
            case SettleEvent(job_id, charge):
                taken = self._taken[job_id]
                # Most jobs cost what was reserved: nothing is to be corrected.
                if charge != taken.sides.guild.micro_usd:
                    settled = settle_sides(taken.sides, charge)
                    taken.sides += settled
                    self._enter(taken, settled)
            case RefundEvent(job_id):
                self._enter(self._taken[job_id], -self._taken[job_id].sides)
            case CorrectionEvent(job_id, cost):
                self._enter(self._taken[job_id], Sides(guild=cost))
            case CreditEvent(job_id):
                self._enter(self._taken[job_id], credit_sides(self._taken[job_id].sides))

    def _request(self, event: RequestEvent) -> None:
        starts = self._starts(event.asked_at)
        is_decided = event.asked_at < self._since
        from_grants = event.from_grants if is_decided else self._from_grants(event, starts)
        if from_grants is None:
            self.refused.add(event.job_id)
            return
        # As in `ledger.reserve`: a reset may be dated ahead of a clock that was moved back.
        counts_at = max(event.asked_at, self._resets.get(event.member_id, event.asked_at))
        if counts_at != event.asked_at:
            starts = self._starts(counts_at)
        sides = reserve_sides(event.cost, from_grants)
        taken = _Taken(event.member_id, counts_at, starts, sides)
        self._taken[event.job_id] = taken
        self._enter(taken, sides)

    def _from_grants(self, request: RequestEvent, starts: _Starts) -> Cost | None:
        member_id, now = request.member_id, _quarter_hour(request.asked_at)
        key = member_id, request.role_ids
        if key not in self._in_force:
            self._in_force[key] = rules_in_force(self._rules, *key)
        sums = UsageSums(
            member=self._members[member_id].used(starts),
            guild=self._guild.used(starts),
            owner=ZERO_COST,
            granted=self._granted[member_id],
        )
        rules = with_intervals(self._in_force[key], now, self._zones)
        return evaluate(rules, sums).from_grants(request.cost)

    def _enter(self, taken: _Taken, sides: Sides) -> None:
        self._granted[taken.member_id] += sides.grants
        self._guild.add(taken.starts, sides.guild)
        if taken.counts_at >= self._resets.get(taken.member_id, taken.counts_at):
            self._members[taken.member_id].add(taken.starts, sides.member)

    def _starts(self, at: datetime) -> _Starts:
        now = _quarter_hour(at)
        if now not in self._known_starts:
            self._known_starts[now] = {
                window: self._zones.guild_interval(window, now).start for window in self._windows
            }
        return self._known_starts[now]


def _quarter_hour(at: datetime) -> datetime:
    # Every zone's midnight falls on one, so that its instants share all windows, once computed.
    return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
