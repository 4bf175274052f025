"""The numbers that moderators type, as amounts: whole clips, or micro-USD."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Final

from bot.quota.errors import AmountError, AmountProblem
from bot.quota.limits import Unit
from pika import MICRO_USD_PER_USD

LARGEST_AMOUNT: Final = 1_000_000
"""Clips, or US dollars, that one limit or grant may be."""


def parse_amount(number: float, unit: Unit) -> int:
    """Return what a limit or a budget may be: zero, or more.

    Args:
        number: Clips or US dollars, as a chat's client sends it.
        unit: Which of the two it is.

    Raises:
        AmountError: It is none of these.
    """
    amount = _exact(number, unit)
    if amount < 0:
        raise AmountError(AmountProblem.NEGATIVE, unit)
    return amount


def parse_change(number: float, unit: Unit) -> int:
    """Return what a grant may be: more, or less, but not nothing.

    Raises:
        AmountError: It is none of these.
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
    # The shortest decimal that reads as this float is what was typed.
    amount = Decimal(repr(float(number))) * (MICRO_USD_PER_USD if unit is Unit.USD else 1)
    if amount != int(amount):
        raise AmountError(AmountProblem.TOO_FINE, unit)
    return int(amount)
