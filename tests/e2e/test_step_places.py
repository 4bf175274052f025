"""A slow channel, or a slow answer of Pika's, holds up nobody else."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

import pytest

from bot.base import Timeouts
from bot.jobs.step_places import SHOWN_AT_ONCE, SHOWN_AT_ONCE_IN_GUILD
from playground.discord.rest.ratelimit import Limit
from playground.faults import Fault

if TYPE_CHECKING:
    from playground.discord import Channel, Guild, Interaction, Member
    from tests.house import House

MANY = 10
"""More than there were places for all kinds of steps together."""
EDIT = "discord.edit_followup"
"""An edit by the token of an interaction, as one shows a clip."""


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


async def in_channels(house: House, channels: list[Channel]) -> None:
    """A clip at Pika in each channel, whose messages are not answered once it is finished."""
    for number, channel in enumerate(channels):
        member = house.discord.add_member(f"waiting{number}", guild=channel.guild)
        await house.told((await house.animate(member, channel=channel)).original, "Rendering")
    house.discord.faults.add(Fault(EDIT, "hang", times=len(channels)))
    house.pika.behaviour.render_seconds = 0
    await asyncio.wait_for(house.discord.faults.wait_taken(EDIT, len(channels)), 30)


def channels_of(house: House, guild: Guild) -> list[Channel]:
    return [
        house.discord.add_channel(f"slow{n}", guild=guild) for n in range(SHOWN_AT_ONCE_IN_GUILD)
    ]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Timeouts, "PLACE_SECONDS", 0.2)
    # What is not answered at the end of the test is not waited for either.
    monkeypatch.setattr(Timeouts, "STOP_GRACE_SECONDS", 0.2)


@pytest.mark.usefixtures("impatient")
async def test_as_many_silent_channels_as_a_server_has_places(house: House, guest: Member) -> None:
    house.overrides["renders_at_once"] = SHOWN_AT_ONCE
    async with house.bot():
        await in_channels(house, channels_of(house, guest.guild))
        await house.delivered(await elsewhere(house, guest))


@pytest.mark.usefixtures("impatient")
async def test_as_many_silent_channels_as_there_are_places(house: House, guest: Member) -> None:
    house.overrides["renders_at_once"] = SHOWN_AT_ONCE + 1
    moderator = house.member("moderator").user
    guilds = [
        house.add_managed_guild(moderator) for _ in range(SHOWN_AT_ONCE // SHOWN_AT_ONCE_IN_GUILD)
    ]
    async with house.bot():
        await in_channels(house, [it for guild in guilds for it in channels_of(house, guild)])
        await house.delivered(await elsewhere(house, guest))
