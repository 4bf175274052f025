"""Any interleaving of what members press: nothing costs twice, and nothing is given back twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from bot.base import Limit, Unit, Window
from tests.bot.quota.drawn_presses import Pressers

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]  # dozens of drawn histories

STEPS = [timedelta(milliseconds=1), timedelta(hours=23), timedelta(days=1), timedelta(days=29)]
# Those of the other machine are reached at once. Here most of what is asked for is to be made.
LIMITS = [
    Limit(3, Unit.CLIPS, Window.DAY),
    Limit(30, Unit.CLIPS, Window.DAY),
    Limit(3_000_000, Unit.USD, Window.DAY),
]


class Presses(Pressers):
    # The ledger's other machine draws these; they would leave less of a history to presses.
    ask_at_once = ask_and_break_off = lose_place = close_twice = None  # type: ignore[assignment]
    break_off_the_order = read_the_bill = read_the_bill_twice = None  # type: ignore[assignment]

    @initialize(default=st.sampled_from(LIMITS), ceiling=st.sampled_from([None, 4_000_000]))
    def found(self, default: Limit, ceiling: int | None) -> None:
        self.deeds = 0
        self.open(default, ceiling)

    @rule(step=st.sampled_from(STEPS), back=st.sampled_from([False, False, True]))
    def move_the_clock(self, step: timedelta, back: bool) -> None:  # noqa: FBT001 - hypothesis passes by name
        self.bank.now += -step if back else step

    @rule()
    def restart(self) -> None:
        self.bank.reopen(self.books.default, self.books.ceiling)


TestPresses = Presses.TestCase
# Without shrinking, which takes minutes here: add it to look into a failure.
TestPresses.settings = settings(
    max_examples=16, stateful_step_count=30, phases=set(Phase) - {Phase.shrink}
)
