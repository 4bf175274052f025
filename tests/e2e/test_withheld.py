"""Clips that are neither ordered nor shown: messages deleted by hand, members who are gone."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.base import Timeouts
from playground.discord import Permission
from playground.faults import Fault
from tests.decided import decide
from tests.e2e.clips_play import audit, clips, rendering
from tests.e2e.test_clips_remove import said_to
from tests.e2e.test_vanished_places import COUNTED, FIRST, endings, usage
from tests.house import open_house

if TYPE_CHECKING:
    from pathlib import Path

    from playground.discord import Channel, Interaction, Member, Message
    from tests.house import House

LEFT, TIMED_OUT = "left", "timed out"
DELETED = "A moderator deleted the message of your clip"


@pytest.fixture
def one_place(house: House) -> House:
    house.overrides["renders_at_once"] = 1
    house.pika.behaviour.render_seconds = math.inf
    return house


async def log_channel(house: House) -> Channel:
    records = house.discord.add_channel("records")
    await decide(house, log_channel_id=records.id, log_acts=0)
    return records


def shown(channel: Channel) -> list[Message]:
    """What everybody in the channel sees."""
    return [it for it in channel.messages.values() if not it.deleted and it.viewer is None]


def delete(house: House, interaction: Interaction) -> None:
    assert interaction.original
    house.discord.delete_message(interaction.original)


def happens(house: House, what: str, member: Member) -> None:
    if what == LEFT:
        house.discord.remove_member(member)
    else:
        house.discord.time_out(member, house.clock() + timedelta(hours=1))


async def in_line(house: House, first: Member, second: Member) -> Interaction:
    """The second member's clip, which waits for that of the first."""
    await rendering(house, member=first)
    interaction = await house.animate(second, prompt="a *kite*")
    await house.told(interaction.original, "in line")
    return interaction


@pytest.mark.parametrize("restarts", [False, True])
async def test_a_message_deleted_in_line_is_a_cancel(one_place: House, *, restarts: bool) -> None:
    house = one_place
    async with house.bot():
        waits = await in_line(house, house.member("noah"), house.mia)
        delete(house, waits)
        before = len(shown(house.clips))
        if not restarts:
            house.pika.behaviour.render_seconds = 0
            await house.settled()
    house.pika.behaviour.render_seconds = 0
    async with house.bot():
        await house.settled()
        assert f"{DELETED}, so I cancelled it. Nothing was charged." in await usage(house)
        told = await clips(house, "who", clip="2")
    assert house.pika.paid_submits == 1
    assert endings(house, house.mia) == [["refund"]]
    assert len(shown(house.clips)) == before + 1, "Noah's notice alone"
    assert waits.original
    (private,) = house.told_alone(waits.original)
    assert private.startswith(f"⚠️ <@{house.mia.id}>: {DELETED}, so I cancelled it.")
    assert [deed[0] for deed in audit(house)] == ["cancel"]
    assert audit(house)[0][-1] == "its message was deleted"
    assert "Cancelled as its message was deleted" in told


async def test_a_message_deleted_later_brings_the_clip_to_the_log_channel(house: House) -> None:
    records = await log_channel(house)
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        interaction = await rendering(house)
        delete(house, interaction)
        house.pika.behaviour.render_seconds = 0
        await house.settled()
        assert f"{DELETED}, so it is not shown" in await usage(house)
    (message,) = shown(records)
    assert message.content.startswith("🙈 **Clip 1 is not shown: its message was deleted.**")
    (video,) = message.attachments
    assert video.filename.startswith("SPOILER_animate-1-")
    assert not shown(house.clips)
    assert not house.discord.notifications
    assert interaction.original
    assert f"{DELETED}, so it is not shown" in house.told_alone(interaction.original)[0]
    assert endings(house, house.mia) == [FIRST]


async def test_the_second_of_a_day_counts(house: House) -> None:
    async with house.bot():
        for _ in range(2):
            house.pika.behaviour.render_seconds = math.inf
            delete(house, await rendering(house))
            house.pika.behaviour.render_seconds = 0
            await house.settled()
        assert f"{DELETED}, so it is not shown and counts" in await usage(house)
    assert endings(house, house.mia) == [FIRST, COUNTED]
    assert not shown(house.clips)


@pytest.mark.parametrize("hindrance", ["no channel", "closed", "no files", "too large"])
async def test_where_the_log_channel_takes_no_clip_it_ends_all_the_same(
    house: House, hindrance: str
) -> None:
    house.pika.behaviour.render_seconds = math.inf
    records = await log_channel(house)
    if hindrance == "no channel":
        await decide(house, log_channel_id=None)
    else:
        denied = {"closed": Permission.VIEW_CHANNEL, "no files": Permission.ATTACH_FILES}
        if hindrance in denied:
            house.discord.remove_bot_permissions(records, denied[hindrance])
    async with house.bot():
        delete(house, await rendering(house))
        if hindrance == "too large":
            large: Any = {"message": "Request entity too large", "code": 40005}
            fault = Fault("discord.create_message", "reply", status=413, body=large)
            house.discord.faults.add(fault)
        house.pika.behaviour.render_seconds = 0
        await house.settled()
    if hindrance in {"no files", "too large"}:
        (message,) = shown(records)
        assert not message.attachments
        assert "Clip 1 is not shown" in message.content
    assert not shown(house.clips)
    assert endings(house, house.mia) == [FIRST]


