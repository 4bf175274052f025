"""When a budget ends, if spending goes on as in the last days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from bot.quota.limits import Cost, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.quota.rules import Allowance, LimitStatus

RATE_PERIOD: Final = timedelta(days=7)
"""The last days that a pace is measured over: a whole week, for its weekend."""
_SHORTEST: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SpendingRate:
    """How fast money goes: so much in so long."""

    cost: Cost
    over: timedelta

    def in_days(self, days: int) -> Cost:
        """Return what this pace comes to in some days, rounded down."""
        ahead, over = _microseconds(timedelta(days=days)), _microseconds(self.over)
        return Cost(*(self.cost.of(unit) * ahead // over for unit in (Unit.CLIPS, Unit.USD)))


@dataclass(frozen=True, slots=True)
class Forecast:
    """What becomes of a budget.

    Attributes:
        ends_at: When nothing of it is left; `None` where it lasts until it renews.
    """

    status: LimitStatus
    ends_at: datetime | None


def spending_rate(
    spent: Iterable[tuple[datetime, Cost]], since: datetime | None, now: datetime
) -> SpendingRate:
    """Return the pace of the last days.

    Args:
        spent: What was spent when; what is older than `RATE_PERIOD` is left out.
        since: When spending first began, so that a bot a few days old is not taken for a
            thrifty one; a day at least is looked back on. `None` if it never did.
        now: Until when.
    """
    over = RATE_PERIOD if since is None else min(RATE_PERIOD, max(_SHORTEST, now - since))
    recent = [cost for at, cost in spent if at >= now - over]
    total = sum(recent, start=Cost(0, 0))
    return SpendingRate(total, over)


def forecast(budgets: Allowance, at_pace: SpendingRate, now: datetime) -> tuple[Forecast, ...]:
    """Return what becomes of each budget at a pace."""
    return tuple(Forecast(it, _end(it, at_pace, now)) for it in budgets.statuses)


def _end(standing: LimitStatus, at_pace: SpendingRate, now: datetime) -> datetime | None:
    if standing.left == 0:
        return now
    spent, over = at_pace.cost.of(standing.limit.unit), _microseconds(at_pace.over)
    if spent == 0 or standing.left * over >= _microseconds(standing.renews_at - now) * spent:
        return None
    return now + timedelta(microseconds=standing.left * over // spent)


def _microseconds(interval: timedelta) -> int:
    """Return a span as a number, which a purse may multiply without end."""
    return interval // timedelta(microseconds=1)
