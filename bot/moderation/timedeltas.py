"""Durations as people type them: `2h`, `3d`, `1w`, `1 day 12 hours`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from bot.moderation.errors import TimedeltaError, TimedeltaProblem

SHORTEST: Final = timedelta(minutes=1)
LONGEST: Final = timedelta(days=365)

_UNITS: Final = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
# Six digits at most, or a typed number could overflow `timedelta`.
_PART: Final = re.compile(
    r"(\d{1,6})\s*(m|min|mins|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?)(?![a-z])[\s,]*",
    re.ASCII,
)


def parse_timedelta(text: str) -> timedelta:
    """Read a duration from `SHORTEST` to `LONGEST`.

    Raises:
        TimedeltaError: The text is no duration, or one beyond these bounds.
    """
    typed = text.strip().lower()
    total, at = timedelta(), 0
    while at < len(typed) and (part := _PART.match(typed, at)) is not None:
        total += int(part[1]) * _UNITS[part[2][0]]
        at = part.end()
    if not typed or at < len(typed):
        raise TimedeltaError(TimedeltaProblem.UNREADABLE)
    if total < SHORTEST:
        raise TimedeltaError(TimedeltaProblem.TOO_SHORT)
    if total > LONGEST:
        raise TimedeltaError(TimedeltaProblem.TOO_LONG)
    return total
