"""Who may spend how much: pure functions over rules, roles, the ledger's sums and the time.

A rule is a limit for somebody. For each unit and window the nearest one holds: the member's
own, else the most generous of their roles', else everyone's. The guild's budgets and the
owner's ceiling hold for all. Limits of different units or windows stand together.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from bot.quota.kept_windows import interval_at
from bot.quota.limits import Cost, Unit, Window, window_interval

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from bot.quota.kept_windows import KeptWindows
    from bot.quota.limits import Interval, Limit


class Scope(StrEnum):
    """Whom a rule is for. The purse of a guild or of the owner is nobody's own."""

    MEMBER = "member"
    ROLE = "role"
    EVERYONE = "everyone"
    GUILD = "guild"
    OWNER = "owner"


@dataclass(frozen=True, slots=True)
class LimitTarget:
    """Somebody with limits.

    Attributes:
        id: Of the member or the role; 0 in every other scope.
    """

    scope: Scope
    id: int = 0


EVERYONE: Final = LimitTarget(Scope.EVERYONE)
GUILD: Final = LimitTarget(Scope.GUILD)
OWNER: Final = LimitTarget(Scope.OWNER)


@dataclass(frozen=True, slots=True)
class Rule:
    """A limit and whom it is for."""

    target: LimitTarget
    limit: Limit

    @property
    def is_shared(self) -> bool:
        """Whether it is about a purse that many spend from."""
        return self.target.scope in {Scope.GUILD, Scope.OWNER}


@dataclass(frozen=True, slots=True)
class UsageSums:
    """What the ledger says, for each window that a rule which holds asks for.

    Attributes:
        member: What counts against the member's limits.
        guild: What the guild's purse has paid and reserved.
        owner: What all guilds together have, this month.
        granted: What the member's grants still hold.
    """

    member: Mapping[Window, Cost]
    guild: Mapping[Window, Cost]
    owner: Cost
    granted: Cost

    def used(self, rule: Rule) -> int:
        """Return what counts against a rule, in its limit's unit."""
        match rule.target.scope:
            case Scope.OWNER:
                used = self.owner
            case Scope.GUILD:
                used = self.guild[rule.limit.window]
            case _:
                used = self.member[rule.limit.window]
        return used.of(rule.limit.unit)


@dataclass(frozen=True, slots=True)
class LimitStatus:
    """How a rule stands at one moment.

    Attributes:
        used: Spent and reserved in this window, in the limit's unit.
        renews_at: When the window ends.
    """

    rule: Rule
    used: int
    renews_at: datetime

    @property
    def limit(self) -> Limit:
        """The rule's limit."""
        return self.rule.limit

    @property
    def left(self) -> int:
        """What may still be spent, in the limit's unit and without grants; never negative."""
        return max(0, self.limit.amount - self.used)

    def after(self, cost: Cost) -> LimitStatus:
        """Return how it stands once this counts against it too."""
        return replace(self, used=self.used + cost.of(self.limit.unit))

    def excess(self, cost: Cost) -> int:
        """Return by how much the cost is over what is left, in the limit's unit."""
        return max(0, cost.of(self.limit.unit) - self.left)


