from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.base import Interval, Limit, Unit, Window, window_interval

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Cairo",
)


EVERY_ZONE = sorted(available_timezones())
QUARTER = timedelta(minutes=15)


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "amount", "unit", "window"),
    [
        ("5", 5, Unit.CLIPS, Window.DAY),
        ("5 clips a day", 5, Unit.CLIPS, Window.DAY),
        (" 1 clip per week ", 1, Unit.CLIPS, Window.WEEK),
        ("3/hour", 3, Unit.CLIPS, Window.HOUR),
        ("3 clips an hour", 3, Unit.CLIPS, Window.HOUR),
        ("10 CLIPS each MONTH", 10, Unit.CLIPS, Window.MONTH),
        ("0", 0, Unit.CLIPS, Window.DAY),
        ("2.0 clips", 2, Unit.CLIPS, Window.DAY),
        ("$2.50 per week", 2_500_000, Unit.USD, Window.WEEK),
        ("$ 2", 2_000_000, Unit.USD, Window.DAY),
        ("2 usd a month", 2_000_000, Unit.USD, Window.MONTH),
        ("$0.000001", 1, Unit.USD, Window.DAY),
        ("$1 USD/hour", 1_000_000, Unit.USD, Window.HOUR),
        ("999999999 usd", 999_999_999_000_000, Unit.USD, Window.DAY),
    ],
)
def test_limits_read_as_owners_write_them(
    text: str, amount: int, unit: Unit, window: Window
) -> None:
    assert Limit.parse(text) == Limit(amount, unit, window)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "many",
        "-1",
        "5 clips a year",
        "5 clips a",
        "5 clips day",
        "1.5 clips",
        "1.5",
        "$5 clips",
        "1e3",
        "5,000",
        "€5",
        "$",
        "0x5",
        "nan",
        "inf usd",
        "1234567890",
        "$0.0000001",
        "5 clips a day\n6 clips a day",
    ],
)
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(must read like|counts)"):
        Limit.parse(text)


@given(st.text(max_size=40))
def test_any_other_text_is_refused_in_the_same_way(text: str) -> None:
    try:
        limit = Limit.parse(text)
    except ValueError as error:
        assert str(error).startswith(("must read like", "counts"))  # noqa: PT017 - most texts are none
    else:
        assert limit.amount >= 0


@given(
    amount=st.integers(0, 999_999_999),
    window=st.sampled_from(Window),
    joint=st.sampled_from(["/", " per ", " a ", " an ", " each "]),
)
def test_amounts_survive_being_written_and_read(amount: int, window: Window, joint: str) -> None:
    assert Limit.parse(f"{amount} clips{joint}{window}") == Limit(amount, Unit.CLIPS, window)
    assert Limit.parse(f"${amount}{joint}{window}") == Limit(amount * 1_000_000, Unit.USD, window)


@pytest.mark.parametrize(
    ("window", "now", "zone", "start", "end"),
    [
        (Window.DAY, "2026-03-29T12:00", "Europe/Berlin", "2026-03-29T00:00", "2026-03-30T00:00"),
        (Window.DAY, "2026-10-25T02:30", "Europe/Berlin", "2026-10-25T00:00", "2026-10-26T00:00"),
        (Window.WEEK, "2026-03-29T23:59", "Europe/Berlin", "2026-03-23T00:00", "2026-03-30T00:00"),
        (Window.WEEK, "2026-03-30T00:00", "Europe/Berlin", "2026-03-30T00:00", "2026-04-06T00:00"),
        (Window.MONTH, "2026-01-31T23:59", "UTC", "2026-01-01T00:00", "2026-02-01T00:00"),
        (Window.MONTH, "2026-02-28T23:59", "UTC", "2026-02-01T00:00", "2026-03-01T00:00"),
        (Window.MONTH, "2028-02-29T10:00", "Asia/Kolkata", "2028-02-01T00:00", "2028-03-01T00:00"),
        (Window.DAY, "2028-02-29T10:00", "Asia/Kolkata", "2028-02-29T00:00", "2028-03-01T00:00"),
        (Window.MONTH, "2026-12-31T23:00", "UTC", "2026-12-01T00:00", "2027-01-01T00:00"),
        (Window.WEEK, "2027-01-01T00:00", "UTC", "2026-12-28T00:00", "2027-01-04T00:00"),
        (
            Window.DAY,
            "2026-04-05T01:45",
            "Australia/Lord_Howe",
            "2026-04-05T00:00",
            "2026-04-06T00:00",
        ),
        (
            Window.MONTH,
            "2026-11-01T01:30",
            "America/New_York",
            "2026-11-01T00:00",
            "2026-12-01T00:00",
        ),
    ],
)
def test_windows_follow_the_calendar(
    window: Window, now: str, zone: str, start: str, end: str
) -> None:
    assert window_interval(window, at(now, zone), ZoneInfo(zone)) == Interval(
        at(start, zone), at(end, zone)
    )


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        ("2026-03-29", "Europe/Berlin", 23.0),
        ("2026-10-25", "Europe/Berlin", 25.0),
        ("2026-03-08", "America/New_York", 23.0),
        ("2026-11-01", "America/New_York", 25.0),
        ("2026-04-05", "Australia/Lord_Howe", 24.5),
        ("2026-10-04", "Australia/Lord_Howe", 23.5),
        ("2026-04-24", "Africa/Cairo", 23.0),
        ("2026-06-01", "Asia/Kolkata", 24.0),
    ],
)
def test_days_are_as_long_as_the_clocks_make_them(day: str, zone: str, hours: float) -> None:
    today = window_interval(Window.DAY, at(f"{day}T12:00", zone), ZoneInfo(zone))
    assert (today.end - today.start) / timedelta(hours=1) == hours


