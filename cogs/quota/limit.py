"""`/quota limit`, `unlimit` and `budget`: the rules of what may be spent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.quota.limits import Unit, Window
from bot.quota.overview import ChosenTarget
from bot.quota.rules import EVERYONE, GUILD
from cogs.interactions.reason_option import KEPT_REASON, ReasonOption, actor_from
from cogs.interactions.target_options import TargetOption
from cogs.quota import answer_texts, options

if TYPE_CHECKING:
    from bot.quota.service import QuotaService


class LimitCommands(app_commands.Group):
    """`/quota limit`, `unlimit` and `budget`."""

    def __init__(self, quota: QuotaService) -> None:
        super().__init__()
        self._quota = quota

    @app_commands.command(description="Limit what a member, a role or everyone may spend")
    @app_commands.describe(
        amount="How many clips or dollars; 0 forbids, and no grant lifts that",
        **options.LIMIT_OPTIONS,
        who=options.ANYBODY,
        reason=KEPT_REASON,
    )
    async def limit(
        self,
        interaction: discord.Interaction,
        amount: options.AmountOption,
        unit: options.UnitOption,
        window: options.WindowOption,
        who: TargetOption | None = None,
        reason: ReasonOption = "",
    ) -> None:
        """Set a limit; one in the same unit and window is replaced."""
        target, limit = who or ChosenTarget(EVERYONE), options.limit_from(amount, unit, window)
        done = await self._quota.set_limit(actor_from(interaction, reason), target, limit)
        await interaction.edit_original_response(content=answer_texts.limit_answer(done))

    @app_commands.command(
        description="Remove limits: all of somebody's, or those of a unit or window"
    )
    @app_commands.describe(
        who="Whose: a member, a role, or the id of one that is gone; left out, everyone's",
        unit="Only limits in this unit",
        window="Only limits of this window",
        budget="True removes the server's budget instead of anybody's limits",
        reason=KEPT_REASON,
    )
    async def unlimit(
        self,
        interaction: discord.Interaction,
        who: TargetOption | None = None,
        unit: options.UnitOption | None = None,
        window: options.WindowOption | None = None,
        *,
        budget: bool = False,
        reason: ReasonOption = "",
    ) -> None:
        """Remove limits, or with `budget` those of the whole server."""
        if budget and who is not None:
            await interaction.edit_original_response(content=answer_texts.BUDGET_OF_SOMEBODY)
            return
        done = await self._quota.remove_limits(
            actor_from(interaction, reason),
            ChosenTarget(GUILD) if budget else who or ChosenTarget(EVERYONE),
            Unit(unit) if unit else None,
            Window(window) if window else None,
        )
        await interaction.edit_original_response(content=answer_texts.removal_answer(done))

    @app_commands.command(
        description="Limit what the whole server spends; /quota unlimit removes it"
    )
    @app_commands.describe(
        amount="How many clips or dollars for all members together; 0 forbids",
        **options.LIMIT_OPTIONS,
        reason=KEPT_REASON,
    )
    async def budget(
        self,
        interaction: discord.Interaction,
        amount: options.AmountOption,
        unit: options.UnitOption,
        window: options.WindowOption,
        reason: ReasonOption = "",
    ) -> None:
        """Set a limit for all members together."""
        target, limit = ChosenTarget(GUILD), options.limit_from(amount, unit, window)
        done = await self._quota.set_limit(actor_from(interaction, reason), target, limit)
        await interaction.edit_original_response(content=answer_texts.budget_answer(done))
