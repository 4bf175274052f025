"""The rules in force for a target, their usage, and the rules that they override."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.base import ZERO_COST, value
from bot.quota import reserved
from bot.quota.ledger import MemberKey
from bot.quota.rules import (
    Allowance,
    LimitStatus,
    LimitTarget,
    Rule,
    Scope,
    applies_to,
    counts_the_same,
    rank,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from bot.base import Cost, Transaction
    from bot.quota.grants import Grant


@value
class ChosenTarget:
    """The target that a moderator chose.

    Attributes:
        role_ids: The present roles of a member who is in the guild.
        is_certain: `False` where only an id is known: it is taken for a member's, and may be
            that of a deleted role.
    """

    target: LimitTarget
    role_ids: frozenset[int] = frozenset()
    is_certain: bool = True

    def possible_targets(self) -> tuple[LimitTarget, ...]:
        """The target, and the role that it may be instead."""
        if self.is_certain:
            return (self.target,)
        return (self.target, LimitTarget(Scope.ROLE, self.target.id))

    def member_key(self, guild_id: int) -> MemberKey:
        """The key of the chosen member; for other targets, of a member 0 who never used any."""
        is_member = self.target.scope is Scope.MEMBER
        return MemberKey(guild_id, self.target.id if is_member else 0)

    def roles(self) -> frozenset[int]:
        """The roles whose rules apply: those of the member, or the chosen one."""
        is_role = self.target.scope is Scope.ROLE
        return frozenset({self.target.id}) if is_role else self.role_ids

    def resolved(self, known_roles: Collection[int]) -> ChosenTarget:
        """This target, or the role of its id where that is uncertain and the role is known."""
        if self.is_certain or self.target.id not in known_roles:
            return self
        return ChosenTarget(LimitTarget(Scope.ROLE, self.target.id))


@value
class RuleDetails:
    """A rule in force.

    Attributes:
        reserved: The used part that clips in progress only reserve, in the limit's unit.
        instead_of: The rules that it overrides, the nearest first.
    """

    status: LimitStatus
    reserved: int
    instead_of: tuple[Rule, ...]

    @property
    def spent(self) -> int:
        """The used part that is final, in the limit's unit."""
        return self.status.used - self.reserved


@value
class Overview:
    """The limits of a target, with the reasons.

    Attributes:
        chosen: With the role of that id, where an uncertain target turned out to be one.
        granted: Left of the member's grants.
        others: For everyone: the rules of roles and members, which override these.
        default: The owner's limit for everyone, where moderators have set none.
        grants: To roles, or with an end: the target's; for everyone, all of the guild.
        exemption: The nearest that applies to the target; other rules may still be in force.
    """

    chosen: ChosenTarget
    rules: tuple[RuleDetails, ...]
    granted: Cost
    others: tuple[Rule, ...]
    default: Rule | None
    exemption: Rule | None = None
    grants: tuple[Grant, ...] = ()

    @property
    def allowance(self) -> Allowance:
        """The same limits as an allowance."""
        return Allowance(tuple(it.status for it in self.rules), self.granted)


def role_and_member_rules(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules that may override everyone's."""
    return tuple(rule for rule in rules if rule.target.scope in {Scope.ROLE, Scope.MEMBER})


def overridden_rules(rule: Rule, rules: Iterable[Rule], chosen: ChosenTarget) -> tuple[Rule, ...]:
    """The rules that one overrides for the chosen member or role, the nearest first."""
    overridden = (
        other
        for other in rules
        if other.target != rule.target
        and not (other.is_shared or rule.is_shared)
        and counts_the_same(other, rule)
        and applies_to(other.target, chosen.member_key(0).member_id, chosen.roles())
    )
    # A member's own rule is overridden by none, so that these are roles' and everyone's.
    return tuple(sorted(overridden, key=rank, reverse=True))


def nearest_exemption(rules: Iterable[Rule], chosen: ChosenTarget) -> Rule | None:
    """The exemption that applies to the chosen member or role, if any."""
    member_id, roles = chosen.member_key(0).member_id, chosen.roles()
    found = (it for it in rules if it.is_exemption and applies_to(it.target, member_id, roles))
    return max(found, key=rank, default=None)


def overriding_rules(rule: Rule, rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules that override one for some of the members to whom it applies."""
    return tuple(it for it in rules if counts_the_same(it, rule) and _overrides(it, rule))


def _overrides(other: Rule, rule: Rule) -> bool:
    match rule.target.scope, other.target.scope:
        case (Scope.EVERYONE, Scope.ROLE | Scope.MEMBER) | (Scope.ROLE, Scope.MEMBER):
            return True
        case Scope.ROLE, Scope.ROLE:
            return rank(other) > rank(rule)
    return False


def reserved_under(tx: Transaction, member_key: MemberKey, rule: Rule, since: datetime) -> Cost:
    """The part of a rule's usage from `since` on that clips in progress only reserve."""
    match rule.target.scope:
        case Scope.OWNER:
            # Moderators are not told what other guilds have in progress.
            return ZERO_COST
        case Scope.GUILD:
            return reserved.reserved_by_guild(tx, member_key.guild_id, since)
        case _:
            return reserved.reserved_by_member(tx, member_key, since)
