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
from cogs.texts.languages import N_, _, money

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
                content=_(
                    "⚠️ **Without a ceiling, moderators alone decide what their servers spend**,"
                    " and your key pays for it. Nothing was changed yet."
                ),
                view=confirm_button(_("Lift the ceiling"), "ceiling", wanted),
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
    before, after = _named(done.before), _named(done.after)
    if done.before == done.after:
        return _("The ceiling was {ceiling} before. Nothing was changed.", ceiling=after)
    lines = [
        _(
            "✅ **The ceiling is {ceiling}**, from now on. It was {before}.",
            ceiling=after,
            before=before,
        )
    ]
    if done.after.is_commanded:
        lines.append(
            _(
                "It holds instead of OWNER_BUDGET_USD_PER_MONTH, also after a restart, until "
                "`/owner budget amount:setting`."
            )
        )
    most = done.after.micro_usd
    lines.append(_("{used} of it are used this month.", used=money(done.used)))
    if most is not None and done.used >= most:
        lines.append(_("So nothing new is taken until it renews; what is in the making goes on."))
    return "\n".join(lines)


def _named(ceiling: Ceiling) -> str:
    if ceiling.micro_usd is None:
        return _(_NO_CEILING[ceiling.is_commanded])
    return _(_CEILING[ceiling.is_commanded], amount=money(ceiling.micro_usd))


# By whether it is set by command.
_CEILING: Final = {
    True: N_("{amount} a month (set by command)"),
    False: N_("{amount} a month (from OWNER_BUDGET_USD_PER_MONTH)"),
}
_NO_CEILING: Final = {
    True: N_("none (set by command)"),
    False: N_("none (from OWNER_BUDGET_USD_PER_MONTH)"),
}
