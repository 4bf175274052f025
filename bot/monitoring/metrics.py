"""`/metrics`, in the text format of Prometheus: what was counted, and what the database says now.

Labels are states, providers and the like, and never ids: their number stays bounded, and nobody's
clips are counted apart. Prometheus' library is loaded with the first scrape.
"""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple

from bot import __version__
from bot.base import service
from bot.base.event_counts import BUCKETS_SECONDS, EventKind
from bot.monitoring.database_figures import read_figures
from bot.monitoring.http_server import Answer
from pika import MICRO_USD_PER_USD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from prometheus_client import Metric

    from bot.base import Clock, Database
    from bot.base.event_counts import Durations, EventCounts
    from bot.monitoring.database_figures import DatabaseFigures
    from bot.monitoring.health import Check, HealthChecks
    from bot.quota.allowances import OwnerLimits

PREFIX: Final = "animate_bot_"
READ_SECONDS: Final = 5.0


class Definition(NamedTuple):
    """A metric: its name without the prefix, what it is, and the names of its labels."""

    name: str
    help: str
    labels: tuple[str, ...] = ()


COUNTERS: Final[Mapping[EventKind, Definition]] = {
    EventKind.REQUEST: Definition(
        "requests",
        "Requests for clips, by outcome: accepted, or the kind of refusal.",
        ("outcome",),
    ),
    EventKind.CLIP: Definition(
        "clips_ended",
        "Clips that ended, by how.",
        ("state", "provider", "model", "resolution", "duration"),
    ),
    EventKind.FAILURE: Definition(
        "clip_failures", "Clips that failed, by reason.", ("reason", "provider")
    ),
    EventKind.DISCORD_ANSWER: Definition(
        "discord_answers", "Answers of Discord's API, by HTTP status or `none`.", ("status",)
    ),
    EventKind.PIKA_ANSWER: Definition(
        "pika_answers", "Answers of providers, by HTTP status or `none`.", ("provider", "status")
    ),
    EventKind.GATEWAY_CONNECTION: Definition(
        "gateway_connections", "Connections to Discord's gateway that were made.", ("session",)
    ),
}
HISTOGRAMS: Final[Mapping[EventKind, Definition]] = {
    EventKind.PHASE: Definition(
        "phase_seconds",
        "How long delivered clips took, by phase: queue, render, delivery and total.",
        ("phase", "provider"),
    )
}
INFO: Final = Definition("build_info", "The version that runs; always 1.", ("version",))
CHECK_OK: Final = Definition("check_ok", "Whether a check of /healthz is passed.", ("check",))
ORDERS_STOPPED: Final = Definition(
    "orders_stopped", "Providers that take no orders from this account.", ("provider", "reason")
)
FACTS: Final[Mapping[tuple[str, str], Definition]] = {
    ("gateway", "heartbeat_age_seconds"): Definition(
        "gateway_heartbeat_age_seconds",
        "Since the shard that was silent for longest had a heartbeat acknowledged.",
    ),
    ("database", "write_seconds"): Definition(
        "database_write_seconds", "How long one small write took."
    ),
    ("jobs", "oldest_due_seconds"): Definition(
        "oldest_due_seconds", "For how long the oldest step has been due that waits in no line."
    ),
    ("jobs", "oldest_in_line_seconds"): Definition(
        "oldest_in_line_seconds", "For how long the oldest clip has waited in line."
    ),
    ("event_loop", "lag_seconds"): Definition(
        "event_loop_lag_seconds", "The longest lag of the event loop in the last half minute."
    ),
    ("disk", "free_bytes"): Definition("disk_free_bytes", "What is free in the data folder."),
}
"""By the check and its fact."""
OPEN_CLIPS: Final = Definition(
    "open_clips",
    "Clips that have not ended, by state; `queued` is the line.",
    ("state", "provider"),
)
SPENT: Final = Definition("month_spent_usd", "Spent and reserved this month in all servers.")
CEILING: Final = Definition("month_ceiling_usd", "The most that may be spent; absent without one.")
DOUBTS: Final = Definition("doubts", "Orders of which nobody knows whether they are billed.")
DOUBTFUL: Final = Definition("doubtful_usd", "What is counted for orders in doubt.")


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """All that a scrape shows. `figures` are `None` where the database does not answer."""

    counts: Mapping[EventKind, Mapping[tuple[str, ...], int]]
    durations: Mapping[EventKind, Mapping[tuple[str, ...], Durations]]
    checks: Mapping[str, Check]
    figures: DatabaseFigures | None

    def collect(self) -> Iterator[Metric]:
        """The metrics, as `prometheus_client` asks for them."""
        for kind, definition in COUNTERS.items():
            yield _counter(definition, self.counts[kind])
        for kind, definition in HISTOGRAMS.items():
            yield _histogram(definition, self.durations[kind])
        yield _gauge(INFO, {(__version__,): 1})
        yield _gauge(CHECK_OK, {(name,): int(it.ok) for name, it in self.checks.items()})
        yield from self._facts()
        if self.figures is not None:
            yield from _sums(self.figures)

    def _facts(self) -> Iterator[Metric]:
        for (check, fact), definition in FACTS.items():
            value = self.checks[check].facts.get(fact)
            if isinstance(value, int | float):
                yield _gauge(definition, {(): value})
        stopped = self.checks["orders"].facts.get("stopped")
        if isinstance(stopped, dict):
            yield _gauge(ORDERS_STOPPED, dict.fromkeys(stopped.items(), 1))


