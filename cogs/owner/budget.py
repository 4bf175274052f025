"""`/owner budget`: the ceiling on what all servers spend in a month, shown and set."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands

from bot.base import Unit
from bot.quota.amounts import parse_amount
from bot.quota.errors import AmountError, AmountProblem
from cogs.owner.pages import confirm_button
from cogs.owner.status import ceiling_lines
from cogs.texts.languages import money

if TYPE_CHECKING:
    from bot.owner.owner_service import CeilingChange, OwnerService
    from bot.quota.allowances import Ceiling

_NONE: Final = "none"
_SETTING: Final = "setting"
# With three digits after the comma, whoever means a thousand would get one dollar.
_DECIMAL_COMMA: Final = re.compile(r"([0-9]+),([0-9]{1,2})")


class BudgetCommand(app_commands.Group):
    """`/owner budget`."""

    def __init__(self, owner: OwnerService) -> None:
        super().__init__()
        self._owner = owner

    @app_commands.command(description="See or set what all servers together may spend in a month")
    @app_commands.describe(
        amount="Dollars a month, such as 80; `none` for no bound; `setting` for that of .env"
    )
    async def budget(self, interaction: discord.Interaction, amount: str = "") -> None:
        """Show the ceiling, or set it; to lift it needs a second press."""
        wanted, actor_id = amount.strip().lower(), interaction.user.id
        status = await self._owner.status()
        if not wanted:
            text = "\n".join(ceiling_lines(status))
            await interaction.edit_original_response(content=text)
        elif wanted == _NONE or (wanted == _SETTING and status.setting is None):
            await interaction.edit_original_response(
                content="⚠️ **Without a ceiling, moderators alone decide what their servers spend**,"
                " and your key pays for it. Nothing was changed yet.",
                view=confirm_button("Lift the ceiling", "ceiling", wanted),
            )
        elif wanted == _SETTING:
            done = await self._owner.reset_ceiling(actor_id)
            await interaction.edit_original_response(content=_changed(done))
        else:
            done = await self._owner.set_ceiling(actor_id, _parse(wanted))
            await interaction.edit_original_response(content=_changed(done))


async def lift_ceiling(owner: OwnerService, interaction: discord.Interaction, wanted: str) -> None:
    """Do what the owner has confirmed: `none`, or `setting` where that is none."""
    actor_id = interaction.user.id
    if wanted == _SETTING:
        done = await owner.reset_ceiling(actor_id)
    else:
        done = await owner.set_ceiling(actor_id, None)
    await interaction.edit_original_response(content=_changed(done), view=None)


def _parse(typed: str) -> int:
    number = typed.removeprefix("$")
    if decimal := _DECIMAL_COMMA.fullmatch(number):
        number = ".".join(decimal.groups())
    try:
        dollars = float(number)
    except ValueError:
        raise AmountError(AmountProblem.NOT_A_NUMBER, Unit.USD) from None
    return parse_amount(dollars, Unit.USD)


def _changed(done: CeilingChange) -> str:
    if done.before == done.after:
        return f"The ceiling was {_named(done.after)} before. Nothing was changed."
    lines = [
        f"✅ **The ceiling is {_named(done.after)}**, from now on. It was {_named(done.before)}."
    ]
    if done.after.is_commanded:
        lines.append(
            "It holds instead of OWNER_BUDGET_USD_PER_MONTH, also after a restart, until "
            "`/owner budget amount:setting`."
        )
    most = done.after.micro_usd
    lines.append(f"{money(done.used)} of it are used this month.")
    if most is not None and done.used >= most:
        lines.append("So nothing new is taken until it renews; what is in the making goes on.")
    return "\n".join(lines)


def _named(ceiling: Ceiling) -> str:
    amount = "none" if ceiling.micro_usd is None else f"{money(ceiling.micro_usd)} a month"
    by = "set by command" if ceiling.is_commanded else "from OWNER_BUDGET_USD_PER_MONTH"
    return f"{amount} ({by})"
