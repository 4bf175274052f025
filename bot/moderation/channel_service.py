"""Where the bot may be used, in the hands of a guild's moderators: each change with its record."""

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
"""Channels and categories that one guild may name."""


@dataclass(frozen=True, slots=True)
class ChannelService:
    """Allows and forbids the channels and categories of any guild, from the next request on."""

    database: Database
    clock: Clock

    async def allowed(self, guild_id: int) -> frozenset[int]:
        """Return the ids of channels and categories that are allowed; empty means everywhere."""
        return await self.database.read(lambda tx: allowed_channels.allowed(tx, guild_id))

    async def allow(self, guild_id: int, actor_id: int, channel_id: int) -> frozenset[int]:
        """Allow a channel or category beside those allowed; the first one forbids all others.

        Returns:
            What is allowed now. It is no change and no record where it was allowed before.

        Raises:
            AllowedChannelError: There are `MAX_ALLOWED_CHANNELS` already.
        """

        def add(tx: Transaction) -> frozenset[int]:
            before = allowed_channels.allowed(tx, guild_id)
            after = before | {channel_id}
            if after == before:
                return before
            if len(after) > MAX_ALLOWED_CHANNELS:
                raise AllowedChannelError(AllowedChannelProblem.TOO_MANY, channel_id)
            allowed_channels.replace(tx, guild_id, after)
            event = _event(actor_id, channel_id, after=_ALLOWED)
            audit.record(tx, guild_id, event, self.clock())
            return after

        return await self.database.write(add)

    async def forbid(
        self, guild_id: int, actor_id: int, channel_id: int, within: Collection[int] = ()
    ) -> frozenset[int]:
        """Allow a channel or category no more; `within` are the ids of what it is in.

        Returns:
            What is allowed now; never nothing, which would mean everywhere.

        Raises:
            AllowedChannelError: It is the last one, or not among those allowed.
        """

        def remove(tx: Transaction) -> frozenset[int]:
            before = allowed_channels.allowed(tx, guild_id)
            problem = _cannot_forbid(before, channel_id, within)
            if problem is not None:
                raise AllowedChannelError(problem, channel_id)
            after = before - {channel_id}
            allowed_channels.replace(tx, guild_id, after)
            event = _event(actor_id, channel_id, before=_ALLOWED)
            audit.record(tx, guild_id, event, self.clock())
            return after

        return await self.database.write(remove)

    async def allow_everywhere(self, guild_id: int, actor_id: int) -> frozenset[int]:
        """Allow all channels; return those that alone were allowed, none if all were."""

        def clear(tx: Transaction) -> frozenset[int]:
            before = allowed_channels.allowed(tx, guild_id)
            if before:
                allowed_channels.replace(tx, guild_id, ())
                named: AuditValues = {"allowed": " ".join(map(str, sorted(before)))}
                event = AuditEvent(actor_id, AuditAction.CHANNELS, AuditSubject.GUILD, 0, named)
                audit.record(tx, guild_id, event, self.clock())
            return before

        return await self.database.write(clear)


_ALLOWED: Final[AuditValues] = {"allowed": True}


def _event(
    actor_id: int,
    channel_id: int,
    before: AuditValues | None = None,
    after: AuditValues | None = None,
) -> AuditEvent:
    subject = AuditSubject.CHANNEL
    return AuditEvent(actor_id, AuditAction.CHANNELS, subject, channel_id, before, after)


def _cannot_forbid(
    allowed: frozenset[int], channel_id: int, within: Collection[int]
) -> AllowedChannelProblem | None:
    if not allowed:
        return AllowedChannelProblem.EVERYWHERE
    if allowed == {channel_id}:
        return AllowedChannelProblem.LAST
    if channel_id in allowed:
        return None
    by_category = not allowed.isdisjoint(within)
    return AllowedChannelProblem.BY_CATEGORY if by_category else AllowedChannelProblem.NOT_ALLOWED
