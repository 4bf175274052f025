"""The options that the commands of `/quota` share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from discord import AppCommandOptionType, app_commands

from bot.quota.amounts import LARGEST_AMOUNT

if TYPE_CHECKING:
    import discord

UNIT: Final = "What is counted: clips, or what they cost in US dollars"
WINDOW: Final = "After which it starts afresh; days, weeks and months of the server's time zone"

UnitOption: TypeAlias = Literal["clips", "usd"]
WindowOption: TypeAlias = Literal["hour", "day", "week", "month"]


class _Amount(app_commands.Transformer):
    """A number within bounds that Discord's client checks; `bot.quota.amounts` parses it."""

    def __init__(self, least: int) -> None:
        self._least = least

    @property
    def type(self) -> AppCommandOptionType:
        return AppCommandOptionType.number

    @property
    def min_value(self) -> int:
        return self._least

    @property
    def max_value(self) -> int:
        return LARGEST_AMOUNT

    async def transform(self, _interaction: discord.Interaction, value: float, /) -> float:
        return value


AmountOption: TypeAlias = app_commands.Transform[float, _Amount(0)]
ChangeOption: TypeAlias = app_commands.Transform[float, _Amount(-LARGEST_AMOUNT)]
