"""Servers and members wait for places at Pika in turn, and read how long that is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from tests.house import open_house

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.house import House


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[House, None]:
    """On a wire that stops a render when it is asked to, which makes room at once."""
    async with open_house(tmp_path / "data", "fal") as house:
        yield house


async def test_a_busy_server_lets_another_in_between(house: House) -> None:
    house.overrides["renders_at_once"] = 2
    house.pika.behaviour.queue_seconds = math.inf
    there = house.add_managed_guild(house.member("moderator").user)
    guest = house.discord.add_member("guest", guild=there)
    async with house.bot():
        rendering = [await house.animate() for _ in range(2)]
        for interaction in rendering:
            await house.told(interaction.original, "Pika's queue")
        # One after the other: of two that are decided at once, either may be the first.
        for place in (1, 2):
            await house.told((await house.animate()).original, f"number {place} in line")
        theirs = await house.animate(guest, channel=there.channel("general"))
        # After the first that is finished, though two wait for longer.
        await house.told(theirs.original, "number 1 in line")
        await house.ask(house.member("moderator"), "clips cancel", job="1")
        await house.told(theirs.original, "Pika's queue")
        states = house.query("SELECT id, state FROM jobs WHERE id > 2 ORDER BY id")
        assert states == [(3, "queued"), (4, "queued"), (5, "rendering")]


async def test_a_member_with_many_clips_lets_another_in_between(house: House) -> None:
    house.overrides["renders_at_once"] = 1
    house.pika.behaviour.queue_seconds = math.inf
    async with house.bot():
        first = await house.animate()
        await house.told(first.original, "Pika's queue")
        for _ in range(2):
            await house.told((await house.animate()).original, "in line")
        noahs = await house.animate(house.member("noah"))
        await house.told(noahs.original, "number 1 in line")
        await house.ask(house.member("moderator"), "clips cancel", job="1")
        await house.told(noahs.original, "Pika's queue")
