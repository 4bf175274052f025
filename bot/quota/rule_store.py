"""The rules of each guild, as rows: the one place that reads and writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.guilds import guild_settings
from bot.quota.limits import Limit, Unit, Window
from bot.quota.rules import EVERYONE, LimitTarget, Rule, Scope

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.base.database import SqlRow, SqlValue, Transaction
    from bot.guilds.guild_settings import GuildSettings
    from bot.quota.ledger import MemberKey


class RuleStore:
    """Reads and writes rules inside the caller's transaction.

    Args:
        default: The owner's limit for everyone. It holds in each guild until its moderators
            first set or remove a limit for everyone themselves; from then on it is a row
            like the others.
    """

    def __init__(self, default: Limit) -> None:
        self._default = Rule(EVERYONE, default)

    async def of_guild(self, tx: Transaction, guild_id: int) -> list[Rule]:
        """Return every rule of a guild."""
        rows = await tx.all("SELECT * FROM rules WHERE guild_id = :guild", {"guild": guild_id})
        return self._with_default(await guild_settings.get(tx, guild_id), rows)

    async def of_member(
        self, tx: Transaction, settings: GuildSettings, member_key: MemberKey
    ) -> list[Rule]:
        """Return the rules of a guild without those of other members, who may be many."""
        rows = await tx.all(
            "SELECT * FROM rules WHERE guild_id = :guild"
            " AND (scope <> 'member' OR subject_id = :member)",
            {"guild": member_key.guild_id, "member": member_key.member_id},
        )
        return self._with_default(settings, rows)

    async def default(self, tx: Transaction, guild_id: int) -> Rule | None:
        """Return the owner's limit for everyone, where it holds still."""
        return self._default_under(await guild_settings.get(tx, guild_id))

    async def of_targets(
        self, tx: Transaction, guild_id: int, subjects: Collection[LimitTarget]
    ) -> list[Rule]:
        """Return the rules that are set for any of these subjects."""
        wanted = set(subjects)
        return [rule for rule in await self.of_guild(tx, guild_id) if rule.target in wanted]

    async def put(self, tx: Transaction, guild_id: int, rule: Rule) -> Rule | None:
        """Set a rule in place of the one of the same subject, unit and window.

        Returns:
            The one it replaced.
        """
        before = await self._replaced(tx, guild_id, rule)
        await self._adopt_default(tx, guild_id, rule.target)
        await tx.execute(
            "INSERT INTO rules (guild_id, scope, subject_id, unit, time_window, amount)"
            " VALUES (:guild, :scope, :subject, :unit, :window, :amount)"
            " ON CONFLICT (guild_id, scope, subject_id, unit, time_window)"
            " DO UPDATE SET amount = excluded.amount",
            {**_key(guild_id, rule), "amount": rule.limit.amount},
        )
        return before

    async def remove(
        self,
        tx: Transaction,
        guild_id: int,
        subject: LimitTarget,
        unit: Unit | None = None,
        window: Window | None = None,
    ) -> list[Rule]:
        """Remove a subject's rules, or only those of a unit or a window.

        Returns:
            The removed.
        """
        removed = [
            rule
            for rule in await self.of_targets(tx, guild_id, {subject})
            if unit in {None, rule.limit.unit} and window in {None, rule.limit.window}
        ]
        if removed:
            await self._adopt_default(tx, guild_id, subject)
        for rule in removed:
            await tx.execute(
                "DELETE FROM rules WHERE guild_id = :guild AND scope = :scope"
                " AND subject_id = :subject AND unit = :unit AND time_window = :window",
                _key(guild_id, rule),
            )
        return removed

    def _default_under(self, settings: GuildSettings) -> Rule | None:
        return None if settings.own_limits else self._default

    def _with_default(self, settings: GuildSettings, rows: list[SqlRow]) -> list[Rule]:
        default = self._default_under(settings)
        rules = [_rule(row) for row in rows]
        return rules if default is None else [default, *rules]

    async def _replaced(self, tx: Transaction, guild_id: int, rule: Rule) -> Rule | None:
        about = await self.of_targets(tx, guild_id, {rule.target})
        return next(
            (r for r in about if r.limit.unit_and_window == rule.limit.unit_and_window), None
        )

    async def _adopt_default(self, tx: Transaction, guild_id: int, subject: LimitTarget) -> None:
        """Turn the owner's default into a row, at the first decision about everyone."""
        if subject != EVERYONE or (await guild_settings.get(tx, guild_id)).own_limits:
            return
        await guild_settings.put(tx, guild_id, own_limits=1)
        await self.put(tx, guild_id, self._default)


def _rule(row: SqlRow) -> Rule:
    limit = Limit(row["amount"], Unit(row["unit"]), Window(row["time_window"]))
    return Rule(LimitTarget(Scope(row["scope"]), row["subject_id"]), limit)


def _key(guild_id: int, rule: Rule) -> dict[str, SqlValue]:
    return {
        "guild": guild_id,
        "scope": rule.target.scope.value,
        "subject": rule.target.id,
        "unit": rule.limit.unit.value,
        "window": rule.limit.window.value,
    }
