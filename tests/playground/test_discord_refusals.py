"""What Discord refuses for a reason of its own: threads, filters, slow mode, a banned address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import pytest

from playground.discord import Channel, ChannelKind, ClientRefusal, DiscordStandIn, Permission

if TYPE_CHECKING:
    from tests.playground.conftest import SmallBot


def a_thread(stand_in: DiscordStandIn) -> Channel:
    clips = stand_in.world.guild.channel("clips")
    return stand_in.add_channel("t", kind=ChannelKind.PUBLIC_THREAD, parent=clips)


async def test_sending_opens_an_archived_thread_and_editing_does_not(
    stand_in: DiscordStandIn, bot: SmallBot
) -> None:
    thread = a_thread(stand_in)
    place = bot.get_partial_messageable(thread.id)
    message = await place.send("one")
    stand_in.set_thread(thread, archived=True)
    for act in (message.edit(content="two"), message.delete()):
        with pytest.raises(discord.HTTPException) as refused:
            await act
        assert refused.value.code == 50083
    await place.send("three")
    assert not thread.archived
    await message.edit(content="two")
    assert stand_in.say(stand_in.world.guild.member("mia"), thread, "hello").channel is thread


@pytest.mark.parametrize(("archived", "code"), [(False, 160005), (True, 50083)])
async def test_a_locked_thread_is_for_those_who_manage_threads(
    stand_in: DiscordStandIn, bot: SmallBot, *, archived: bool, code: int
) -> None:
    thread = a_thread(stand_in)
    place = bot.get_partial_messageable(thread.id)
    message = await place.send("one")
    stand_in.set_thread(thread, archived=archived, locked=True)
    for act in (place.send("two"), message.edit(content="two")):
        with pytest.raises(discord.HTTPException) as refused:
            await act
        assert refused.value.code == code
    with pytest.raises(ClientRefusal):
        stand_in.say(stand_in.world.guild.member("mia"), thread, "hello")
    assert thread.parent is not None
    stand_in.grant_bot_permissions(thread.parent, Permission.MANAGE_THREADS)
    await place.send("two")
    assert (thread.archived, thread.locked) == (False, True)


async def test_an_archived_thread_is_not_announced_with_its_guild(
    stand_in: DiscordStandIn, bot: SmallBot
) -> None:
    thread, other = a_thread(stand_in), a_thread(stand_in)
    stand_in.set_thread(thread, archived=True)
    await stand_in.drop_gateway(4009, forget_sessions=True)
    await stand_in.wait_for(lambda: not stand_in.gateway.connected)
    await stand_in.wait_ready()
    guild = stand_in.world.guild
    assert isinstance(await bot.fetch_channel(thread.id), discord.Thread)
    known = bot.get_guild(guild.id)
    assert known is not None
    assert {it.id for it in known.threads} == {other.id}


async def test_filters_look_at_texts_and_files(stand_in: DiscordStandIn, bot: SmallBot) -> None:
    place = bot.get_partial_messageable(stand_in.world.guild.channel("clips").id)
    stand_in.filters.harmful_links.add("harm.example")
    stand_in.filters.explicit_types.add("video/mp4")
    with pytest.raises(discord.HTTPException) as link:
        await place.send("see https://harm.example/now")
    assert link.value.code == 240000
    message = await place.send("see https://example.org")
    with pytest.raises(discord.HTTPException) as edited:
        await message.edit(content="or harm.example")
    assert edited.value.code == 240000
    with pytest.raises(discord.HTTPException) as explicit:
        await message.edit(attachments=[discord.File(__file__, "clip.mp4")])
    assert explicit.value.code == 20009
    assert message.content == "see https://example.org"


async def test_a_banned_address_gets_a_page_and_how_long(
    stand_in: DiscordStandIn, bot: SmallBot
) -> None:
    stand_in.limits.ban(60)
    place = bot.get_partial_messageable(stand_in.world.guild.channel("clips").id)
    with pytest.raises(discord.HTTPException) as refused:
        await place.send("one")
    assert refused.value.status == 429
    assert refused.value.response.headers["Retry-After"] == "60"
    assert "Via" not in refused.value.response.headers
    assert "1015" in refused.value.text
    stand_in.clock.advance(61)
    await place.send("one")
