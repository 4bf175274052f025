"""`/clips queue`: what is being made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from cogs.clips.clip_lines import clip_line, fit_lines
from cogs.texts.markdown import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.moderation.clip_details import ClipDetails
    from bot.moderation.clip_service import ClipService


def queue_command(control: ClipService) -> app_commands.Command[Any, ..., None]:
    """Return the command that lists running and waiting clips."""

    @app_commands.command(name="queue", description="See which clips are being made or wait")
    async def queue(interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        clips = await control.in_progress(interaction.guild_id or 0)
        await interaction.edit_original_response(content=_listed(clips))

    return queue


def _listed(clips: Sequence[ClipDetails]) -> str:
    if not clips:
        return "No clips are being made here."
    head = f"**{plural(len(clips), 'clip')} in the making**, the oldest first:"
    return fit_lines(head, [clip_line(clip) for clip in clips])
