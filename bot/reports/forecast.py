"""When a budget ends if spending goes on as in the last days."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from bot.base import Cost, Unit, value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.quota.rules import Allowance, LimitStatus

RATE_PERIOD: Final = timedelta(days=7)
"""The time over which a rate is measured: a whole week, for its weekend."""
_SHORTEST: Final = timedelta(days=1)


@value
class SpendingRate:
    """A cost in a time."""

    cost: Cost
    over: timedelta

    def in_days(self, days: int) -> Cost:
        """The cost of some days at this rate, rounded down."""
        ahead, over = _microseconds(timedelta(days=days)), _microseconds(self.over)
        return Cost(*(self.cost.of(unit) * ahead // over for unit in (Unit.CLIPS, Unit.USD)))


@value
class Forecast:
    """A budget, and when nothing of it is left: `None` where it lasts until it renews."""

    status: LimitStatus
    ends_at: datetime | None


def spending_rate(
    spent: Iterable[tuple[datetime, Cost]], since: datetime | None, now: datetime
) -> SpendingRate:
    """The rate of the last `RATE_PERIOD` before `now`.

    Args:
        spent: Instants and costs; older ones are left out.
        since: The first request, or `None`. Where it is later than the period's start, the rate
            is over the time from then on, at least a day.
        now: The period's end.
    """
    # Over a whole week, a bot that is a few days old would seem thrifty.
    over = RATE_PERIOD if since is None else min(RATE_PERIOD, max(_SHORTEST, now - since))
    recent = [cost for at, cost in spent if at >= now - over]
    return SpendingRate(sum(recent, start=Cost(0, 0)), over)


def forecast(budgets: Allowance, rate: SpendingRate, now: datetime) -> tuple[Forecast, ...]:
    """The forecast of each budget at a rate."""
    return tuple(Forecast(it, _end(it, rate, now)) for it in budgets.statuses)


def _end(status: LimitStatus, rate: SpendingRate, now: datetime) -> datetime | None:
    if status.left == 0:
        return now
    spent, over = rate.cost.of(status.limit.unit), _microseconds(rate.over)
    if spent == 0 or status.left * over >= _microseconds(status.renews_at - now) * spent:
        return None
    return now + timedelta(microseconds=status.left * over // spent)


def _microseconds(time: timedelta) -> int:
    # As an integer: a `timedelta` overflows when it is multiplied by some hundred dollars.
    return time // timedelta(microseconds=1)
