"""Each kind of work on Pika's own API: its path, its body, its price.

Source: the service's catalogue records (`pika/…`), October 2026. Every field is sent, so that
no default of the service decides a price.
"""

from __future__ import annotations

from functools import singledispatch
from typing import Final

from pydantic import JsonValue

from pika.effects import PICTURE_EFFECTS, VIDEO_EFFECTS
from pika.errors import BadInputError
from pika.inputs import (
    LANDSCAPE,
    AdditionShot,
    EffectShot,
    FramesShot,
    Shot,
    SwapShot,
    TextShot,
    Work,
    address_of,
)

Body = dict[str, JsonValue]

WORKS: Final[frozenset[type[Work]]] = frozenset(
    {Shot, TextShot, FramesShot, EffectShot, AdditionShot, SwapShot}
)

_PER_SECOND: Final = {"720p": 40_000, "1080p": 60_000}
"""Micro-USD for each second of video."""
_PER_SECOND_OF_FIVE: Final = {"720p": 40_000, "1080p": 90_000}
"""The same for Pika 2.5 at 5 seconds."""
_EFFECT: Final = 50_000
_EDIT: Final = 30_000


@singledispatch
def price(work: Work) -> int:
    """The catalogue's price in micro-USD."""
    raise BadInputError(f"{type(work).__name__} is not offered here", code="unsupported")


@price.register
def _shot_price(work: Shot | TextShot) -> int:
    table = _PER_SECOND_OF_FIVE if work.duration == 5 else _PER_SECOND  # noqa: PLR2004 - seconds
    return table[work.resolution] * work.duration


@price.register
def _frames_price(work: FramesShot) -> int:
    return _PER_SECOND[work.resolution] * work.seconds


@price.register
def _effect_price(_work: EffectShot) -> int:
    return _EFFECT


@price.register
def _edit_price(_work: AdditionShot | SwapShot) -> int:
    return _EDIT


@singledispatch
def request(work: Work) -> tuple[str, Body]:
    """The path below `/v1/media/pika/` and the body; sources must be addresses by now.

    Raises:
        BadInputError: The service does not offer the work, or not with these values.
    """
    raise BadInputError(f"{type(work).__name__} is not offered here", code="unsupported")


@request.register
def _shot(work: Shot) -> tuple[str, Body]:
    return "pika-2.5/image-to-video", {
        "image": address_of(work.picture),
        **_common(work),
        "duration_s": work.duration,
    }


@request.register
def _text(work: TextShot) -> tuple[str, Body]:
    if work.duration != 5 or work.aspect != LANDSCAPE:  # noqa: PLR2004 - the catalogue's constant
        raise BadInputError("text to video is 16:9 and 5 seconds long here", code="unsupported")
    return "pika-2.5/text-to-video", {**_common(work), "duration_s": work.duration}


@request.register
def _frames(work: FramesShot) -> tuple[str, Body]:
    return "pikaframes/image-to-video", {
        "images": [address_of(picture) for picture in work.pictures],
        **_common(work),
        "transition_duration_s": work.duration,
    }


@request.register
def _effect(work: EffectShot) -> tuple[str, Body]:
    if work.negative_prompt:
        raise BadInputError("effects take no negative prompt here", code="unsupported")
    body: Body = {"pikaffect": work.effect, "seed": work.seed}
    if work.picture is not None:
        _known(work.effect, PICTURE_EFFECTS)
        override = work.prompt or None
        body |= {"image": address_of(work.picture), "prompt_override": override}
        return "pikaffects/image-to-video", body
    _known(work.effect, VIDEO_EFFECTS)
    if work.prompt:
        raise BadInputError("effects on videos take no prompt here", code="unsupported")
    return "pikaffects/video-to-video", {**body, "video": address_of(work.video)}


@request.register
def _addition(work: AdditionShot) -> tuple[str, Body]:
    return "pikadditions/video-to-video", _edit(work)


@request.register
def _swap(work: SwapShot) -> tuple[str, Body]:
    return "pikaswaps/video-to-video", {
        **_edit(work),
        "modify_region_roi": work.region or None,
        "modify_region_mask": None if work.mask is None else address_of(work.mask),
    }


def _edit(work: AdditionShot | SwapShot) -> Body:
    return {
        "video": address_of(work.video),
        "image": None if work.picture is None else address_of(work.picture),
        **_common(work),
        "duration_s": work.duration,
    }


def _common(work: Shot | TextShot | FramesShot | AdditionShot | SwapShot) -> Body:
    return {
        "prompt": work.prompt or None,
        "negative_prompt": work.negative_prompt or None,
        "resolution": work.resolution,
        "seed": work.seed,
    }


def _known(effect: str, effects: frozenset[str]) -> None:
    if effect not in effects:
        raise BadInputError(f"no effect {effect!r} here", code="unsupported")
