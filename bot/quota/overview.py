"""Every rule that holds for somebody, how it stands, and what it holds instead of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.quota import reserved
from bot.quota.ledger import MemberKey
from bot.quota.ledger_sides import ZERO_COST
from bot.quota.rules import LimitStatus, LimitTarget, Rule, Scope, applies_to, counts_the_same

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.base import Transaction
    from bot.quota.limits import Cost


@dataclass(frozen=True, slots=True)
class ChosenTarget:
    """Whose rules are meant.

    Attributes:
        role_ids: Of a member present: the roles they have now.
        is_certain: `False` where the subject is taken for a member's, and may be the id of
            a deleted role.
    """

    target: LimitTarget
    role_ids: frozenset[int] = frozenset()
    is_certain: bool = True

    def possible_targets(self) -> tuple[LimitTarget, ...]:
        """Return everybody it may be."""
        if self.is_certain:
            return (self.target,)
        return (self.target, LimitTarget(Scope.ROLE, self.target.id))

    def member_key(self, guild_id: int) -> MemberKey:
        """Return whose book it is; nobody's for a role and for everyone."""
        is_member = self.target.scope is Scope.MEMBER
        return MemberKey(guild_id, self.target.id if is_member else 0)

    def roles(self) -> frozenset[int]:
        """Return the roles by which rules are looked for."""
        is_role = self.target.scope is Scope.ROLE
        return frozenset({self.target.id}) if is_role else self.role_ids


@dataclass(frozen=True, slots=True)
class RuleDetails:
    """A rule that holds.

    Attributes:
        reserved: The part of what is used that clips in the making hold, in the limit's unit.
        instead_of: What would hold for them in the same unit and window, were it not for
            this rule; the nearest first.
    """

    status: LimitStatus
    reserved: int
    instead_of: tuple[Rule, ...]

    @property
    def spent(self) -> int:
        """What is used and final, in the limit's unit."""
        return self.status.used - self.reserved


@dataclass(frozen=True, slots=True)
class Overview:
    """How somebody stands, with the reasons.

    Attributes:
        chosen: As it turned out, where it was not certain.
        granted: What grants of this member still hold.
        others: Of everyone: the rules of roles and members, which go before.
        default: The owner's limit for everyone, where the moderators have set none.
    """

    chosen: ChosenTarget
    rules: tuple[RuleDetails, ...]
    granted: Cost
    others: tuple[Rule, ...]
    default: Rule | None


def role_and_member_rules(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return the rules of roles and members."""
    return tuple(rule for rule in rules if rule.target.scope in {Scope.ROLE, Scope.MEMBER})


def overridden_rules(rule: Rule, rules: Iterable[Rule], whom: ChosenTarget) -> tuple[Rule, ...]:
    """Return what a rule holds instead of, for this member or role."""
    return tuple(
        sorted(
            (
                other
                for other in rules
                if other.target != rule.target
                and not (other.is_shared or rule.is_shared)
                and counts_the_same(other, rule)
                and applies_to(other.target, whom.member_key(0).member_id, whom.roles())
            ),
            key=lambda other: (other.target.scope is Scope.EVERYONE, -other.limit.amount),
        )
    )


def overriding_rules(rule: Rule, rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return the rules that hold for some whom this one is about too, in place of it."""
    return tuple(
        other for other in rules if counts_the_same(other, rule) and _goes_before(other, rule)
    )


def _goes_before(other: Rule, rule: Rule) -> bool:
    match rule.target.scope, other.target.scope:
        case (Scope.EVERYONE, Scope.ROLE | Scope.MEMBER) | (Scope.ROLE, Scope.MEMBER):
            return True
        case Scope.ROLE, Scope.ROLE:
            return other.limit.amount > rule.limit.amount
    return False


def reserved_under(tx: Transaction, member_key: MemberKey, rule: Rule, since: datetime) -> Cost:
    """Return the part of a rule's usage since then that clips in progress only reserve.

    Args:
        tx: The transaction in which the usage was read.
        member_key: Whose usage, and in which guild.
        rule: The owner's ceiling counts other guilds too: there it is nothing.
        since: The start of the rule's present window.
    """
    match rule.target.scope:
        case Scope.OWNER:
            return ZERO_COST
        case Scope.GUILD:
            return reserved.reserved_by_guild(tx, member_key.guild_id, since)
        case _:
            return reserved.reserved_by_member(tx, member_key, since)
