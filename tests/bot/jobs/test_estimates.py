from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.estimates import FEWEST, ExpectedTime, expected_time, expected_wait

seconds = st.lists(st.floats(0.1, 3600), min_size=FEWEST, max_size=60)


@pytest.mark.parametrize("few", [[], [10.0], [10.0] * (FEWEST - 1)])
def test_without_a_history_no_time_is_invented(few: list[float]) -> None:
    assert expected_time(few) is None
    assert expected_wait(60, few) is None


def test_equal_durations_give_a_point() -> None:
    found = expected_time([75.0] * FEWEST)
    assert found == ExpectedTime(75.0, 75.0)


def test_of_nine_the_slowest_is_what_nine_in_ten_take() -> None:
    assert expected_time([60.0] * 8 + [600.0]) == ExpectedTime(60.0, 600.0)


def test_a_straggler_in_twenty_moves_nothing() -> None:
    assert expected_time([60.0] * 19 + [600.0]) == ExpectedTime(60.0, 60.0)


def test_a_wait_is_as_many_times_its_mean_as_others_were() -> None:
    assert expected_wait(120, [1.0] * 8 + [1.5]) == ExpectedTime(120, 180)


@given(seconds)
def test_the_range_is_made_of_what_was_seen_and_in_order(history: list[float]) -> None:
    found = expected_time(history)
    assert found is not None
    assert found.usual in history
    assert found.slow in history
    assert found.usual <= found.slow
    # Of these and one more, which may be slower than all of them.
    assert sum(s <= found.usual for s in history) >= (len(history) + 1) * 0.5
    assert sum(s <= found.slow for s in history) >= (len(history) + 1) * 0.9


@given(seconds)
def test_the_order_of_the_history_does_not_matter(history: list[float]) -> None:
    assert expected_time(history) == expected_time(sorted(history))
