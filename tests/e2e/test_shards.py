"""A bot in so many servers that Discord shards it: one connection for each part of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from playground.faults import Fault

if TYPE_CHECKING:
    from playground.discord import Channel, Guild
    from tests.house import House


pytestmark = pytest.mark.usefixtures("quick_gateway")


def shard_of(guild: Guild) -> int:
    return (guild.id >> 22) % 2


def guild_of_other_shard(house: House) -> Guild:
    """A server that the owner manages, on the shard on which the first server is not."""
    while True:
        guild = house.add_managed_guild(house.mia.user)
        if shard_of(guild) != shard_of(house.discord.world.guild):
            return guild
        house.discord.remove_bot(guild)
        house.discord.clock.advance(0.001)


def general(guild: Guild) -> Channel:
    return next(iter(guild.channels.values()))


def recommend_two(house: House) -> None:
    house.discord.gateway.recommended_shards = house.discord.gateway.required_shards = 2


async def test_both_shards_are_served(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cogs.gateway.connection.IDENTIFY_SECONDS", 1.0)
    recommend_two(house)
    gateway, other = house.discord.gateway, guild_of_other_shard(house)
    # Were a session begun too early, the stand-in would have it begun again.
    gateway.identify_seconds = 0.5
    async with house.bot():
        assert sorted(it.shard for it in gateway.sessions.values()) == [(0, 2), (1, 2)]
        for channel in (house.clips, general(other)):
            await house.delivered(await house.animate(channel=channel))
        owner, guild = house.discord.world.application_owner, house.discord.world.guild
        told = await house.ask(guild.members[owner.id], "owner servers list")
        assert all(str(it.id) in told.content for it in (guild, other))
        # Which servers there are is read once all shards are ready.
        await house.until("SELECT 1 WHERE (SELECT count(*) FROM known_guilds WHERE is_member) = 2")
        # One is cut: it alone comes back, and the other has gone on.
        (cut,) = (it for it in gateway.sessions.values() if it.serves(other.id))
        assert cut.sender is not None
        cut.sender.cut()
        await house.discord.wait_for(lambda: gateway.resume_count == 1)
        for channel in (house.clips, general(other)):
            await house.delivered(await house.animate(channel=channel))
        house.discord.remove_bot(other)
        await house.owner_told("Elsewhere")
    assert gateway.identify_count == 2


async def test_a_bot_that_needs_more_shards_asks_how_many(house: House) -> None:
    gateway, other = house.discord.gateway, guild_of_other_shard(house)
    async with house.bot():
        await house.delivered(await house.animate())
        recommend_two(house)
        await house.discord.drop_gateway(4011)
        await house.discord.wait_for(lambda: gateway.connected)
        for channel in (house.clips, general(other)):
            await house.delivered(await house.animate(channel=channel))
    assert gateway.identify_count == 3


async def test_jobs_of_both_shards_outlive_a_restart(house: House) -> None:
    recommend_two(house)
    other = guild_of_other_shard(house)
    house.pika.behaviour.render_seconds = 60
    async with house.bot():
        asked = [await house.animate(channel=it) for it in (house.clips, general(other))]
        for interaction in asked:
            await house.told(interaction.original, "Rendering")
    house.pika.behaviour.render_seconds = 0
    async with house.bot():
        for interaction in asked:
            await house.delivered(interaction)


async def test_a_server_left_while_a_shard_was_away_is_forgotten(house: House) -> None:
    recommend_two(house)
    gateway, other = house.discord.gateway, guild_of_other_shard(house)
    async with house.bot():
        await house.delivered(await house.animate(channel=general(other)))
        house.discord.world.leave(other.members[house.discord.world.bot.id])
        await house.discord.drop_gateway(forget_sessions=True)
        await house.owner_told("Elsewhere")
        await house.discord.wait_for(lambda: gateway.connected)
        await house.delivered(await house.animate())


async def test_no_session_begins_while_discord_lets_none_begin(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    limit = {"total": 1000, "remaining": 0, "reset_after": 50, "max_concurrency": 1}
    body = {"url": house.discord.gateway_url, "shards": 1, "session_start_limit": limit}
    house.discord.faults.add(Fault("discord.gateway_url", "reply", status=200, body=body))
    async with house.bot():
        await house.delivered(await house.animate())
    assert any("lets no further session begin" in it for it in caplog.messages)
