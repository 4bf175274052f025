"""The windows of a guild across changes of its time zone: none ends early, no time counts twice.

A window that has begun keeps its end. The one after it begins there and is that of the next day,
week or month of the calendar, which ends by the new zone. So each day of the calendar is one window
at most, however often the zone is changed.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from bot.base import Interval, Window, from_ms, midnight, next_period, to_ms, value, window_interval

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

SHORTEST: Final = {
    Window.DAY: timedelta(hours=12),
    Window.WEEK: timedelta(days=3.5),
    Window.MONTH: timedelta(days=14),
}
"""What is left of a window after a change; with less, it lasts until the following one ends.
Hours are not among them: they are those of UTC."""


@value
class KeptWindow:
    """A window that had begun when the zone was changed.

    Attributes:
        next_day: The first day of the window after it, in whatever zone.
    """

    interval: Interval
    next_day: date


KeptWindows: TypeAlias = "Mapping[Window, KeptWindow]"


def interval_at(window: Window, now: datetime, zone: ZoneInfo, kept: KeptWindows) -> Interval:
    """Return the window around `now` (UTC), in a zone to which a guild has changed."""
    usual = window_interval(window, now, zone)
    known = kept.get(window)
    if known is None:
        return usual
    if now < known.interval.start:
        return Interval(usual.start, min(usual.end, known.interval.start))
    if now < known.interval.end:
        return known.interval
    after = _window_after(window, known, zone)
    return after if now < after.end else usual


def keep(now: datetime, zone: ZoneInfo, kept: KeptWindows) -> KeptWindows:
    """Return what is to be kept when a guild leaves a zone at `now` (UTC)."""
    return {window: _keep(window, now, zone, kept) for window in SHORTEST}


def to_json(kept: KeptWindows) -> str:
    """Write kept windows down."""
    return json.dumps(
        {
            window: [to_ms(it.interval.start), to_ms(it.interval.end), it.next_day.isoformat()]
            for window, it in kept.items()
        }
    )


def from_json(text: str | None) -> KeptWindows:
    """Read kept windows; `None` for a guild that never changed its zone."""
    rows = {} if text is None else json.loads(text)
    return {
        Window(name): KeptWindow(Interval(from_ms(start), from_ms(end)), date.fromisoformat(day))
        for name, (start, end, day) in rows.items()
    }


def _keep(window: Window, now: datetime, zone: ZoneInfo, kept: KeptWindows) -> KeptWindow:
    interval, known = interval_at(window, now, zone, kept), kept.get(window)
    if known is None or now >= known.interval.end:
        return KeptWindow(interval, interval.end.astimezone(zone).date())
    # A clock that was moved back can lead to before its start; then both become one.
    start = min(interval.start, known.interval.start)
    return KeptWindow(Interval(start, known.interval.end), known.next_day)


# As `window_interval`: a replay asks for the same few again and again.
@lru_cache(maxsize=64)
def _window_after(window: Window, known: KeptWindow, zone: ZoneInfo) -> Interval:
    start, end, day = known.interval.end, known.interval.end, known.next_day
    # A part of an hour would be a whole limit once more.
    while end - start < SHORTEST[window]:
        day = next_period(window, day)
        end = midnight(day, zone).astimezone(start.tzinfo)
    return Interval(start, end)
