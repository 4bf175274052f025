"""`/animate` in direct messages with the bot, which its owner's setting opens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.base import DIRECT_MESSAGES
from tests.e2e.buttons_play import private
from tests.house import shows_clip

if TYPE_CHECKING:
    from playground.discord import Channel, Interaction, Member, Message
    from tests.house import House

OPEN = "2 clips a day"
MEMBERS = {"animate", "usage", "help", "about", "my-clips", "defaults", "mydata"}
MENUS = {"Animate this picture", "Animate avatar"}


def direct(house: House, name: str = "mia") -> tuple[Member, Channel]:
    """Somebody in their direct messages with the bot."""
    user = house.member(name).user
    channel = house.discord.world.direct_channel(user)
    return channel.guild.members[user.id], channel


async def animate(house: House, name: str = "mia", **options: Any) -> Interaction:
    who, channel = direct(house, name)
    return await house.animate(who, channel=channel, **options)


async def ask(house: House, command: str, name: str = "mia", **options: Any) -> Message:
    """A command whose answer is for its member alone, once it is there."""
    who, channel = direct(house, name)
    return await private(house, await house.discord.invoke(who, channel, command, options))


def offered(house: House) -> set[str]:
    return {str(it["name"]) for it in house.discord.offered(*direct(house))}


@pytest.fixture
def opened(house: House) -> House:
    house.overrides["direct_messages"] = OPEN
    return house


async def test_they_are_closed_until_the_owner_opens_them(house: House) -> None:
    async with house.bot():
        assert offered(house) == {"owner"}
    house.overrides["direct_messages"] = OPEN
    async with house.bot():
        assert offered(house) == {"owner", *MEMBERS, *MENUS}
    house.overrides["direct_messages"] = "off"
    async with house.bot():
        assert offered(house) == {"owner"}


async def test_a_clip_comes_into_them_and_counts_there_alone(opened: House) -> None:
    house = opened
    async with house.bot():
        asked = await animate(house, prompt="waves")
        message = await house.delivered(asked)
        await house.settled()
        (guild_id,) = house.query("SELECT guild_id FROM jobs")[0]
        assert guild_id == DIRECT_MESSAGES
        _, channel = direct(house)
        called = [it for it in channel.messages.values() if "your clip is ready" in it.content]
        assert len(called) == 1
        assert "1 of 2 clips left today" in (await ask(house, "usage")).content
        there = await house.ask(house.mia, "usage")
        assert "5 of 5 clips left today" in there.content
        assert "for each person in direct messages" in (await ask(house, "usage")).content
    assert shows_clip(message)
