"""What happens in a soak, drawn before it begins: lives of the bot, requests, and faults.

The same seed draws the same plan. What a kill hits still differs from run to run: no program
decides how fast another one runs.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bench.drawn_faults import REFUSED, draw_discord_fault, draw_pika_fault

if TYPE_CHECKING:
    from playground.faults import Fault
    from playground.pika import WireName

GUILDS: Final = 2
"""Open guilds; members of a closed one ask too."""
MEMBERS: Final = 20
"""Of each guild."""

_SHORTEST, _LONGEST = 0.25, 1.6
"""Seconds that a bot lives once it is ready."""
_DIES_STARTING: Final = 0.15
"""The share of lives that end while the bot still starts."""
_STALL_EVERY, _STALL_LIVES = 16, 5
"""So many lives in a row, of so many, Pika finishes nothing: longer than it is waited for."""
_LOCK_EVERY: Final = 25
"""In one life of so many the database is locked for `_LOCKED` seconds, longer than SQLite waits."""
_LOCKED: Final = 5.5


@dataclass(frozen=True, slots=True)
class Request:
    """One `/animate`: `after` seconds in a life, by a member of a guild; -1 is the closed one."""

    after: float
    guild: int
    member: int
    prompt: str
    resolution: str
    duration: int


@dataclass(frozen=True, slots=True)
class Life:
    """One life of the bot, and the world in it.

    Attributes:
        seconds: How long it lives once it is ready, or once it was begun if it `dies_starting`.
        queue_seconds: How long Pika leaves orders in its queue.
        output_shape: Where Pika names the videos that are ordered in this life, if at all.
        charge_micro_usd: What Pika bills for each order of this life; `None` for its price.
        drops_gateway: Whether Discord cuts the gateway halfway.
        cancels: Whether a moderator then cancels the newest clip of the first guild.
        largest_file: Bytes beyond which no file can grow in the second third, as on a full disk;
            `None` for no such time.
        locked: Seconds from the start for which another program holds the database.
    """

    seconds: float
    dies_starting: bool
    requests: tuple[Request, ...]
    discord_faults: tuple[Fault, ...]
    pika_faults: tuple[Fault, ...]
    queue_seconds: float
    output_shape: str
    charge_micro_usd: int | None
    drops_gateway: bool
    cancels: bool
    largest_file: int | None
    locked: float


def draw_lives(wire: WireName, seed: int, kills: int) -> list[Life]:
    """Draw as many lives as there are kills."""
    draw = random.Random(f"{seed} {wire}")  # noqa: S311 - a simulation
    return [_life(draw, wire, number) for number in range(kills)]


def _life(draw: random.Random, wire: WireName, number: int) -> Life:
    is_locked = number % _LOCK_EVERY == _LOCK_EVERY - 1
    seconds = draw.uniform(_SHORTEST, _LONGEST) + (_LOCKED if is_locked else 0)
    dies_starting = draw.random() < _DIES_STARTING and not is_locked
    is_stalled = number % _STALL_EVERY >= _STALL_EVERY - _STALL_LIVES
    slow = draw.choice((0.0, 0.1, 0.3, 0.8))
    return Life(
        seconds=seconds * 0.3 if dies_starting else seconds,
        dies_starting=dies_starting,
        requests=() if dies_starting else _requests(draw, wire, number, seconds),
        discord_faults=tuple(draw_discord_fault(draw) for _ in range(draw.choice((0, 1, 2, 3)))),
        pika_faults=tuple(draw_pika_fault(draw, wire) for _ in range(draw.choice((0, 1, 2, 3)))),
        queue_seconds=3600.0 if is_stalled else slow,
        output_shape=draw.choices(("video_url", "missing"), (15, 1))[0],
        # On the other wires the price is all that is known.
        charge_micro_usd=draw.choice((None, 123_456)) if wire == "pika" else None,
        drops_gateway=draw.random() < 0.1,  # noqa: PLR2004 - one in ten
        cancels=not dies_starting and draw.random() < 0.3,  # noqa: PLR2004 - three in ten
        largest_file=draw.choice((*[None] * 12, 0, 100_000, 1_000_000)),
        locked=_LOCKED if is_locked else 0.0,
    )


def _requests(
    draw: random.Random, wire: WireName, number: int, seconds: float
) -> tuple[Request, ...]:
    requests = []
    for one in range(draw.choice((1, 2, 3, 4))):
        is_stranger = draw.random() < 0.05  # noqa: PLR2004 - one in twenty
        is_refused = draw.random() < 0.08  # noqa: PLR2004 - about one in twelve
        prompt = f"{wire} life {number} clip {one}."
        requests.append(
            Request(
                after=draw.uniform(0, 0.8 * min(seconds, _LONGEST)),
                guild=-1 if is_stranger else draw.randrange(GUILDS),
                member=draw.randrange(MEMBERS),
                prompt=f"{prompt} {REFUSED}" if is_refused else prompt,
                resolution=draw.choice(("720p", "1080p")),
                duration=draw.choice((5, 10)),
            )
        )
    return tuple(requests)
