"""How late an end is noticed, and at how many status requests, by several ways to poll.

A job's age begins at its submit, which is no check; the check that notices counts. Answers
are taken to come at once: a round trip adds the same to every way.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_left
from dataclasses import dataclass
from functools import partial
from statistics import fmean
from typing import TYPE_CHECKING, Final, NamedTuple

from bench.outcome import Outcome, table
from pika.pacing import CHECKS, plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

JOBS: Final = 2000
SEED: Final = 20250101
MEDIAN: Final = 75.0
SIGMA: Final = 0.35
STRAGGLERS: Final = 0.03
STRAGGLER_TAKES: Final = 4.0
FEWER_CHECKS: Final = 14.3
"""The budget for the second target, as the client's own default is for the first."""


class Figures(NamedTuple):
    """One way to poll, measured: seconds, seconds, status requests a job."""

    mean_delay: float
    p95_delay: float
    mean_checks: float


class Target(NamedTuple):
    """The most that a learnt pace may show, and the budget it is given to stay below."""

    budget: float
    mean_delay: float
    mean_checks: float


TARGETS: Final = (Target(CHECKS, 1.2, 25.0), Target(FEWER_CHECKS, 2.0, 15.0))


def durations(rng: random.Random, count: int) -> list[float]:
    """Draw jobs: lognormal, with a share of stragglers that take several times as long."""
    return [
        MEDIAN
        * math.exp(rng.gauss(0, SIGMA))
        * (STRAGGLER_TAKES if rng.random() < STRAGGLERS else 1.0)
        for _ in range(count)
    ]


def measure(ages: Iterator[float], jobs: Sequence[float]) -> Figures:
    """Poll every job at these ages (seconds, rising) until its end is noticed."""
    last = max(jobs)
    checks = [next(ages)]
    while checks[-1] < last:
        checks.append(next(ages))
    noticed = [bisect_left(checks, end) for end in jobs]
    delays = sorted(checks[place] - end for place, end in zip(noticed, jobs, strict=True))
    return Figures(fmean(delays), delays[math.ceil(0.95 * len(delays)) - 1], fmean(noticed) + 1)


def every(gap: float) -> Iterator[float]:
    """Poll at a fixed gap."""
    age = 0.0
    while True:
        age += gap
        yield age


def backing_off(gap: float, factor: float, longest: float) -> Iterator[float]:
    """Poll at gaps that grow by a factor."""
    age = 0.0
    while True:
        age += gap
        yield age
        gap = min(longest, gap * factor)


def learnt(known: Sequence[float], checks: float) -> Iterator[float]:
    """Poll as the client does."""
    rate = plan(known, checks)
    age = 0.0
    while True:
        age += rate.gap(age)
        yield age


@dataclass(frozen=True, slots=True)
class Trial:
    """The jobs to notice, and the ones to learn from, drawn from the same law."""

    jobs: Sequence[float]
    history: Sequence[float]

    def learnt_from(self, count: int, budget: float) -> Figures:
        """Measure the pace learnt from the latest `count` jobs; cold with none."""
        return measure(learnt(self.history[len(self.history) - count :], budget), self.jobs)


def run() -> Outcome:
    """Measure all ways; the targets are those of the pace learnt from 2,000 jobs."""
    rng = random.Random(SEED)  # noqa: S311 - a simulation
    trial = Trial(durations(rng, JOBS), durations(rng, JOBS))
    missed = tuple(
        sentence
        for target in TARGETS
        for sentence in _missed(target, trial.learnt_from(JOBS, target.budget))
    )
    return Outcome(f"{_contest(trial)}\n\n{_surprises(trial)}", missed)


def _missed(target: Target, figures: Figures) -> Iterator[str]:
    if figures.mean_delay > target.mean_delay:
        yield f"mean delay {figures.mean_delay:.3f} s, target {target.mean_delay} s"
    if figures.mean_checks > target.mean_checks:
        yield f"{figures.mean_checks:.2f} checks a job, target {target.mean_checks:g}"


def _contest(trial: Trial) -> str:
    ways: list[tuple[str, Callable[[], Figures]]] = [
        ("fixed 5 s", lambda: measure(every(5.0), trial.jobs)),
        ("fixed 0.1 s", lambda: measure(every(0.1), trial.jobs)),
        ("0.5 to 5 s, x1.5", lambda: measure(backing_off(0.5, 1.5, 5.0), trial.jobs)),
    ]
    for target in TARGETS:
        for count in (JOBS, 200, 50, 0):
            origin = f"from {count}" if count else "cold"
            name = f"learnt {origin}, budget {target.budget:g}"
            ways.append((name, partial(trial.learnt_from, count, target.budget)))
    wanted = "; ".join(
        f"at budget {target.budget:g} mean delay <= {target.mean_delay} s"
        f" with <= {target.mean_checks:g} checks"
        for target in TARGETS
    )
    head = ("way to poll", "mean delay/s", "p95 delay/s", "mean checks")
    rows = [(name, *_cells(way())) for name, way in ways]
    return (
        f"{JOBS} jobs: lognormal, median {MEDIAN:g} s, sigma {SIGMA}, {STRAGGLERS:.0%} take"
        f" {STRAGGLER_TAKES:g} times as long.\nTargets, learnt from {JOBS}: {wanted}.\n\n"
        f"{table(head, rows)}"
    )


def _surprises(trial: Trial) -> str:
    """Show what is paid for while the history, or the client's belief, is wrong."""
    rows: list[tuple[str, ...]] = []
    for factor in (0.1, 0.4, 2.0):
        law = f"median {MEDIAN * factor:g} s"
        changed = Trial(
            [seconds * factor for seconds in trial.jobs],
            [seconds * factor for seconds in trial.history],
        )
        before = Trial(changed.jobs, trial.history)
        rows += (
            (f"{law}, cold", *_cells(changed.learnt_from(0, CHECKS))),
            (f"{law}, learnt from 10", *_cells(changed.learnt_from(10, CHECKS))),
            (f"{law}, learnt from 200", *_cells(changed.learnt_from(200, CHECKS))),
            (f"{law}, learnt from 200 of {MEDIAN:g} s", *_cells(before.learnt_from(200, CHECKS))),
        )
    head = ("jobs of another law", "mean delay/s", "p95 delay/s", "mean checks")
    return f"Budget {CHECKS:g}, where jobs are not as believed:\n\n{table(head, rows)}"


def _cells(figures: Figures) -> tuple[str, str, str]:
    return (
        f"{figures.mean_delay:.2f}",
        f"{figures.p95_delay:.2f}",
        f"{figures.mean_checks:.1f}",
    )
