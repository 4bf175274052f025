"""Limits and the windows they count in, as pure values and functions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Self

from pika import MICRO_USD_PER_USD

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


class Unit(StrEnum):
    """What a limit counts."""

    CLIPS = "clips"
    USD = "usd"


class Window(StrEnum):
    """The stretch of calendar time after which a limit starts afresh."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
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
        """Return the amount in one unit."""
        return self.clips if unit is Unit.CLIPS else self.micro_usd


_LIMIT: Final = re.compile(
    r"""(?P<dollar>\$)?\s*(?P<amount>\d{1,9}(?:\.\d{1,6})?)
        \s*(?P<unit>clips?|usd)?
        (?:\s*(?:/|per|an?|each)\s*(?P<window>hour|day|week|month))?""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Limit:
    """So much in each window.

    Attributes:
        amount: Clips, or micro-USD. Zero forbids.
        unit: Which of the two `amount` is.
        window: When it renews.
    """

    amount: int
    unit: Unit
    window: Window

    @property
    def unit_and_window(self) -> tuple[Unit, Window]:
        """The question that it answers. Of several that do, one holds for a member."""
        return self.unit, self.window

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what an owner writes: `5`, `5 clips a day`, `3/hour`, `$2.50 per week`.

        Without a unit it counts clips, without a window days.

        Raises:
            ValueError: It is none of these, or half a clip.
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


@dataclass(frozen=True, slots=True)
class Interval:
    """One window in calendar time: from `start`, up to and without `end`."""

    start: datetime
    end: datetime


def window_interval(window: Window, now: datetime, zone: ZoneInfo) -> Interval:
    """Return the calendar window around `now` in a time zone; weeks start on Monday.

    Days that a change of the clocks makes 23 or 25 hours long come out so. Hours are
    counted in UTC, since a local hour may occur twice.
    """
    if window is Window.HOUR:
        start = now.replace(minute=0, second=0, microsecond=0)
        return Interval(start, start + timedelta(hours=1))
    today = now.astimezone(zone).date()
    if window is Window.DAY:
        first = today
    elif window is Window.WEEK:
        first = today - timedelta(days=today.weekday())
    else:
        first = today.replace(day=1)
    days = first, next_period(window, first)
    start, end = (midnight(day, zone).astimezone(now.tzinfo) for day in days)
    return Interval(start, end)


def next_period(window: Window, first: date) -> date:
    """Return the first day after a day, week or month that begins on a day."""
    if window is Window.MONTH:
        return (first + timedelta(days=31)).replace(day=1)
    return first + timedelta(days=7 if window is Window.WEEK else 1)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return when a day begins in a zone."""
    return datetime.combine(day, time(), zone)
