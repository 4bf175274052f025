"""Who may spend how much: pure functions over rules, roles, the ledger's sums and the time.

A rule is a limit with a target. For each unit and window the nearest one is in force: the
member's own, else a role's of zero, else the most generous of their roles', else everyone's. An
exemption stands for a limit in every unit and window that nobody reaches. The guild's budgets and
the owner's ceiling are shared and apply to all. Limits of other units or windows apply together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from typing import TYPE_CHECKING, Final

from bot.base import DIRECT_MESSAGES, Cost, Limit, Unit, Window, value, window_interval
from bot.quota.kept_windows import interval_at

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from bot.base import Interval
    from bot.quota.kept_windows import KeptWindows


class Scope(StrEnum):
    """The kind of a rule's target. `GUILD` is a budget, `OWNER` the ceiling over all guilds."""

    MEMBER = "member"
    ROLE = "role"
    EVERYONE = "everyone"
    GUILD = "guild"
    OWNER = "owner"


@value
class LimitTarget:
    """Whose limit a rule is.

    Attributes:
        id: Of the member or role; `DIRECT_MESSAGES` of those who write to the bot directly, and of
            their budget; 0 of everyone else, of other budgets and of the ceiling.
    """

    scope: Scope
    id: int = 0


EVERYONE: Final = LimitTarget(Scope.EVERYONE)
GUILD: Final = LimitTarget(Scope.GUILD)
OWNER: Final = LimitTarget(Scope.OWNER)
EVERYONE_DIRECTLY: Final = LimitTarget(Scope.EVERYONE, DIRECT_MESSAGES)
DIRECT_BUDGET: Final = LimitTarget(Scope.GUILD, DIRECT_MESSAGES)
_SHARED: Final = frozenset({Scope.GUILD, Scope.OWNER})
NO_LIMIT: Final = Limit(1 << 62, Unit.USD, Window.MONTH)
"""The limit of a rule that exempts its target; its unit and window stand for all of them."""
_EVERY_UNIT_AND_WINDOW: Final = tuple(product(Unit, Window))


@value
class Rule:
    """A limit and its target."""

    target: LimitTarget
    limit: Limit

    @property
    def is_shared(self) -> bool:
        """Whether the limit is on what many spend together: a budget or the ceiling."""
        return self.target.scope in _SHARED

    @property
    def is_owners(self) -> bool:
        """Whether it bounds what the bot's owner pays, of which no amount is told to members."""
        return self.target in {OWNER, DIRECT_BUDGET}

    @property
    def is_exemption(self) -> bool:
        """Whether the target has no limit at all; it has no others beside this."""
        return self.limit == NO_LIMIT

    @property
    def places(self) -> Collection[tuple[Unit, Window]]:
        """The units and windows in which the rule is the target's."""
        return _EVERY_UNIT_AND_WINDOW if self.is_exemption else (self.limit.unit_and_window,)

    def is_replaced_by(self, other: Rule) -> bool:
        """Whether another rule has the same target, unit and window, so that a guild keeps one."""
        return self.target == other.target and counts_the_same(self, other)


def counts_the_same(one: Rule, other: Rule) -> bool:
    """Whether two rules are of the same unit and window, so that one of them is in force."""
    return not set(one.places).isdisjoint(other.places)


@value
class UsageSums:
    """The ledger's sums, for each window of the rules in force.

    Attributes:
        member: Counted against the member's limits.
        guild: Paid and reserved by the guild.
        owner: Paid and reserved by all guilds together, this month.
        granted: Left of the member's grants.
    """

    member: Mapping[Window, Cost]
    guild: Mapping[Window, Cost]
    owner: Cost
    granted: Cost

    def used(self, rule: Rule) -> int:
        """The part of a rule's limit that is used, in its unit."""
        match rule.target.scope:
            case Scope.OWNER:
                used = self.owner
            case Scope.GUILD:
                used = self.guild[rule.limit.window]
            case _:
                used = self.member[rule.limit.window]
        return used.of(rule.limit.unit)


@value
class LimitStatus:
    """A rule's usage at one moment.

    Attributes:
        used: Spent and reserved in this window, in the limit's unit.
        renews_at: The end of the window.
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
        # A limit may be set below what is used already.
        return max(0, self.limit.amount - self.used)

    def after(self, cost: Cost) -> LimitStatus:
        """The status once a cost is used too."""
        used = self.used + cost.of(self.limit.unit)
        return LimitStatus(self.rule, used, self.renews_at)

    def excess(self, cost: Cost) -> int:
        """By how much a cost is over what is left, in the limit's unit."""
        return max(0, cost.of(self.limit.unit) - self.left)


