"""A clock that nobody can set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.base import SteadyClock

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Machine:
    """Somebody sets `wall`; each look at it takes a second."""

    def __init__(self) -> None:
        self.seconds, self.set_by = 0.0, timedelta()

    def wall(self) -> datetime:
        self.seconds += 0.5
        now = NOON + timedelta(seconds=self.seconds) + self.set_by
        self.seconds += 0.5
        return now


def test_it_goes_on_where_the_machines_clock_is_set() -> None:
    machine = Machine()
    clock = SteadyClock(machine.wall, lambda: machine.seconds)
    began = clock()
    machine.set_by = -HOUR
    machine.seconds += 60
    assert clock() - began == timedelta(minutes=1)
    # As much as is certain: the look took a second.
    change = clock.change()
    assert -HOUR <= change <= -HOUR + timedelta(seconds=1)
    clock.follow(change)
    assert clock() - began <= timedelta(minutes=2) - HOUR
    assert abs(clock.change()) <= timedelta(seconds=1)


def test_a_look_that_takes_long_finds_no_change() -> None:
    machine = Machine()
    clock = SteadyClock(machine.wall, lambda: machine.seconds)
    clock.follow(clock.change())
    assert clock.change() == timedelta()
