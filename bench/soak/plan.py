"""What happens in a soak, drawn before it begins: lives of the bot, requests, and faults.

The same seed draws the same plan. What a kill hits still differs from run to run: no program
decides how fast another one runs.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from playground.discord.rest.ratelimit import rate_limited
from playground.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from playground.faults import Kind
    from playground.pika import WireName

GUILDS: Final = 2
"""Open guilds; members of a closed one ask too."""
MEMBERS: Final = 20
"""Of each guild."""
REFUSED: Final = "forbidden"
"""A word that the stand-in Pika refuses to render."""

_SHORTEST, _LONGEST = 0.25, 1.6
"""Seconds that a bot lives once it is ready."""
_DIES_STARTING: Final = 0.15
"""The share of lives that end while the bot still starts."""
_STALL_EVERY, _STALL_LIVES = 16, 5
"""So many lives in a row, of so many, Pika finishes nothing: longer than it is waited for."""
_LOCK_EVERY: Final = 25
"""In one life of so many the database is locked for `_LOCKED` seconds, longer than SQLite waits."""
_LOCKED: Final = 5.5

_SUBMITS: Final[Mapping[WireName, str]] = {
    "pika": "pika.submit",
    "fal": "fal.submit",
    "comfy-proxy": "proxy.submit",
}
_OTHERS: Final[Mapping[WireName, Sequence[str]]] = {
    "pika": ("pika.upload", "pika.put", "pika.check", "pika.check", "pika.download"),
    "fal": ("fal.initiate", "fal.put", "fal.status", "fal.status", "fal.result", "fal.download"),
    "comfy-proxy": ("proxy.check", "proxy.check", "proxy.download"),
}
_DISCORD: Final = tuple(
    f"discord.{name}"
    for name in (
        *("callback", "cdn", "create_message", "edit_followup", "edit_message", "edit_original"),
        *("get_member", "get_message", "list_messages"),
    )
)
_WITHOUT_BODY: Final = frozenset({"discord.cdn", "pika.put", "fal.put"})
"""Operations whose answer is streamed or empty, so that it cannot be halved."""
_PAGE: Final = {"Content-Type": "text/html"}, b"<html><title>Just a moment</title></html>"
_STATUSES: Final = (500, 502, 503, 504)
_REFUSALS: Final = (401, 403, 429)
"""Statuses of pages in front of Pika, which no request has passed that they answer."""
_PIKA_WAITS: Final = (0.0, 0.0, 0.2, 0.6)
_DISCORD_WAITS: Final = (0.0, 0.0, 0.05, 0.1)
"""Seconds; shorter than a start, so that no edit of a dead bot comes after one of the next bot."""


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
        discord_faults=tuple(_discord_fault(draw) for _ in range(draw.choice((0, 1, 2, 3)))),
        pika_faults=tuple(_pika_fault(draw, wire) for _ in range(draw.choice((0, 1, 2, 3)))),
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


def _discord_fault(draw: random.Random) -> Fault:
    operation = draw.choice(_DISCORD)
    if draw.random() < 0.2:  # noqa: PLR2004 - one in five
        return rate_limited(operation, draw.uniform(0.1, 0.6))
    return _fault(draw, operation, _DISCORD_WAITS)


def _pika_fault(draw: random.Random, wire: WireName) -> Fault:
    # Half of them while ordering, where money is at stake.
    is_order = draw.random() < 0.5  # noqa: PLR2004 - half
    operation = _SUBMITS[wire] if is_order else draw.choice(_OTHERS[wire])
    if draw.random() < 0.1:  # noqa: PLR2004 - one in ten
        return Fault(operation, "reply", status=429, headers={"Retry-After": "1"}, body={})
    if draw.random() < 0.15:  # noqa: PLR2004 - about one in seven
        return Fault(operation, "reply", 1, draw.choice(_REFUSALS), *_PAGE)
    return _fault(draw, operation, _PIKA_WAITS)


def _fault(draw: random.Random, operation: str, waits: Sequence[float]) -> Fault:
    kinds: list[Kind] = ["reply", "reply_after", "drop_before", "drop_after", "delay"]
    if operation not in _WITHOUT_BODY:
        kinds.append("half_body")
    is_page = draw.random() < 0.3  # noqa: PLR2004 - three in ten
    headers, body = _PAGE if is_page else ({}, {"message": "broken"})
    return Fault(
        operation,
        draw.choice(kinds),
        times=draw.choice((1, 1, 1, 2)),
        status=draw.choice(_STATUSES),
        headers=headers,
        body=body,
        seconds=draw.choice(waits),
    )
