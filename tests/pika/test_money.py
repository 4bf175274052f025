"""Money as text: exact, in whole cents where it can be, and negative without surprises."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pika import plain_usd, usd


@pytest.mark.parametrize(
    ("micro_usd", "text"),
    [
        (0, "$0.00"),
        (1, "$0.000001"),
        (10_000, "$0.01"),
        (200_000, "$0.20"),
        (205_000, "$0.205"),
        (123_400, "$0.1234"),
        (1_000_000, "$1.00"),
        (12_345_678_900_000, "$12345678.90"),
        (-1, "-$0.000001"),
        (-200_000, "-$0.20"),
        (-1_800_000, "-$1.80"),
        (-2_000_000, "-$2.00"),
    ],
)
def test_money_reads_as_people_write_it(micro_usd: int, text: str) -> None:
    assert usd(micro_usd) == text
    assert plain_usd(micro_usd) == text.replace("$", "")


@given(st.integers(-(10**18), 10**18))
@example(2**53 + 1)
def test_no_micro_dollar_is_lost(micro_usd: int) -> None:
    text = plain_usd(micro_usd)
    assert Decimal(text) * 1_000_000 == micro_usd
    assert len(text.partition(".")[2]) >= 2
