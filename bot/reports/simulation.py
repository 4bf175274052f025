"""What other rules would have made of the past: the same requests, decided again.

A request that these rules refuse takes nothing from anybody, and its later entries are left
out. Requests that were refused at the time are not on record, so a more generous rule shows
only that it refuses none.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from bot.quota.ledger_sides import ZERO_COST, Sides, credit_sides, reserve_sides, settle_sides
from bot.quota.limits import Cost, window_interval
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

    from bot.quota.limits import Window
    from bot.quota.rules import Rule, RuleTimeZones
    from bot.reports.history import Event, History

# No member has this id, so the guild's sums lie beside those of its members.
_GUILD: Final = 0


@dataclass(frozen=True, slots=True)
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
    replay = _Replay(history.granted, tuple(rules), since, zones)
    for event in history.events:
        replay.apply(event)
    return frozenset(replay.refused)


def replay_outcome(requests: Iterable[RequestEvent], refused: Collection[int]) -> ReplayOutcome:
    """Sum up requests, as if those with the refused job ids had not been accepted."""
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


_Starts: TypeAlias = "dict[Window, datetime]"


@dataclass(frozen=True, slots=True)
class _Tally:
    """What counts in the windows of one length, by their starts."""

    _starts: list[datetime] = field(default_factory=list, init=False)
    _sums: dict[datetime, Cost] = field(default_factory=dict, init=False)

    def add(self, start: datetime, cost: Cost) -> None:
        known = self._sums.get(start)
        if known is None:
            insort(self._starts, start)
        self._sums[start] = cost if known is None else known + cost

    def since(self, start: datetime) -> Cost:
        # Entries dated ahead count, as in the ledger: a clock that was moved back frees nothing.
        starts = self._starts[bisect_left(self._starts, start) :]
        return sum(map(self._sums.__getitem__, starts), start=ZERO_COST)


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
        self._guild_windows = {rule.limit.window for rule in rules if rule.is_shared}
        self._member_windows = {rule.limit.window for rule in rules if not rule.is_shared}
        self._granted = defaultdict(lambda: ZERO_COST, granted)
        self._tallies: defaultdict[tuple[int, Window], _Tally] = defaultdict(_Tally)
        self._resets: dict[int, datetime] = {}
        self._starts_at: dict[datetime, _Starts] = {}
        self._taken: dict[int, _Taken] = {}
        self._in_force: dict[tuple[int, frozenset[int]], tuple[Rule, ...]] = {}

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
                for window in self._member_windows:
                    self._tallies.pop((member_id, window), None)
            case _ if event.job_id in self.refused:
                pass
            case SettleEvent(job_id, charge):
                taken = self._taken[job_id]
                settled = settle_sides(taken.sides, charge)
                taken.sides += settled
                self._enter(taken, settled)
            case RefundEvent(job_id):
                self._enter(self._taken[job_id], -self._taken[job_id].sides)
            case CreditEvent(job_id):
                self._enter(self._taken[job_id], credit_sides(self._taken[job_id].sides))

    def _request(self, event: RequestEvent) -> None:
        is_decided = event.asked_at < self._since
        from_grants = event.from_grants if is_decided else self._from_grants(event)
        if from_grants is None:
            self.refused.add(event.job_id)
            return
        # As in `ledger.reserve`: a reset may be dated ahead of a clock that was moved back.
        counts_at = max(event.asked_at, self._resets.get(event.member_id, event.asked_at))
        sides = reserve_sides(event.cost, from_grants)
        taken = _Taken(event.member_id, counts_at, self._starts(counts_at), sides)
        self._taken[event.job_id] = taken
        self._enter(taken, sides)

    def _from_grants(self, request: RequestEvent) -> Cost | None:
        """Decide; return what grants pay, or `None` for a refusal."""
        member_id, now = request.member_id, _quarter_hour(request.asked_at)
        key = member_id, request.role_ids
        if key not in self._in_force:
            self._in_force[key] = rules_in_force(self._rules, *key)
        starts = self._starts(now)
        sums = UsageSums(
            member=self._sums(member_id, self._member_windows, starts),
            guild=self._sums(_GUILD, self._guild_windows, starts),
            owner=ZERO_COST,
            granted=self._granted[member_id],
        )
        return evaluate(self._in_force[key], sums, now, self._zones).from_grants(request.cost)

    def _enter(self, taken: _Taken, sides: Sides) -> None:
        self._granted[taken.member_id] += sides.grants
        self._count(_GUILD, self._guild_windows, taken.starts, sides.guild)
        if taken.counts_at >= self._resets.get(taken.member_id, taken.counts_at):
            self._count(taken.member_id, self._member_windows, taken.starts, sides.member)

    def _count(self, spender: int, windows: set[Window], starts: _Starts, cost: Cost) -> None:
        if cost.clips or cost.micro_usd:
            for window in windows:
                self._tallies[spender, window].add(starts[window], cost)

    def _sums(self, spender: int, windows: set[Window], starts: _Starts) -> dict[Window, Cost]:
        return {window: self._tallies[spender, window].since(starts[window]) for window in windows}

    def _starts(self, at: datetime) -> _Starts:
        quarter_hour = _quarter_hour(at)
        if quarter_hour not in self._starts_at:
            self._starts_at[quarter_hour] = {
                it: window_interval(it, quarter_hour, self._zones.guild).start
                for it in self._guild_windows | self._member_windows
            }
        return self._starts_at[quarter_hour]


def _quarter_hour(at: datetime) -> datetime:
    # Every zone's midnight falls on one, so that its instants share all windows, once computed.
    return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
