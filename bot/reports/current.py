"""How a guild's clips went lately, from its jobs."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.base import from_ms, to_ms

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base import Transaction

FAILURES_WITHIN: Final = timedelta(hours=1)
_LONGEST_LIFE: Final = timedelta(days=8)
"""Older jobs have ended before: the longest waiting is for a review."""


def failures(tx: Transaction, guild_id: int, now: datetime) -> Counter[str]:
    """The jobs that failed within `FAILURES_WITHIN`, by the value of their `Failure`.

    Those that moderators cancelled or refused are none.
    """
    times = {"first": to_ms(now - _LONGEST_LIFE), "since": to_ms(now - FAILURES_WITHIN)}
    rows = tx.all(_FAILURES, {"guild": guild_id, **times})
    return Counter({row["failure"]: row["jobs"] for row in rows})


def first_request(tx: Transaction, guild_id: int) -> datetime | None:
    """When the guild asked for its first clip, if it ever did."""
    first = tx.one(_FIRST, {"guild": guild_id})
    return None if first is None else from_ms(first["created_at"])


_FAILURES: Final = """
    SELECT failure, count(*) AS jobs FROM jobs
    WHERE guild_id = :guild AND created_at >= :first AND failure IS NOT NULL
        AND failure <> 'not_approved' AND coalesce(ended_at, :since) >= :since
    GROUP BY failure
"""
_FIRST: Final = """
    SELECT created_at FROM jobs WHERE guild_id = :guild ORDER BY created_at LIMIT 1
"""
