"""`/clips queue`: the clips that have not ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands

from cogs.clips.clip_lines import MORE, clip_line
from cogs.texts.markdown import fit_lines, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.moderation.clip_details import ClipDetails
    from bot.moderation.clip_service import ClipService


class QueueCommand(app_commands.Group):
    """`/clips queue`."""

    def __init__(self, clips: ClipService) -> None:
        super().__init__()
        self._clips = clips

    @app_commands.command(description="See which clips are being made or wait")
    async def queue(self, interaction: discord.Interaction) -> None:
        """List the clips that have not ended."""
        clips = await self._clips.in_progress(interaction.guild_id or 0)
        await interaction.edit_original_response(content=_queue_text(clips))


def _queue_text(clips: Sequence[ClipDetails]) -> str:
    if not clips:
        return "No clips are being made here."
    head = f"**{plural(len(clips), 'clip')} in the making**, the oldest first:"
    return fit_lines((head, *map(clip_line, clips)), MORE)
