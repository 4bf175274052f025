"""What the bot may do in a channel, as far as Discord has told it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import discord

if TYPE_CHECKING:
    from collections.abc import Iterable

TO_WRITE: Final = {"view_channel": "View Channel", "send_messages": "Send Messages"}
TO_SHOW_CLIPS: Final = TO_WRITE | {"attach_files": "Attach Files"}
"""Permissions by attribute, as Discord's clients name them."""


def missing_rights(
    guild: discord.Guild | None, channel_id: int, needed: Iterable[tuple[str, str]]
) -> list[str]:
    """Return the names of the permissions that the bot does not have in a channel.

    A channel that it was not shown lacks all of them; a category none, for it holds no message.
    """
    channel = None if guild is None else guild.get_channel(channel_id)
    if guild is None or channel is None:
        return [name for _, name in needed]
    if isinstance(channel, discord.CategoryChannel):
        return []
    permissions = channel.permissions_for(guild.me)
    return [name for attribute, name in needed if not getattr(permissions, attribute)]
