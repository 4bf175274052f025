"""Time as the domain sees it: aware UTC datetimes in code, integer milliseconds at rest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]
"""Returns the present instant, aware and in UTC. Tests pass one that they can move."""


def utc_now() -> datetime:
    """The present instant, aware and in UTC: the `Clock` of the real bot."""
    return datetime.now(UTC)


def to_ms(instant: datetime) -> int:
    """Milliseconds since 1970-01-01 UTC, as in every `*_at` column."""
    # Rounded, not cut: a float may lie just below the whole millisecond that it stands for.
    return round(instant.timestamp() * 1000)


def from_ms(milliseconds: int) -> datetime:
    """The aware UTC instant of a stored `*_at` value."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
