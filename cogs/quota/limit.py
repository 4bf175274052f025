"""`/quota limit`, `unlimit` and `budget`: the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.quota.amounts import parse_amount
from bot.quota.limits import Limit, Unit, Window
from bot.quota.overview import ChosenTarget
from bot.quota.rules import GUILD
from cogs.interactions.reason_option import ReasonOption, actor_from
from cogs.interactions.target_options import TargetOption
from cogs.quota import answer_texts
from cogs.quota.options import AmountOption, UnitOption, WindowOption, chosen_target

if TYPE_CHECKING:
    from bot.quota.service import QuotaService

_REASON = "Why; kept in the audit log"


def limit_command(quota: QuotaService) -> app_commands.Command[Any, ..., None]:
    """Return the command that limits a member, a role or everyone."""

    @app_commands.command(
        name="limit", description="Limit what a member, a role or everyone may spend"
    )
    @app_commands.describe(
        amount="How many clips or dollars; 0 forbids, and no grant lifts that",
        unit="What is counted: clips, or what they cost in US dollars",
        window="After which it starts afresh; days, weeks and months of the server's time zone",
        who="A member, or a role; left out, everyone",
        reason=_REASON,
    )
    async def limit(  # noqa: PLR0913 - one parameter an option
        interaction: discord.Interaction,
        amount: AmountOption,
        unit: UnitOption,
        window: WindowOption,
        who: TargetOption | None = None,
        reason: ReasonOption = "",
    ) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        rule = Limit(parse_amount(amount, Unit(unit)), Unit(unit), Window(window))
        done = await quota.set_limit(actor_from(interaction, reason), chosen_target(who), rule)
        await interaction.edit_original_response(content=answer_texts.limit_answer(done))

    return limit


def unlimit_command(quota: QuotaService) -> app_commands.Command[Any, ..., None]:
    """Return the command that removes limits, and the budget."""

    @app_commands.command(
        name="unlimit", description="Remove limits: all of somebody's, or those of a unit or window"
    )
    @app_commands.describe(
        who="Whose: a member, a role, or the id of one that is gone; left out, everyone's",
        unit="Only limits in this unit",
        window="Only limits of this window",
        budget="True removes the server's budget instead of anybody's limits",
        reason=_REASON,
    )
    async def unlimit(  # noqa: PLR0913 - one parameter an option
        interaction: discord.Interaction,
        who: TargetOption | None = None,
        unit: UnitOption | None = None,
        window: WindowOption | None = None,
        budget: bool = False,  # noqa: FBT001, FBT002 - Discord passes options by name
        reason: ReasonOption = "",
    ) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        if budget and who is not None:
            await interaction.edit_original_response(content=answer_texts.BUDGET_OF_SOMEBODY)
            return
        done = await quota.remove_limits(
            actor_from(interaction, reason),
            ChosenTarget(GUILD) if budget else chosen_target(who),
            Unit(unit) if unit else None,
            Window(window) if window else None,
        )
        await interaction.edit_original_response(content=answer_texts.removal_answer(done))

    return unlimit


def budget_command(quota: QuotaService) -> app_commands.Command[Any, ..., None]:
    """Return the command that sets what the whole server may spend."""

    @app_commands.command(
        name="budget", description="Limit what the whole server spends; /quota unlimit removes it"
    )
    @app_commands.describe(
        amount="How many clips or dollars for all members together; 0 forbids",
        unit="What is counted: clips, or what they cost in US dollars",
        window="After which it starts afresh; days, weeks and months of the server's time zone",
        reason=_REASON,
    )
    async def budget(
        interaction: discord.Interaction,
        amount: AmountOption,
        unit: UnitOption,
        window: WindowOption,
        reason: ReasonOption = "",
    ) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        rule = Limit(parse_amount(amount, Unit(unit)), Unit(unit), Window(window))
        done = await quota.set_limit(actor_from(interaction, reason), ChosenTarget(GUILD), rule)
        await interaction.edit_original_response(content=answer_texts.budget_answer(done))

    return budget
