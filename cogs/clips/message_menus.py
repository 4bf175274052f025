"""Entries in the menu of a message, for moderators."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

import discord
from discord import app_commands

from bot.moderation.clip_details import ClipRef
from cogs.interactions.rights import Right, require_right

OnMessage: TypeAlias = Callable[[discord.Interaction, discord.Message], Awaitable[None]]


def message_menu(name: str, right: Right, act: OnMessage) -> app_commands.ContextMenu:
    """Return an entry that is shown to those with a right, and refused to all others."""

    async def chosen(interaction: discord.Interaction, message: discord.Message) -> None:
        require_right(interaction, right)
        await act(interaction, message)

    menu = app_commands.ContextMenu(
        name=name,
        callback=chosen,
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    )
    menu.default_permissions = discord.Permissions(**{right: True})
    menu.guild_only = True
    return menu


def clip_ref_at(message: discord.Message) -> ClipRef:
    """Return the clip that a message shows, or that it answers as a notice."""
    answered = message.reference.message_id if message.reference is not None else None
    if answered is None:
        return ClipRef(message_ids=(message.id,))
    return ClipRef(message_ids=(message.id, answered))