@dataclass(frozen=True, slots=True)
class Allowance:
    """Everything that a member's next request must fit into.

    Attributes:
        statuses: Of the rules in force, in the order of `rules_in_force`.
        granted: Left of the member's grants; never negative.
        ending: The parts of that which end, and when, the first before; not followed by `after`.
    """

    statuses: tuple[LimitStatus, ...]
    granted: Cost
    ending: tuple[tuple[Cost, datetime], ...] = field(default=(), compare=False)

    def from_grants(self, cost: Cost) -> Cost | None:
        """The part of a cost that grants must pay; `None` if the cost is not allowed.

        Grants pay what the member's limits do not cover. They neither widen a budget or the
        ceiling nor lift a limit of zero.
        """
        from_grants = dict.fromkeys(Unit, 0)
        for status in self.statuses:
            excess = status.excess(cost)
            if self._refuses(status, excess):
                return None
            if excess and not status.rule.is_shared:
                unit = status.limit.unit
                from_grants[unit] = max(from_grants[unit], excess)
        return Cost(from_grants[Unit.CLIPS], from_grants[Unit.USD])

    def after(self, cost: Cost, from_grants: Cost) -> Allowance:
        """The allowance once a cost is reserved of which grants pay a part."""
        own = cost - from_grants
        statuses = (it.after(cost if it.rule.is_shared else own) for it in self.statuses)
        return Allowance(tuple(statuses), self.granted - from_grants)

    def blocking_limit(self, cost: Cost) -> LimitStatus | None:
        """The status of the rule that forbids a cost, if any; of several, the last to renew."""
        # A member is told when to ask again: of no use before the last has renewed, and never
        # where a limit is zero.
        refusing = [it for it in self.statuses if self._refuses(it, it.excess(cost))]
        return max(refusing, key=lambda it: (it.limit.amount == 0, it.renews_at), default=None)

    def ceiling_bound(self, price_micro_usd: int) -> tuple[LimitStatus, int] | None:
        """The ceiling, and for how many clips at a price it is enough, where that is the fewest.

        `None` where no ceiling applies, or another limit ends first or at the same time; but one
        that is enough for no clip is always told of.
        """
        found = [(it, self._clips_left(it, price_micro_usd)) for it in self.statuses]
        ceiling = next((it for it in found if it[0].rule.target == OWNER), None)
        others = [clips for status, clips in found if status.rule.target != OWNER]
        if ceiling is None or (ceiling[1] and ceiling[1] >= min(others, default=_ENDLESS)):
            return None
        return ceiling

    def _clips_left(self, status: LimitStatus, price_micro_usd: int) -> int:
        unit, left = status.limit.unit, status.left
        if not status.rule.is_shared and status.limit.amount:
            left += self.granted.of(unit)
        if unit is Unit.USD and left:
            return left // price_micro_usd if price_micro_usd else _ENDLESS
        return left

    def _refuses(self, status: LimitStatus, excess: int) -> bool:
        if status.limit.amount == 0:
            return True
        return excess > 0 and (status.rule.is_shared or excess > self.granted.of(status.limit.unit))


def rules_in_force(
    rules: Iterable[Rule], member_id: int, role_ids: Collection[int]
) -> tuple[Rule, ...]:
    """The rules that apply to a member: the nearest by unit and window, then the shared."""
    nearest: dict[tuple[Unit, Window], Rule] = {}
    shared = []
    for rule in rules:
        if rule.is_shared:
            shared.append(rule)
        elif applies_to(rule.target, member_id, role_ids):
            for place in rule.places:
                if place not in nearest or rank(rule) > rank(nearest[place]):
                    nearest[place] = rule
    own = (rule for rule in nearest.values() if not rule.is_exemption)
    return (*sorted(own, key=_order), *sorted(shared, key=_order))


def rank(rule: Rule) -> tuple[int, bool, int]:
    """The greater it is, the nearer is a rule among those of the same unit and window."""
    # Of several roles' limits the most generous one applies: to give a member another role, say a
    # colour, must not take clips from them. A zero is no limit that is tight, but a word: a role
    # that forbids clips forbids them whatever other roles its members have.
    return _NEARNESS[rule.target.scope], rule.limit.amount == 0, rule.limit.amount


def applies_to(target: LimitTarget, member_id: int, role_ids: Collection[int]) -> bool:
    """Whether a rule with this target applies to this member, if none is nearer."""
    match target.scope:
        case Scope.MEMBER:
            return target.id == member_id
        case Scope.ROLE:
            return target.id in role_ids
        case _:
            return True


def evaluate(rules: Iterable[tuple[Rule, Interval]], sums: UsageSums) -> Allowance:
    """The allowance under rules in force in their windows, with the sums since these began."""
    statuses = [LimitStatus(rule, sums.used(rule), interval.end) for rule, interval in rules]
    return Allowance(tuple(statuses), sums.granted)


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
    """The present window of a rule, as instants of the time zone of `now`."""
    if rule.target.scope is Scope.OWNER:
        return window_interval(rule.limit.window, now, zones.owner)
    return zones.guild_interval(rule.limit.window, now)


def with_intervals(
    rules: Iterable[Rule], now: datetime, zones: RuleTimeZones
) -> list[tuple[Rule, Interval]]:
    """Rules, each with its present window."""
    return [(rule, rule_interval(rule, now, zones)) for rule in rules]


_ENDLESS: Final = 1 << 62
"""More clips than any amount pays for."""
_NEARNESS: Final = {
    scope: place
    for place, scope in enumerate(
        (Scope.OWNER, Scope.GUILD, Scope.EVERYONE, Scope.ROLE, Scope.MEMBER)
    )
}
_UNITS: Final = {unit: place for place, unit in enumerate(Unit)}
_WINDOWS: Final = {window: place for place, window in enumerate(Window)}


def _order(rule: Rule) -> tuple[int, int, int]:
    limit = rule.limit
    return -_NEARNESS[rule.target.scope], _UNITS[limit.unit], _WINDOWS[limit.window]
