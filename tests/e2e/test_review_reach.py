"""Review reaches clips in the making; one press refuses all that a member has."""

from __future__ import annotations

import asyncio
import json
import math
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from playground.discord import Overwrite, Permission
from playground.faults import Fault
from tests.decided import decide
from tests.e2e.clips_play import CANCELLED, audit, rendering
from tests.e2e.test_clips_status import text
from tests.e2e.test_rights_of_channels import let_manage
from tests.e2e.test_vanished_places import endings
from tests.house import open_house
from tests.reviewing import (
    answer,
    asked,
    board,
    everyone_is_reviewed,
    press,
    questions,
    review,
    waiting,
)

if TYPE_CHECKING:
    from pathlib import Path

    from playground.discord import Interaction
    from tests.house import House

NOT_APPROVED = "The moderators did not approve your clip"
ALL = "Refuse and cancel all of theirs"


@pytest.fixture
def busy(house: House) -> House:
    house.overrides["renders_at_once"] = 1
    house.pika.behaviour.render_seconds = math.inf
    return house


async def in_line(house: House, count: int = 1) -> list[Interaction]:
    found = [await house.animate() for _ in range(count)]
    for interaction in found:
        await house.told(interaction.original, "in line")
    return found


@pytest.mark.parametrize("restarts", [False, True])
async def test_review_reaches_what_is_rendering_and_what_waits(
    busy: House, *, restarts: bool
) -> None:
    async with busy.bot():
        await rendering(busy)
        await in_line(busy)
        said = await review(busy, "everyone", channel=board(busy))
        assert "from now on, with 2 clips in the making." in said
        again = await review(busy, "everyone")
        assert "from now on. " in again, "each is reached once"
        if not restarts:
            busy.pika.behaviour.render_seconds = 0
            await busy.discord.wait_for(lambda: len(questions(board(busy))) == 2)
    busy.pika.behaviour.render_seconds = 0
    async with busy.bot():
        await busy.discord.wait_for(lambda: len(questions(board(busy))) == 2)
        await busy.until("SELECT 1 WHERE (SELECT count(*) FROM reviews) = 2")
        assert not [it for it in busy.clips.messages.values() if it.attachments]
        assert "still wait for a decision" in await review(busy, "off")
        for question in questions(board(busy)):
            await press(busy, "helper", "Approve", question)
        await busy.settled()
    assert busy.kinds().count("settle") == 2
    first, second, _ = busy.query("SELECT after_json FROM audit WHERE action = 'review'")
    assert json.loads(first[0])["clips_reached"] == 2
    assert "clips_reached" not in second[0]


async def test_a_clip_on_its_way_to_the_channel_is_shown_all_the_same(busy: House) -> None:
    async with busy.bot():
        interaction = await rendering(busy)
        busy.discord.faults.add(upload := Fault("discord.edit_followup", "hold"))
        busy.pika.behaviour.render_seconds = 0
        await busy.discord.faults.wait_taken(upload.operation)
        said = await review(busy, "everyone", channel=board(busy))
        assert "in the making" not in said
        busy.discord.faults.release(upload.operation)
        await busy.delivered(interaction)
        await busy.settled()
    assert busy.kinds() == ["reserve", "settle"]
    assert busy.query("SELECT state FROM jobs") == [("delivered",)]
    assert not questions(board(busy))


async def test_a_clip_that_was_shown_unknown_to_the_bot_is_taken_off_the_channel(
    busy: House,
) -> None:
    async with busy.bot():
        interaction = await rendering(busy)
        # Discord shows it, and its answer is lost.
        busy.discord.faults.add(lost := Fault("discord.edit_followup", "drop_after", times=None))
        busy.pika.behaviour.render_seconds = 0
        await busy.delivered(interaction)
        await busy.until("SELECT 1 FROM jobs WHERE state = 'rendered' AND attempts > 0")
        await review(busy, "everyone", channel=board(busy))
        busy.discord.faults.clear(lost.operation)
        await busy.told(interaction.original, "Waiting for a moderator")
        assert interaction.original
        assert not interaction.original.attachments
        await asked(busy)
        await press(busy, "helper", "Refuse and refund")
        await busy.told(interaction.original, NOT_APPROVED)
        await busy.settled()
        assert not interaction.original.attachments


