"""Direct messages from the bot and to it, and leaving a guild."""

import asyncio

import discord
import pytest

from playground.discord import ClientRefusal, DiscordStandIn
from tests.playground.conftest import Api, SmallBot


async def test_the_bot_writes_to_a_person(stand_in: DiscordStandIn, bot: SmallBot) -> None:
    mia = stand_in.world.guild.member("mia").user
    channel = await bot.create_dm(discord.Object(mia.id))
    assert isinstance(channel, discord.DMChannel)
    await channel.send("hello", nonce="one")
    await channel.send("hello", nonce="one")
    (message,) = stand_in.world.direct_channel(mia).messages.values()
    assert (message.content, message.channel.recipient) == ("hello", mia)
    assert (await bot.fetch_channel(channel.id)).id == channel.id
    again = await bot.create_dm(discord.Object(mia.id))
    assert again.id == channel.id
    for guild_channel in stand_in.world.guild.channels.values():
        assert message.id not in guild_channel.messages


async def test_a_person_who_takes_none_is_not_written_to(
    stand_in: DiscordStandIn, bot: SmallBot
) -> None:
    mia = stand_in.world.guild.member("mia").user
    mia.takes_direct_messages = False
    channel = await bot.create_dm(discord.Object(mia.id))
    with pytest.raises(discord.Forbidden) as refused:
        await channel.send("hello")
    assert refused.value.code == 50007
    assert stand_in.world.direct_channel(mia).messages == {}


async def test_nobody_has_no_channel(stand_in: DiscordStandIn, api: Api) -> None:
    assert stand_in.world.user(7) is None
    status, body = await api("POST", "/users/@me/channels", {"recipient_id": "7"})
    assert (status, body["code"]) == (404, 10013)


async def test_a_command_in_direct_messages_comes_without_a_guild(
    stand_in: DiscordStandIn, bot: SmallBot
) -> None:
    came: list[discord.Interaction] = []

    async def answer(interaction: discord.Interaction, _image: discord.Attachment | None) -> None:
        came.append(interaction)
        await interaction.response.send_message("here", ephemeral=True)

    bot.answer = answer
    channel = stand_in.world.direct_channel(stand_in.world.guild.member("mia").user)
    (mia,) = (it for it in channel.guild.members.values() if not it.user.bot)
    asked = await stand_in.invoke(mia, channel, "animate")
    assert asked.original
    assert asked.original.content == "here"
    (interaction,) = came
    assert (interaction.guild_id, interaction.user.id) == (None, mia.id)
    assert interaction.context.dm_channel
    assert isinstance(interaction.channel, discord.DMChannel)
    with pytest.raises(ClientRefusal):
        await stand_in.invoke(mia, channel, "quota show", {"who": mia})


async def test_the_bot_leaves_a_guild(stand_in: DiscordStandIn, bot: SmallBot) -> None:
    joined = asyncio.create_task(bot.wait_for("guild_join", timeout=5))
    await asyncio.sleep(0)
    guild = stand_in.add_guild("Elsewhere")
    found = await joined
    await found.leave()
    assert stand_in.world.bot.id not in guild.members
    with pytest.raises(discord.NotFound):
        await found.leave()
