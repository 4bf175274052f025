"""`/usage`: what a member may still spend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from cogs.animate.from_interaction import requester_from
from cogs.delivery import job_messages

if TYPE_CHECKING:
    from bot.requests.service import RequestService


class Usage(commands.Cog):
    """Shows members their own account, to them alone."""

    def __init__(self, requests: RequestService) -> None:
        self._requests = requests

    @app_commands.command(
        name="usage", description="See how many clips you have left, and when they renew"
    )
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def usage(self, interaction: discord.Interaction) -> None:
        """Acknowledge, then look it up."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        account = await self._requests.usage(requester_from(interaction))
        await interaction.edit_original_response(content=job_messages.usage_text(account))
