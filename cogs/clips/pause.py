"""`/clips pause` and `resume`: nobody new may start, for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from cogs.interactions.reason_option import ReasonOption, actor_from
from cogs.texts.amounts import timestamp

if TYPE_CHECKING:
    from bot.moderation.block_service import BlockService


def pause_command(blocks: BlockService) -> app_commands.Command[Any, ..., None]:
    """Return the command that lets nobody start a clip."""

    @app_commands.command(name="pause", description="Let nobody start new clips for now")
    @app_commands.describe(reason="Why; members read it when they try")
    async def pause(interaction: discord.Interaction, reason: ReasonOption = "") -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        earlier = await blocks.pause(actor_from(interaction, reason))
        if earlier is None:
            text = "⏸️ Nobody may start a clip from now on. What is in the making will be finished."
        else:
            text = (
                f"⏸️ Clips were paused already, {timestamp(earlier.since)}. Only the reason changed."
            )
        await interaction.edit_original_response(content=f"{text} `/clips resume` ends it.")

    return pause


def resume_command(blocks: BlockService) -> app_commands.Command[Any, ..., None]:
    """Return the command that ends a pause."""

    @app_commands.command(name="resume", description="Let members start clips again")
    async def resume(interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        earlier = await blocks.resume(actor_from(interaction))
        text = f"▶️ Members may start clips again. They were paused {timestamp(earlier.since)}."
        await interaction.edit_original_response(content=text)

    return resume
