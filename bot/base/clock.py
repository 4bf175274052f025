"""Time as the domain sees it: aware UTC datetimes in code, integer milliseconds at rest."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

CLOCK_SECONDS_OFF: Final = 30
"""How wrong a clock may be: limits renew by it, and so do the 15 minutes of Discord's tokens."""

Clock: TypeAlias = Callable[[], datetime]
"""Returns the present instant, aware and in UTC. Tests pass one that they can move."""


def utc_now() -> datetime:
    """The present instant by the machine's clock, aware and in UTC. Somebody may set it."""
    return datetime.now(UTC)


def seconds_since_boot() -> float:
    """Seconds that nobody can set. On Linux those count in which the machine was suspended."""
    boot_time = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot_time is None else time.clock_gettime(boot_time)


class SteadyClock:
    """The `Clock` of a process: the machine's as it was at first, carried on by one nobody can set.

    So no wait ends early or late where the machine's clock is set. Whoever notices that calls
    `follow`. May be read from any thread.
    """

    def __init__(
        self, wall: Clock = utc_now, elapsed: Callable[[], float] = seconds_since_boot
    ) -> None:
        self._wall, self._elapsed = wall, elapsed
        self._zero = wall() - timedelta(seconds=elapsed())

    def __call__(self) -> datetime:
        """The present instant."""
        return self._zero + timedelta(seconds=self._elapsed())

    @property
    def zero(self) -> datetime:
        """When the machine was started, by this clock: it changes only by `follow`."""
        return self._zero

    def change(self) -> timedelta:
        """By how much the machine's clock was set since, forward or (negative) back."""
        # This process may be stopped between two of these, for as long as it takes.
        before, wall, after = self(), self._wall(), self()
        return wall - min(max(wall, before), after)

    def follow(self, change: timedelta) -> None:
        """Set this clock too."""
        self._zero += change


def to_ms(instant: datetime) -> int:
    """Milliseconds since 1970-01-01 UTC, as in every `*_at` column."""
    # Rounded, not cut: a float may lie just below the whole millisecond that it stands for.
    return round(instant.timestamp() * 1000)


def from_ms(milliseconds: int) -> datetime:
    """The aware UTC instant of a stored `*_at` value."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
