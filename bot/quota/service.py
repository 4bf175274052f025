"""Limits, budgets, grants and resets by moderators, each in one transaction with its record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.base import Cost, Unit, service, to_ms, value
from bot.guilds import audit, guild_settings
from bot.guilds.audit import Actor, AuditAction, AuditEvent, AuditSubject
from bot.quota import first_limits, grant_changes, ledger
from bot.quota.errors import EveryoneError, GrantTooSmallError, NoSuchLimitError
from bot.quota.overview import (
    ChosenTarget,
    Overview,
    RuleDetails,
    nearest_exemption,
    overridden_rules,
    overriding_rules,
    reserved_under,
    role_and_member_rules,
)
from bot.quota.rules import EVERYONE, GUILD, NO_LIMIT, Rule, Scope, rule_interval

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from bot.base import Clock, Database, Limit, Transaction, Window
    from bot.guilds.audit import AuditValues
    from bot.quota.allowances import AllowanceReader
    from bot.quota.first_limits import FirstLimits, FirstLimitsChange
    from bot.quota.rules import Allowance, LimitTarget


@value
class LimitResult:
    """A limit or a budget that was set.

    Attributes:
        replaced: The target's former rule of the same unit and window, or its exemption.
        default: The owner's limit for everyone, if it became the moderators' own by this: it
            was replaced, or applies beside the new one.
        instead_of: The rules that the new one overrides.
        exceptions: The rules of others that override the new one.
        allowance: The target's, from now on; of a role and of everyone with nothing used.
    """

    rule: Rule
    replaced: Rule | None
    default: Rule | None
    instead_of: tuple[Rule, ...]
    exceptions: tuple[Rule, ...]
    allowance: Allowance


@value
class ExemptionResult:
    """An exemption that was made.

    Attributes:
        replaced: The target's own limits that it replaced, or the same exemption.
        exceptions: The rules of others that override it.
        allowance: The target's, from now on.
    """

    rule: Rule
    replaced: tuple[Rule, ...]
    exceptions: tuple[Rule, ...]
    allowance: Allowance


@value
class RemovalResult:
    """Limits that were removed.

    Attributes:
        rules: The removed; at least one.
        default: The owner's limit for everyone, if it was removed or became the moderators'
            own by this.
        allowance: The target's, from now on.
    """

    rules: tuple[Rule, ...]
    default: Rule | None
    allowance: Allowance


@value
class GrantResult:
    """A grant that was made.

    Attributes:
        before: What the target's own grants held; of a role's, what each member got.
        after: The same, now.
        allowance: The target's, from now on.
    """

    before: Cost
    after: Cost
    allowance: Allowance


@service
class QuotaService:
    """Sets, removes, grants and shows, for the moderators of any guild."""

    database: Database
    allowances: AllowanceReader
    clock: Clock

    async def set_limit(self, by: Actor, chosen: ChosenTarget, limit: Limit) -> LimitResult:
        """Limit a member, a role or everyone; or, for the target `GUILD`, set a budget.

        What was used before in the present window counts against the new limit.
        """
        rule, now = Rule(chosen.target, limit), self.clock()

        def put(tx: Transaction) -> LimitResult:
            # Read first: to set a limit for everyone ends the default's time.
            default = self._default(tx, by, chosen.target)
            replaced = next(iter(self.allowances.rule_store.put(tx, by.guild_id, rule)), None)
            action = AuditAction.BUDGET if chosen.target == GUILD else AuditAction.LIMIT
            event = _event(by, action, chosen.target, _audit_values(replaced), _audit_values(rule))
            audit.record(tx, by.guild_id, event, now)
            rules = self.allowances.rule_store.of_guild(tx, by.guild_id)
            overridden = overridden_rules(rule, rules, chosen)
            exceptions = overriding_rules(rule, rules)
            allowance = self._allowance(tx, by.guild_id, chosen, now)
            return LimitResult(rule, replaced, default, overridden, exceptions, allowance)

        return await self.database.write(put)

    async def exempt(self, by: Actor, chosen: ChosenTarget) -> ExemptionResult:
        """Lift every limit for a member or a role, and replace its own; budgets stay.

        Raises:
            ExemptionError: The target is everyone.
        """
        if chosen.target.scope not in {Scope.MEMBER, Scope.ROLE}:
            raise EveryoneError
        rule, now = Rule(chosen.target, NO_LIMIT), self.clock()

        def put(tx: Transaction) -> ExemptionResult:
            replaced = self.allowances.rule_store.put(tx, by.guild_id, rule)
            for former in replaced:
                if not former.is_exemption:
                    event = _event(
                        by, AuditAction.UNLIMIT, chosen.target, _audit_values(former), None
                    )
                    audit.record(tx, by.guild_id, event, now)
            was = _audit_values(rule) if rule in replaced else None
            event = _event(by, AuditAction.EXEMPT, chosen.target, was, _audit_values(rule))
            audit.record(tx, by.guild_id, event, now)
            exceptions = overriding_rules(
                rule, self.allowances.rule_store.of_guild(tx, by.guild_id)
            )
            allowance = self._allowance(tx, by.guild_id, chosen, now)
            return ExemptionResult(rule, tuple(replaced), exceptions, allowance)

        return await self.database.write(put)

    async def remove_limits(
        self,
        by: Actor,
        chosen: ChosenTarget,
        unit: Unit | None = None,
        window: Window | None = None,
    ) -> RemovalResult:
        """Remove a target's limits or budgets, or only those of a unit or a window.

        Raises:
            NoSuchLimitError: There is none of these.
        """
        now = self.clock()

        def remove(tx: Transaction) -> RemovalResult:
            rule_store = self.allowances.rule_store
            default = self._default(tx, by, chosen.target)
            removed: list[Rule] = []
            for target in chosen.possible_targets():
                removed += rule_store.remove(tx, by.guild_id, target, unit, window)
            if not removed:
                raise self._no_such_limit(tx, by.guild_id, chosen)
            action = AuditAction.BUDGET if chosen.target == GUILD else AuditAction.UNLIMIT
            for rule in removed:
                event = _event(by, action, rule.target, _audit_values(rule), None)
                audit.record(tx, by.guild_id, event, now)
            found = ChosenTarget(removed[0].target, chosen.role_ids)
            allowance = self._allowance(tx, by.guild_id, found, now)
            return RemovalResult(tuple(removed), default, allowance)

        return await self.database.write(remove)

    async def first_limits(self, guild_id: int) -> FirstLimits:
        """Who may have clips made in a guild, and how much."""
        rules = self.allowances.rule_store.of_guild
        return await self.database.read(lambda tx: first_limits.read(rules(tx, guild_id)))

    async def change_first_limits(self, by: Actor, change: FirstLimitsChange) -> FirstLimits:
        """Change who may, or how much; return what holds then. Only what differs is recorded."""
        store, now = self.allowances.rule_store, self.clock()

        def put(tx: Transaction) -> FirstLimits:
            present = first_limits.read(store.of_guild(tx, by.guild_id))
            wanted = first_limits.wanted_rules(present, change, store.owners_limit)
            for target, rules in wanted.items():
                self._replace_rules(tx, by, target, rules, now)
            return first_limits.read(store.of_guild(tx, by.guild_id))

        return await self.database.write(put)

    def _replace_rules(
        self, tx: Transaction, by: Actor, target: LimitTarget, rules: list[Rule], now: datetime
    ) -> None:
        store = self.allowances.rule_store
        for former in store.of_targets(tx, by.guild_id, (target,)):
            if former in rules or any(former.is_replaced_by(it) for it in rules):
                continue
            store.remove(tx, by.guild_id, target, *_place(former))
            event = _event(by, AuditAction.UNLIMIT, target, _audit_values(former), None)
            audit.record(tx, by.guild_id, event, now)
        for rule in rules:
            if rule in store.of_targets(tx, by.guild_id, (target,)):
                continue
            replaced = next(iter(store.put(tx, by.guild_id, rule)), None)
            action = AuditAction.EXEMPT if rule.is_exemption else AuditAction.LIMIT
            event = _event(by, action, target, _audit_values(replaced), _audit_values(rule))
            audit.record(tx, by.guild_id, event, now)

    async def removable(
        self, guild_id: int, chosen: ChosenTarget, unit: Unit | None, window: Window | None
    ) -> tuple[Rule, ...]:
        """What `remove_limits` would remove now; raises as it does."""

        def read(tx: Transaction) -> tuple[Rule, ...]:
            found: list[Rule] = []
            for target in chosen.possible_targets():
                found += self.allowances.rule_store.removable(tx, guild_id, target, unit, window)
            if not found:
                raise self._no_such_limit(tx, guild_id, chosen)
            return tuple(found)

        return await self.database.read(read)

    async def grant(
        self,
        by: Actor,
        chosen: ChosenTarget,
        unit: Unit,
        amount: int,
        length: timedelta | None = None,
    ) -> GrantResult:
        """Add an amount in a unit, not zero, to a target's grants; take back if it is negative.

        Each member gets a role's grants once. A grant with a `length` ends after that.

        Raises:
            EveryoneError: The target is everyone.
            GrantTooSmallError: Less is left than is to be taken back.
        """
        if chosen.target.scope not in {Scope.MEMBER, Scope.ROLE}:
            raise EveryoneError
        now = self.clock()
        ends_at = None if length is None else now + length
        change = Cost(amount, 0) if unit is Unit.CLIPS else Cost(0, amount)

        def add(tx: Transaction) -> GrantResult:
            before = grant_changes.own_grants(tx, by.guild_id, chosen, now)
            # Not beyond what is left: a job in progress has its part of the grant reserved.
            if amount < 0 and before.of(unit) + amount < 0:
                raise GrantTooSmallError(unit, before.of(unit), -amount)
            grant_changes.change(tx, by, chosen, (change, ends_at), now)
            after = grant_changes.own_grants(tx, by.guild_id, chosen, now)
            values = _granted(before), _granted(after)
            if ends_at is not None and amount > 0:
                values = values[0], {**values[1], "until": to_ms(ends_at)}
            event = _event(by, AuditAction.GRANT, chosen.target, *values)
            audit.record(tx, by.guild_id, event, now)
            return GrantResult(before, after, self._allowance(tx, by.guild_id, chosen, now))

        return await self.database.write(add)

    async def reset(self, by: Actor, chosen: ChosenTarget) -> Allowance:
        """Start a member's windows afresh. Grants stay, and so does what the guild has paid."""
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
        """The rules in force for a target, their usage, and the rules that they override."""
        now = self.clock()
        return await self.database.read(lambda tx: self._overview(tx, guild_id, chosen, now))

    def _overview(
        self, tx: Transaction, guild_id: int, chosen: ChosenTarget, now: datetime
    ) -> Overview:
        rules = self.allowances.rule_store.of_guild(tx, guild_id)
        roles = {rule.target.id for rule in rules if rule.target.scope is Scope.ROLE}
        chosen = chosen.resolved(roles)
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
        default = self.allowances.rule_store.default(tx, guild_id)
        return Overview(
            chosen,
            tuple(details),
            allowance.granted,
            others,
            default,
            nearest_exemption(rules, chosen),
            tuple(grant_changes.grants_for(tx, guild_id, chosen, now)),
        )

    def _no_such_limit(
        self, tx: Transaction, guild_id: int, chosen: ChosenTarget
    ) -> NoSuchLimitError:
        others = self.allowances.rule_store.of_targets(tx, guild_id, chosen.possible_targets())
        return NoSuchLimitError(chosen.target, others)

    def _default(self, tx: Transaction, by: Actor, target: LimitTarget) -> Rule | None:
        return self.allowances.rule_store.default(tx, by.guild_id) if target == EVERYONE else None

    def _allowance(
        self, tx: Transaction, guild_id: int, chosen: ChosenTarget, now: datetime
    ) -> Allowance:
        settings = guild_settings.get(tx, guild_id)
        member_key = chosen.member_key(guild_id)
        return self.allowances.of_member(tx, settings, member_key, chosen.roles(), now)


def _event(
    by: Actor,
    action: AuditAction,
    target: LimitTarget,
    before: AuditValues | None,
    after: AuditValues | None,
) -> AuditEvent:
    subject = AuditSubject(target.scope.value)
    return AuditEvent(by.actor_id, action, subject, target.id, before, after, by.reason)


def _place(rule: Rule) -> tuple[Unit, Window] | tuple[None, None]:
    """What names a rule to `RuleStore.remove`, which removes exemptions by their target alone."""
    return (None, None) if rule.is_exemption else rule.limit.unit_and_window


def _audit_values(rule: Rule | None) -> AuditValues | None:
    if rule is None:
        return None
    if rule.is_exemption:
        return {"exempt": True}
    limit = rule.limit
    return {"amount": limit.amount, "unit": limit.unit.value, "window": limit.window.value}


def _granted(granted: Cost) -> AuditValues:
    return {"clips": granted.clips, "micro_usd": granted.micro_usd}


def _used(allowance: Allowance) -> AuditValues:
    # By unit and window; the shared limits stay as they are in a reset.
    own = (status for status in allowance.statuses if not status.rule.is_shared)
    return {f"{it.limit.unit} a {it.limit.window}": it.used for it in own}
