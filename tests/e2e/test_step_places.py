"""A slow channel, or a slow answer of Pika's, holds up nobody else."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

import pytest

from playground.discord.rest.ratelimit import Limit
from playground.faults import Fault

if TYPE_CHECKING:
    from playground.discord import Interaction, Member
    from tests.house import House

MANY = 10
"""More than there were places for all kinds of steps together."""


async def rendering(house: House) -> list[Interaction]:
    """Many members' clips at Pika, all of one channel."""
    members = [house.discord.add_member(f"member{n}") for n in range(MANY)]
    asked = [await house.animate(member) for member in members]
    for interaction in asked:
        await house.told(interaction.original, "Rendering")
    return asked


@pytest.fixture
def guest(house: House) -> Member:
    """A member of another server, beside many renders."""
    house.overrides["renders_at_once"] = MANY + 1
    house.pika.behaviour.render_seconds = math.inf
    there = house.add_managed_guild(house.member("moderator").user)
    return house.discord.add_member("guest", guild=there)


async def elsewhere(house: House, guest: Member) -> Interaction:
    return await house.animate(guest, channel=guest.guild.channel("general"))


async def test_a_channel_that_takes_no_messages_for_a_while(house: House, guest: Member) -> None:
    async with house.bot():
        asked = await rendering(house)
        other = await elsewhere(house, guest)
        await house.told(other.original, "Rendering")
        # The interactions' own tokens, whose limits are their own, are over.
        house.discord.limits.set("discord.edit_message", Limit(1, 3600.0))
        house.pass_time(minutes=16)
        house.pika.behaviour.render_seconds = 0
        await house.delivered(other)
        shown = [it for it in asked if it.original and it.original.attachments]
        assert len(shown) <= 1
        house.discord.limits.set("discord.edit_message", Limit(100, 1.0))


async def test_status_checks_that_are_not_answered(house: House, guest: Member) -> None:
    async with house.bot():
        await rendering(house)
        house.pika.faults.add(Fault("pika.check", "hang", times=MANY))
        await asyncio.wait_for(house.pika.faults.wait_taken("pika.check", MANY), 60)
        house.pika.behaviour.render_seconds = 0
        await house.delivered(await elsewhere(house, guest))
