"""Guilds full of people, for benchmarks in which members ask as they do every day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from playground.discord import Channel, Guild, Member
    from tests.house import House


@dataclass(frozen=True, slots=True)
class Place:
    """Where the members of one guild ask."""

    channel: Channel
    members: Sequence[Member]


def add_places(house: House, guilds: Iterable[Guild], members: int) -> list[Place]:
    """Bring so many people into each guild."""
    discord = house.discord
    places = []
    for number, guild in enumerate(guilds):
        people = [
            discord.add_member(f"guild{number}.member{one}", guild=guild) for one in range(members)
        ]
        name = "clips" if guild is discord.world.guild else "general"
        places.append(Place(guild.channel(name), people))
    return places
