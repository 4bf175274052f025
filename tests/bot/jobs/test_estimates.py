from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.estimates import DEFAULT_EXPECTED_TIME, FEWEST, ExpectedTime, expected_time

seconds = st.lists(st.floats(0.1, 3600), min_size=FEWEST, max_size=60)


@pytest.mark.parametrize("few", [[], [10.0], [10.0] * (FEWEST - 1)])
def test_without_a_history_the_cold_range_is_told(few: list[float]) -> None:
    assert expected_time(few) == DEFAULT_EXPECTED_TIME


def test_equal_durations_give_a_point() -> None:
    found = expected_time([75.0] * FEWEST)
    assert found == ExpectedTime(75.0, 75.0)


def test_a_straggler_moves_the_slow_end_alone() -> None:
    found = expected_time([60.0] * 9 + [600.0])
    assert found.usual == 60
    assert 60 < found.slow < 600


@given(seconds)
def test_the_range_lies_within_what_was_seen_and_in_order(history: list[float]) -> None:
    found = expected_time(history)
    slack = 1e-6
    assert min(history) - slack <= found.usual <= found.slow + slack
    assert found.slow <= max(history) + slack
    assert sum(s <= found.usual + slack for s in history) >= len(history) / 2
    assert sum(s <= found.slow + slack for s in history) >= len(history) * 0.8


@given(seconds)
def test_the_order_of_the_history_does_not_matter(history: list[float]) -> None:
    assert expected_time(history) == expected_time(sorted(history))
