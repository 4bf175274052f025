from __future__ import annotations

import pytest

from bot.base import Unit
from bot.quota.amounts import LARGEST_AMOUNT, parse_amount, parse_change
from bot.quota.errors import AmountError, AmountProblem


@pytest.mark.parametrize(
    ("number", "unit", "amount"),
    [
        (0, Unit.CLIPS, 0),
        (-0.0, Unit.USD, 0),
        (3.0, Unit.CLIPS, 3),
        (0.1, Unit.USD, 100_000),
        (0.29, Unit.USD, 290_000),
        (999_999.999999, Unit.USD, 999_999_999_999),
        (LARGEST_AMOUNT, Unit.USD, LARGEST_AMOUNT * 1_000_000),
        (1e-6, Unit.USD, 1),
    ],
)
def test_amounts_are_what_was_typed(number: float, unit: Unit, amount: int) -> None:
    assert parse_amount(number, unit) == amount


@pytest.mark.parametrize(
    ("number", "unit", "problem"),
    [
        (float("nan"), Unit.USD, AmountProblem.NOT_A_NUMBER),
        (float("inf"), Unit.CLIPS, AmountProblem.NOT_A_NUMBER),
        (-1, Unit.CLIPS, AmountProblem.NEGATIVE),
        (LARGEST_AMOUNT + 1, Unit.CLIPS, AmountProblem.TOO_MUCH),
        (0.5, Unit.CLIPS, AmountProblem.TOO_FINE),
        (1e-7, Unit.USD, AmountProblem.TOO_FINE),
    ],
)
def test_what_is_no_amount_is_told(number: float, unit: Unit, problem: AmountProblem) -> None:
    with pytest.raises(AmountError) as caught:
        parse_amount(number, unit)
    assert (caught.value.problem, caught.value.unit) == (problem, unit)


def test_a_grant_may_be_less_than_nothing_but_not_nothing() -> None:
    assert parse_change(-1.5, Unit.USD) == -1_500_000
    for nothing in (0.0, -0.0):
        with pytest.raises(AmountError) as caught:
            parse_change(nothing, Unit.CLIPS)
        assert caught.value.problem is AmountProblem.NOTHING
    with pytest.raises(AmountError):
        parse_change(-LARGEST_AMOUNT - 1, Unit.CLIPS)
