"""Money as text. It is counted in whole micro-USD everywhere, and written out here alone."""

from __future__ import annotations

from typing import Final

MICRO_USD_PER_USD: Final = 1_000_000


def usd(micro_usd: int) -> str:
    """Write an amount for people: `$0.20`, `$0.205`, `-$1.80`.

    Whole cents, or as many decimals as the amount has: a price of half a cent is not rounded.
    """
    return f"{'-' * (micro_usd < 0)}${_digits(abs(micro_usd))}"


def plain_usd(micro_usd: int) -> str:
    """Write an amount for programs, spreadsheets among them: as `usd` does, without the `$`."""
    return f"{'-' * (micro_usd < 0)}{_digits(abs(micro_usd))}"


def _digits(amount: int) -> str:
    # Never through a float: amounts over 2**53 micro-USD would change. And never of a negative
    # number, of which divmod rounds the dollars down: -0.20 would read -1.80.
    dollars, rest = divmod(amount, MICRO_USD_PER_USD)
    return f"{dollars}.{f'{rest:06d}'.rstrip('0').ljust(2, '0')}"
