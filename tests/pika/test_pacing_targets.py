"""What the learnt pace promises in numbers, on simulated jobs."""

from __future__ import annotations

import math
import random
import statistics
import subprocess
import sys
from bisect import bisect_left
from pathlib import Path

import pytest

from pika.pacing import plan

ROOT = Path(__file__).parent.parent.parent


def draw(seed: int, count: int, median: float = 75.0) -> list[float]:
    """Renders as believed: lognormal, and 3 in 100 take four times as long."""
    rng = random.Random(seed)
    return [
        median * math.exp(rng.gauss(0, 0.35)) * (4 if rng.random() < 0.03 else 1)
        for _ in range(count)
    ]


JOBS = draw(1, 5000)
HISTORY = draw(2, 2000)


def polled(known: list[float], checks: float, jobs: list[float]) -> tuple[float, float]:
    """Return the mean delay in seconds and the mean count of checks."""
    pace = plan(known, checks)
    ages = [pace.gap(0)]
    while ages[-1] < max(jobs):
        ages.append(ages[-1] + pace.gap(ages[-1]))
    places = [bisect_left(ages, end) for end in jobs]
    delays = [ages[place] - end for place, end in zip(places, jobs, strict=True)]
    return statistics.fmean(delays), statistics.fmean(places) + 1


@pytest.mark.parametrize(("budget", "delay", "checks"), [(24.0, 1.2, 25.0), (14.3, 2.0, 15.0)])
@pytest.mark.parametrize("known", [2000, 0])
def test_learnt_and_cold_an_end_is_noticed_in_time_for_its_price(
    known: int, budget: float, delay: float, checks: float
) -> None:
    late, spent = polled(HISTORY[:known], budget, JOBS)
    assert late <= delay
    assert spent <= checks


@pytest.mark.parametrize("count", [10, 50, 200])
def test_a_short_history_comes_near(count: int) -> None:
    """Its own luck moves delay against checks; their product tells how good the pace is."""
    late, spent = polled(HISTORY[:count], 24.0, JOBS)
    assert late * spent <= 32
    assert 15 < spent < 30


@pytest.mark.parametrize("median", [8.0, 30.0, 150.0, 600.0])
def test_jobs_of_any_length_are_learnt(median: float) -> None:
    jobs, history = draw(3, 2000, median), draw(4, 200, median)
    late, spent = polled(history, 24.0, jobs)
    assert late <= 0.03 * median
    assert spent <= 30


@pytest.mark.parametrize("median", [30.0, 150.0])
def test_a_pace_that_learnt_the_wrong_law_still_costs_no_more_than_5_s_or_100_checks(
    median: float,
) -> None:
    late, spent = polled(HISTORY[:200], 24.0, draw(3, 2000, median))
    assert late <= 5
    assert spent <= 100


def test_the_benchmark_meets_its_targets_and_refuses_what_it_has_not() -> None:
    ran = bench("polling")
    assert ran.returncode == 0, ran.stdout
    assert "fixed 0.1 s" in ran.stdout
    assert "All targets met." in ran.stdout
    unknown = bench("poling")
    assert unknown.returncode == 2
    assert "no benchmark named poling" in unknown.stderr


def test_the_benchmark_ends_with_1_where_a_target_is_missed() -> None:
    code = (
        "import sys; from bench import __main__ as main, polling;"
        "polling.TARGETS = (polling.Target(24.0, 0.1, 25.0), polling.Target(48.0, 2.0, 15.0));"
        "sys.exit(main.main(['polling']))"
    )
    ran = python("-c", code)
    assert ran.returncode == 1, ran.stderr
    assert "MISSED polling: mean delay 1." in ran.stdout
    assert "checks a job, target 15" in ran.stdout


def bench(*names: str) -> subprocess.CompletedProcess[str]:
    return python("-m", "bench", *names)


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
