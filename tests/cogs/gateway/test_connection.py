"""What is asked for over a shard that has no connection yet."""

from __future__ import annotations

import discord

from bot.base.event_counts import EventCounts
from cogs.gateway.connection import Gateway
from cogs.quota.report import member_names


async def test_a_report_has_no_names_where_its_shard_is_not_connected() -> None:
    client = discord.AutoShardedClient(intents=discord.Intents(guilds=True), shard_count=2)
    Gateway(client, EventCounts())
    data = {"id": str(1 << 22), "name": "Guild", "owner_id": "1"}
    guild = discord.Guild(data=data, state=client._connection)  # type: ignore[arg-type] # what is read
    assert await member_names(guild, [1, 2]) == {}
