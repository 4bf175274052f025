"""Who may spend how much: pure functions over rules, roles, the ledger's sums and the time.

A rule is a limit for somebody. For each unit and window the nearest one holds: the member's
own, else the most generous of their roles', else everyone's. The guild's budgets and the
owner's ceiling hold for all. Limits of different units or windows stand together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from bot.quota.limits import Cost, Unit, Window, window_interval

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

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
_SHARED: Final = frozenset({Scope.GUILD, Scope.OWNER})


@dataclass(frozen=True, slots=True)
class Rule:
    """A limit and whom it is for."""

    target: LimitTarget
    limit: Limit

    @property
    def is_shared(self) -> bool:
        """Whether it is about a purse that many spend from."""
        return self.target.scope in _SHARED

    def is_replaced_by(self, other: Rule) -> bool:
        """Whether another rule is of the same target, unit and window: a guild has one of these."""
        return self.target == other.target and counts_the_same(self, other)


def counts_the_same(one: Rule, other: Rule) -> bool:
    """Whether two rules are of the same unit and window, so that one of them is in force."""
    return one.limit.unit_and_window == other.limit.unit_and_window


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
        own = [status for status in self.statuses if not status.rule.is_shared]
        return Cost(
            max((it.excess(cost) for it in own if it.limit.unit is Unit.CLIPS), default=0),
            max((it.excess(cost) for it in own if it.limit.unit is Unit.USD), default=0),
        )

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
        excess = status.excess(cost)
        is_granted = not status.rule.is_shared and excess <= self.granted.of(status.limit.unit)
        return status.limit.amount == 0 or (excess > 0 and not is_granted)


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
    """Whose midnights count: the guild's for its own rules, the owner's for the ceiling."""

    guild: ZoneInfo
    owner: ZoneInfo


def rule_interval(rule: Rule, now: datetime, zones: RuleTimeZones) -> Interval:
    """Return the window of a rule in calendar time."""
    zone = zones.owner if rule.target.scope is Scope.OWNER else zones.guild
    return window_interval(rule.limit.window, now, zone)


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
