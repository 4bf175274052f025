"""Entries in the menu of a message, for moderators. Discord takes none of them into a group."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import discord
from discord import app_commands

from cogs.clips.remove import ask_about_removal
from cogs.clips.who_made import show_who_made
from cogs.interactions.rights import require_right_over_clips

if TYPE_CHECKING:
    from bot.moderation.clip_service import ClipService

MessageAction: TypeAlias = Callable[[discord.Interaction, discord.Message], Awaitable[None]]


def message_menus(clips: ClipService) -> list[app_commands.ContextMenu]:
    """Build the entries. They are shown to moderators, and refused to all others."""
    return [
        _menu("Who made this?", partial(show_who_made, clips)),
        _menu("Remove clip", partial(ask_about_removal, clips)),
    ]


def _menu(name: str, act: MessageAction) -> app_commands.ContextMenu:
    async def chosen(interaction: discord.Interaction, message: discord.Message) -> None:
        require_right_over_clips(interaction, "manage_messages")
        await act(interaction, message)

    menu = app_commands.ContextMenu(
        name=name,
        callback=chosen,
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    )
    menu.default_permissions = discord.Permissions(manage_messages=True)
    menu.guild_only = True
    return menu
