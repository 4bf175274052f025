"""How long a block lasts, as moderators type it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.moderation.errors import TimedeltaError, TimedeltaProblem
from bot.moderation.timedeltas import LONGEST, SHORTEST, parse_timedelta


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("2h", 2),
        ("3d", 72),
        ("1w", 168),
        ("90m", 1.5),
        (" 2 Hours ", 2),
        ("1 day 12 hours", 36),
        ("1d12h", 36),
        ("1 week, 1 day", 192),
        ("30 min", 0.5),
        ("60 minutes", 1),
        ("52w", 8736),
        ("365d", 8760),
    ],
)
def test_people_write_it_in_many_ways(text: str, hours: float) -> None:
    assert parse_timedelta(text) == timedelta(hours=hours)


@pytest.mark.parametrize(
    "text",
    ["", " ", "2", "h", "2x", "two hours", "2h!", "-2h", "1.5h", "2h 3", "2hx", "٣d", "forever"],
)
def test_what_says_no_time_is_refused(text: str) -> None:
    with pytest.raises(TimedeltaError) as caught:
        parse_timedelta(text)
    assert caught.value.problem is TimedeltaProblem.UNREADABLE


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("0m", TimedeltaProblem.TOO_SHORT),
        ("0d 0h", TimedeltaProblem.TOO_SHORT),
        ("366d", TimedeltaProblem.TOO_LONG),
        ("53w", TimedeltaProblem.TOO_LONG),
        ("999999w 999999w", TimedeltaProblem.TOO_LONG),
    ],
)
def test_it_has_bounds(text: str, problem: TimedeltaProblem) -> None:
    with pytest.raises(TimedeltaError) as caught:
        parse_timedelta(text)
    assert caught.value.problem is problem


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_span_within_bounds_or_refused(text: str) -> None:
    try:
        span = parse_timedelta(text)
    except TimedeltaError:
        return
    assert SHORTEST <= span <= LONGEST
