"""When to ask again, and how a Retry-After is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pika import next_gap
from pika.pacing import plan
from pika.reply import parse_retry_after

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
ages = st.floats(0, 1e7)
asked = st.none() | st.floats(0, 1e5)
histories = st.lists(st.floats(1, 1e3), max_size=20)


@given(ages, asked, histories)
def test_the_gap_is_the_longer_of_ours_and_theirs(
    age: float, retry_after: float | None, known: list[float]
) -> None:
    own = next_gap(age, known=known)
    assert next_gap(age, retry_after, known=known) == max(own, retry_after or 0.0)


@given(ages, histories, st.floats(1, 100))
def test_the_gap_is_the_plans(age: float, known: list[float], checks: float) -> None:
    planned = plan(known, checks).gap(age, 7.0)
    assert next_gap(age, 7.0, known=known, checks=checks) == planned


def test_a_history_that_grew_is_learnt_from() -> None:
    known = [20.0]
    before = next_gap(18, known=known)
    known += [20.0] * 50
    assert next_gap(18, known=known) < before


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
