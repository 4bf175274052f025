"""What happens to the bot's guilds: it joins and leaves them, their roles change."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from cogs.owner.guild_lookup import describe_guild

if TYPE_CHECKING:
    import discord

    from bot.owner.guild_access import GuildAccess

log = logging.getLogger(__name__)


class GuildEvents:
    """Logs joining and leaving, and has a guild looked at when who manages it may have changed."""

    def __init__(self, access: GuildAccess) -> None:
        self._access = access

    def listen(self, client: discord.Client) -> None:
        """Have the client call the methods that are named as its events."""
        for listener in (
            self.on_guild_join,
            self.on_guild_remove,
            self.on_guild_update,
            self.on_guild_role_update,
            self.on_guild_role_delete,
        ):
            client.event(listener)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Log the guild, and find out whether it is open."""
        log.warning("joined server %s.", describe_guild(guild), extra=_fields("joined", guild))
        self._access.look(guild.id)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Log the guild, and forget it."""
        log.warning("left server %s.", describe_guild(guild), extra=_fields("left", guild))
        self._access.forget(guild.id, describe_guild(guild))

    async def on_guild_update(self, before: discord.Guild, after: discord.Guild) -> None:
        """Look again where the guild was given to somebody else."""
        if before.owner_id != after.owner_id:
            self._access.look(after.id)

    async def on_guild_role_update(self, before: discord.Role, after: discord.Role) -> None:
        """Look again where a role gained or lost permissions."""
        if before.permissions != after.permissions:
            self._access.look(after.guild.id)

    async def on_guild_role_delete(self, role: discord.Role) -> None:
        """Look again where a role is gone."""
        self._access.look(role.guild.id)


def _fields(what: str, guild: discord.Guild) -> dict[str, str]:
    return {"event": f"server_{what}", "server_id": str(guild.id)}
