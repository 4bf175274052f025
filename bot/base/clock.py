"""Time as the domain sees it: aware UTC datetimes in code, integer milliseconds at rest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]
"""Returns the present instant, aware and in UTC. Passed in, so that time can be moved."""


def utc_now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)


def to_ms(instant: datetime) -> int:
    """Return milliseconds since 1970-01-01 UTC, as every `*_at` column holds them."""
    return round(instant.timestamp() * 1000)


def from_ms(milliseconds: int) -> datetime:
    """Return the instant of a stored `*_at` value."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
