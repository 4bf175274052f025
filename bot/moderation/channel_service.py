"""Where the bot may be used, in the hands of a guild's moderators: each change with its record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.guilds import audit
from bot.guilds.audit import AuditAction, AuditEvent, AuditSubject
from bot.moderation import allowed_channels
from bot.moderation.errors import PlaceError, PlaceProblem

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.base.clock import Clock
    from bot.base.database import Database

MAX_PLACES: Final = 100
"""Channels and categories that one guild may name."""


class Places:
    """Allows and forbids the channels and categories of any guild, from the next request on."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def all(self, guild_id: int) -> frozenset[int]:
        """Return the ids of channels and categories that are allowed; empty means everywhere."""
        async with self._database.transaction() as tx:
            return await allowed_channels.allowed(tx, guild_id)

    async def allow(self, guild_id: int, actor_id: int, channel_id: int) -> frozenset[int]:
        """Allow a channel or category beside those allowed; the first one forbids all others.

        Returns:
            What is allowed now. It is no change and no record where it was allowed before.

        Raises:
            PlaceError: There are `MAX_PLACES` already.
        """
        async with self._database.transaction() as tx:
            before = await allowed_channels.allowed(tx, guild_id)
            after = before | {channel_id}
            if after == before:
                return before
            if len(after) > MAX_PLACES:
                raise PlaceError(PlaceProblem.TOO_MANY, channel_id)
            await allowed_channels.replace(tx, guild_id, after)
            place = {"allowed": True}
            deed = AuditEvent(
                actor_id, AuditAction.CHANNELS, AuditSubject.CHANNEL, channel_id, None, place
            )
            await audit.record(tx, guild_id, deed, self._clock())
        return after

    async def forbid(
        self, guild_id: int, actor_id: int, channel_id: int, within: Collection[int] = ()
    ) -> frozenset[int]:
        """Allow a channel or category no more; `within` are the ids of what it is in.

        Returns:
            What is allowed now; never nothing, which would mean everywhere.

        Raises:
            PlaceError: It is the last one, or not among those allowed.
        """
        async with self._database.transaction() as tx:
            before = await allowed_channels.allowed(tx, guild_id)
            after = before - {channel_id}
            if not before:
                raise PlaceError(PlaceProblem.EVERYWHERE, channel_id)
            if after == before:
                around = not before.isdisjoint(within)
                problem = PlaceProblem.BY_CATEGORY if around else PlaceProblem.NOT_ALLOWED
                raise PlaceError(problem, channel_id)
            if not after:
                raise PlaceError(PlaceProblem.LAST, channel_id)
            await allowed_channels.replace(tx, guild_id, after)
            place = {"allowed": True}
            deed = AuditEvent(
                actor_id, AuditAction.CHANNELS, AuditSubject.CHANNEL, channel_id, place, None
            )
            await audit.record(tx, guild_id, deed, self._clock())
        return after

    async def everywhere(self, guild_id: int, actor_id: int) -> frozenset[int]:
        """Allow all channels; return those that alone were allowed, none if all were."""
        async with self._database.transaction() as tx:
            before = await allowed_channels.allowed(tx, guild_id)
            if before:
                await allowed_channels.replace(tx, guild_id, ())
                named = {"allowed": " ".join(map(str, sorted(before)))}
                deed = AuditEvent(
                    actor_id, AuditAction.CHANNELS, AuditSubject.GUILD, 0, named, None
                )
                await audit.record(tx, guild_id, deed, self._clock())
        return before
