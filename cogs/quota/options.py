"""The options that the commands of `/quota` share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from discord import AppCommandOptionType, app_commands

from bot.base import Limit, Unit, Window
from bot.quota.amounts import LARGEST_AMOUNT, parse_amount

if TYPE_CHECKING:
    import discord

LIMIT_OPTIONS: Final = {
    "unit": "What is counted: clips, or what they cost in US dollars",
    "window": "After which it starts afresh; days, weeks and months of the server's time zone",
}
"""What Discord shows of the options that a limit takes beside its amount."""
ANYBODY: Final = "A member, or a role; left out, everyone"

UnitOption: TypeAlias = Literal["clips", "usd"]
WindowOption: TypeAlias = Literal["hour", "day", "week", "month"]


class _Amount(app_commands.Transformer):
    """A number within bounds that Discord's client checks; `bot.quota.amounts` parses it."""

    type = AppCommandOptionType.number
    min_value, max_value = 0, LARGEST_AMOUNT

    async def transform(self, _interaction: discord.Interaction, value: float, /) -> float:
        return value


class _Change(_Amount):
    min_value = -LARGEST_AMOUNT


AmountOption: TypeAlias = app_commands.Transform[float, _Amount]
ChangeOption: TypeAlias = app_commands.Transform[float, _Change]


def limit_from(amount: float, unit: UnitOption, window: WindowOption) -> Limit:
    """Parse the options of a limit.

    Raises:
        AmountError: The amount is too large, or too fine for its unit.
    """
    return Limit(parse_amount(amount, Unit(unit)), Unit(unit), Window(window))