@service
class Metrics:
    """What `/metrics` says."""

    database: Database
    owner: OwnerLimits
    counts: EventCounts
    health: HealthChecks
    clock: Clock

    async def page(self) -> Answer:
        """All metrics at this moment."""
        snapshot = Snapshot(
            counts={kind: self.counts.counts(kind) for kind in COUNTERS},
            durations={kind: self.counts.durations(kind) for kind in HISTOGRAMS},
            checks=await self.health.check(),
            figures=await self._figures(),
        )
        # In a thread: the first time it imports the library, which takes tens of milliseconds.
        return await asyncio.to_thread(_render, snapshot)

    async def _figures(self) -> DatabaseFigures | None:
        now = self.clock()
        try:
            async with asyncio.timeout(READ_SECONDS):
                return await self.database.read(lambda tx: read_figures(tx, self.owner, now))
        except (sqlite3.Error, TimeoutError):
            return None


def _render(snapshot: Snapshot) -> Answer:
    from prometheus_client import (  # noqa: PLC0415 - it takes over a megabyte
        CONTENT_TYPE_LATEST,
        CollectorRegistry,
        ProcessCollector,
        generate_latest,
    )

    registry = CollectorRegistry()
    registry.register(snapshot)
    ProcessCollector(registry=registry)
    return Answer(generate_latest(registry), CONTENT_TYPE_LATEST)


def _sums(figures: DatabaseFigures) -> Iterator[Metric]:
    yield _gauge(OPEN_CLIPS, figures.open_clips)
    yield _gauge(SPENT, {(): figures.spent / MICRO_USD_PER_USD})
    if figures.ceiling is not None:
        yield _gauge(CEILING, {(): figures.ceiling / MICRO_USD_PER_USD})
    yield _gauge(DOUBTS, {(): figures.doubts})
    yield _gauge(DOUBTFUL, {(): figures.doubtful / MICRO_USD_PER_USD})


def _gauge(definition: Definition, values: Mapping[tuple[str, ...], float]) -> Metric:
    from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415 - as above

    family = GaugeMetricFamily(PREFIX + definition.name, definition.help, labels=definition.labels)
    for labels, value in values.items():
        family.add_metric(labels, value)
    return family


def _counter(definition: Definition, values: Mapping[tuple[str, ...], int]) -> Metric:
    from prometheus_client.core import CounterMetricFamily  # noqa: PLC0415 - as above

    name = PREFIX + definition.name
    family = CounterMetricFamily(name, definition.help, labels=definition.labels)
    for labels, value in values.items():
        family.add_metric(labels, value)
    return family


def _histogram(definition: Definition, values: Mapping[tuple[str, ...], Durations]) -> Metric:
    from prometheus_client.core import HistogramMetricFamily  # noqa: PLC0415 - as above

    name = PREFIX + definition.name
    family = HistogramMetricFamily(name, definition.help, labels=definition.labels)
    for labels, found in values.items():
        family.add_metric(labels, _buckets(found.counts), found.total)
    return family


def _buckets(counts: Iterable[int]) -> list[tuple[str, float]]:
    """Each bucket with what is in it and in those below it."""
    bounds = (*map(str, map(float, BUCKETS_SECONDS)), "+Inf")
    return list(zip(bounds, accumulate(counts), strict=True))
