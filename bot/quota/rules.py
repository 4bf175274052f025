"""Who may spend how much: pure functions over rules, roles, the ledger's sums and the time.

A rule is a limit for somebody. For each unit and window the nearest one holds: the member's
own, else the most generous of their roles', else everyone's. The guild's budgets and the
owner's ceiling hold for all. Limits of different units or windows stand together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from bot.quota.limits import Cost, Unit, Window, span

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from bot.quota.limits import Limit, Span


class Scope(StrEnum):
    """Whom a rule is for. The purse of a guild or of the owner is nobody's own."""

    MEMBER = "member"
    ROLE = "role"
    EVERYONE = "everyone"
    GUILD = "guild"
    OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody with limits.

    Attributes:
        id: Of the member or the role; 0 in every other scope.
    """

    scope: Scope
    id: int = 0


EVERYONE: Final = Subject(Scope.EVERYONE)
GUILD: Final = Subject(Scope.GUILD)
OWNER: Final = Subject(Scope.OWNER)


@dataclass(frozen=True, slots=True)
class Rule:
    """A limit and whom it is for."""

    subject: Subject
    limit: Limit

    @property
    def is_shared(self) -> bool:
        """Whether it is about a purse that many spend from."""
        return self.subject.scope in {Scope.GUILD, Scope.OWNER}


@dataclass(frozen=True, slots=True)
class Sums:
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
        match rule.subject.scope:
            case Scope.OWNER:
                used = self.owner
            case Scope.GUILD:
                used = self.guild[rule.limit.window]
            case _:
                used = self.member[rule.limit.window]
        return used.of(rule.limit.unit)


@dataclass(frozen=True, slots=True)
class Standing:
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

    def after(self, cost: Cost) -> Standing:
        """Return how it stands once this counts against it too."""
        return replace(self, used=self.used + cost.of(self.limit.unit))

    def missing(self, cost: Cost) -> int:
        """Return by how much the cost is over what is left, in the limit's unit."""
        return max(0, cost.of(self.limit.unit) - self.left)


@dataclass(frozen=True, slots=True)
class Purse:
    """All that a member's next request must fit into.

    Attributes:
        standings: Of every rule that holds, in the order of `holding`.
        granted: What the member's grants still hold; never negative.
    """

    standings: tuple[Standing, ...]
    granted: Cost

    def draw(self, cost: Cost) -> Cost | None:
        """Return what grants must pay of a cost; `None` if the cost is not allowed.

        Grants pay what the member's windows leave uncovered. They do not widen a shared
        purse, and they do not lift a limit of zero.
        """
        if self.refusal(cost) is not None:
            return None
        return Cost(*(self._missing(cost, unit) for unit in (Unit.CLIPS, Unit.USD)))

    def after(self, cost: Cost, drawn: Cost) -> Purse:
        """Return how all stands once a cost is reserved, of which grants pay what was drawn."""
        own = cost - drawn
        standings = (it.after(cost if it.rule.is_shared else own) for it in self.standings)
        return Purse(tuple(standings), self.granted - drawn)

    def refusal(self, cost: Cost) -> Standing | None:
        """Return the rule that forbids a cost; of several, the last to let it through.

        A limit of zero never does.
        """
        refusing = [standing for standing in self.standings if self._refuses(standing, cost)]
        return max(refusing, key=lambda it: (it.limit.amount == 0, it.renews_at), default=None)

    def _refuses(self, standing: Standing, cost: Cost) -> bool:
        if standing.limit.amount == 0:
            return True
        missing = standing.missing(cost)
        if standing.rule.is_shared:
            return missing > 0
        return missing > max(0, self.granted.of(standing.limit.unit))

    def _missing(self, cost: Cost, unit: Unit) -> int:
        own = (s for s in self.standings if not s.rule.is_shared and s.limit.unit is unit)
        return max((standing.missing(cost) for standing in own), default=0)


def holding(rules: Iterable[Rule], member_id: int, role_ids: Collection[int]) -> tuple[Rule, ...]:
    """Return the rules that hold for a member: their own by unit and window, then the shared."""
    nearest: dict[tuple[Unit, Window], Rule] = {}
    shared = []
    for rule in rules:
        if rule.is_shared:
            shared.append(rule)
        elif concerns(rule.subject, member_id, role_ids):
            slot = rule.limit.slot
            if slot not in nearest or _rank(rule) > _rank(nearest[slot]):
                nearest[slot] = rule
    return (*sorted(nearest.values(), key=_order), *sorted(shared, key=_order))


def concerns(subject: Subject, member_id: int, role_ids: Collection[int]) -> bool:
    """Return whether a rule for this subject is about this member, if none is nearer."""
    match subject.scope:
        case Scope.MEMBER:
            return subject.id == member_id
        case Scope.ROLE:
            return subject.id in role_ids
        case _:
            return True


def weigh(rules: Iterable[Rule], sums: Sums, now: datetime, zones: Zones) -> Purse:
    """Put the rules that hold and the sums together."""
    standings = (Standing(rule, sums.used(rule), span_of(rule, now, zones).end) for rule in rules)
    return Purse(tuple(standings), sums.granted)


@dataclass(frozen=True, slots=True)
class Zones:
    """Whose midnights count: the guild's for its own rules, the owner's for the ceiling."""

    guild: ZoneInfo
    owner: ZoneInfo


def span_of(rule: Rule, now: datetime, zones: Zones) -> Span:
    """Return the window of a rule in calendar time."""
    zone = zones.owner if rule.subject.scope is Scope.OWNER else zones.guild
    return span(rule.limit.window, now, zone)


_NEARNESS: Final = (Scope.OWNER, Scope.GUILD, Scope.EVERYONE, Scope.ROLE, Scope.MEMBER)


def _rank(rule: Rule) -> tuple[int, int]:
    """Return what makes one rule hold instead of another in the same slot."""
    return _NEARNESS.index(rule.subject.scope), rule.limit.amount


def _order(rule: Rule) -> tuple[int, int, int]:
    limit = rule.limit
    return (
        -_NEARNESS.index(rule.subject.scope),
        list(Unit).index(limit.unit),
        list(Window).index(limit.window),
    )
