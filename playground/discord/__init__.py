"""A Discord on this machine: REST, gateway and CDN over real sockets, with people to play.

`DiscordStandIn` is the whole of it; the other names are what its callers pass in and get back.
"""

from playground.discord.activity.interactions import Interaction
from playground.discord.rest.ratelimit import rate_limited
from playground.discord.rules.option_rules import ClientRefusal
from playground.discord.server import DiscordStandIn
from playground.discord.state.channel_kinds import ChannelKind
from playground.discord.state.entities import (
    Channel,
    Guild,
    Member,
    Message,
    Overwrite,
    Role,
    User,
)
from playground.discord.state.messages import Attachment, Revision, Upload
from playground.discord.state.permissions import Permission
from playground.discord.state.world import World

__all__ = [
    "Attachment",
    "Channel",
    "ChannelKind",
    "ClientRefusal",
    "DiscordStandIn",
    "Guild",
    "Interaction",
    "Member",
    "Message",
    "Overwrite",
    "Permission",
    "Revision",
    "Role",
    "Upload",
    "User",
    "World",
    "rate_limited",
]
