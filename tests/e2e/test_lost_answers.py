"""Discord did what the bot asked for, and its answer was lost: nobody is left waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from playground.faults import Fault

if TYPE_CHECKING:
    from tests.house import House


@pytest.mark.parametrize(
    "lost",
    [{"kind": "drop_after"}, {"kind": "half_body"}, {"kind": "reply_after", "status": 502}],
    ids=["no answer", "half an answer", "an error of a gateway"],
)
async def test_an_acknowledgement_whose_answer_is_lost_counts(
    house: House, lost: dict[str, Any]
) -> None:
    async with house.bot():
        house.discord.faults.add(Fault("discord.callback", **lost))
        await house.delivered(await house.animate())
        await house.settled()
    assert house.kinds() == ["reserve", "settle"]


async def test_an_acknowledgement_that_never_arrived_is_told_in_private(house: House) -> None:
    async with house.bot(aiohttp.ServerDisconnectedError):
        house.discord.faults.add(Fault("discord.callback", "drop_before"))
        interaction = await house.animate()
        assert interaction.original is not None
        assert (
            "went wrong on my side. Please try again. Nothing was charged"
            in interaction.original.content
        )
    assert house.kinds() == []


async def test_a_refusal_that_cannot_be_said_ends_quietly(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    stranger = house.discord.add_member("stranger", guild=house.discord.add_guild("Closed"))
    channel = stranger.guild.channel("general")
    async with house.bot():
        house.discord.faults.add(Fault("discord.callback", "drop_before"))
        interaction = await house.animate(stranger, channel=channel)
        assert interaction.failed
    assert f"interaction {interaction.id} got no answer: ServerDisconnectedError" in caplog.text
