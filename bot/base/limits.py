"""Limits and the calendar windows they count in, as pure values and functions."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Self

from bot.base.value_class import value
from pika import MICRO_USD_PER_USD

if TYPE_CHECKING:
    from datetime import tzinfo
    from zoneinfo import ZoneInfo


class Unit(StrEnum):
    """The unit of a limit's amount: whole clips, or micro-USD."""

    CLIPS = "clips"
    USD = "usd"


class Window(StrEnum):
    """The calendar time after which a limit renews."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@value
class Cost:
    """An amount in both units at once: clips, and integer micro-USD."""

    clips: int
    micro_usd: int

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.clips + other.clips, self.micro_usd + other.micro_usd)

    def __neg__(self) -> Cost:
        return Cost(-self.clips, -self.micro_usd)

    def __sub__(self, other: Cost) -> Cost:
        return self + -other

    def of(self, unit: Unit) -> int:
        """The amount in one unit."""
        return self.clips if unit is Unit.CLIPS else self.micro_usd


ZERO_COST: Final = Cost(0, 0)

# Nine digits and six decimals: every amount is whole in micro-USD and fits SQLite's integers.
_LIMIT: Final = re.compile(
    r"""(?P<dollar>\$)?\s*(?P<amount>\d{1,9}(?:\.\d{1,6})?)
        \s*(?P<unit>clips?|usd)?
        (?:\s*(?:/|per|an?|each)\s*(?P<window>hour|day|week|month))?""",
    re.VERBOSE | re.IGNORECASE,
)


@value
class Limit:
    """An amount that may be used in each window, in the limit's unit. Zero forbids."""

    amount: int
    unit: Unit
    window: Window

    @property
    def unit_and_window(self) -> tuple[Unit, Window]:
        """What a limit counts in. Of several limits with the same, one applies to a member."""
        return self.unit, self.window

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse an owner's text: `5`, `5 clips a day`, `3/hour`, `$2.50 per week`.

        Without a unit it counts clips, without a window days.

        Raises:
            ValueError: The text reads like none of these, or has half a clip.
        """
        match = _LIMIT.fullmatch(text.strip())
        if match is None:
            raise ValueError("must read like `5 clips a day` or `$2 a week`")
        money = bool(match["dollar"]) or (match["unit"] or "").lower() == "usd"
        if match["dollar"] and (match["unit"] or "usd").lower() != "usd":
            raise ValueError("counts either clips or money")
        amount = Decimal(match["amount"]) * (MICRO_USD_PER_USD if money else 1)
        if amount != int(amount):
            raise ValueError("counts whole clips")
        window = Window((match["window"] or "day").lower())
        return cls(int(amount), Unit.USD if money else Unit.CLIPS, window)


@value
class Interval:
    """A time from `start`, up to and without `end`."""

    start: datetime
    end: datetime


def window_interval(window: Window, now: datetime, zone: ZoneInfo) -> Interval:
    """The calendar window around `now`, in the time zone of `now`; weeks start on Monday.

    Days, weeks and months start at midnight in `zone`; a day on which the clocks change has 23
    or 25 hours.
    """
    if window is Window.HOUR:
        # Not the zone's hour, which occurs twice when the clocks go back.
        start = now.replace(minute=0, second=0, microsecond=0)
        return Interval(start, start + timedelta(hours=1))
    return _days_interval(window, now.astimezone(zone).date(), zone, now.tzinfo)


# By the day and not by the instant: each decision has an instant of its own, and asks about ten
# times for the same few windows; a long replay asks half a million times.
@lru_cache(maxsize=64)
def _days_interval(
    window: Window, today: date, zone: ZoneInfo, expressed_in: tzinfo | None
) -> Interval:
    if window is Window.DAY:
        first = today
    elif window is Window.WEEK:
        first = today - timedelta(days=today.weekday())
    else:
        # Whichever month it is, the day 31 days after its first lies in the next one.
        first = today.replace(day=1)
    # Dates become instants only here: a day added to an aware instant is 24 hours of wall time,
    # in which a change of the clocks is lost.
    days = first, next_period(window, first)
    start, end = (midnight(day, zone).astimezone(expressed_in) for day in days)
    return Interval(start, end)


def next_period(window: Window, first: date) -> date:
    """The first day after a day, week or month that begins on a day."""
    if window is Window.MONTH:
        return (first + timedelta(days=31)).replace(day=1)
    return first + timedelta(days=7 if window is Window.WEEK else 1)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which a day begins in a zone."""
    return datetime.combine(day, time(), zone)
