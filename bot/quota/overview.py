"""Every rule that holds for somebody, how it stands, and what it holds instead of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.quota import reserved
from bot.quota.ledger import NOTHING, Holder
from bot.quota.rules import Rule, Scope, Standing, Subject, concerns, span_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.base.database import Transaction
    from bot.quota.limits import Cost
    from bot.quota.rules import Zones


@dataclass(frozen=True, slots=True)
class Whom:
    """Whose rules are meant.

    Attributes:
        role_ids: Of a member present: the roles they have now.
        is_certain: `False` where the subject is taken for a member's, and may be the id of
            a deleted role.
    """

    subject: Subject
    role_ids: frozenset[int] = frozenset()
    is_certain: bool = True

    def subjects(self) -> tuple[Subject, ...]:
        """Return everybody it may be."""
        if self.is_certain:
            return (self.subject,)
        return (self.subject, Subject(Scope.ROLE, self.subject.id))

    def holder(self, guild_id: int) -> Holder:
        """Return whose book it is; nobody's for a role and for everyone."""
        is_member = self.subject.scope is Scope.MEMBER
        return Holder(guild_id, self.subject.id if is_member else 0)

    def roles(self) -> frozenset[int]:
        """Return the roles by which rules are looked for."""
        is_role = self.subject.scope is Scope.ROLE
        return frozenset({self.subject.id}) if is_role else self.role_ids


@dataclass(frozen=True, slots=True)
class Line:
    """A rule that holds.

    Attributes:
        reserved: The part of what is used that clips in the making hold, in the limit's unit.
        instead_of: What would hold for them in the same unit and window, were it not for
            this rule; the nearest first.
    """

    standing: Standing
    reserved: int
    instead_of: tuple[Rule, ...]

    @property
    def spent(self) -> int:
        """What is used and final, in the limit's unit."""
        return self.standing.used - self.reserved


@dataclass(frozen=True, slots=True)
class Overview:
    """How somebody stands, with the reasons.

    Attributes:
        whom: As it turned out, where it was not certain.
        granted: What grants of this member still hold.
        others: Of everyone: the rules of roles and members, which go before.
        default: The owner's limit for everyone, where the moderators have set none.
    """

    whom: Whom
    lines: tuple[Line, ...]
    granted: Cost
    others: tuple[Rule, ...]
    default: Rule | None


async def line_of(  # noqa: PLR0913 - what a standing is explained by
    tx: Transaction,
    guild_id: int,
    whom: Whom,
    standing: Standing,
    rules: Iterable[Rule],
    now: datetime,
    zones: Zones,
) -> Line:
    """Return a rule that holds for somebody, with what is reserved and what it goes before.

    Args:
        tx: In which the standing was read.
        guild_id: Where it holds.
        whom: For whom it holds.
        standing: As read at `now`, by `zones`.
        rules: All of the guild's.
        now: When it was read.
        zones: Whose midnights it was read by.
    """
    since = span_of(standing.rule, now, zones).start
    held = await _held(tx, whom.holder(guild_id), standing.rule, since)
    return Line(standing, held.of(standing.limit.unit), behind(standing.rule, rules, whom))


def nearer_than_everyone(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return the rules of roles and members."""
    return tuple(rule for rule in rules if rule.subject.scope in {Scope.ROLE, Scope.MEMBER})


def behind(rule: Rule, rules: Iterable[Rule], whom: Whom) -> tuple[Rule, ...]:
    """Return what a rule holds instead of, for this member or role."""
    return tuple(
        sorted(
            (
                other
                for other in rules
                if other.subject != rule.subject
                and not (other.is_shared or rule.is_shared)
                and same_slot(other, rule)
                and concerns(other.subject, whom.holder(0).member_id, whom.roles())
            ),
            key=lambda other: (other.subject.scope is Scope.EVERYONE, -other.limit.amount),
        )
    )


def before(rule: Rule, rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return the rules that hold for some whom this one is about too, in place of it."""
    return tuple(other for other in rules if same_slot(other, rule) and _goes_before(other, rule))


def same_slot(one: Rule, other: Rule) -> bool:
    """Whether two rules are of the same unit and window, so that one of them holds."""
    return one.limit.slot == other.limit.slot


def _goes_before(other: Rule, rule: Rule) -> bool:
    match rule.subject.scope, other.subject.scope:
        case (Scope.EVERYONE, Scope.ROLE | Scope.MEMBER) | (Scope.ROLE, Scope.MEMBER):
            return True
        case Scope.ROLE, Scope.ROLE:
            return other.limit.amount > rule.limit.amount
    return False


async def _held(tx: Transaction, holder: Holder, rule: Rule, since: datetime) -> Cost:
    match rule.subject.scope:
        case Scope.OWNER:
            return NOTHING
        case Scope.GUILD:
            return await reserved.held_by_guild(tx, holder.guild_id, since)
        case _:
            return await reserved.held_by_member(tx, holder, since)
