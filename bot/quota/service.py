"""What moderators do with the purse: each deed and its record are one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.guilds import audit, guild_settings
from bot.guilds.audit import Actor, AuditAction, AuditEvent, AuditSubject
from bot.quota import ledger
from bot.quota.errors import GrantTooSmallError, NoSuchLimitError
from bot.quota.limits import Cost, Unit
from bot.quota.overview import (
    ChosenTarget,
    Overview,
    RuleDetails,
    overridden_rules,
    overriding_rules,
    reserved_under,
    role_and_member_rules,
)
from bot.quota.rules import EVERYONE, GUILD, LimitTarget, Rule, Scope, rule_interval

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base import Clock, Database, Transaction
    from bot.guilds.audit import AuditValues
    from bot.quota.allowances import AllowanceReader
    from bot.quota.limits import Limit, Window
    from bot.quota.rule_store import RuleStore
    from bot.quota.rules import Allowance


@dataclass(frozen=True, slots=True)
class LimitResult:
    """What came of a limit or a budget.

    Attributes:
        replaced: What the same subject had in the same unit and window.
        default: The owner's limit for everyone, if this decision made it the moderators'
            own: it was replaced, or stands beside as any other.
        instead_of: What would hold for them otherwise, in the same unit and window.
        exceptions: Rules of others that go before it for them.
        allowance: All that holds for them now. Of a role and of everyone, with nothing used.
    """

    rule: Rule
    replaced: Rule | None
    default: Rule | None
    instead_of: tuple[Rule, ...]
    exceptions: tuple[Rule, ...]
    allowance: Allowance


@dataclass(frozen=True, slots=True)
class RemovalResult:
    """What came of removing limits.

    Attributes:
        rules: Those that were removed; never none.
        default: The owner's limit for everyone, if this decision ended its time: it was
            removed, or is the moderators' own from now on.
        allowance: All that holds for them now.
    """

    rules: tuple[Rule, ...]
    default: Rule | None
    allowance: Allowance


@dataclass(frozen=True, slots=True)
class GrantResult:
    """What came of a grant.

    Attributes:
        before: What their grants held.
        allowance: How they stand now.
    """

    before: Cost
    allowance: Allowance


@dataclass(frozen=True, slots=True)
class QuotaService:
    """Sets, removes, grants and shows, for the moderators of any guild."""

    database: Database
    rule_store: RuleStore
    allowances: AllowanceReader
    clock: Clock

    async def set_limit(self, by: Actor, chosen: ChosenTarget, limit: Limit) -> LimitResult:
        """Limit a member, a role or everyone; or, for the subject `GUILD`, set a budget.

        It is effective at once, for what was spent before too.
        """
        rule, now = Rule(chosen.target, limit), self.clock()

        def put(tx: Transaction) -> LimitResult:
            default = self._default(tx, by, chosen.target)
            replaced = self.rule_store.put(tx, by.guild_id, rule)
            action = AuditAction.BUDGET if chosen.target == GUILD else AuditAction.LIMIT
            event = _event(by, action, chosen.target, _audit_values(replaced), _audit_values(rule))
            audit.record(tx, by.guild_id, event, now)
            rules = self.rule_store.of_guild(tx, by.guild_id)
            return LimitResult(
                rule=rule,
                replaced=replaced,
                default=default,
                instead_of=overridden_rules(rule, rules, chosen),
                exceptions=overriding_rules(rule, rules),
                allowance=self._allowance(tx, by.guild_id, chosen, now),
            )

        return await self.database.write(put)

    async def remove_limits(
        self,
        by: Actor,
        chosen: ChosenTarget,
        unit: Unit | None = None,
        window: Window | None = None,
    ) -> RemovalResult:
        """Remove somebody's limits, or only those of a unit or a window; or the budgets.

        Raises:
            NoSuchLimitError: There is none of the kind.
        """
        now = self.clock()

        def remove(tx: Transaction) -> RemovalResult:
            default = self._default(tx, by, chosen.target)
            removed: list[Rule] = []
            for subject in chosen.possible_targets():
                removed += self.rule_store.remove(tx, by.guild_id, subject, unit, window)
            if not removed:
                about = self.rule_store.of_targets(tx, by.guild_id, chosen.possible_targets())
                raise NoSuchLimitError(chosen.target, [rule.limit for rule in about])
            action = AuditAction.BUDGET if chosen.target == GUILD else AuditAction.UNLIMIT
            for rule in removed:
                event = _event(by, action, rule.target, _audit_values(rule), None)
                audit.record(tx, by.guild_id, event, now)
            found = ChosenTarget(removed[0].target, chosen.role_ids)
            allowance = self._allowance(tx, by.guild_id, found, now)
            return RemovalResult(tuple(removed), default, allowance)

        return await self.database.write(remove)

    async def grant(self, by: Actor, chosen: ChosenTarget, unit: Unit, amount: int) -> GrantResult:
        """Give a member something on top, or take back with a negative amount.

        Args:
            by: Who grants it.
            chosen: A member.
            unit: What is granted.
            amount: In the unit; not zero.

        Raises:
            GrantTooSmallError: Less is unspent than is to be taken back.
        """
        member_key, now = chosen.member_key(by.guild_id), self.clock()

        def add(tx: Transaction) -> GrantResult:
            held = ledger.grants_left(tx, member_key)
            if amount < 0 and held.of(unit) + amount < 0:
                raise GrantTooSmallError(unit, held.of(unit), -amount)
            change = Cost(amount, 0) if unit is Unit.CLIPS else Cost(0, amount)
            ledger.grant(tx, member_key, change, by.actor_id, now)
            allowance = self._allowance(tx, by.guild_id, chosen, now)
            sides = _granted(held), _granted(allowance.granted)
            event = _event(by, AuditAction.GRANT, chosen.target, *sides)
            audit.record(tx, by.guild_id, event, now)
            return GrantResult(held, allowance)

        return await self.database.write(add)

    async def reset(self, by: Actor, chosen: ChosenTarget) -> Allowance:
        """Start a member's windows afresh; return how they stand now.

        Grants stay, and so does what the server has paid.
        """
        member_key, now = chosen.member_key(by.guild_id), self.clock()

        def add(tx: Transaction) -> Allowance:
            before = self._allowance(tx, by.guild_id, chosen, now)
            ledger.reset(tx, member_key, by.actor_id, now)
            after = self._allowance(tx, by.guild_id, chosen, now)
            event = _event(by, AuditAction.RESET, chosen.target, _used(before), _used(after))
            audit.record(tx, by.guild_id, event, now)
            return after

        return await self.database.write(add)

    async def overview(self, guild_id: int, chosen: ChosenTarget) -> Overview:
        """Return every rule that holds for somebody, how it stands, and why it is this one."""
        now = self.clock()
        return await self.database.read(lambda tx: self._overview(tx, guild_id, chosen, now))

    def _overview(
        self, tx: Transaction, guild_id: int, chosen: ChosenTarget, now: datetime
    ) -> Overview:
        rules = self.rule_store.of_guild(tx, guild_id)
        chosen = _as_ruled(chosen, rules)
        allowance = self._allowance(tx, guild_id, chosen, now)
        zones = self.allowances.time_zones(guild_settings.get(tx, guild_id))
        member_key = chosen.member_key(guild_id)
        details = []
        for status in allowance.statuses:
            since = rule_interval(status.rule, now, zones).start
            reserved = reserved_under(tx, member_key, status.rule, since).of(status.limit.unit)
            instead_of = overridden_rules(status.rule, rules, chosen)
            details.append(RuleDetails(status, reserved, instead_of))
        others = role_and_member_rules(rules) if chosen.target == EVERYONE else ()
        default = self.rule_store.default(tx, guild_id)
        return Overview(chosen, tuple(details), allowance.granted, others, default)

    def _default(self, tx: Transaction, by: Actor, subject: LimitTarget) -> Rule | None:
        return self.rule_store.default(tx, by.guild_id) if subject == EVERYONE else None

    def _allowance(
        self, tx: Transaction, guild_id: int, chosen: ChosenTarget, now: datetime
    ) -> Allowance:
        settings = guild_settings.get(tx, guild_id)
        member_key = chosen.member_key(guild_id)
        return self.allowances.of_member(tx, settings, member_key, chosen.roles(), now)


def _as_ruled(chosen: ChosenTarget, rules: list[Rule]) -> ChosenTarget:
    """Take an id for a role's where there are rules for a role with this id."""
    role = LimitTarget(Scope.ROLE, chosen.target.id)
    if chosen.is_certain or not any(rule.target == role for rule in rules):
        return chosen
    return ChosenTarget(role)


def _event(
    by: Actor,
    action: AuditAction,
    subject: LimitTarget,
    was: AuditValues | None,
    is_now: AuditValues | None,
) -> AuditEvent:
    about = AuditSubject(subject.scope.value)
    return AuditEvent(by.actor_id, action, about, subject.id, was, is_now, by.reason)


def _audit_values(rule: Rule | None) -> AuditValues | None:
    if rule is None:
        return None
    limit = rule.limit
    return {"amount": limit.amount, "unit": limit.unit.value, "window": limit.window.value}


def _granted(granted: Cost) -> AuditValues:
    return {"clips": granted.clips, "micro_usd": granted.micro_usd}


def _used(allowance: Allowance) -> AuditValues:
    """Return what counts against each of a member's limits, by unit and window."""
    own = (status for status in allowance.statuses if not status.rule.is_shared)
    return {f"{it.limit.unit} a {it.limit.window}": it.used for it in own}