def test_an_hour_that_occurs_twice_is_two_windows() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    second = first + timedelta(hours=1)
    assert first.astimezone(berlin).hour == second.astimezone(berlin).hour == 2
    assert (
        window_interval(Window.HOUR, first, berlin).end
        == window_interval(Window.HOUR, second, berlin).start
    )


instants = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2045, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@given(now=instants, window=st.sampled_from(Window), zone=st.sampled_from(ZONES))
@example(datetime(2011, 12, 30, 9, 59, tzinfo=UTC), Window.DAY, "Pacific/Apia")
@example(datetime(2026, 4, 23, 21, 59, 59, 999_999, tzinfo=UTC), Window.DAY, "Africa/Cairo")
@example(datetime(2018, 11, 4, 2, 30, tzinfo=UTC), Window.DAY, "America/Sao_Paulo")
def test_windows_hold_their_moment_and_tile_time(now: datetime, window: Window, zone: str) -> None:
    tz = ZoneInfo(zone)
    here = window_interval(window, now, tz)
    assert here.start <= now < here.end
    assert window_interval(window, here.start, tz) == here
    assert window_interval(window, here.end - timedelta(microseconds=1), tz) == here
    assert window_interval(window, here.end, tz).start == here.end
    assert window_interval(window, here.start - timedelta(microseconds=1), tz).end == here.start


def key(window: Window, now: datetime, zone: ZoneInfo) -> object:
    """What calendars and clocks on the wall show in common as long as a window lasts."""
    local = now.astimezone(zone)
    match window:
        case Window.HOUR:
            return now.date(), now.hour
        case Window.DAY:
            return local.date()
        case Window.WEEK:
            return local.isocalendar()[:2]
        case Window.MONTH:
            return local.year, local.month


@settings(max_examples=60)
@given(
    now=st.datetimes(datetime(2020, 2, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    window=st.sampled_from(Window),
    zone=st.sampled_from(EVERY_ZONE),
)
@example(datetime(2026, 10, 25, 1, 10, tzinfo=UTC), Window.DAY, "Atlantic/Azores")
@example(datetime(2026, 11, 1, 5, 10, tzinfo=UTC), Window.MONTH, "America/Havana")
@example(datetime(2026, 4, 5, 3, 10, tzinfo=UTC), Window.DAY, "America/Santiago")
@example(datetime(2028, 2, 29, 11, 0, tzinfo=UTC), Window.MONTH, "Pacific/Kiritimati")
@example(datetime(2026, 3, 29, 0, 30, tzinfo=UTC), Window.DAY, "America/Scoresbysund")
@example(datetime(2023, 3, 9, 3, 0, tzinfo=UTC), Window.DAY, "Antarctica/Casey")
def test_a_window_is_as_long_as_the_calendar_shows_the_same(
    now: datetime, window: Window, zone: str
) -> None:
    tz = ZoneInfo(zone)
    quarter = datetime.fromtimestamp(now.timestamp() // 900 * 900, UTC)
    here, start, end = key(window, now, tz), quarter, quarter + QUARTER
    while key(window, start - QUARTER, tz) == here:
        start -= QUARTER
    while key(window, end, tz) == here:
        end += QUARTER
    assert window_interval(window, now, tz) == Interval(start, end)


@pytest.mark.parametrize("zone", ["Pacific/Apia", "Pacific/Fakaofo"])
def test_a_day_that_a_zone_skipped_is_no_window(zone: str) -> None:
    """Samoa and Tokelau went from the 29th straight to the 31st of December 2011."""
    tz = ZoneInfo(zone)
    day_before = window_interval(Window.DAY, at("2011-12-29T12:00", zone), tz)
    assert day_before.end - day_before.start == timedelta(days=1)
    after = window_interval(Window.DAY, day_before.end, tz)
    assert after.start == day_before.end == at("2011-12-31T00:00", zone)
    month = window_interval(Window.MONTH, day_before.start, tz)
    assert month.end - month.start == timedelta(days=30)


def test_every_midnight_falls_on_a_quarter_of_an_hour() -> None:
    """The sums of budgets are kept by quarters; a zone's offset changes a few times a year."""
    days = [date(2020, 1, 1) + timedelta(days=10 * step) for step in range(767)]
    assert days[-1].year == 2040
    odd = {
        zone
        for zone in EVERY_ZONE
        for day in days
        if datetime.combine(day, time(), ZoneInfo(zone)).timestamp() % 900
    }
    assert odd == set()