@dataclass(frozen=True, slots=True)
class Allowance:
    """All that a member's next request must fit into.

    Attributes:
        statuses: Of every rule that holds, in the order of `rules_in_force`.
        granted: What the member's grants still hold; never negative.
    """

    statuses: tuple[LimitStatus, ...]
    granted: Cost

    def from_grants(self, cost: Cost) -> Cost | None:
        """Return what grants must pay of a cost; `None` if the cost is not allowed.

        Grants pay what the member's windows leave uncovered. They do not widen a shared
        purse, and they do not lift a limit of zero.
        """
        if self.blocking_limit(cost) is not None:
            return None
        return Cost(*(self._excess(cost, unit) for unit in (Unit.CLIPS, Unit.USD)))

    def after(self, cost: Cost, from_grants: Cost) -> Allowance:
        """Return how all stands once a cost is reserved, of which grants pay what was drawn."""
        own = cost - from_grants
        standings = (it.after(cost if it.rule.is_shared else own) for it in self.statuses)
        return Allowance(tuple(standings), self.granted - from_grants)

    def blocking_limit(self, cost: Cost) -> LimitStatus | None:
        """Return the rule that forbids a cost; of several, the last to let it through.

        A limit of zero never does.
        """
        refusing = [status for status in self.statuses if self._refuses(status, cost)]
        return max(refusing, key=lambda it: (it.limit.amount == 0, it.renews_at), default=None)

    def _refuses(self, status: LimitStatus, cost: Cost) -> bool:
        if status.limit.amount == 0:
            return True
        missing = status.excess(cost)
        if status.rule.is_shared:
            return missing > 0
        return missing > max(0, self.granted.of(status.limit.unit))

    def _excess(self, cost: Cost, unit: Unit) -> int:
        own = (s for s in self.statuses if not s.rule.is_shared and s.limit.unit is unit)
        return max((status.excess(cost) for status in own), default=0)


def rules_in_force(
    rules: Iterable[Rule], member_id: int, role_ids: Collection[int]
) -> tuple[Rule, ...]:
    """Return the rules that hold for a member: their own by unit and window, then the shared."""
    nearest: dict[tuple[Unit, Window], Rule] = {}
    shared = []
    for rule in rules:
        if rule.is_shared:
            shared.append(rule)
        elif applies_to(rule.target, member_id, role_ids):
            slot = rule.limit.unit_and_window
            if slot not in nearest or _rank(rule) > _rank(nearest[slot]):
                nearest[slot] = rule
    return (*sorted(nearest.values(), key=_order), *sorted(shared, key=_order))


def applies_to(subject: LimitTarget, member_id: int, role_ids: Collection[int]) -> bool:
    """Return whether a rule for this subject is about this member, if none is nearer."""
    match subject.scope:
        case Scope.MEMBER:
            return subject.id == member_id
        case Scope.ROLE:
            return subject.id in role_ids
        case _:
            return True


def evaluate(
    rules: Iterable[Rule], sums: UsageSums, now: datetime, zones: RuleTimeZones
) -> Allowance:
    """Put the rules that hold and the sums together."""
    standings = (
        LimitStatus(rule, sums.used(rule), rule_interval(rule, now, zones).end) for rule in rules
    )
    return Allowance(tuple(standings), sums.granted)


@dataclass(frozen=True, slots=True)
class RuleTimeZones:
    """Whose midnights count: the guild's for its own rules, the owner's for the ceiling.

    Attributes:
        kept: Windows of the guild that had begun when its zone was changed.
    """

    guild: ZoneInfo
    owner: ZoneInfo
    kept: KeptWindows = field(default_factory=dict)

    def guild_interval(self, window: Window, now: datetime) -> Interval:
        """Return a window of the guild's own rules in calendar time."""
        return interval_at(window, now, self.guild, self.kept)


def rule_interval(rule: Rule, now: datetime, zones: RuleTimeZones) -> Interval:
    """Return the window of a rule in calendar time."""
    if rule.target.scope is Scope.OWNER:
        return window_interval(rule.limit.window, now, zones.owner)
    return zones.guild_interval(rule.limit.window, now)


_NEARNESS: Final = (Scope.OWNER, Scope.GUILD, Scope.EVERYONE, Scope.ROLE, Scope.MEMBER)


def _rank(rule: Rule) -> tuple[int, int]:
    """Return what makes one rule hold instead of another in the same slot."""
    return _NEARNESS.index(rule.target.scope), rule.limit.amount


def _order(rule: Rule) -> tuple[int, int, int]:
    limit = rule.limit
    return (
        -_NEARNESS.index(rule.target.scope),
        list(Unit).index(limit.unit),
        list(Window).index(limit.window),
    )
