"""Addresses of messages in Discord."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.base import DIRECT_MESSAGES

if TYPE_CHECKING:
    from bot.jobs.job import ReplyTo


def message_link(reply_to: ReplyTo) -> str:
    """The address of the message in which a request is answered."""
    guild = "@me" if reply_to.guild_id == DIRECT_MESSAGES else reply_to.guild_id
    return f"https://discord.com/channels/{guild}/{reply_to.channel_id}/{reply_to.message_id}"
