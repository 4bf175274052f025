"""How long clips take and when to check them, from this installation's own history.

What members are told is never invented: where too few clips of a kind were made, there is no time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pika import next_gap

if TYPE_CHECKING:
    from collections.abc import Sequence

FEWEST: Final = 9
"""The fewest finished jobs of a kind that make a history: of nine, the next one is slower than the
slowest once in ten times."""
EAGER_GAP: Final = 1.0
"""Seconds between the first checks of a kind without a history."""
REFUSAL_GAP: Final = 5.0
"""Seconds until the first check of a kind with a history."""
_SLOW: Final = 0.9


@dataclass(frozen=True, slots=True)
class ExpectedTime:
    """A range in seconds: half of the jobs take at most `usual`, nine in ten at most `slow`."""

    usual: float
    slow: float


def expected_time(seconds: Sequence[float]) -> ExpectedTime | None:
    """Derive the range from the times, in seconds, of finished jobs of the same kind.

    `None` where fewer than `FEWEST` have finished.
    """
    count = len(seconds)
    if count < FEWEST:
        return None
    ordered = sorted(seconds)
    # The next one, too, has a place among them: so of `count + 1`, and not between two of them.
    usual, slow = (math.ceil(share * (count + 1)) - 1 for share in (0.5, _SLOW))
    return ExpectedTime(ordered[usual], ordered[slow])


def expected_wait(mean_wait_seconds: float, ratios: Sequence[float]) -> ExpectedTime | None:
    """Derive the range of a wait in line from how waits before differed from their `mean_wait`.

    Clips that others overtake, as those may who spent less, and a Pika that is slow today are in
    these ratios, and in no formula. `None` where there are fewer than `FEWEST`.
    """
    found = expected_time(ratios)
    if found is None:
        return None
    return ExpectedTime(mean_wait_seconds * found.usual, mean_wait_seconds * found.slow)


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
