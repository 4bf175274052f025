"""What Pika 2.2 offers and costs, whichever third party sells it."""

from collections.abc import Mapping
from typing import Final

RESOLUTIONS: Final = ("720p", "1080p")
"""The resolutions of Pika 2.2."""

_CLIP_MICRO_USD: Final[Mapping[tuple[str, int], int]] = {
    ("720p", 5): 200_000,
    ("1080p", 5): 450_000,
    ("720p", 10): 600_000,
    ("1080p", 10): 1_000_000,
}
_FRAMES_MICRO_USD: Final[Mapping[str, int]] = {"720p": 40_000, "1080p": 60_000}
_FRAMES_LEAST_SECONDS: Final = 5


def clip_micro_usd(resolution: str, seconds: int) -> int:
    """What a clip costs in micro-USD; the prices of 10 seconds are guesses."""
    return _CLIP_MICRO_USD[resolution, seconds]


def frames_micro_usd(resolution: str, seconds: int) -> int:
    """What a clip between keyframes costs in micro-USD; below 5 seconds as 5."""
    return _FRAMES_MICRO_USD[resolution] * max(seconds, _FRAMES_LEAST_SECONDS)
