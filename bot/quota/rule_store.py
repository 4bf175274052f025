"""The rules of each guild: rows of `rules` and `exemptions`, which nothing else reads or writes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from bot.base import DIRECT_MESSAGES, Limit, Unit, Window
from bot.guilds import guild_settings
from bot.quota.rules import (
    DIRECT_BUDGET,
    EVERYONE,
    EVERYONE_DIRECTLY,
    NO_LIMIT,
    LimitTarget,
    Rule,
    Scope,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.base import SqlRow, SqlValue, Transaction
    from bot.guilds.guild_settings import GuildSettings
    from bot.quota.ledger import MemberKey


# An exemption has no unit, which tells it from a limit.
_SELECT: Final = """
    SELECT scope, target_id, unit, time_window, amount FROM rules WHERE guild_id = :guild {0}
    UNION ALL
    SELECT scope, target_id, NULL, NULL, 0 FROM exemptions WHERE guild_id = :guild {0}
"""
_ALL: Final = _SELECT.format("")
_OF_MEMBER: Final = _SELECT.format("AND (scope <> 'member' OR target_id = :member)")
_DELETE_EXEMPTION: Final = """
    DELETE FROM exemptions WHERE guild_id = :guild AND scope = :scope AND target_id = :target
"""
_DELETE_LIMIT: Final = """
    DELETE FROM rules WHERE guild_id = :guild AND scope = :scope AND target_id = :target
        AND unit = :unit AND time_window = :window
"""


class RuleStore:
    """Reads and writes rules inside the caller's transaction.

    Args:
        default: The owner's limit for everyone. It applies in a guild until moderators first
            set or remove a limit for everyone; from then on it is a row like the others.
        direct: The owner's rules for direct messages, which have no rows.
    """

    def __init__(self, default: Limit, direct: tuple[Rule, ...] = ()) -> None:
        self._default = Rule(EVERYONE, default)
        self._direct = direct

    @property
    def owners_limit(self) -> Limit:
        """The owner's limit for everyone, whether or not it applies anywhere."""
        return self._default.limit

    def of_guild(self, tx: Transaction, guild_id: int) -> list[Rule]:
        """Every rule of a guild, the owner's default included while it applies."""
        if guild_id == DIRECT_MESSAGES:
            return [*self._direct]
        rows = tx.all(_ALL, {"guild": guild_id})
        return self._with_default(guild_settings.get(tx, guild_id), rows)

    def of_member(
        self, tx: Transaction, settings: GuildSettings, member_key: MemberKey
    ) -> list[Rule]:
        """The rules of a guild without those of other members."""
        if member_key.guild_id == DIRECT_MESSAGES:
            return [*self._direct]
        # Each decision reads these; a guild may have a rule for each of thousands of members.
        rows = tx.all(_OF_MEMBER, {"guild": member_key.guild_id, "member": member_key.member_id})
        return self._with_default(settings, rows)

    def default(self, tx: Transaction, guild_id: int) -> Rule | None:
        """The owner's limit for everyone, while it applies in the guild."""
        return self._default_under(guild_settings.get(tx, guild_id))

    def of_targets(
        self, tx: Transaction, guild_id: int, targets: Collection[LimitTarget]
    ) -> list[Rule]:
        """The rules with one of these targets."""
        return [rule for rule in self.of_guild(tx, guild_id) if rule.target in targets]

    def put(self, tx: Transaction, guild_id: int, rule: Rule) -> list[Rule]:
        """Set a rule; return what it replaced.

        That is one of the same target, unit and window, the target's exemption, or for an
        exemption all its limits.
        """
        replaced = [it for it in self.of_guild(tx, guild_id) if it.is_replaced_by(rule)]
        self._adopt_default(tx, guild_id, rule.target)
        for other in replaced:
            _delete(tx, guild_id, other)
        if rule.is_exemption:
            values = _key(guild_id, rule)
            tx.execute("INSERT INTO exemptions VALUES (:guild, :scope, :target)", values)
            return replaced
        tx.execute(
            "INSERT INTO rules (guild_id, scope, target_id, unit, time_window, amount)"
            " VALUES (:guild, :scope, :target, :unit, :window, :amount)",
            {**_key(guild_id, rule), "amount": rule.limit.amount},
        )
        return replaced

    def remove(
        self,
        tx: Transaction,
        guild_id: int,
        target: LimitTarget,
        unit: Unit | None = None,
        window: Window | None = None,
    ) -> list[Rule]:
        """Remove what `removable` finds; return it."""
        removed = self.removable(tx, guild_id, target, unit, window)
        # A removal that finds nothing decides nothing: the owner's default still applies then.
        if removed:
            self._adopt_default(tx, guild_id, target)
        for rule in removed:
            _delete(tx, guild_id, rule)
        return removed

    def removable(
        self,
        tx: Transaction,
        guild_id: int,
        target: LimitTarget,
        unit: Unit | None = None,
        window: Window | None = None,
    ) -> list[Rule]:
        """A target's rules, or only its limits of a unit or a window."""
        return [
            rule
            for rule in self.of_targets(tx, guild_id, (target,))
            if (unit is None and window is None) or _is_of(rule, unit, window)
        ]

    def _default_under(self, settings: GuildSettings) -> Rule | None:
        return None if settings.own_limits else self._default

    def _with_default(self, settings: GuildSettings, rows: list[SqlRow]) -> list[Rule]:
        default = self._default_under(settings)
        rules = [_rule(*row) for row in rows]
        return rules if default is None else [default, *rules]

    def _adopt_default(self, tx: Transaction, guild_id: int, target: LimitTarget) -> None:
        # The first decision about everyone is the guild's: as a row, the default can be replaced or
        # removed, still applies beside a limit of another window, and follows `.env` no more.
        if target != EVERYONE or guild_settings.get(tx, guild_id).own_limits:
            return
        # Before the row, since `put` calls this method again.
        guild_settings.put(tx, guild_id, own_limits=1)
        self.put(tx, guild_id, self._default)


