"""The money of Comfy."""

from typing import Final

CREDITS_PER_USD: Final = 211
"""What a workspace gets for one US dollar."""


def credits_of(micro_usd: int) -> float:
    """A price in credits, to two decimals."""
    return round(micro_usd * CREDITS_PER_USD / 1_000_000, 2)
