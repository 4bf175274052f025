"""Soaks the wires side by side, and words the result."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias, get_args

from bench.books import Asked, compare
from bench.outcome import table
from bench.soak.lives import furnish
from bench.soak.plan import draw_lives
from pika import usd
from playground.pika import WireName
from tests.house import open_house

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.books import Books
    from bench.soak.lives import Soak

SEED: Final = 20261130
WIRES: Final[Sequence[WireName]] = get_args(WireName)
ENDS: Final = ("delivered", "failed", "in doubt", "refused", "not taken", "left to Discord")

Result: TypeAlias = "tuple[Soak, Books]"


async def soak(folder: Path, seed: int, kills: int, stretch: float = 1.0) -> list[Result]:
    """Kill so many bots on each wire; return what has come of each.

    `stretch` multiplies how long they live, for a machine on which they get nothing done.
    """
    return await asyncio.gather(
        *(_soak_one(folder / wire, wire, seed, kills, stretch) for wire in WIRES)
    )


async def _soak_one(folder: Path, wire: WireName, seed: int, kills: int, stretch: float) -> Result:
    folder.mkdir(parents=True)  # noqa: ASYNC240 - before anything runs
    async with open_house(folder / "data", wire) as house:
        soak = furnish(house)
        lives = draw_lives(wire, seed, kills)
        await soak.run([replace(it, seconds=it.seconds * stretch) for it in lives], folder)
        asked = [
            Asked(request.prompt, it.result(), it.result().member, request.guild < 0)
            for request, it in soak.asked
        ]
        return soak, await compare(house, asked)


def report(results: Sequence[Result]) -> str:
    """Word the figures by wire, and every difference."""
    head = ("wire", "kills", "requests", *ENDS, "not called", "billed", "counted")
    rows = [
        (
            soak.house.pika.wire,
            str(soak.kills),
            str(len(soak.asked)),
            *(str(books.ends[end]) for end in ENDS),
            str(books.uncalled),
            usd(books.billed),
            usd(books.counted),
        )
        for soak, books in results
    ]
    wrong = [
        f"DIFFERS {soak.house.pika.wire}: {difference}"
        for soak, books in results
        for difference in books.differences
    ]
    return "\n".join((table(head, rows), *(wrong or ["Nothing differs."])))