def direct_rules(limit: Limit | None, monthly_micro_usd: int | None) -> tuple[Rule, ...]:
    """The owner's rules for direct messages.

    Args:
        limit: Of each person; `None` where nobody may ask for clips there.
        monthly_micro_usd: The budget of all of them together; `None` is without.
    """
    rules = [Rule(EVERYONE_DIRECTLY, limit or Limit(0, Unit.CLIPS, Window.DAY))]
    if monthly_micro_usd is not None:
        rules.append(Rule(DIRECT_BUDGET, Limit(monthly_micro_usd, Unit.USD, Window.MONTH)))
    return tuple(rules)


# Each decision reads the same few rows.
@lru_cache(maxsize=1024)
def _rule(scope: str, target_id: int, unit: str | None, window: str | None, amount: int) -> Rule:
    limit = NO_LIMIT
    if unit is not None and window is not None:
        limit = Limit(amount, Unit(unit), Window(window))
    return Rule(LimitTarget(Scope(scope), target_id), limit)


def _is_of(rule: Rule, unit: Unit | None, window: Window | None) -> bool:
    is_of_it = unit in {None, rule.limit.unit} and window in {None, rule.limit.window}
    return is_of_it and not rule.is_exemption


def _delete(tx: Transaction, guild_id: int, rule: Rule) -> None:
    sql = _DELETE_EXEMPTION if rule.is_exemption else _DELETE_LIMIT
    tx.execute(sql, _key(guild_id, rule))


def _key(guild_id: int, rule: Rule) -> dict[str, SqlValue]:
    return {
        "guild": guild_id,
        "scope": rule.target.scope.value,
        "target": rule.target.id,
        "unit": rule.limit.unit.value,
        "window": rule.limit.window.value,
    }
