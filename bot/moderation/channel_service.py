"""Moderators' changes of where the bot may be used, each with its audit event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.base import service, value
from bot.guilds import audit, guild_settings
from bot.guilds.audit import AuditAction, AuditEvent, AuditSubject
from bot.moderation import channel_rules
from bot.moderation.channel_rules import Verdict
from bot.moderation.errors import ChannelRuleError, ChannelRuleProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from bot.base import Clock, Database, Transaction
    from bot.guilds.audit import AuditValues
    from bot.guilds.guild_settings import AgeRestriction
    from bot.moderation.channel_rules import Verdicts

MAX_CHANNEL_RULES: Final = 500
"""The most channels and categories that a guild has rules for; Discord lets it have so many."""


@value
class ChannelRules:
    """Where clips may be asked for in a guild: both must let a place through."""

    verdicts: Verdicts
    age_restriction: AgeRestriction


@service
class ChannelService:
    """Allows and forbids the channels and categories of any guild, from the next request on.

    Each change returns the rules as they are then; one that changes nothing is not recorded.
    """

    database: Database
    clock: Clock

    async def rules(self, guild_id: int) -> ChannelRules:
        """All rules of a guild."""
        return await self.database.read(lambda tx: _rules(tx, guild_id))

    async def allow(
        self, guild_id: int, actor_id: int, channel_id: int, category_id: int | None = None
    ) -> ChannelRules:
        """Allow a channel or category; the first one closes all that are not named.

        One that is forbidden where nothing else is closed is only opened again, and one whose
        category is forbidden becomes an exception: neither closes another channel.

        Raises:
            ChannelRuleError: There are `MAX_CHANNEL_RULES` already.
        """

        def decide(verdicts: Verdicts) -> Verdict | None:
            now = verdicts.get(channel_id)
            if now in {Verdict.ALLOW, Verdict.EXCEPT}:
                return now
            if verdicts.get(category_id or 0) is Verdict.FORBID:
                return Verdict.EXCEPT
            is_reopened = now is Verdict.FORBID and Verdict.ALLOW not in verdicts.values()
            return None if is_reopened else Verdict.ALLOW

        return await self._change(guild_id, actor_id, channel_id, decide)

    async def forbid(self, guild_id: int, actor_id: int, channel_id: int) -> ChannelRules:
        """Forbid a channel or category, whatever else is allowed.

        Raises:
            ChannelRuleError: It is the only one that is allowed, or there are `MAX_CHANNEL_RULES`.
        """

        def decide(verdicts: Verdicts) -> Verdict:
            # None left would open all others, the opposite of what the moderator wants.
            if {it for it, verdict in verdicts.items() if verdict is Verdict.ALLOW} == {channel_id}:
                raise ChannelRuleError(ChannelRuleProblem.LAST, channel_id)
            return Verdict.FORBID

        return await self._change(guild_id, actor_id, channel_id, decide)

    async def remove(self, guild_id: int, actor_id: int, channel_id: int) -> ChannelRules:
        """Remove the rule of a channel or category, also of one that is gone.

        Raises:
            ChannelRuleError: It has none.
        """

        def decide(verdicts: Verdicts) -> None:
            if channel_id not in verdicts:
                raise ChannelRuleError(ChannelRuleProblem.NO_RULE, channel_id)

        return await self._change(guild_id, actor_id, channel_id, decide)

    async def _change(
        self,
        guild_id: int,
        actor_id: int,
        channel_id: int,
        decide: Callable[[Verdicts], Verdict | None],
    ) -> ChannelRules:
        def change(tx: Transaction) -> ChannelRules:
            verdicts = channel_rules.of_guild(tx, guild_id)
            before, after = verdicts.get(channel_id), decide(verdicts)
            if before is after:
                return _rules(tx, guild_id)
            if before is None and len(verdicts) >= MAX_CHANNEL_RULES:
                raise ChannelRuleError(ChannelRuleProblem.TOO_MANY, channel_id)
            channel_rules.put(tx, guild_id, channel_id, after)
            subject = AuditSubject.CHANNEL, channel_id
            self._record(tx, guild_id, actor_id, subject, (_values(before), _values(after)))
            return _rules(tx, guild_id)

        return await self.database.write(change)

    async def allow_only(
        self, guild_id: int, actor_id: int, channel_ids: Collection[int]
    ) -> ChannelRules:
        """Allow these channels and categories by name and no others; without any, all.

        What is forbidden by name stays so.

        Raises:
            ChannelRuleError: There would be more than `MAX_CHANNEL_RULES`.
        """

        def change(tx: Transaction) -> ChannelRules:
            verdicts = channel_rules.of_guild(tx, guild_id)
            allowed = channel_rules.allowed_ids(verdicts)
            for channel_id in sorted(allowed.symmetric_difference(channel_ids)):
                after = Verdict.ALLOW if channel_id in channel_ids else None
                channel_rules.put(tx, guild_id, channel_id, after)
                sides = _values(verdicts.get(channel_id)), _values(after)
                self._record(tx, guild_id, actor_id, (AuditSubject.CHANNEL, channel_id), sides)
            rules = _rules(tx, guild_id)
            if len(rules.verdicts) > MAX_CHANNEL_RULES:
                raise ChannelRuleError(ChannelRuleProblem.TOO_MANY, max(channel_ids))
            return rules

        return await self.database.write(change)

    async def allow_everywhere(self, guild_id: int, actor_id: int) -> ChannelRules:
        """Remove all rules; return those that were there before. The age restriction stays."""

        def clear(tx: Transaction) -> ChannelRules:
            before = _rules(tx, guild_id)
            if before.verdicts:
                channel_rules.clear(tx, guild_id)
                subject = AuditSubject.GUILD, 0
                self._record(tx, guild_id, actor_id, subject, (_all_values(before.verdicts), None))
            return before

        return await self.database.write(clear)

    async def restrict_by_age(
        self, guild_id: int, actor_id: int, restriction: AgeRestriction
    ) -> ChannelRules:
        """Allow clips in age-restricted channels only, never, or as in all others."""

        def restrict(tx: Transaction) -> ChannelRules:
            before = _rules(tx, guild_id).age_restriction
            if restriction is not before:
                guild_settings.put(tx, guild_id, age_restricted=restriction)
                sides = {"age_restricted": before.value}, {"age_restricted": restriction.value}
                self._record(tx, guild_id, actor_id, (AuditSubject.GUILD, 0), sides)
            return _rules(tx, guild_id)

        return await self.database.write(restrict)

    def _record(
        self,
        tx: Transaction,
        guild_id: int,
        actor_id: int,
        subject: tuple[AuditSubject, int],
        sides: tuple[AuditValues | None, AuditValues | None],
    ) -> None:
        event = AuditEvent(actor_id, AuditAction.CHANNELS, *subject, *sides)
        audit.record(tx, guild_id, event, self.clock())


def _rules(tx: Transaction, guild_id: int) -> ChannelRules:
    age_restriction = guild_settings.get(tx, guild_id).age_restricted
    return ChannelRules(channel_rules.of_guild(tx, guild_id), age_restriction)


def _values(verdict: Verdict | None) -> AuditValues | None:
    return None if verdict is None else {"allowed": verdict is not Verdict.FORBID}


def _all_values(verdicts: Verdicts) -> AuditValues:
    allowed = channel_rules.allowed_ids(verdicts)
    parts = {"allowed": allowed, "forbidden": verdicts.keys() - allowed}
    return {name: " ".join(map(str, sorted(ids))) for name, ids in parts.items() if ids}
