"""Kinds of channels, and threads in them."""

import asyncio
from collections.abc import Callable
from typing import Any

import discord
import pytest

from playground.discord import Channel, ChannelKind, ClientRefusal, DiscordStandIn, Permission
from playground.discord.state.entities import Overwrite, permissions_in
from tests.contracts import discord_violations
from tests.playground.conftest import Api, SmallBot

KINDS = {
    ChannelKind.TEXT: discord.TextChannel,
    ChannelKind.ANNOUNCEMENT: discord.TextChannel,
    ChannelKind.VOICE: discord.VoiceChannel,
    ChannelKind.STAGE: discord.StageChannel,
    ChannelKind.FORUM: discord.ForumChannel,
    ChannelKind.MEDIA: discord.ForumChannel,
}


def in_category(stand_in: DiscordStandIn, kind: ChannelKind) -> Channel:
    category = stand_in.add_channel("category", kind=ChannelKind.CATEGORY)
    return stand_in.add_channel("place", kind=kind, parent=category, nsfw=True)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_client_is_told_of_every_kind(
    stand_in: DiscordStandIn, bot: SmallBot, kind: ChannelKind
) -> None:
    channel = in_category(stand_in, kind)
    seen = await bot.fetch_channel(channel.id)
    assert isinstance(seen, KINDS[kind])
    assert isinstance(seen, discord.abc.GuildChannel)
    assert seen.category_id == (channel.parent and channel.parent.id)
    assert getattr(seen, "nsfw", False)


@pytest.mark.parametrize("kind", [*KINDS, ChannelKind.CATEGORY])
async def test_every_kind_is_as_the_contract_says(
    stand_in: DiscordStandIn, api: Api, kind: ChannelKind
) -> None:
    channel = in_category(stand_in, kind)
    thread = stand_in.add_channel("t", kind=ChannelKind.PUBLIC_THREAD, parent=channel)
    for one in (channel, thread):
        await api("GET", f"/channels/{one.id}")
        assert stand_in.exchanges[-1].status == 200
    assert discord_violations(stand_in.exchanges) == []


async def test_a_thread_has_the_rights_of_its_channel(stand_in: DiscordStandIn) -> None:
    guild = stand_in.world.guild
    clips, mia = guild.channel("clips"), guild.member("mia")
    thread = stand_in.add_channel("t", kind=ChannelKind.PUBLIC_THREAD, parent=clips)
    clips.overwrites[mia.id] = Overwrite("member", deny=Permission.SEND_MESSAGES)
    assert stand_in.say(mia, thread, "hello").channel is thread
    with pytest.raises(ClientRefusal):
        stand_in.say(mia, clips, "hello")
    clips.overwrites[mia.id] = Overwrite("member", deny=Permission.SEND_MESSAGES_IN_THREADS)
    with pytest.raises(ClientRefusal):
        stand_in.say(mia, thread, "hello")
    clips.overwrites[mia.id] = Overwrite("member", deny=Permission.VIEW_CHANNEL)
    assert not permissions_in(thread, mia)


@pytest.mark.parametrize("kind", [ChannelKind.CATEGORY, ChannelKind.FORUM, ChannelKind.MEDIA])
async def test_a_category_and_a_forum_have_no_messages(
    stand_in: DiscordStandIn, api: Api, kind: ChannelKind
) -> None:
    channel = stand_in.add_channel("place", kind=kind)
    await api("POST", f"/channels/{channel.id}/messages", {"content": "x"})
    answer = stand_in.exchanges[-1]
    assert isinstance(answer.response_json, dict)
    assert (answer.status, answer.response_json["code"]) == (400, 50008)
    assert stand_in.offered(stand_in.world.guild.member("mia"), channel) == []


async def test_what_a_channel_has_goes_with_it(stand_in: DiscordStandIn, bot: SmallBot) -> None:
    category = stand_in.add_channel("category", kind=ChannelKind.CATEGORY)
    forum = stand_in.add_channel("place", kind=ChannelKind.FORUM, parent=category)

    async def heard(event: str, change: Callable[[], object]) -> Any:
        hearing = asyncio.create_task(bot.wait_for(event, timeout=60))
        await asyncio.sleep(0)
        change()
        return await hearing

    thread = await heard(
        "thread_create",
        lambda: stand_in.add_channel("t", kind=ChannelKind.PUBLIC_THREAD, parent=forum),
    )
    assert isinstance(thread, discord.Thread)
    assert thread.parent_id == forum.id
    _, after = await heard("guild_channel_update", lambda: stand_in.delete_channel(category))
    assert after.category_id is None
    gone = await heard("thread_delete", lambda: stand_in.delete_channel(forum))
    assert gone == thread
