"""Where the bot may be used, in the hands of a guild's moderators: each change with its record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.guilds import audit
from bot.guilds.audit import AuditAction, AuditEvent, AuditSubject
from bot.moderation import allowed_channels
from bot.moderation.errors import AllowedChannelError, AllowedChannelProblem

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.base.clock import Clock
    from bot.base.database import Database

MAX_ALLOWED_CHANNELS: Final = 100
"""Channels and categories that one guild may name."""


class ChannelService:
    """Allows and forbids the channels and categories of any guild, from the next request on."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def allowed(self, guild_id: int) -> frozenset[int]:
        """Return the ids of channels and categories that are allowed; empty means everywhere."""
        async with self._database.transaction() as tx:
            return await allowed_channels.allowed(tx, guild_id)

    async def allow(self, guild_id: int, actor_id: int, channel_id: int) -> frozenset[int]:
        """Allow a channel or category beside those allowed; the first one forbids all others.

        Returns:
            What is allowed now. It is no change and no record where it was allowed before.

        Raises:
            AllowedChannelError: There are `MAX_ALLOWED_CHANNELS` already.
        """
        async with self._database.transaction() as tx:
            before = await allowed_channels.allowed(tx, guild_id)
            after = before | {channel_id}
            if after == before:
                return before
            if len(after) > MAX_ALLOWED_CHANNELS:
                raise AllowedChannelError(AllowedChannelProblem.TOO_MANY, channel_id)
            await allowed_channels.replace(tx, guild_id, after)
            place = {"allowed": True}
            event = AuditEvent(
                actor_id, AuditAction.CHANNELS, AuditSubject.CHANNEL, channel_id, None, place
            )
            await audit.record(tx, guild_id, event, self._clock())
        return after

    async def forbid(
        self, guild_id: int, actor_id: int, channel_id: int, within: Collection[int] = ()
    ) -> frozenset[int]:
        """Allow a channel or category no more; `within` are the ids of what it is in.

        Returns:
            What is allowed now; never nothing, which would mean everywhere.

        Raises:
            AllowedChannelError: It is the last one, or not among those allowed.
        """
        async with self._database.transaction() as tx:
            before = await allowed_channels.allowed(tx, guild_id)
            after = before - {channel_id}
            if not before:
                raise AllowedChannelError(AllowedChannelProblem.EVERYWHERE, channel_id)
            if after == before:
                around = not before.isdisjoint(within)
                problem = (
                    AllowedChannelProblem.BY_CATEGORY
                    if around
                    else AllowedChannelProblem.NOT_ALLOWED
                )
                raise AllowedChannelError(problem, channel_id)
            if not after:
                raise AllowedChannelError(AllowedChannelProblem.LAST, channel_id)
            await allowed_channels.replace(tx, guild_id, after)
            place = {"allowed": True}
            event = AuditEvent(
                actor_id, AuditAction.CHANNELS, AuditSubject.CHANNEL, channel_id, place, None
            )
            await audit.record(tx, guild_id, event, self._clock())
        return after

    async def allow_everywhere(self, guild_id: int, actor_id: int) -> frozenset[int]:
        """Allow all channels; return those that alone were allowed, none if all were."""
        async with self._database.transaction() as tx:
            before = await allowed_channels.allowed(tx, guild_id)
            if before:
                await allowed_channels.replace(tx, guild_id, ())
                named = {"allowed": " ".join(map(str, sorted(before)))}
                event = AuditEvent(
                    actor_id, AuditAction.CHANNELS, AuditSubject.GUILD, 0, named, None
                )
                await audit.record(tx, guild_id, event, self._clock())
        return before
