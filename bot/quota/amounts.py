"""Numbers that moderators type, as amounts: whole clips, or micro-USD."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Final

from bot.base import Unit
from bot.quota.errors import AmountError, AmountProblem
from pika import MICRO_USD_PER_USD

LARGEST_AMOUNT: Final = 1_000_000
"""Of one limit or grant, in clips or US dollars."""


def parse_amount(number: float, unit: Unit) -> int:
    """The amount of a limit or a budget in clips or micro-USD, from clips or US dollars.

    Raises:
        AmountError: The number is negative, too large, too fine, or none.
    """
    amount = _exact(number, unit)
    if amount < 0:
        raise AmountError(AmountProblem.NEGATIVE, unit)
    return amount


def parse_change(number: float, unit: Unit) -> int:
    """The amount of a grant, as `parse_amount`, but it may be negative and not zero.

    Raises:
        AmountError: The number is zero, too large, too fine, or none.
    """
    amount = _exact(number, unit)
    if amount == 0:
        raise AmountError(AmountProblem.NOTHING, unit)
    return amount


def _exact(number: float, unit: Unit) -> int:
    if not math.isfinite(number):
        raise AmountError(AmountProblem.NOT_A_NUMBER, unit)
    if abs(number) > LARGEST_AMOUNT:
        raise AmountError(AmountProblem.TOO_MUCH, unit)
    # What was typed is the shortest decimal that reads as this float: 0.1, where the float itself
    # is 0.1000000000000000055 and would be refused as too fine.
    amount = Decimal(repr(float(number))) * (MICRO_USD_PER_USD if unit is Unit.USD else 1)
    if amount != int(amount):
        raise AmountError(AmountProblem.TOO_FINE, unit)
    return int(amount)
