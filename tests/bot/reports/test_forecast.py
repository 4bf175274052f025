from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.quota.ledger import NOTHING
from bot.quota.limits import Cost, Limit, Unit, Window
from bot.quota.rules import GUILD, Purse, Rule, Standing
from bot.reports.forecast import LOOK_BACK, Pace, forecast, pace

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def end(limit: str, used: int, at_pace: Pace, renews_in: timedelta) -> datetime | None:
    standing = Standing(Rule(GUILD, Limit.parse(limit)), used, NOW + renews_in)
    (found,) = forecast(Purse((standing,), NOTHING), at_pace, NOW)
    assert found.standing is standing
    return found.ends_at


def test_a_budget_ends_when_the_pace_has_eaten_it() -> None:
    a_dollar_a_day = Pace(Cost(14, 7_000_000), timedelta(days=7))
    assert end("$10 a month", 4_000_000, a_dollar_a_day, 8 * DAY) == NOW + 6 * DAY
    assert end("$10 a month", 4_000_000, a_dollar_a_day, 5 * DAY) is None
    assert end("20 clips a month", 10, a_dollar_a_day, 8 * DAY) == NOW + 5 * DAY


def test_what_would_end_just_as_it_renews_lasts() -> None:
    assert end("$10 a month", 4_000_000, Pace(Cost(7, 1_000_000), DAY), 6 * DAY) is None


def test_without_spending_it_lasts() -> None:
    assert end("$10 a month", 0, Pace(NOTHING, 7 * DAY), 30 * DAY) is None


def test_what_is_spent_has_ended() -> None:
    assert end("$10 a month", 11_000_000, Pace(NOTHING, 7 * DAY), 30 * DAY) == NOW
    assert end("0 clips a month", 0, Pace(NOTHING, 7 * DAY), 30 * DAY) == NOW


def test_the_pace_is_that_of_the_last_days() -> None:
    cost = Cost(1, 200_000)
    spent = [(NOW - timedelta(days=days), cost) for days in (0, 1, 6, 7, 8, 29)]
    assert pace(spent, NOW - 29 * DAY, NOW) == Pace(Cost(4, 800_000), LOOK_BACK)


def test_a_young_bot_is_not_thrifty_nor_an_hour_a_day() -> None:
    cost = Cost(1, 200_000)
    three = [(NOW - timedelta(days=days), cost) for days in (0, 1, 2)]
    assert pace(three, NOW - 2 * DAY, NOW) == Pace(Cost(3, 600_000), 2 * DAY)
    fresh = [(NOW - timedelta(minutes=5), cost)]
    assert pace(fresh, NOW - timedelta(minutes=5), NOW) == Pace(cost, DAY)
    assert pace([], None, NOW) == Pace(NOTHING, LOOK_BACK)


def test_the_purses_of_large_servers_are_reckoned_too() -> None:
    rich = Pace(Cost(500_000, 100_000_000_000), 7 * DAY)
    assert rich.in_days(30) == Cost(2_142_857, 428_571_428_571)
    assert end("$200000 a month", 0, rich, 20 * DAY) == NOW + 14 * DAY
    thrifty = Pace(Cost(1, 1), 7 * DAY)
    assert end("$1000000 a month", 0, thrifty, 30 * DAY) is None


def test_a_pace_over_days() -> None:
    assert Pace(Cost(7, 1_000_000), 7 * DAY).in_days(30) == Cost(30, 4_285_714)


@given(
    amount=st.integers(0, 10**12),
    used=st.integers(0, 2 * 10**12),
    spent=st.integers(0, 10**12),
    over=st.timedeltas(DAY, LOOK_BACK),
    renews_in=st.timedeltas(timedelta(seconds=1), 31 * DAY),
)
def test_it_ends_before_it_renews_only_if_the_pace_spends_all_of_it(
    amount: int, used: int, spent: int, over: timedelta, renews_in: timedelta
) -> None:
    limit = Limit(amount, Unit.USD, Window.MONTH)
    standing = Standing(Rule(GUILD, limit), used, NOW + renews_in)
    at_pace = Pace(Cost(1, spent), over)
    (found,) = forecast(Purse((standing,), NOTHING), at_pace, NOW)
    by_then = spent * (renews_in / over)
    if found.ends_at is None:
        assert standing.left > 0
        assert by_then <= standing.left * (1 + 1e-9)
    else:
        assert NOW <= found.ends_at < standing.renews_at
        until = spent * ((found.ends_at - NOW) / over)
        step = spent * (timedelta(microseconds=1) / over)
        assert standing.left * (1 - 1e-9) - step <= until <= standing.left * (1 + 1e-9)
