"""What is kept of a guild and its channels, and of channels that are hidden from the bot."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from cogs.gateway.events import EventReader
from cogs.interactions.channel_rights import HIDDEN_NAME

GUILD, BOT, CHANNEL = 10, 20, 30
EVERYONE = {"id": str(GUILD), "name": "@everyone", "position": 0, "permissions": "1024"}
USER = {"id": str(BOT), "username": "bot", "discriminator": "0", "avatar": None}
ME = {"user": USER, "roles": [], "joined_at": "2026-01-01T00:00:00+00:00", "flags": 0}
NULLS = (
    "name",
    "topic",
    "nsfw",
    "bitrate",
    "user_limit",
    "rtc_region",
    "available_tags",
    "parent_id",
)


async def told(channel: dict[str, Any], *updates: dict[str, Any]) -> discord.abc.GuildChannel:
    """The channel as it is kept after a GUILD_CREATE with it, and some updates."""
    client = discord.AutoShardedClient(intents=discord.Intents(guilds=True))
    state = client._connection
    state.shard_count = 1
    state.user = discord.ClientUser(state=state, data=USER)  # type: ignore[arg-type] # what is read
    EventReader(state)
    guild = {"id": str(GUILD), "name": "Guild", "owner_id": "1", "roles": [EVERYONE]}
    state.parsers["GUILD_CREATE"](guild | {"channels": [channel], "members": [ME]})
    for update in updates:
        state.parsers["CHANNEL_UPDATE"](update | {"guild_id": str(GUILD)})
    found = client.get_channel(CHANNEL)
    assert isinstance(found, discord.abc.GuildChannel)
    return found


@pytest.mark.parametrize("kind", [0, 2, 4, 5, 13, 15, 16])
@pytest.mark.parametrize("rest", [{}, dict.fromkeys(NULLS), {"permission_overwrites": None}])
async def test_a_hidden_channel_is_known_and_not_viewed(kind: int, rest: dict[str, Any]) -> None:
    hidden = {"id": str(CHANNEL), "type": kind, "flags": 1 << 17, **rest}
    shown = {"id": str(CHANNEL), "type": kind, "flags": 0, "name": "shown", "position": 1}
    for channel in (await told(hidden), await told(shown, hidden)):
        assert (channel.name, channel.type.value) == (HIDDEN_NAME, kind)
        assert not channel.permissions_for(channel.guild.me).view_channel
    channel = await told(hidden, shown)
    assert channel.name == "shown"
    assert channel.permissions_for(channel.guild.me).view_channel
