"""The options that the commands of `/quota` share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from discord import AppCommandOptionType, app_commands

from bot.quota.amounts import LARGEST_AMOUNT

if TYPE_CHECKING:
    import discord

UnitOption: TypeAlias = Literal["clips", "usd"]
WindowOption: TypeAlias = Literal["hour", "day", "week", "month"]


class _Amount(app_commands.Transformer):
    """A number within bounds that Discord's client knows; `bot.quota.amounts` reads it."""

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
