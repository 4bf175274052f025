"""Clips that moderators see first: nothing is shown before somebody approves, and once."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from tests.decided import decide
from tests.reviewing import (
    answer,
    asked,
    board,
    buttons,
    deeds,
    everyone_is_reviewed,
    press,
    questions,
    waiting,
)

if TYPE_CHECKING:
    import pytest

    from tests.house import House

NOT_APPROVED = "The moderators did not approve your clip"


async def test_an_approved_clip_is_shown_once_and_paid(house: House) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        interaction = await house.animate(prompt="*a kite* @everyone")
        status = interaction.original
        assert status is not None
        await house.told(status, "A moderator looks at your clip before it is shown")
        message = await asked(house)
        assert [file.filename.partition(".")[2] for file in message.attachments] == ["mp4", "jpg"]
        assert list(buttons(message)) == [
            "Approve",
            "Refuse and refund",
            "Refuse and cancel all of theirs",
            "Refuse and block",
        ]
        assert f"<@{house.mia.id}> asked for it in <#{house.clips.id}>" in message.content
        assert r"\*a kite\* \@everyone" in message.content
        assert "720p · 5 s" in message.content
        await house.told(status, "Waiting for a moderator")
        assert not status.attachments
        assert house.kinds() == ["reserve"]

        await press(house, "helper", "Approve")
        await house.delivered(interaction)
        await house.settled()
    assert house.kinds() == ["reserve", "settle"]
    assert "AI-generated" in status.content
    shown = [m for m in house.clips.messages.values() if m.attachments]
    assert shown == [status]
    helper = house.member("helper")
    assert f"Approved by <@{helper.id}>" in message.content
    assert message.components == []
    assert message.attachments == ()
    assert deeds(house) == [("approve", "job", helper.id)]
    assert [seen.user.username for seen in house.discord.notifications] == ["mia"]
    assert list((house.data_dir / "clips").iterdir()) == []


async def test_a_refused_clip_is_given_back_and_never_shown(house: House) -> None:
    await everyone_is_reviewed(house)
    await decide(house, log_channel_id=house.discord.world.guild.channel("mod-log").id)
    async with house.bot():
        interaction = await waiting(house)
        await press(house, "helper", "Refuse and refund")
        content = await house.told(interaction.original, NOT_APPROVED)
        await house.settled()
        assert "Nothing was charged" in content
        again = await house.animate()
        await house.told(again.original, "Accepted")
    assert house.kinds()[:3] == ["reserve", "settle", "credit"]
    assert house.paid() == (2, 400_000)
    assert house.spent() == (1, 200_000)
    message = questions(board(house))[0]
    assert f"Refused by <@{house.member('helper').id}>" in message.content
    assert "they were not charged" in message.content
    assert message.attachments == ()
    assert message.components == []
    assert all(not m.attachments for m in house.clips.messages.values())
    assert deeds(house) == [("refuse", "job", house.member("helper").id)]
    # Those who refused it know that Pika made it.
    assert house.query("SELECT * FROM log_messages WHERE kind <> 'acts'") == []


async def test_refuse_and_block_does_both_in_one_press(house: House) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        interaction = await waiting(house)
        pressed = await press(house, "moderator", "Refuse and block")
        assert f"<@{house.mia.id}> is blocked" in await answer(house, pressed)
        await house.told(interaction.original, NOT_APPROVED)
        await house.settled()
        again = await house.animate()
        await house.told(again.original, "refused one of your clips")
        other = await house.animate(house.member("noah"))
        await house.told(other.original, "Accepted")
    moderator = house.member("moderator").id
    assert deeds(house) == [("refuse", "job", moderator), ("block", "member", moderator)]
    ((after, reason),) = house.query("SELECT after_json, reason FROM audit WHERE action = 'block'")
    assert "until" in json.loads(after)
    assert reason == "The moderators refused one of your clips."


async def test_nobody_blocks_themselves_and_then_nothing_is_decided(house: House) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        await waiting(house, house.member("moderator"))
        pressed = await press(house, "moderator", "Refuse and block")
        assert "yourself" in await answer(house, pressed)
        assert house.query("SELECT verdict FROM reviews") == [(None,)]
        assert house.query("SELECT * FROM blocks") == []
        await press(house, "moderator", "Refuse and refund")
        await house.settled()
    assert deeds(house) == [("refuse", "job", house.member("moderator").id)]


async def test_nothing_private_is_in_the_audit_log(house: House) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        await waiting(house, prompt="a secret garden")
        await press(house, "helper", "Approve")
        await house.settled()
    ((facts,),) = house.query("SELECT after_json FROM audit")
    ((reference,),) = house.query("SELECT reference FROM jobs")
    assert json.loads(facts) == {"member": house.mia.id, "reference": reference}


async def test_a_press_without_the_right_changes_nothing(house: House) -> None:
    await everyone_is_reviewed(house)
    for member in ("noah", "mia"):
        house.discord.world.guild.channel("mod-review").overwrites[house.member(member).id] = (
            house.discord.world.guild.channel("mod-review").overwrites[
                house.discord.world.guild.role("Helper").id
            ]
        )
    async with house.bot():
        await waiting(house)
        for member in ("noah", "mia"):
            for label in buttons(questions(board(house))[0]):
                pressed = await press(house, member, label)
                assert "Manage Messages" in await answer(house, pressed)
        assert house.query("SELECT verdict FROM reviews") == [(None,)]
        assert house.query("SELECT state FROM jobs") == [("rendered",)]
        assert deeds(house) == []


async def test_of_two_moderators_the_first_decides(house: House) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        interaction = await waiting(house)
        message = questions(board(house))[0]
        ids = buttons(message)
        first, second = await asyncio.gather(
            house.discord.press(house.member("helper"), message, ids["Approve"]),
            house.discord.press(house.member("moderator"), message, ids["Refuse and block"]),
        )
        await house.discord.wait_for(lambda: first.followups or second.followups)
        await house.settled()
    loser = first if first.followups else second
    winner = second if first.followups else first
    assert winner.followups == [] or "blocked" in winner.followups[0].content
    assert f"<@{winner.member.id}>" in loser.followups[0].content
    assert "already" in loser.followups[0].content
    ((verdict, actor),) = house.query("SELECT verdict, actor_id FROM reviews")
    assert actor == winner.member.id
    assert len(house.kinds()) == (2 if verdict == "approved" else 3)
    shown = [m for m in house.clips.messages.values() if m.attachments]
    assert shown == ([interaction.original] if verdict == "approved" else [])


async def test_a_clip_too_large_for_the_channel_is_made_smaller(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.jobs.video_files.UPLOAD_LIMITS", (120_000,))
    await everyone_is_reviewed(house)
    house.pika.behaviour.result = "rendered"
    house.discord.upload_limit = 120_000
    async with house.bot():
        interaction = await waiting(house)
        file, *_ = questions(board(house))[0].attachments
        assert len(file.data) <= house.discord.upload_limit
        await press(house, "helper", "Approve")
        await house.delivered(interaction)
