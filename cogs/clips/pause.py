"""`/clips pause` and `resume`: no new requests in a server, for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands

from cogs.interactions.reason_option import ReasonOption, actor_from
from cogs.texts.amounts import timestamp

if TYPE_CHECKING:
    from bot.moderation.block_service import BlockService


class PauseCommands(app_commands.Group):
    """`/clips pause` and `resume`."""

    def __init__(self, blocks: BlockService) -> None:
        super().__init__()
        self._blocks = blocks

    @app_commands.command(description="Let nobody start new clips for now")
    @app_commands.describe(reason="Why; members read it when they try")
    async def pause(self, interaction: discord.Interaction, reason: ReasonOption = "") -> None:
        """Refuse new requests until `resume`; what is in the making goes on."""
        earlier = await self._blocks.pause(actor_from(interaction, reason))
        if earlier is None:
            text = "⏸️ Nobody may start a clip from now on. What is in the making will be finished."
        else:
            since = timestamp(earlier.since)
            text = f"⏸️ Clips were paused already, {since}. Only the reason changed."
        await interaction.edit_original_response(content=f"{text} `/clips resume` ends it.")

    @app_commands.command(description="Let members start clips again")
    async def resume(self, interaction: discord.Interaction) -> None:
        """End the pause."""
        earlier = await self._blocks.resume(actor_from(interaction))
        text = f"▶️ Members may start clips again. They were paused {timestamp(earlier.since)}."
        await interaction.edit_original_response(content=text)
