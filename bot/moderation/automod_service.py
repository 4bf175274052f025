"""Which guilds have their AutoMod rules held against prompts, and those rules as read last.

The last ones that could be read hold until Discord shows others: a server that takes the right
away by mistake is not without its filter.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from bot.base import from_ms, service, to_ms, value
from bot.guilds import audit
from bot.guilds.audit import AuditAction, AuditEvent, AuditSubject
from bot.moderation import automod_rules

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.base import Clock, Database, SqlValue, Transaction
    from bot.moderation.automod_rules import AutomodRules


@value
class AutomodState:
    """The rules that hold for a guild's prompts, and when Discord showed them."""

    rules: AutomodRules
    read_at: datetime


def of_guild(tx: Transaction, guild_id: int) -> AutomodState | None:
    """The rules of a guild; `None` where its AutoMod does not hold for prompts."""
    row = tx.one(
        "SELECT rules_json, read_at FROM automod_rules WHERE guild_id = :guild", {"guild": guild_id}
    )
    if row is None:
        return None
    return AutomodState(automod_rules.from_json(row["rules_json"]), from_ms(row["read_at"]))


@service
class AutomodService:
    """Switches it on and off, and keeps the rules that `cogs` reads from Discord."""

    database: Database
    clock: Clock

    async def turn_on(
        self, guild_id: int, actor_id: int, answer: Iterable[Any] | None
    ) -> AutomodRules:
        """Hold these rules, as Discord lists them, against prompts from the next request on."""
        rules = await asyncio.to_thread(automod_rules.read_rules, answer)

        def turn_on(tx: Transaction) -> None:
            is_new = of_guild(tx, guild_id) is None
            tx.execute(
                "INSERT INTO automod_rules (guild_id, rules_json, read_at)"
                " VALUES (:guild, :rules, :now) ON CONFLICT DO UPDATE"
                " SET rules_json = excluded.rules_json, read_at = excluded.read_at",
                {
                    "guild": guild_id,
                    "rules": rules.model_dump_json(),
                    "now": to_ms(self.clock()),
                },
            )
            if is_new:
                self._record(tx, guild_id, actor_id, is_on=True)

        await self.database.write(turn_on)
        return rules

    async def turn_off(self, guild_id: int, actor_id: int) -> None:
        """Hold no AutoMod rules against prompts any more."""

        def turn_off(tx: Transaction) -> None:
            if of_guild(tx, guild_id) is not None:
                tx.execute("DELETE FROM automod_rules WHERE guild_id = :guild", {"guild": guild_id})
                self._record(tx, guild_id, actor_id, is_on=False)

        await self.database.write(turn_off)

    async def refresh(self, guild_id: int, answer: Iterable[Any] | None) -> None:
        """Replace the rules, unless they were switched off meanwhile."""
        rules = await asyncio.to_thread(automod_rules.read_rules, answer)
        values: dict[str, SqlValue] = {
            "guild": guild_id,
            "rules": rules.model_dump_json(),
            "now": to_ms(self.clock()),
        }
        await self.database.write(
            lambda tx: tx.execute(
                "UPDATE automod_rules SET rules_json = :rules, read_at = :now"
                " WHERE guild_id = :guild",
                values,
            )
        )

    async def state(self, guild_id: int) -> AutomodState | None:
        """The rules that hold for a guild's prompts; `None` where none do."""
        return await self.database.read(lambda tx: of_guild(tx, guild_id))

    async def guild_ids(self) -> list[int]:
        """The guilds where it is on."""
        sql = "SELECT guild_id FROM automod_rules ORDER BY guild_id"
        return await self.database.read(lambda tx: [row["guild_id"] for row in tx.all(sql)])

    async def broken_by(self, guild_id: int, text: str) -> list[str]:
        """The names of a guild's rules that a text breaks, written by anybody anywhere."""
        state = await self.state(guild_id)
        if state is None:
            return []
        broken = await asyncio.to_thread(lambda: [*state.rules.broken_by((), (), text)])
        return [rule.name for rule in broken]

    def _record(self, tx: Transaction, guild_id: int, actor_id: int, *, is_on: bool) -> None:
        sides = {"automod": not is_on}, {"automod": is_on}
        event = AuditEvent(actor_id, AuditAction.WORDS, AuditSubject.GUILD, 0, *sides)
        audit.record(tx, guild_id, event, self.clock())
