"""Windows across changes of a guild's time zone, beside a calendar that is told step by step."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.base import Interval, Window
from bot.quota import kept_windows

if TYPE_CHECKING:
    from bot.quota.kept_windows import KeptWindows

ZONES = (
    "UTC",
    "Etc/GMT+12",
    "Pacific/Kiritimati",
    "Pacific/Apia",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
)
LENGTHS = {Window.DAY: 24, Window.WEEK: 7 * 24, Window.MONTH: 28 * 24}


class PlainCalendar:
    """Tells one window after the other; a change of the zone is heeded where the next begins."""

    def __init__(self, window: Window, now: datetime, zone: ZoneInfo) -> None:
        self.window, self.zone = window, zone
        local = now.astimezone(zone).date()
        back = {Window.DAY: 0, Window.WEEK: local.weekday(), Window.MONTH: local.day - 1}[window]
        self.day = local - timedelta(days=back)
        self.start = self.end = self._midnight()
        while self.end <= now:
            self._next()

    def at(self, now: datetime) -> Interval:
        while self.end <= now:
            self._next()
        return Interval(self.start, self.end)

    def _next(self) -> None:
        self.start = self.end
        # Half a day, half a week or half a shortest month at least.
        while self.end - self.start < timedelta(hours=LENGTHS[self.window] / 2):
            if self.window is Window.MONTH:
                years, month = divmod(self.day.month, 12)
                self.day = date(self.day.year + years, month + 1, 1)
            else:
                self.day += timedelta(days=LENGTHS[self.window] // 24)
            self.end = self._midnight()

    def _midnight(self) -> datetime:
        return datetime.combine(self.day, time(), self.zone).astimezone(UTC)


zones = st.sampled_from(ZONES).map(ZoneInfo)
steps = st.tuples(st.integers(0, 5000) | st.integers(0, 90_000), st.none() | zones)
instants = st.datetimes(
    datetime(2010, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2040, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@pytest.mark.slow
@given(
    window=st.sampled_from(list(LENGTHS)),
    now=instants,
    zone=zones,
    history=st.lists(steps, min_size=1, max_size=12),
)
@example(
    Window.DAY,
    datetime(2011, 12, 29, 9, tzinfo=UTC),
    ZoneInfo("UTC"),
    [(9, ZoneInfo("Pacific/Apia")), (900, None), (1500, None)],
)
@example(
    Window.DAY,
    datetime(2026, 11, 29, 9, tzinfo=UTC),
    ZoneInfo("Etc/GMT+12"),
    [(0, ZoneInfo("Pacific/Kiritimati")), (1440, None), (1440, None)],
)
def test_the_next_window_is_the_next_day_week_or_month_in_the_new_zone(
    window: Window, now: datetime, zone: ZoneInfo, history: list[tuple[int, ZoneInfo | None]]
) -> None:
    """After any number of minutes the zone is changed, or only looked at."""
    plain = PlainCalendar(window, now, zone)
    kept: KeptWindows = {}
    seen = [plain.at(now)]
    for minutes, new_zone in history:
        now += timedelta(minutes=minutes)
        known = plain.at(now)
        assert kept_windows.interval_at(window, now, zone, kept) == known
        if new_zone is not None:
            written = kept_windows.to_json(kept_windows.keep(now, zone, kept))
            zone, kept = new_zone, kept_windows.from_json(written)
            plain.zone = zone
        seen.append(known)
        # What has begun keeps its end, and is whole.
        for moment in (now, known.start, known.end - timedelta(milliseconds=1)):
            assert kept_windows.interval_at(window, moment, zone, kept) == known
        assert kept_windows.interval_at(window, known.end, zone, kept).start == known.end
    assert all(a == b or a.end <= b.start for a, b in pairwise(seen))


def test_no_history_of_changes_brings_a_day_more() -> None:
    """Whoever changes the zone in each window to what ends the next one soonest gains nothing."""
    begin = datetime(2026, 11, 29, 9, tzinfo=UTC)
    everywhere = [ZoneInfo(f"Etc/GMT{hours:+}") for hours in range(-14, 13)]
    zone, now = everywhere[0], begin
    kept: KeptWindows = {}
    for _ in range(60):
        end = kept_windows.interval_at(Window.DAY, now, zone, kept).end
        kept = kept_windows.keep(now, zone, kept)
        following = {
            it: kept_windows.interval_at(Window.DAY, end, it, kept).end for it in everywhere
        }
        zone = min(everywhere, key=lambda it: following[it])
        now = end
    # Sixty days of the calendar; the ends of the world are 26 hours apart.
    assert now - begin > timedelta(days=60) - timedelta(hours=26 + 24)


def test_a_clock_that_was_moved_back_frees_nothing_at_the_next_change() -> None:
    zone, noon = ZoneInfo("Europe/Berlin"), datetime(2026, 11, 29, 12, tzinfo=UTC)
    kept = kept_windows.keep(noon, ZoneInfo("UTC"), {})
    today = Interval(noon.replace(hour=0), noon.replace(hour=0) + timedelta(days=1))
    before = today.start - timedelta(minutes=30)
    there = kept_windows.interval_at(Window.DAY, before, zone, kept)
    assert there == Interval(today.start - timedelta(hours=1), today.start)
    again = kept_windows.keep(before, zone, kept)
    both = Interval(there.start, today.end)
    for moment in (before, noon):
        assert kept_windows.interval_at(Window.DAY, moment, ZoneInfo("Asia/Tokyo"), again) == both
    assert again[Window.DAY].next_day == kept[Window.DAY].next_day
