"""Moderators' changes of where the bot may be used, each with its audit event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.guilds import audit
from bot.guilds.audit import AuditAction, AuditEvent, AuditSubject
from bot.moderation import allowed_channels
from bot.moderation.errors import AllowedChannelError, AllowedChannelProblem

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.base import Clock, Database, Transaction
    from bot.guilds.audit import AuditValues

MAX_ALLOWED_CHANNELS: Final = 100
"""The most channels and categories of one guild."""


@dataclass(frozen=True, slots=True)
class ChannelService:
    """Allows and forbids the channels and categories of any guild, from the next request on."""

    database: Database
    clock: Clock

    async def allowed(self, guild_id: int) -> frozenset[int]:
        """The ids of the allowed channels and categories; empty means everywhere."""
        return await self.database.read(lambda tx: allowed_channels.allowed(tx, guild_id))

    async def allow(self, guild_id: int, actor_id: int, channel_id: int) -> frozenset[int]:
        """Allow a channel or category beside others; the first one forbids all that are not named.

        Returns:
            All that are allowed now.

        Raises:
            AllowedChannelError: There are `MAX_ALLOWED_CHANNELS` already.
        """

        def add(tx: Transaction) -> frozenset[int]:
            before = allowed_channels.allowed(tx, guild_id)
            after = before | {channel_id}
            # A repeated command changes nothing, and the audit log has changes alone.
            if after == before:
                return before
            if len(after) > MAX_ALLOWED_CHANNELS:
                raise AllowedChannelError(AllowedChannelProblem.TOO_MANY, channel_id)
            allowed_channels.replace(tx, guild_id, after)
            event = _event(actor_id, channel_id, (None, {"allowed": True}))
            audit.record(tx, guild_id, event, self.clock())
            return after

        return await self.database.write(add)

    async def forbid(
        self, guild_id: int, actor_id: int, channel_id: int, within: Collection[int] = ()
    ) -> frozenset[int]:
        """Allow a channel or category no more; `within` are the ids of its parent and category.

        Returns:
            All that are allowed now, at least one.

        Raises:
            AllowedChannelError: It is the last one, or is not allowed by itself.
        """

        def remove(tx: Transaction) -> frozenset[int]:
            before = allowed_channels.allowed(tx, guild_id)
            problem = _cannot_forbid(before, channel_id, within)
            if problem is not None:
                raise AllowedChannelError(problem, channel_id)
            after = before - {channel_id}
            allowed_channels.replace(tx, guild_id, after)
            event = _event(actor_id, channel_id, ({"allowed": True}, None))
            audit.record(tx, guild_id, event, self.clock())
            return after

        return await self.database.write(remove)

    async def allow_everywhere(self, guild_id: int, actor_id: int) -> frozenset[int]:
        """Allow all channels; return those that were allowed before, empty if all were."""

        def clear(tx: Transaction) -> frozenset[int]:
            before = allowed_channels.allowed(tx, guild_id)
            if before:
                allowed_channels.replace(tx, guild_id, ())
                values: AuditValues = {"allowed": " ".join(map(str, sorted(before)))}
                event = AuditEvent(actor_id, AuditAction.CHANNELS, AuditSubject.GUILD, 0, values)
                audit.record(tx, guild_id, event, self.clock())
            return before

        return await self.database.write(clear)


def _event(
    actor_id: int, channel_id: int, sides: tuple[AuditValues | None, AuditValues | None]
) -> AuditEvent:
    subject = AuditSubject.CHANNEL
    return AuditEvent(actor_id, AuditAction.CHANNELS, subject, channel_id, *sides)


def _cannot_forbid(
    allowed: frozenset[int], channel_id: int, within: Collection[int]
) -> AllowedChannelProblem | None:
    if not allowed:
        return AllowedChannelProblem.EVERYWHERE
    # None left would mean everywhere, the opposite of what the moderator wants.
    if allowed == {channel_id}:
        return AllowedChannelProblem.LAST
    if channel_id in allowed:
        return None
    by_category = not allowed.isdisjoint(within)
    return AllowedChannelProblem.BY_CATEGORY if by_category else AllowedChannelProblem.NOT_ALLOWED
