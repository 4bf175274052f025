"""How members are told of the ends of their clips, and how long what calls them stays."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from playground.discord import ChannelKind, Permission
from playground.faults import Fault

if TYPE_CHECKING:
    from playground.discord import Channel, Message
    from tests.house import House

READY = "your clip is ready"
CLOSED: dict[str, Any] = {"message": "Cannot send messages to this user", "code": 50007}


def notices(channel: Channel) -> list[Message]:
    """The messages there that called somebody, and still stand."""
    found = [it for it in channel.messages.values() if it.viewer is None and not it.deleted]
    return [it for it in found if READY in it.content or "there is no clip" in it.content]


def direct(house: House) -> list[str]:
    channel = house.discord.world.direct_channel(house.mia.user)
    return [it.content for it in channel.messages.values()]


async def clip(house: House, **options: Any) -> Message:
    message = await house.delivered(await house.animate(**options))
    await house.settled()
    return message


async def test_a_notice_goes_when_its_member_was_there(house: House) -> None:
    async with house.bot():
        shown = await clip(house)
        (notice,) = notices(house.clips)
        # Somebody else's press, and their own elsewhere, are none of theirs here.
        await house.ask(house.member("noah"), "usage")
        general = house.discord.world.guild.channel("general")
        elsewhere = await house.discord.invoke(house.mia, general, "usage")
        await house.told(elsewhere.original, "clips left")
        assert house.query("SELECT message_id FROM notices") == [(notice.id,)]
        assert not notice.deleted
    # It is known to the next process.
    async with house.bot():
        button = shown.components[0]["components"][3]["custom_id"]
        await house.discord.press(house.mia, shown, button)
        await house.discord.wait_for(lambda: notice.deleted)
        await house.until("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM notices)")
    assert not shown.deleted


async def test_a_notice_goes_after_a_day_over_restarts(house: House) -> None:
    async with house.bot():
        await clip(house)
        thread = house.discord.add_channel("t", kind=ChannelKind.PUBLIC_THREAD, parent=house.clips)
        await clip(house, channel=thread)
        (notice,), (archived,) = notices(house.clips), notices(thread)
        house.discord.set_thread(thread, archived=True)
    house.pass_time(hours=23)
    async with house.bot():
        await clip(house, member=house.member("noah"))
        assert not notice.deleted
    house.pass_time(hours=2)
    async with house.bot():
        await house.discord.wait_for(lambda: notice.deleted)
        await house.until("SELECT 1 WHERE (SELECT count(*) FROM notices) = 2")
        assert not archived.deleted
        # Not opened for it; but somebody may write there.
        assert thread.archived
        house.discord.set_thread(thread, archived=False)
        house.pass_time(hours=2)
        await house.discord.wait_for(lambda: archived.deleted)
    assert len(notices(house.clips)) == 1, "noah's, which is younger"


async def test_a_notice_that_cannot_be_deleted_is_left_alone(house: House) -> None:
    async with house.bot():
        await clip(house)
        (notice,) = notices(house.clips)
        house.discord.remove_bot_permissions(house.clips, Permission.VIEW_CHANNEL)
        house.pass_time(hours=25)
        await house.until("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM notices)")
        house.discord.delete_message(notice)


async def test_a_notice_that_somebody_deleted_is_forgotten(house: House) -> None:
    async with house.bot():
        await clip(house)
        house.discord.delete_message(*notices(house.clips))
        house.pass_time(hours=25)
        await house.until("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM notices)")


async def test_a_reaction_calls_nobody(house: House) -> None:
    async with house.bot():
        house.discord.world.guild.everyone.permissions |= Permission.ADD_REACTIONS
        await house.ask(house.mia, "defaults", tell="reaction")
        shown = await clip(house)
        assert shown.reactions == ["\u2705"]
        # Where the bot may not, the clip is there all the same, and no message comes instead.
        house.discord.remove_bot_permissions(house.clips, Permission.ADD_REACTIONS)
        assert (await clip(house)).reactions == []
    assert notices(house.clips) == []
    assert house.discord.notifications == []


async def test_a_direct_message_has_the_link_and_the_reason(house: House) -> None:
    async with house.bot():
        await house.ask(house.mia, "defaults", tell="dm")
        shown = await clip(house)
        link = f"/{shown.channel.guild.id}/{shown.channel.id}/{shown.id}"
        assert direct(house)[0].endswith(link)
        house.pika.behaviour.render_seconds = math.inf
        house.pika.behaviour.outcome = "content_moderation"
        late = await house.animate(prompt="a kite")
        await house.told(late.original, "Rendering")
        # Long after the interaction's token has died.
        house.pass_time(minutes=16)
        house.pika.behaviour.render_seconds = 0
        await house.settled()
    assert late.original is not None
    assert late.original.deleted
    assert "content rules refused" in direct(house)[1]
    assert not any("kite" in it for it in direct(house))
    assert notices(house.clips) == []


async def test_closed_direct_messages_are_tried_once(house: House) -> None:
    closed = Fault("discord.create_dm", "reply", status=403, body=CLOSED, times=None)
    async with house.bot():
        await house.ask(house.mia, "defaults", tell="dm")
        house.discord.faults.add(closed)
        await clip(house)
        assert len(notices(house.clips)) == 1
        assert house.query("SELECT member_id FROM closed_direct_messages") == [(house.mia.id,)]
    house.discord.faults.clear()
    async with house.bot():
        # Mentioned at once, though they would take it by now.
        await clip(house)
        assert direct(house) == []
        await house.ask(house.mia, "defaults", tell="dm")
        await clip(house)
        assert len(direct(house)) == 1


async def test_a_failure_after_the_token_is_one_line_without_words(house: House) -> None:
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        house.pika.behaviour.outcome = "content_moderation"
        late = await house.animate(prompt="a kite")
        await house.told(late.original, "Rendering")
        house.pass_time(minutes=16)
        house.pika.behaviour.render_seconds = 0
        await house.failed(late, "content rules refused")
        (notice, *_) = [it for it in house.clips.messages.values() if "there is no" in it.content]
        # Asking why is being there.
        await house.discord.wait_for(lambda: notice.deleted)
    assert late.original is not None
    assert not late.original.deleted
    for said in (late.original.content, notice.content):
        assert "kite" not in said
        assert "rules" not in said
        assert "\n" not in said


async def test_clips_are_blurred_as_chosen(house: House) -> None:
    async with house.bot():
        said = await house.ask(house.mia, "defaults", spoiler=True)
        assert "blurred until somebody looks" in said.content
        assert (await clip(house)).attachments[0].spoiler
        assert not (await clip(house, spoiler=False)).attachments[0].spoiler
        await house.ask(house.mia, "defaults", spoiler=False)
        assert not (await clip(house)).attachments[0].spoiler
