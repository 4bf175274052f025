"""Channels and threads as the gateway tells the bot of them."""

from typing import TYPE_CHECKING, Final

from playground.discord.payloads.state_payloads import channel_json
from playground.discord.state.permissions import Permission
from playground.discord.state.snowflakes import born_at
from playground.json_types import Json

if TYPE_CHECKING:
    from playground.discord.state.entities import Channel, Guild, Member

HIDDEN_NAME: Final = "___hidden___"
HIDDEN_FLAG: Final = 1 << 17
"""What a channel has that the bot may not view, since 2026-11-16."""


def channel_for_bot_json(channel: "Channel", bot: "Member") -> Json:
    """A channel, without what is in it where the bot may not view it.

    Id, kind, position and category are true then. Discord does not say which other fields it
    empties; here they have the values of a new channel.
    """
    shown = channel_json(channel)
    if bot.may(channel, Permission.VIEW_CHANNEL):
        return shown
    everyone = {"id": str(channel.guild.id), "type": 0, "allow": "0"}
    return shown | {
        "name": HIDDEN_NAME,
        "flags": HIDDEN_FLAG,
        "nsfw": False,
        "rate_limit_per_user": 0,
        "last_message_id": None,
        "permission_overwrites": [everyone | {"deny": str(int(Permission.VIEW_CHANNEL))}],
    }


def thread_for_member_json(thread: "Channel", user_id: int) -> Json:
    """A thread, with the membership of an account that is in it."""
    shown = channel_json(thread)
    if user_id in thread.joined:
        shown["member"] = {
            "id": str(thread.id),
            "user_id": str(user_id),
            "join_timestamp": born_at(thread.id).isoformat(),
            "flags": 0,
        }
    return shown


def channels_json(guild: "Guild", bot: "Member") -> Json:
    """The channels of a guild, and its open threads that the bot may view."""
    places = guild.channels.values()
    threads = [it for it in places if it.kind.is_thread and not it.archived]
    return {
        "channels": [channel_for_bot_json(it, bot) for it in places if not it.kind.is_thread],
        "threads": [
            thread_for_member_json(it, bot.id)
            for it in threads
            if bot.may(it, Permission.VIEW_CHANNEL)
        ],
    }
