"""When to ask again, and how a Retry-After is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pika import next_gap
from pika.reply import parse_retry_after

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
ages = st.floats(0, 1e7)
asked = st.none() | st.floats(0, 1e5)


@given(st.tuples(ages, ages).map(sorted), asked)
def test_the_gap_never_shrinks_with_age(pair: list[float], retry_after: float | None) -> None:
    younger, older = pair
    assert next_gap(younger, retry_after) <= next_gap(older, retry_after)


@given(ages)
def test_the_gap_stays_between_one_and_five_seconds(age: float) -> None:
    assert 1.0 <= next_gap(age) <= 5.0


@given(ages, asked)
def test_the_gap_is_the_longer_of_ours_and_theirs(age: float, retry_after: float | None) -> None:
    assert next_gap(age, retry_after) == max(next_gap(age), retry_after or 0.0)


@pytest.mark.parametrize(("age", "gap"), [(0, 1), (10, 1), (20, 2), (50, 5), (3600, 5)])
def test_the_gap_grows_to_a_tenth_of_the_age(age: float, gap: float) -> None:
    assert next_gap(age) == pytest.approx(gap)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        ("7", 7.0),
        (" 120 ", 120.0),
        ("Sun, 22 Nov 2026 12:01:30 GMT", 90.0),
        ("Sunday, 22-Nov-26 12:01:30 GMT", 90.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("Sun, 99 Nov 2026 12:00:00 GMT", None),
    ],
)
def test_both_forms_of_retry_after_are_read(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, NOW) == seconds


@given(st.integers(-(10**6), 86_400))
def test_a_date_gives_the_seconds_until_then_and_never_less_than_none(seconds: int) -> None:
    then = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert parse_retry_after(then, NOW) == max(0, seconds)
