"""What happens to the bot's guilds: it joins and leaves them, their roles change."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from discord.ext import commands

from cogs.owner.guild_lookup import describe_guild

if TYPE_CHECKING:
    import discord

    from bot.owner.guild_access import GuildAccess

log = logging.getLogger(__name__)


class GuildEvents(commands.Cog):
    """Logs joining and leaving, and has a guild looked at when who manages it may have changed."""

    def __init__(self, access: GuildAccess) -> None:
        self._access = access

    @commands.Cog.listener("on_guild_join")
    async def joined(self, guild: discord.Guild) -> None:
        """Log the guild, and find out whether it is open."""
        log.warning("joined server %s.", describe_guild(guild))
        self._access.look(guild.id)

    @commands.Cog.listener("on_guild_remove")
    async def left(self, guild: discord.Guild) -> None:
        """Log the guild, and forget it."""
        log.warning("left server %s.", describe_guild(guild))
        self._access.forget(guild.id, describe_guild(guild))

    @commands.Cog.listener("on_guild_update")
    async def changed(self, before: discord.Guild, after: discord.Guild) -> None:
        """Look again where the guild was given to somebody else."""
        if before.owner_id != after.owner_id:
            self._access.look(after.id)

    @commands.Cog.listener("on_guild_role_update")
    async def role_changed(self, before: discord.Role, after: discord.Role) -> None:
        """Look again where a role gained or lost permissions."""
        if before.permissions != after.permissions:
            self._access.look(after.guild.id)

    @commands.Cog.listener("on_guild_role_delete")
    async def role_deleted(self, role: discord.Role) -> None:
        """Look again where a role is gone."""
        self._access.look(role.guild.id)
