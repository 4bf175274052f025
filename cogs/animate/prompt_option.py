"""Options of commands that are words for Pika."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands

from bot.base.checked_text import MAX_CHARACTERS, check_text

if TYPE_CHECKING:
    import discord


class PromptOption(app_commands.Transformer):
    """A text option with the bound that Discord's client then shows while one types."""

    max_value = MAX_CHARACTERS

    def __init__(self, field: str) -> None:
        self._field = field

    async def transform(self, _interaction: discord.Interaction, value: str, /) -> str:
        """Check what a client sent, whatever bound it knew."""
        return check_text(self._field, value)
