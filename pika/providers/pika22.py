"""Prices of the model Pika 2.2, where a wire tells none of its own, in micro-USD.

Sources: fal's model pages for 5 seconds; the price badges of ComfyUI's former Pika nodes (2025)
for 10 seconds and for the rest. They may be out of date, so treat them as estimates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pika.errors import BadInputError
from pika.inputs import AdditionShot, EffectShot, FramesShot, SceneShot, Shot, SwapShot, TextShot

if TYPE_CHECKING:
    from pika.inputs import Work

_VIDEO: Final = {"720p": (200_000, 600_000), "1080p": (450_000, 1_000_000)}
"""Of a video of up to 5 seconds, and of a longer one."""
_SCENE: Final = {"720p": (300_000, 400_000), "1080p": (500_000, 1_500_000)}
_SHORT_SECONDS: Final = 5


def price(work: Work) -> int:
    """The estimate in micro-USD; a video of over 5 seconds costs as one of 10."""
    match work:
        case Shot() | TextShot():
            return _VIDEO[work.resolution][work.duration > _SHORT_SECONDS]
        case FramesShot():
            return _VIDEO[work.resolution][work.seconds > _SHORT_SECONDS]
        case SceneShot():
            return _SCENE[work.resolution][work.duration > _SHORT_SECONDS]
        case AdditionShot() | SwapShot():
            return 300_000
        case EffectShot():
            return 450_000
    raise BadInputError(f"{type(work).__name__} has no price", code="unsupported")
