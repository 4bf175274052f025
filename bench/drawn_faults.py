"""Faults at Discord and at Pika, drawn at random: errors, broken connections, lost answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from playground.discord.rest.ratelimit import rate_limited
from playground.faults import Fault

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

    from playground.faults import Kind
    from playground.pika import WireName

REFUSED: Final = "forbidden"
"""A word that the stand-in Pika refuses to render."""
_SUBMITS: Final[Mapping[WireName, str]] = {
    "pika": "pika.submit",
    "fal": "fal.submit",
    "comfy": "comfy.submit",
    "comfy-proxy": "proxy.submit",
}
_OTHERS: Final[Mapping[WireName, Sequence[str]]] = {
    "pika": ("pika.upload", "pika.put", "pika.check", "pika.check", "pika.download"),
    "fal": ("fal.initiate", "fal.put", "fal.status", "fal.status", "fal.result", "fal.download"),
    "comfy": ("comfy.status", "comfy.status", "comfy.result", "comfy.download"),
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


def draw_discord_fault(draw: random.Random) -> Fault:
    """Something that goes wrong at Discord."""
    operation = draw.choice(_DISCORD)
    if draw.random() < 0.2:  # noqa: PLR2004 - one in five
        return rate_limited(operation, draw.uniform(0.1, 0.6))
    return _fault(draw, operation, _DISCORD_WAITS)


def draw_pika_fault(draw: random.Random, wire: WireName) -> Fault:
    """Something that goes wrong at Pika, or in front of it."""
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
