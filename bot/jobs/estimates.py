"""How long a render takes and when to check it, from this installation's own history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pika import next_gap

if TYPE_CHECKING:
    from collections.abc import Sequence

FEWEST: Final = 5
"""The fewest finished jobs of a kind that make a history."""
EAGER_GAP: Final = 1.0
"""Seconds between the first checks of a kind without a history."""
REFUSAL_GAP: Final = 5.0
"""Seconds until the first check of a kind with a history."""


@dataclass(frozen=True, slots=True)
class ExpectedTime:
    """A range in seconds: half of the jobs take at most `usual`, nine in ten at most `slow`."""

    usual: float
    slow: float


DEFAULT_EXPECTED_TIME: Final = ExpectedTime(usual=60.0, slow=300.0)
"""Without a history: clients of Pika report one to five minutes (November 2026)."""


def expected_time(seconds: Sequence[float]) -> ExpectedTime:
    """Derive the range from the render times, in seconds, of finished jobs of the same kind."""
    if len(seconds) < FEWEST:
        return DEFAULT_EXPECTED_TIME
    # Not at the top: a bot that is idle from its start on shall be small.
    from statistics import quantiles  # noqa: PLC0415 - as said above

    deciles = quantiles(seconds, n=10, method="inclusive")
    return ExpectedTime(usual=deciles[4], slow=deciles[8])


def seconds_to_next_check(
    elapsed: float, known: Sequence[float], retry_after: float | None = None
) -> float:
    """Seconds until the next check of a job of age `elapsed`, never less than `retry_after`.

    `known` are the render times of others of its kind, in seconds.
    """
    # `next_gap` checks when videos are finished. Failures come within seconds and their members
    # wait too, so a young job is checked a few times more; and so is a kind without a history.
    longest = max(REFUSAL_GAP, elapsed)
    if len(known) < FEWEST:
        longest = max(EAGER_GAP, elapsed / 3)
    return max(min(next_gap(elapsed, known=known), longest), retry_after or 0.0)
