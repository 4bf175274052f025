from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.base import ZERO_COST, Cost, Limit, Unit, Window
from bot.quota.rules import GUILD, Allowance, LimitStatus, Rule
from bot.reports.forecast import RATE_PERIOD, SpendingRate, forecast, spending_rate

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def end(limit: str, used: int, at_pace: SpendingRate, renews_in: timedelta) -> datetime | None:
    standing = LimitStatus(Rule(GUILD, Limit.parse(limit)), used, NOW + renews_in)
    (found,) = forecast(Allowance((standing,), ZERO_COST), at_pace, NOW)
    assert found.status is standing
    return found.ends_at


def test_a_budget_ends_when_the_pace_has_eaten_it() -> None:
    a_dollar_a_day = SpendingRate(Cost(14, 7_000_000), timedelta(days=7))
    assert end("$10 a month", 4_000_000, a_dollar_a_day, 8 * DAY) == NOW + 6 * DAY
    assert end("$10 a month", 4_000_000, a_dollar_a_day, 5 * DAY) is None
    assert end("20 clips a month", 10, a_dollar_a_day, 8 * DAY) == NOW + 5 * DAY


def test_what_would_end_just_as_it_renews_lasts() -> None:
    assert end("$10 a month", 4_000_000, SpendingRate(Cost(7, 1_000_000), DAY), 6 * DAY) is None


def test_without_spending_it_lasts() -> None:
    assert end("$10 a month", 0, SpendingRate(ZERO_COST, 7 * DAY), 30 * DAY) is None


def test_what_is_spent_has_ended() -> None:
    assert end("$10 a month", 11_000_000, SpendingRate(ZERO_COST, 7 * DAY), 30 * DAY) == NOW
    assert end("0 clips a month", 0, SpendingRate(ZERO_COST, 7 * DAY), 30 * DAY) == NOW


def test_the_pace_is_that_of_the_last_days() -> None:
    cost = Cost(1, 200_000)
    spent = [(NOW - timedelta(days=days), cost) for days in (0, 1, 6, 7, 8, 29)]
    assert spending_rate(spent, NOW - 29 * DAY, NOW) == SpendingRate(Cost(4, 800_000), RATE_PERIOD)


def test_a_young_bot_is_not_thrifty_nor_an_hour_a_day() -> None:
    cost = Cost(1, 200_000)
    three = [(NOW - timedelta(days=days), cost) for days in (0, 1, 2)]
    assert spending_rate(three, NOW - 2 * DAY, NOW) == SpendingRate(Cost(3, 600_000), 2 * DAY)
    fresh = [(NOW - timedelta(minutes=5), cost)]
    assert spending_rate(fresh, NOW - timedelta(minutes=5), NOW) == SpendingRate(cost, DAY)
    assert spending_rate([], None, NOW) == SpendingRate(ZERO_COST, RATE_PERIOD)


def test_the_purses_of_large_servers_are_reckoned_too() -> None:
    rich = SpendingRate(Cost(500_000, 100_000_000_000), 7 * DAY)
    assert rich.in_days(30) == Cost(2_142_857, 428_571_428_571)
    assert end("$200000 a month", 0, rich, 20 * DAY) == NOW + 14 * DAY
    thrifty = SpendingRate(Cost(1, 1), 7 * DAY)
    assert end("$1000000 a month", 0, thrifty, 30 * DAY) is None


def test_a_pace_over_days() -> None:
    assert SpendingRate(Cost(7, 1_000_000), 7 * DAY).in_days(30) == Cost(30, 4_285_714)


@given(
    amount=st.integers(0, 10**12),
    used=st.integers(0, 2 * 10**12),
    spent=st.integers(0, 10**12),
    over=st.timedeltas(DAY, RATE_PERIOD),
    renews_in=st.timedeltas(timedelta(seconds=1), 31 * DAY),
)
def test_it_ends_before_it_renews_only_if_the_pace_spends_all_of_it(
    amount: int, used: int, spent: int, over: timedelta, renews_in: timedelta
) -> None:
    limit = Limit(amount, Unit.USD, Window.MONTH)
    standing = LimitStatus(Rule(GUILD, limit), used, NOW + renews_in)
    at_pace = SpendingRate(Cost(1, spent), over)
    (found,) = forecast(Allowance((standing,), ZERO_COST), at_pace, NOW)
    by_then = spent * (renews_in / over)
    if found.ends_at is None:
        assert standing.left > 0
        assert by_then <= standing.left * (1 + 1e-9)
    else:
        assert NOW <= found.ends_at < standing.renews_at
        until = spent * ((found.ends_at - NOW) / over)
        step = spent * (timedelta(microseconds=1) / over)
        assert standing.left * (1 - 1e-9) - step <= until <= standing.left * (1 + 1e-9)
