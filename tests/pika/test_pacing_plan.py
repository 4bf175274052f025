"""A plan of checks: its bounds, its shape, and what absurd histories cannot do to it."""

from __future__ import annotations

import math
import statistics

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pika.pacing import LONGEST_GAP, SHORTEST_GAP, Pace, plan

COLD = plan(())
anything = st.floats(allow_nan=True, allow_infinity=True)
absurd = st.sampled_from([0.0, -1.0, 5e-324, 0.5, 1e9, 1e308, math.inf, -math.inf, math.nan])
histories = st.lists(anything | absurd | st.floats(0.1, 1e4), max_size=30)
budgets = st.floats(1, 1e9)
ages = st.floats(0, 1e5)


@given(histories, budgets, anything)
@example([1e9] * 30, 1e9, 1e308)
@example([75.0] * 30, 1.0, math.inf)
@example([5e-324] * 30, 1e9, 5e-324)
def test_a_gap_is_always_within_its_bounds(known: list[float], checks: float, age: float) -> None:
    assert SHORTEST_GAP <= plan(known, checks).gap(age) <= LONGEST_GAP


@given(st.lists(st.floats(0.1, 1e4), max_size=30), st.floats(1, 100), ages, ages)
def test_an_older_job_is_never_checked_before_a_younger(
    known: list[float], checks: float, age: float, later: float
) -> None:
    pace = plan(known, checks)
    young, old = sorted((age, later))
    assert young + pace.gap(young) <= old + pace.gap(old) + 1e-6


@given(ages, st.floats(0, 1e12))
def test_the_providers_word_is_never_undercut(age: float, retry_after: float) -> None:
    assert COLD.gap(age, retry_after) == max(COLD.gap(age), retry_after)


@pytest.mark.parametrize("word", [None, 0.0, -5.0, -math.inf, math.inf, math.nan])
def test_a_word_that_says_no_time_changes_nothing(word: float | None) -> None:
    assert COLD.gap(30.0, word) == COLD.gap(30.0)


@pytest.mark.parametrize("age", [-1.0, -math.inf, math.nan])
def test_an_age_that_cannot_be_counts_as_none(age: float) -> None:
    assert COLD.gap(age) == COLD.gap(0.0)


@pytest.mark.parametrize("checks", [0.99, 0.0, -3.0, math.inf, math.nan])
def test_a_budget_below_one_check_or_without_end_is_refused(checks: float) -> None:
    with pytest.raises(ValueError, match="at least one check"):
        plan([60.0], checks)


@given(st.lists(st.floats(1, 1e3), min_size=1, max_size=30))
def test_the_order_of_the_history_does_not_matter(known: list[float]) -> None:
    assert plan(sorted(known)) == plan(sorted(known, reverse=True))


@given(st.lists(st.floats(1, 1e3), max_size=20))
def test_what_is_no_duration_is_left_out(known: list[float]) -> None:
    assert plan([*known, math.nan, math.inf, -math.inf, 0.0, -7.0]) == plan(known)


def test_the_plan_knows_the_whole_of_a_generator() -> None:
    assert plan(seconds for seconds in (30.0, 40.0)) == plan([30.0, 40.0])


@given(st.floats(10, 300))
def test_checks_crowd_where_jobs_ended(usual: float) -> None:
    pace = plan([usual] * 100)
    soon, late = _checks_between(pace, 0.9 * usual, 1.1 * usual), _checks(pace, 0.9 * usual)
    assert soon > 5
    assert soon / (0.2 * usual) > late / (0.9 * usual)


def test_few_durations_bend_the_belief_and_many_replace_it() -> None:
    noticed = [_lateness(plan([8.0] * count), 8.0) for count in (0, 1, 5, 200)]
    assert noticed == sorted(noticed, reverse=True)
    assert noticed[1] < 5
    assert noticed[3] < 0.5


def test_one_straggler_does_not_slow_the_checks_of_the_others() -> None:
    usual = [70.0 + n / 5 for n in range(50)]
    with_straggler = plan([*usual, 900.0])
    assert with_straggler.gap(75.0) == pytest.approx(plan(usual).gap(75.0), rel=0.2)


@pytest.mark.parametrize("checks", [12.0, 24.0, 48.0])
def test_more_checks_notice_sooner(checks: float) -> None:
    known = [60.0 + n / 3 for n in range(100)]
    few, many = plan(known, checks), plan(known, 2 * checks)
    assert statistics.fmean(many.gap(age) for age in known) < 0.6 * statistics.fmean(
        few.gap(age) for age in known
    )


def test_cold_the_first_minutes_are_watched_closely_and_the_rest_with_patience() -> None:
    assert COLD.gap(0) < 10
    assert COLD.gap(75) < 3
    assert COLD.gap(300) < 10
    assert COLD.gap(2 * 3600) == LONGEST_GAP
    assert 30 < _checks(COLD, 600) < 200


def _checks(pace: Pace, until: float) -> int:
    age, count = 0.0, 0
    while (age := age + pace.gap(age)) < until:
        count += 1
    return count


def _checks_between(pace: Pace, start: float, end: float) -> int:
    return _checks(pace, end) - _checks(pace, start)


def _lateness(pace: Pace, end: float) -> float:
    age = 0.0
    while age < end:
        age += pace.gap(age)
    return age - end
