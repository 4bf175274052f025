"""How long a render takes: honest ranges from this installation's own history."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import quantiles
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

FEWEST: Final = 5
"""Fewer finished jobs of a kind than this are no history."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """A range in seconds: half of the jobs take at most `usual`, nine in ten at most `slow`."""

    usual: float
    slow: float


COLD: Final = Expectation(usual=60.0, slow=300.0)
"""Without a history: clients of Pika report one to five minutes (November 2026)."""


def expect(seconds: Sequence[float]) -> Expectation:
    """Derive the range from the durations of finished jobs of the same kind."""
    if len(seconds) < FEWEST:
        return COLD
    deciles = quantiles(seconds, n=10, method="inclusive")
    return Expectation(usual=deciles[4], slow=deciles[8])