async def test_newcomers_of_those_in_the_making_are_reached_and_others_not(busy: House) -> None:
    late = busy.discord.world.join(
        busy.discord.world.guild, busy.discord.world.new_user("late", "Late", timedelta(days=400))
    )
    async with busy.bot():
        await rendering(busy)
        for member in (late, busy.member("newcomer"), busy.member("noah")):
            interaction = await busy.animate(member)
            await busy.told(interaction.original, "in line")
        busy.execute("UPDATE jobs SET member_since = NULL WHERE id = 4")
        said = await review(busy, "newcomers", channel=board(busy))
        assert "from now on, with 3 clips in the making." in said
    assert busy.query("SELECT needs_review FROM jobs ORDER BY id") == [(0,), (1,), (1,), (1,)]


async def test_a_picture_that_was_shown_for_pika_is_taken_off_the_channel(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data", "comfy") as house:
        house.pika.behaviour.render_seconds = math.inf
        async with house.bot():
            interaction = await rendering(house)
            assert interaction.original
            assert interaction.original.attachments, "the picture"
            await review(house, "everyone", channel=board(house))
            house.pika.behaviour.render_seconds = 0
            await house.told(interaction.original, "Waiting for a moderator")
            assert not interaction.original.attachments
            await asked(house)
            await press(house, "helper", "Refuse and refund")
            await house.told(interaction.original, NOT_APPROVED)
            await house.settled()


@pytest.mark.parametrize("restarts", [False, True])
async def test_one_press_refuses_all_of_a_members(busy: House, *, restarts: bool) -> None:
    noah = busy.member("noah")
    await everyone_is_reviewed(busy)
    async with busy.bot():
        busy.pika.behaviour.render_seconds = 0
        first, second = await waiting(busy), await waiting(busy)
        await busy.until("SELECT 1 WHERE (SELECT count(*) FROM reviews) = 2")
        others = await busy.animate(noah)
        await busy.until("SELECT 1 WHERE (SELECT count(*) FROM reviews) = 3")
        busy.pika.behaviour.render_seconds = math.inf
        third = await rendering(busy)
        (fourth,) = await in_line(busy)
        said = "" if restarts else await answer(busy, await press(busy, "helper", ALL))
    async with busy.bot():
        said = said or await answer(busy, await press(busy, "helper", ALL))
        assert said == (
            f"⛔ Of <@{busy.mia.id}> I refused 2 clips in review and cancelled 2 clips in the "
            "making. They pay nothing."
        )
        for interaction in (first, second):
            await busy.told(interaction.original, NOT_APPROVED)
        await busy.told(fourth.original, CANCELLED)
        busy.pika.behaviour.render_seconds = 0
        await busy.told(third.original, CANCELLED)
        await busy.told(questions(board(busy))[0], "Refused by")
        await busy.told(questions(board(busy))[1], "Refused by")
        await busy.told(others.original, "Waiting for a moderator")
        listed = text(await busy.ask(busy.member("moderator"), "quota audit"))
    credited, refunded = ["settle", "credit"], ["refund"]
    assert endings(busy, busy.mia) == [credited, credited, credited, refunded]
    helper = busy.member("helper").id
    assert audit(busy) == [("refuse", "member", busy.mia.id, helper, "")]
    assert f"refused 2 clips in review and cancelled 2 clips in the making of <@{busy.mia.id}>" in (
        listed
    )
    assert "which saves $0.20" in listed


async def test_two_at_once_refuse_once(house: House) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        await waiting(house)
        await waiting(house)
        await house.until("SELECT 1 WHERE (SELECT count(*) FROM reviews) = 2")
        one, other = questions(board(house))
        pressed = await asyncio.gather(
            press(house, "helper", ALL, one), press(house, "moderator", ALL, other)
        )
        said = sorted([await answer(house, it) for it in pressed])
        assert said[0].startswith("This clip has ended in another way")
        assert "I refused 2 clips in review." in said[1]
        await house.settled()
    assert len(audit(house)) == 1
    assert house.kinds().count("credit") == 2


async def test_what_was_approved_is_shown_and_the_others_are_refused(house: House) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        first, second = await waiting(house), await waiting(house)
        await house.until("SELECT 1 WHERE (SELECT count(*) FROM reviews) = 2")
        question = questions(board(house))[0]
        buttons_of = dict.fromkeys(("Approve", ALL), question)
        approve, refuse = (
            press(house, "helper", label, message) for label, message in buttons_of.items()
        )
        await approve
        pressed = await refuse
        assert "I refused 1 clip in review." in await answer(house, pressed)
        await house.delivered(first)
        await house.told(second.original, NOT_APPROVED)
        await house.settled()


async def test_a_right_in_the_review_channel_reaches_what_is_reviewed_there(busy: House) -> None:
    await everyone_is_reviewed(busy)
    let_manage(board(busy), busy.member("noah"))
    async with busy.bot():
        busy.pika.behaviour.render_seconds = 0
        await waiting(busy)
        busy.pika.behaviour.render_seconds = math.inf
        going_on = await rendering(busy)
        said = await answer(busy, await press(busy, "noah", ALL))
        assert "I refused 1 clip in review. They pay nothing. 1 clip in the making I left" in said
        busy.pika.behaviour.render_seconds = 0
        await busy.told(going_on.original, "Waiting for a moderator")


async def test_nobody_refuses_their_own_or_without_the_right(house: House) -> None:
    await everyone_is_reviewed(house)
    helper = house.member("helper")
    async with house.bot():
        await waiting(house, helper)
        said = await answer(house, await press(house, "helper", ALL))
        assert "your own" in said
        overwrite = Overwrite("member", allow=Permission.VIEW_CHANNEL)
        board(house).overwrites[house.mia.id] = overwrite
        said = await answer(house, await press(house, "mia", ALL))
        assert "needs the permission **Manage Messages**" in said
    assert house.query("SELECT verdict FROM reviews") == [(None,)]
    assert audit(house) == []


async def test_refuse_and_block_ends_their_other_clips_too(busy: House) -> None:
    await everyone_is_reviewed(busy)
    async with busy.bot():
        busy.pika.behaviour.render_seconds = 0
        await waiting(busy)
        busy.pika.behaviour.render_seconds = math.inf
        await rendering(busy)
        (third,) = await in_line(busy)
        said = await answer(busy, await press(busy, "moderator", "Refuse and block"))
        assert f"<@{busy.mia.id}> is blocked now." in said
        assert "I cancelled 2 clips in the making." in said
        await busy.told(third.original, CANCELLED)
        busy.pika.behaviour.render_seconds = 0
        await busy.settled()
    assert [deed[0] for deed in audit(busy)] == ["refuse", "block", "refuse"]
    assert endings(busy, busy.mia)[2] == ["refund"]


async def test_a_clip_that_nobody_was_asked_about_is_refused_with_them(house: House) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        await waiting(house)
        question = questions(board(house))[0]
        await decide(house, review_channel_id=house.discord.world.guild.channel("mods").id)
        second = await house.animate()
        await house.told(second.original, "Waiting for a moderator")
        await house.until("SELECT 1 FROM log_messages WHERE kind = 'review_closed'")
        said = await answer(house, await press(house, "moderator", ALL, question))
        assert "I refused 2 clips in review." in said
        await house.settled()
    assert house.kinds().count("credit") == 2