async def test_a_log_channel_that_fails_once_gets_the_clip_once(house: House) -> None:
    records = await log_channel(house)
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        delete(house, await rendering(house))
        house.discord.faults.add(Fault("discord.create_message", "drop_after"))
        house.pika.behaviour.render_seconds = 0
        await house.settled()
    assert len(shown(records)) == 1
    assert endings(house, house.mia) == [FIRST]


async def test_closed_said_to_are_no_hindrance(one_place: House) -> None:
    house = one_place
    async with house.bot():
        waits = await in_line(house, house.member("noah"), house.mia)
        delete(house, waits)
        house.pass_time(minutes=16)
        refused: Any = {"message": "Cannot send messages to this user", "code": 50007}
        house.discord.faults.add(Fault("discord.create_dm", "reply", status=403, body=refused))
        house.pika.behaviour.render_seconds = 0
        await house.settled()
        assert f"{DELETED}, so I cancelled it." in await usage(house)
    assert not said_to(house, "mia")


@pytest.mark.parametrize("what", [LEFT, TIMED_OUT])
@pytest.mark.parametrize("restarts", [False, True])
async def test_who_is_gone_has_nothing_ordered(
    one_place: House, what: str, *, restarts: bool
) -> None:
    house, noah = one_place, one_place.member("noah")
    async with house.bot():
        waits = await in_line(house, house.mia, noah)
        happens(house, what, noah)
        if not restarts:
            house.pika.behaviour.render_seconds = 0
            await house.settled()
    house.pika.behaviour.render_seconds = 0
    async with house.bot():
        await house.settled()
    assert house.pika.paid_submits == 1
    assert endings(house, noah) == [["refund"]]
    assert waits.original
    assert "There is no clip this time" in waits.original.content
    alone = "".join(house.told_alone(waits.original))
    assert ("so I did not go on with your clip" in alone) is (what == TIMED_OUT)
    assert ("Nothing was charged." in alone) is (what == TIMED_OUT)


@pytest.mark.parametrize(("what", "ending"), [(LEFT, COUNTED), (TIMED_OUT, FIRST)])
async def test_who_is_gone_has_nothing_shown(house: House, what: str, ending: list[str]) -> None:
    records, noah = await log_channel(house), house.member("noah")
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        interaction = await rendering(house, member=noah)
        happens(house, what, noah)
        house.pika.behaviour.render_seconds = 0
        await house.settled()
    assert interaction.original
    assert not interaction.original.attachments
    alone = house.told_alone(interaction.original)
    assert bool(alone) is (what == TIMED_OUT)
    (message,) = shown(records)
    assert "Clip 1 is not shown: its member is " in message.content
    assert message.attachments
    assert endings(house, noah) == [ending]
    assert house.paid() == (1, 200_000)


async def test_a_timeout_that_is_over_and_a_silent_discord_stop_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Twice it is waited that long, as discord.py tries again for half a minute.
    monkeypatch.setattr(Timeouts, "PROGRESS_SECONDS", 0.3)
    house.discord.time_out(house.mia, house.clock() - timedelta(seconds=1))
    async with house.bot():
        await house.delivered(await house.animate())
        await house.settled()
        house.discord.remove_member(house.member("noah"))
        for operation in ("discord.get_member", "discord.get_followup"):
            house.discord.faults.add(Fault(operation, "reply", times=None, status=500))
        await house.delivered(await house.animate())
        await house.settled()
    assert house.kinds() == ["reserve", "settle"] * 2


async def test_a_clip_of_who_left_is_not_brought_to_review(house: House) -> None:
    records = await log_channel(house)
    board = house.discord.world.guild.channel("mod-review")
    await decide(house, review="everyone", review_channel_id=board.id)
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        noah = house.member("noah")
        await rendering(house, member=noah)
        happens(house, LEFT, noah)
        house.pika.behaviour.render_seconds = 0
        await house.settled()
    assert not shown(board)
    assert len(shown(records)) == 1


async def test_a_picture_does_not_stay_in_an_archived_thread(tmp_path: Path) -> None:
    """Of a member who left, on a wire that fetches it from the status message."""
    async with open_house(tmp_path / "data", "comfy") as house:
        house.pika.behaviour.render_seconds = math.inf
        async with house.bot():
            thread = house.discord.add_thread("t", house.clips, house.mia)
            interaction = await rendering(house, channel=thread)
            assert interaction.original is not None
            assert interaction.original.attachments
            house.discord.remove_member(house.mia)
            house.discord.set_thread(thread, archived=True)
            house.pika.behaviour.render_seconds = 0
            await house.settled()
            await house.until("SELECT 1 FROM jobs WHERE state = 'notified'")
        (message,) = thread.messages.values()
        assert not message.attachments
        # As of everybody who left before their clip was shown.
        assert house.kinds() == ["reserve", "settle"]
