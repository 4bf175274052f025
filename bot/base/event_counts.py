"""Counts of what happens in this process: who counts does not know who shows them, or where."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

BUCKETS_SECONDS: Final = (1, 2.5, 5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1800, 3600, 43200)
"""Upper bounds of the buckets in which durations are counted."""


class EventKind(StrEnum):
    """What is counted; the labels that each has."""

    REQUEST = "request"
    """Outcome of a request for a clip."""
    CLIP = "clip"
    """State in which it ended, provider, model, resolution, duration in seconds."""
    FAILURE = "failure"
    """Stored reason, provider."""
    PHASE = "phase"
    """A duration: phase, provider."""
    DISCORD_ANSWER = "discord_answer"
    """HTTP status, or `NO_ANSWER`."""
    PIKA_ANSWER = "pika_answer"
    """Provider, HTTP status, or `NO_ANSWER`."""
    GATEWAY_CONNECTION = "gateway_connection"
    """Whether a session began or was resumed."""


NO_ANSWER: Final = "none"
"""In place of a status where a request was not answered."""


@dataclass(slots=True)
class Durations:
    """Durations in seconds: how many fell into each bucket, the last of which has no bound."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_SECONDS) + 1))
    total: float = 0.0


class EventCounts:
    """Counts by kind and labels since the start. May be used from any thread.

    Labels come from closed sets, or memory would grow: never an id, a name or a text.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, ...]] = Counter()
        self._durations: dict[tuple[str, ...], Durations] = {}

    def add(self, kind: EventKind, *labels: str) -> None:
        """Count one event."""
        with self._lock:
            self._counts[kind, *labels] += 1

    def observe(self, kind: EventKind, seconds: float, *labels: str) -> None:
        """Count one duration."""
        with self._lock:
            durations = self._durations.setdefault((kind, *labels), Durations())
            durations.counts[bisect_left(BUCKETS_SECONDS, seconds)] += 1
            durations.total += seconds

    def counts(self, kind: EventKind) -> dict[tuple[str, ...], int]:
        """The events of a kind, by their labels."""
        with self._lock:
            return {key[1:]: count for key, count in self._counts.items() if key[0] == kind}

    def durations(self, kind: EventKind) -> dict[tuple[str, ...], Durations]:
        """The durations of a kind, by their labels."""
        with self._lock:
            return {
                key[1:]: Durations([*found.counts], found.total)
                for key, found in self._durations.items()
                if key[0] == kind
            }
