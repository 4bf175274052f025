"""The sizes and lengths that videos can have."""

from __future__ import annotations

from typing import Final, get_args

from pika import Duration, Resolution

RESOLUTIONS: Final[tuple[Resolution, ...]] = ("720p", "1080p")
"""From the smallest to the largest."""
DEFAULT_RESOLUTION: Final[Resolution] = "1080p"
DURATIONS: Final[tuple[Duration, ...]] = get_args(Duration)
"""In seconds, from the shortest to the longest."""
