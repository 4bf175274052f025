"""*Cancel* under a clip that is still to come, by who asked for it."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any

import pytest

from playground.faults import Fault
from tests.e2e.clips_play import clips, rendering, until_pika
from tests.house import House, open_house

if TYPE_CHECKING:
    from pathlib import Path

    from playground.discord import Interaction, Member, Message

YOURS = "You cancelled this clip."
BETWEEN_TRIES = (
    "SELECT 1 FROM jobs WHERE state = 'submitting' AND attempts = 1 AND may_be_billed = 0"
)
"""A clip whose order Pika has refused, and that is to be sent again."""


def button(message: Message, label: str) -> str:
    found = [one for row in message.components for one in row["components"]]
    return next(str(one["custom_id"]) for one in found if one.get("label") == label)


async def press(
    house: House, message: Message | None, label: str, member: Member | None = None
) -> Interaction:
    assert message is not None
    await house.discord.wait_for(lambda: message.components)
    return await house.discord.press(member or house.mia, message, button(message, label))


async def asked(house: House, clip: Interaction) -> Message:
    """The question of the button, for its presser alone."""
    question = (await press(house, clip.original, "Cancel")).original
    assert question is not None
    assert question.viewer is house.mia.user
    await house.discord.wait_for(lambda: not question.loading)
    return question


async def test_a_waiting_clip_is_cancelled_after_a_restart_and_costs_nothing(house: House) -> None:
    house.overrides["renders_at_once"] = 1
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        await rendering(house, member=house.member("noah"))
        waiting = await house.animate()
        await house.told(waiting.original, "in line")
    async with house.bot():
        question = await asked(house, waiting)
        assert "so that stops it, and nothing is charged" in question.content
        twice = [press(house, question, "Cancel it") for _ in range(2)]
        first, second = await asyncio.gather(*twice)
        await house.told(question, "I cancelled your clip. Nothing was charged.")
        (refusal,) = await house.discord.wait_for(lambda: [*first.followups, *second.followups])
        assert "already" in refusal.content
        content = await house.told(waiting.original, YOURS)
        assert "Nothing was charged. (reference" in content
        assert waiting.original is not None
        assert waiting.original.components == []
        await house.until("SELECT 1 FROM jobs WHERE id = 2 AND ended_at > 0")
    assert house.query("SELECT kind FROM ledger WHERE job_id = 2") == [("reserve",), ("refund",)]
    assert house.query("SELECT * FROM audit") == []
    # Who pressed it needs no call.
    assert house.discord.notifications == []


async def test_what_pika_cannot_stop_counts_as_was_said(house: House) -> None:
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        clip = await rendering(house)
        question = await asked(house, clip)
        assert "cannot stop it: it is made all the same, counts $0.20" in question.content
        await press(house, question, "Cancel it")
        await house.told(question, "I am cancelling your clip")
        again = await press(house, clip.original, "Cancel")
        await house.told(again.original, "being cancelled already")
        assert "already" in await clips(house, "cancel", job="1")
        house.pika.behaviour.render_seconds = 0
        content = await house.told(clip.original, YOURS)
        assert "so it counts: $0.20. (reference" in content
        await house.settled()
        usage = await house.ask(house.mia, "usage")
        assert "4 of 5 clips left" in usage.content
        assert clip.original is not None
        assert clip.original.deleted
    assert house.kinds() == ["reserve", "settle"]
    assert (house.spent(), house.paid()) == ((1, 200_000), (1, 200_000))
    assert house.query("SELECT kind FROM log_messages") == []


@pytest.mark.parametrize(("wire", "said"), [("fal", "can still stop it"), ("comfy", "still stop")])
async def test_what_waits_at_pika_is_stopped(tmp_path: Path, wire: Any, said: str) -> None:
    async with open_house(tmp_path / "data", wire) as house:
        house.pika.behaviour.queue_seconds = math.inf
        async with house.bot():
            clip = await rendering(house)
            question = await asked(house, clip)
            assert said in question.content
            await press(house, question, "Cancel it")
            content = await house.told(clip.original, YOURS)
            assert "Nothing was charged" in content
            await house.settled()
        assert house.kinds() == ["reserve", "refund"]


async def test_what_has_begun_is_asked_to_stop_and_counts_if_it_is_finished(
    tmp_path: Path,
) -> None:
    async with open_house(tmp_path / "data", "fal") as house:
        house.pika.behaviour.queue_seconds = 0
        house.pika.behaviour.render_seconds = math.inf
        async with house.bot():
            clip = await rendering(house)
            question = await asked(house, clip)
            assert "Pika has begun with it" in question.content
            await press(house, question, "Cancel it")
            await until_pika(house, "fal.cancel")
            house.pika.behaviour.render_seconds = 0
            await house.told(clip.original, YOURS)
            await house.settled()
        assert house.kinds() in (["reserve", "refund"], ["reserve", "settle"])
        assert house.spent() == house.paid()


async def test_what_goes_to_pika_after_the_question_is_asked_about_again(house: House) -> None:
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        house.pika.faults.add(Fault("pika.put", "hold"))
        clip = await house.animate()
        await house.pika.faults.wait_taken("pika.put")
        question = await asked(house, clip)
        assert "nothing is charged" in question.content
        house.pika.faults.release("pika.put")
        await house.told(clip.original, "Rendering")
        await press(house, question, "Cancel it")
        await house.told(question, "so I ask again")
        assert "cannot stop it" in question.content
        assert house.query("SELECT cancelled_by FROM jobs") == [(None,)]
        house.pika.behaviour.render_seconds = 0
        await house.delivered(clip)
        await house.settled()
    assert house.kinds() == ["reserve", "settle"]


async def test_nobody_cancels_the_clip_of_another(house: House) -> None:
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        clip = await rendering(house)
        for who in ("noah", "moderator"):
            pressed = await press(house, clip.original, "Cancel", house.member(who))
            await house.told(pressed.original, "Only who asked for this clip")
            assert pressed.original is not None
            assert pressed.original.viewer is house.member(who).user
        assert house.query("SELECT cancelled_by FROM jobs") == [(None,)]
        house.pika.behaviour.render_seconds = 0
        await house.delivered(clip)
        await house.settled()


async def test_a_paid_request_on_its_way_goes_on_and_counts(house: House) -> None:
    async with house.bot():
        house.pika.faults.add(Fault("pika.submit", "hold"))
        clip = await house.animate()
        await house.pika.faults.wait_taken("pika.submit")
        question = await asked(house, clip)
        assert "on its way to Pika" in question.content
        await press(house, question, "Cancel it")
        await house.told(question, "I am cancelling")
        house.pika.faults.release("pika.submit")
        await house.told(clip.original, YOURS)
        await house.settled()
    assert house.pika.paid_submits == 1
    assert house.kinds() == ["reserve", "settle"]


async def test_cancels_of_their_own_say_nothing_about_a_member(house: House) -> None:
    async with house.bot():
        house.pika.faults.add(Fault("pika.put", "hold"))
        clip = await house.animate()
        await house.pika.faults.wait_taken("pika.put")
        await press(house, await asked(house, clip), "Cancel it")
        house.pika.faults.release("pika.put")
        await house.told(clip.original, YOURS)
        await house.settled()
        await house.delivered(await house.animate())
        await house.settled()
        told = await clips(house, "who", clip="2")
        assert "cancelled" not in told
        assert "Cancelled by <@" in await clips(house, "who", clip="1")


def _refused_once(house: House, after_seconds: float = 0.0) -> None:
    """Let Pika be busy for the next order, and take any later one."""
    pause = {"Retry-After": "2"}
    house.pika.faults.add(
        Fault("pika.submit", "reply", status=429, headers=pause, seconds=after_seconds)
    )


async def test_a_clip_that_pika_has_refused_so_far_is_not_ordered_again(house: House) -> None:
    """Between two tries it waits here, though it has been at Pika's door."""
    async with house.bot():
        _refused_once(house)
        waiting = await house.animate()
        await house.until(BETWEEN_TRIES)
        question = await asked(house, waiting)
        assert "so that stops it, and nothing is charged" in question.content
        await press(house, question, "Cancel it")
        await house.told(question, "I cancelled your clip. Nothing was charged.")
        await house.told(waiting.original, YOURS)
        await house.settled()
    assert house.pika.paid_submits == 0
    assert house.kinds() == ["reserve", "refund"]


@pytest.mark.parametrize("restarts", [False, True], ids=["in one run", "over a restart"])
async def test_a_moderator_stops_a_clip_between_two_tries(house: House, *, restarts: bool) -> None:
    async with house.bot():
        _refused_once(house)
        waiting = await house.animate()
        await house.until(BETWEEN_TRIES)
        if not restarts:
            assert "Nothing was charged" in await clips(house, "cancel", job="1")
            await house.settled()
    if restarts:
        house.execute("UPDATE jobs SET cancelled_by = 1")
        async with house.bot():
            await house.settled()
    assert house.pika.paid_submits == 0
    assert house.kinds() == ["reserve", "refund"]
    assert waiting.original is not None


async def test_a_cancel_during_an_order_that_is_refused_is_the_end(house: House) -> None:
    async with house.bot():
        _refused_once(house, after_seconds=1.5)
        await house.animate()
        await house.pika.faults.wait_taken("pika.submit")
        assert "I am cancelling" in await clips(house, "cancel", job="1")
        assert house.query("SELECT may_be_billed FROM jobs") == [(1,)]
        await house.settled()
    assert house.pika.paid_submits == 0
    assert house.kinds() == ["reserve", "refund"]
