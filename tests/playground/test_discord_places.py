"""Threads that are private, archived or locked, slow mode, timeouts, voice, hidden channels."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import discord
import pytest

from playground.discord import (
    Channel,
    ChannelKind,
    ClientRefusal,
    DiscordStandIn,
    Member,
    Overwrite,
    Permission,
)
from tests.playground.conftest import Api, SmallBot

HIDDEN = "___hidden___"


@pytest.fixture
def clips(stand_in: DiscordStandIn) -> Channel:
    return stand_in.world.guild.channel("clips")


@pytest.fixture
def mia(stand_in: DiscordStandIn) -> Member:
    return stand_in.world.guild.member("mia")


async def heard(bot: SmallBot, event: str, change: Callable[[], object]) -> Any:
    hearing = asyncio.create_task(bot.wait_for(event, timeout=60))
    await asyncio.sleep(0)
    change()
    return await hearing


async def code(api: Api, method: str, path: str, body: object = None) -> int:
    status, answer = await api(method, path, body)
    return int(answer["code"]) if status >= 400 else 0


async def test_a_message_opens_an_archived_thread_and_an_edit_does_not(
    stand_in: DiscordStandIn, api: Api, bot: SmallBot, clips: Channel
) -> None:
    thread = stand_in.add_thread("t", clips)
    path = f"/channels/{thread.id}/messages"
    _, first = await api("POST", path, {"content": "one"})
    await heard(bot, "thread_update", lambda: stand_in.set_thread(thread, archived=True))
    guild = bot.get_guild(thread.guild.id)
    assert guild is not None
    assert guild.get_thread(thread.id) is None
    assert await code(api, "PATCH", f"{path}/{first['id']}", {"content": "x"}) == 50083
    stand_in.set_thread(thread, locked=True)
    assert await code(api, "POST", path, {"content": "x"}) == 50083
    stand_in.set_thread(thread, locked=False)
    assert await code(api, "POST", path, {"content": "two"}) == 0
    assert not thread.archived
    assert await code(api, "DELETE", f"{path}/{first['id']}") == 0


async def test_a_locked_thread_is_for_who_manages_threads(
    stand_in: DiscordStandIn, api: Api, clips: Channel, mia: Member
) -> None:
    thread = stand_in.add_thread("t", clips)
    path = f"/channels/{thread.id}/messages"
    _, first = await api("POST", path, {"content": "one"})
    stand_in.set_thread(thread, locked=True)
    assert await code(api, "POST", path, {"content": "x"}) == 160005
    assert await code(api, "PATCH", f"{path}/{first['id']}", {"content": "x"}) == 160005
    with pytest.raises(ClientRefusal, match="locked"):
        stand_in.say(mia, thread, "x")
    stand_in.grant_bot_permissions(clips, Permission.MANAGE_THREADS)
    assert await code(api, "POST", path, {"content": "x"}) == 0
    clips.overwrites[mia.id] = Overwrite("member", allow=Permission.MANAGE_THREADS)
    stand_in.say(mia, thread, "x")


async def test_the_token_changes_nothing_in_an_archived_thread(
    stand_in: DiscordStandIn, bot: SmallBot, clips: Channel, mia: Member
) -> None:
    thread = stand_in.add_thread("t", clips)
    interaction = await stand_in.invoke(mia, thread, "animate")
    token = discord.Webhook.partial(bot.application_id or 0, interaction.token, client=bot)
    assert interaction.original
    await token.edit_message(interaction.original.id, content="begun")
    stand_in.set_thread(thread, archived=True)
    with pytest.raises(discord.HTTPException) as refused:
        await token.edit_message(interaction.original.id, content="x")
    assert refused.value.code == 50083
    await token.send("opens it")
    assert not thread.archived
    await token.edit_message(interaction.original.id, content="x")


async def test_a_private_thread_is_seen_by_who_is_in_it(
    stand_in: DiscordStandIn, api: Api, bot: SmallBot, clips: Channel, mia: Member
) -> None:
    noah = stand_in.world.guild.member("noah")
    thread = stand_in.add_thread("secret", clips, mia, is_private=True)
    assert [one for one in (mia, noah) if one.may(thread, Permission.VIEW_CHANNEL)] == [mia]
    assert await code(api, "GET", f"/channels/{thread.id}") == 50001
    assert await code(api, "POST", f"/channels/{thread.id}/messages", {"content": "x"}) == 50001
    # Its commands reach the bot all the same, and do not make it a member.
    interaction = await stand_in.invoke(mia, thread, "animate")
    assert interaction.acknowledged
    joined = await heard(
        bot, "thread_join", lambda: stand_in.say(mia, thread, f"<@{stand_in.world.bot.id}>")
    )
    assert joined.id == thread.id
    assert joined.me is not None
    assert await code(api, "POST", f"/channels/{thread.id}/messages", {"content": "x"}) == 0
    assert not noah.may(thread, Permission.VIEW_CHANNEL)
    stand_in.say(mia, thread, noah.user.mention)
    assert noah.may(thread, Permission.VIEW_CHANNEL)


async def test_slow_mode_is_for_people(
    stand_in: DiscordStandIn, api: Api, clips: Channel, mia: Member
) -> None:
    stand_in.set_slowmode(clips, 60)
    stand_in.say(mia, clips, "one")
    with pytest.raises(ClientRefusal, match="Slow mode"):
        stand_in.say(mia, clips, "two")
    for _ in range(2):
        assert await code(api, "POST", f"/channels/{clips.id}/messages", {"content": "x"}) == 0
    stand_in.clock.advance(61)
    stand_in.say(mia, clips, "two")
    clips.overwrites[mia.id] = Overwrite("member", allow=Permission.BYPASS_SLOWMODE)
    stand_in.say(mia, clips, "three")


async def test_who_is_timed_out_reads_and_does_nothing_else(
    stand_in: DiscordStandIn, clips: Channel, mia: Member
) -> None:
    stand_in.time_out(mia, stand_in.clock.now() + timedelta(minutes=10))
    assert mia.may(clips, Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY)
    assert not mia.may(clips, Permission.SEND_MESSAGES)
    with pytest.raises(ClientRefusal, match="timed out"):
        stand_in.say(mia, clips, "hello")
    stand_in.clock.advance(601)
    stand_in.say(mia, clips, "hello")
    owner = stand_in.world.guild.member("owner")
    stand_in.time_out(owner, stand_in.clock.now() + timedelta(minutes=10))
    assert owner.may(clips, Permission.SEND_MESSAGES)


@pytest.mark.parametrize("kind", [ChannelKind.VOICE, ChannelKind.STAGE])
@pytest.mark.usefixtures("bot")
async def test_the_chat_of_voice_is_read_by_who_may_connect(
    stand_in: DiscordStandIn, api: Api, kind: ChannelKind
) -> None:
    guild = stand_in.world.guild
    channel = stand_in.add_channel("lounge", kind=kind)
    path = f"/channels/{channel.id}/messages"
    assert await code(api, "POST", path, {"content": "x"}) == 0
    assert await code(api, "GET", path) == 0
    assert stand_in.offered(guild.member("mia"), channel)
    everyone = Overwrite("role", deny=Permission.CONNECT)
    channel.overwrites[guild.everyone.id] = everyone
    assert await code(api, "GET", path) == 50001
    assert stand_in.offered(guild.member("mia"), channel) == []


def test_a_channel_begins_as_its_category(stand_in: DiscordStandIn, mia: Member) -> None:
    category = stand_in.add_channel("category", kind=ChannelKind.CATEGORY)
    category.overwrites[mia.id] = Overwrite("member", deny=Permission.SEND_MESSAGES)
    channel = stand_in.add_channel("place", parent=category)
    assert not mia.may(channel, Permission.SEND_MESSAGES)
    category.overwrites.clear()
    assert not mia.may(channel, Permission.SEND_MESSAGES), "a copy of its own"


@pytest.mark.parametrize("kind", [ChannelKind.TEXT, ChannelKind.VOICE, ChannelKind.FORUM])
async def test_a_channel_that_the_bot_may_not_view_comes_hidden(
    stand_in: DiscordStandIn, api: Api, bot: SmallBot, kind: ChannelKind
) -> None:
    guild = bot.get_guild(stand_in.world.guild.id)
    assert guild is not None
    hidden = {it.id: it for it in guild.channels if it.name == HIDDEN}
    mods = stand_in.world.guild.channel("mods")
    assert hidden.keys() == {mods.id}
    assert hidden[mods.id].position == mods.position
    category = stand_in.add_channel("category", kind=ChannelKind.CATEGORY)
    place = stand_in.add_channel("place", kind=kind, parent=category, nsfw=True)
    post = stand_in.add_thread("post", place) if kind is not ChannelKind.VOICE else None
    _, after = await heard(bot, "guild_channel_update", lambda: stand_in.hide_from_bot(place))
    assert (after.name, after.category_id) == (HIDDEN, category.id)
    assert not after.permissions_for(guild.me).view_channel
    assert after.id not in [int(it["id"]) for it in (await api("GET", _channels(guild)))[1]]
    assert await code(api, "GET", f"/channels/{place.id}") == 50001
    _, after = await heard(
        bot, "guild_channel_update", lambda: stand_in.hide_from_bot(place, hidden=False)
    )
    assert (after.name, after.nsfw) == ("place", True)
    assert after.permissions_for(guild.me).send_messages
    assert post is None or guild.get_thread(post.id) is not None


def _channels(guild: discord.Guild) -> str:
    return f"/guilds/{guild.id}/channels"


async def test_a_role_of_the_bot_shows_and_hides_channels(
    stand_in: DiscordStandIn, bot: SmallBot
) -> None:
    guild = stand_in.world.guild
    role, helper = guild.role(stand_in.world.bot.username), guild.role("Helper")
    me, mods = guild.members[stand_in.world.bot.id], guild.channel("mods")
    _, shown = await heard(
        bot, "guild_channel_update", lambda: stand_in.set_roles(me, [role, helper])
    )
    assert (shown.id, shown.name) == (mods.id, "mods")
    _, hidden = await heard(bot, "guild_channel_update", lambda: stand_in.set_roles(me, [role]))
    assert (hidden.id, hidden.name) == (mods.id, HIDDEN)


async def test_what_begins_hidden_is_announced_so(stand_in: DiscordStandIn, bot: SmallBot) -> None:
    category = stand_in.add_channel("category", kind=ChannelKind.CATEGORY)
    await heard(bot, "guild_channel_update", lambda: stand_in.hide_from_bot(category))
    made = await heard(
        bot, "guild_channel_create", lambda: stand_in.add_channel("place", parent=category)
    )
    assert made.name == HIDDEN
