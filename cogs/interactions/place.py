"""Where an interaction is: in a guild, or in direct messages with the bot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from discord import app_commands

from bot.base import DIRECT_MESSAGES

if TYPE_CHECKING:
    import discord

DirectCommand: TypeAlias = (
    "app_commands.Command[Any, ..., Any] | app_commands.Group | app_commands.ContextMenu"
)
"""What may be offered in direct messages."""


USABLE_IF_CLOSED: Final = {"usable_if_closed": True}
"""The extras of a command that the bot answers in closed guilds too: it spends nothing there."""


def is_usable_if_closed(interaction: discord.Interaction) -> bool:
    """Whether an interaction's command has the extras `USABLE_IF_CLOSED`."""
    return interaction.command is not None and "usable_if_closed" in interaction.command.extras


def is_direct(interaction: discord.Interaction) -> bool:
    """Whether it is outside of guilds: commands are offered in the bot's direct messages alone."""
    return interaction.guild_id is None


def guild_id_of(interaction: discord.Interaction) -> int:
    """The guild that an interaction of a member's is booked to."""
    return DIRECT_MESSAGES if interaction.guild_id is None else interaction.guild_id


def open_directly(command: DirectCommand) -> None:
    """Have a command offered in direct messages with the bot too."""
    command.guild_only = False
    command.allowed_contexts = app_commands.AppCommandContext(guild=True, dm_channel=True)
