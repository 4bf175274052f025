"""Interactions that come twice, or whose acknowledgement is taken and its answer lost."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest

from playground.faults import Fault
from tests.reviewing import buttons, deeds, everyone_is_reviewed, press, questions, waiting

if TYPE_CHECKING:
    from tests.house import House

LOST: dict[str, dict[str, Any]] = {
    "no answer": {"kind": "drop_after"},
    "half an answer": {"kind": "half_body"},
    "an error of a gateway": {"kind": "reply_after", "status": 502},
}


def quiet(caplog: pytest.LogCaptureFixture) -> bool:
    """Whether nothing was logged as an error."""
    return not [it for it in caplog.records if it.levelno >= logging.ERROR]


async def test_a_request_that_comes_twice_is_one_job(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    async with house.bot():
        interaction = await house.animate()
        house.discord.hand_over_again(interaction)
        await house.delivered(interaction)
        house.discord.hand_over_again(interaction)
        # What comes after it is answered after it.
        await house.ask(house.mia, "usage")
        await house.settled()
    assert house.kinds() == ["reserve", "settle"]
    assert house.query("SELECT count(*) FROM jobs") == [(1,)]
    assert sum(it.operation == "discord.callback" for it in house.discord.exchanges) == 2
    assert quiet(caplog)


@pytest.mark.parametrize("how", LOST)
async def test_a_request_whose_acknowledgement_is_lost_and_that_comes_again_is_one_job(
    house: House, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    async with house.bot():
        house.discord.faults.add(Fault("discord.callback", **LOST[how]))
        interaction = await house.animate()
        house.discord.hand_over_again(interaction)
        await house.delivered(interaction)
        await house.settled()
    assert house.kinds() == ["reserve", "settle"]
    assert quiet(caplog)


@pytest.mark.parametrize("how", LOST)
async def test_a_press_that_refuses_a_clip_counts_once(
    house: House, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        interaction = await waiting(house)
        house.discord.faults.add(Fault("discord.callback", **LOST[how]))
        pressed = await press(house, "helper", "Refuse and refund")
        house.discord.hand_over_again(pressed)
        await house.told(interaction.original, "The moderators did not approve your clip")
        await house.settled()
    assert house.kinds() == ["reserve", "settle", "credit"]
    assert (house.spent(), house.paid()) == ((0, 0), (1, 200_000))
    assert [action for action, _, _ in deeds(house)] == ["refuse"]
    assert quiet(caplog)


async def test_two_who_refuse_at_once_are_told_apart(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        await waiting(house)
        (question,) = questions(house.discord.world.guild.channel("mod-review"))
        custom_id = buttons(question)["Refuse and refund"]
        both = [house.member("helper"), house.member("moderator")]
        await asyncio.gather(*(house.discord.press(it, question, custom_id) for it in both))
        await house.settled()
    assert house.kinds() == ["reserve", "settle", "credit"]
    assert quiet(caplog)


@pytest.mark.parametrize("how", LOST)
async def test_a_refusal_and_a_command_are_answered_once(
    house: House, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    moderator = house.member("moderator")
    async with house.bot():
        house.discord.faults.add(Fault("discord.callback", **LOST[how]))
        paused = await house.ask(moderator, "clips pause")
        assert "Nobody may start a clip" in paused.content
        house.discord.faults.add(Fault("discord.callback", **LOST[how]))
        refused = await house.animate()
        assert refused.original is not None
        assert refused.original.viewer is house.mia.user
        assert refused.followups == []
    assert house.kinds() == []
    assert quiet(caplog)
