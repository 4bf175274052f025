"""What moderators do with the purse: each deed and its record are one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.guilds import audit, guild_settings
from bot.guilds.audit import Actor, AuditAction, AuditEvent, AuditSubject
from bot.quota import ledger
from bot.quota.errors import GrantTooSmallError, NoSuchLimitError
from bot.quota.limits import Cost, Unit
from bot.quota.overview import Overview, Whom, before, behind, line_of, nearer_than_everyone
from bot.quota.rules import EVERYONE, GUILD, Rule, Scope, Subject

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base.clock import Clock
    from bot.base.database import Database, Transaction
    from bot.guilds.audit import AuditValues
    from bot.quota.allowances import Accounts
    from bot.quota.limits import Limit, Window
    from bot.quota.rule_store import Rulebook
    from bot.quota.rules import Purse


@dataclass(frozen=True, slots=True)
class LimitSet:
    """What came of a limit or a budget.

    Attributes:
        replaced: What the same subject had in the same unit and window.
        default: The owner's limit for everyone, if this decision made it the moderators'
            own: it was replaced, or stands beside as any other.
        instead_of: What would hold for them otherwise, in the same unit and window.
        exceptions: Rules of others that go before it for them.
        purse: All that holds for them now. Of a role and of everyone, with nothing used.
    """

    rule: Rule
    replaced: Rule | None
    default: Rule | None
    instead_of: tuple[Rule, ...]
    exceptions: tuple[Rule, ...]
    purse: Purse


@dataclass(frozen=True, slots=True)
class LimitsRemoved:
    """What came of removing limits.

    Attributes:
        rules: Those that were removed; never none.
        default: The owner's limit for everyone, if this decision ended its time: it was
            removed, or is the moderators' own from now on.
        purse: All that holds for them now.
    """

    rules: tuple[Rule, ...]
    default: Rule | None
    purse: Purse


@dataclass(frozen=True, slots=True)
class Granted:
    """What came of a grant.

    Attributes:
        before: What their grants held.
        purse: How they stand now.
    """

    before: Cost
    purse: Purse


class Treasurer:
    """Sets, removes, grants and shows, for the moderators of any guild."""

    def __init__(
        self, database: Database, rulebook: Rulebook, accounts: Accounts, clock: Clock
    ) -> None:
        self._database = database
        self._rulebook = rulebook
        self._accounts = accounts
        self._clock = clock

    async def set_limit(self, by: Actor, whom: Whom, limit: Limit) -> LimitSet:
        """Limit a member, a role or everyone; or, for the subject `GUILD`, set a budget.

        It is effective at once, for what was spent before too.
        """
        rule, now = Rule(whom.subject, limit), self._clock()
        async with self._database.transaction() as tx:
            default = await self._default(tx, by, whom.subject)
            replaced = await self._rulebook.put(tx, by.guild_id, rule)
            action = AuditAction.BUDGET if whom.subject == GUILD else AuditAction.LIMIT
            deed = _deed(by, action, whom.subject, _facts(replaced), _facts(rule))
            await audit.record(tx, by.guild_id, deed, now)
            rules = await self._rulebook.rules(tx, by.guild_id)
            return LimitSet(
                rule=rule,
                replaced=replaced,
                default=default,
                instead_of=behind(rule, rules, whom),
                exceptions=before(rule, rules),
                purse=await self._purse(tx, by.guild_id, whom, now),
            )

    async def remove_limits(
        self, by: Actor, whom: Whom, unit: Unit | None = None, window: Window | None = None
    ) -> LimitsRemoved:
        """Remove somebody's limits, or only those of a unit or a window; or the budgets.

        Raises:
            NoSuchLimitError: There is none of the kind.
        """
        now = self._clock()
        async with self._database.transaction() as tx:
            default = await self._default(tx, by, whom.subject)
            removed: list[Rule] = []
            for subject in whom.subjects():
                removed += await self._rulebook.remove(tx, by.guild_id, subject, unit, window)
            if not removed:
                about = await self._rulebook.rules_about(tx, by.guild_id, whom.subjects())
                raise NoSuchLimitError(whom.subject, [rule.limit for rule in about])
            action = AuditAction.BUDGET if whom.subject == GUILD else AuditAction.UNLIMIT
            for rule in removed:
                deed = _deed(by, action, rule.subject, _facts(rule), None)
                await audit.record(tx, by.guild_id, deed, now)
            found = Whom(removed[0].subject, whom.role_ids)
            purse = await self._purse(tx, by.guild_id, found, now)
            return LimitsRemoved(tuple(removed), default, purse)

    async def grant(self, by: Actor, whom: Whom, unit: Unit, amount: int) -> Granted:
        """Give a member something on top, or take back with a negative amount.

        Args:
            by: Who grants it.
            whom: A member.
            unit: What is granted.
            amount: In the unit; not zero.

        Raises:
            GrantTooSmallError: Less is unspent than is to be taken back.
        """
        holder, now = whom.holder(by.guild_id), self._clock()
        async with self._database.transaction() as tx:
            held = await ledger.granted(tx, holder)
            if amount < 0 and held.of(unit) + amount < 0:
                raise GrantTooSmallError(unit, held.of(unit), -amount)
            change = Cost(amount, 0) if unit is Unit.CLIPS else Cost(0, amount)
            await ledger.grant(tx, holder, change, by.actor_id, now)
            purse = await self._purse(tx, by.guild_id, whom, now)
            facts = _holding(held), _holding(purse.granted)
            deed = _deed(by, AuditAction.GRANT, whom.subject, *facts)
            await audit.record(tx, by.guild_id, deed, now)
            return Granted(held, purse)

    async def reset(self, by: Actor, whom: Whom) -> Purse:
        """Start a member's windows afresh; return how they stand now.

        Grants stay, and so does what the server has paid.
        """
        holder, now = whom.holder(by.guild_id), self._clock()
        async with self._database.transaction() as tx:
            used = await self._purse(tx, by.guild_id, whom, now)
            await ledger.reset(tx, holder, by.actor_id, now)
            purse = await self._purse(tx, by.guild_id, whom, now)
            deed = _deed(by, AuditAction.RESET, whom.subject, _used(used), _used(purse))
            await audit.record(tx, by.guild_id, deed, now)
            return purse

    async def overview(self, guild_id: int, whom: Whom) -> Overview:
        """Return every rule that holds for somebody, how it stands, and why it is this one."""
        now = self._clock()
        async with self._database.transaction() as tx:
            rules = await self._rulebook.rules(tx, guild_id)
            whom = _as_ruled(whom, rules)
            purse = await self._purse(tx, guild_id, whom, now)
            zones = self._accounts.zones(await guild_settings.get(tx, guild_id))
            default = await self._rulebook.default(tx, guild_id)
            lines = [
                await line_of(tx, guild_id, whom, standing, rules, now, zones)
                for standing in purse.standings
            ]
            others = nearer_than_everyone(rules) if whom.subject == EVERYONE else ()
            return Overview(whom, tuple(lines), purse.granted, others, default)

    async def _default(self, tx: Transaction, by: Actor, subject: Subject) -> Rule | None:
        return await self._rulebook.default(tx, by.guild_id) if subject == EVERYONE else None

    async def _purse(self, tx: Transaction, guild_id: int, whom: Whom, now: datetime) -> Purse:
        settings = await guild_settings.get(tx, guild_id)
        holder = whom.holder(guild_id)
        return await self._accounts.purse(tx, settings, holder, whom.roles(), now)


def _as_ruled(whom: Whom, rules: list[Rule]) -> Whom:
    """Take an id for a role's where there are rules for a role with this id."""
    role = Subject(Scope.ROLE, whom.subject.id)
    if whom.is_certain or not any(rule.subject == role for rule in rules):
        return whom
    return Whom(role)


def _deed(
    by: Actor,
    action: AuditAction,
    subject: Subject,
    was: AuditValues | None,
    is_now: AuditValues | None,
) -> AuditEvent:
    about = AuditSubject(subject.scope.value)
    return AuditEvent(by.actor_id, action, about, subject.id, was, is_now, by.reason)


def _facts(rule: Rule | None) -> AuditValues | None:
    if rule is None:
        return None
    limit = rule.limit
    return {"amount": limit.amount, "unit": limit.unit.value, "window": limit.window.value}


def _holding(granted: Cost) -> AuditValues:
    return {"clips": granted.clips, "micro_usd": granted.micro_usd}


def _used(purse: Purse) -> AuditValues:
    """Return what counts against each of a member's limits, by unit and window."""
    own = (standing for standing in purse.standings if not standing.rule.is_shared)
    return {f"{it.limit.unit} a {it.limit.window}": it.used for it in own}
