"""`/quota limit`, `unlimit`, `exempt` and `budget`: the rules of what may be spent.

What would reach everyone without naming them is asked first; a button does it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands

from bot.base import Limit, Unit, Window
from bot.quota.overview import ChosenTarget
from bot.quota.rules import EVERYONE, GUILD, Rule
from cogs.interactions.acknowledging import defer
from cogs.interactions.components import reply_privately
from cogs.interactions.reason_option import (
    KEPT_REASON,
    ReasonOption,
    actor_from,
    reason_in,
    with_reason,
)
from cogs.interactions.rights import require_right
from cogs.interactions.routed_views import RoutedView
from cogs.interactions.target_options import TargetOption
from cogs.quota import answer_texts, options, question_texts
from cogs.texts.languages import N_, _

if TYPE_CHECKING:
    from bot.quota.service import QuotaService
    from cogs.interactions.components import ComponentHandler

CUSTOM_ID_PREFIX: Final = "limit"
"""Of the custom ids of the buttons under a question."""
_NOT_YOURS: Final = N_("Only who asked for this may confirm it. Nothing was changed.")


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
        limit = options.limit_from(amount, unit, window)
        if who is None:
            await self._ask_to_limit(interaction, limit, reason)
            return
        done = await self._quota.set_limit(actor_from(interaction, reason), who, limit)
        await interaction.edit_original_response(content=answer_texts.limit_answer(done))

    async def _ask_to_limit(
        self, interaction: discord.Interaction, limit: Limit, reason: str
    ) -> None:
        everyones = await self._quota.overview(interaction.guild_id or 0, ChosenTarget(EVERYONE))
        members = None if interaction.guild is None else interaction.guild.member_count
        text = question_texts.limit_question(Rule(EVERYONE, limit), everyones, members)
        button = _button(interaction, _("Set it"), "set", limit.amount, limit.unit, limit.window)
        await interaction.edit_original_response(content=with_reason(text, reason), view=button)

    @app_commands.command(
        description="Remove limits: all of somebody's, or those of a unit or window"
    )
    @app_commands.describe(
        who="Whose: a member, a role, or the id of one that is gone; left out, I ask",
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
            await interaction.edit_original_response(content=_(answer_texts.BUDGET_OF_SOMEBODY))
            return
        chosen = Unit(unit) if unit else None, Window(window) if window else None
        if who is None and not budget:
            await self._ask_to_remove(interaction, *chosen, reason)
            return
        target = who or ChosenTarget(GUILD)
        done = await self._quota.remove_limits(actor_from(interaction, reason), target, *chosen)
        await interaction.edit_original_response(content=answer_texts.removal_answer(done))

    async def _ask_to_remove(
        self,
        interaction: discord.Interaction,
        unit: Unit | None,
        window: Window | None,
        reason: str,
    ) -> None:
        guild_id = interaction.guild_id or 0
        rules = await self._quota.removable(guild_id, ChosenTarget(EVERYONE), unit, window)
        overview = await self._quota.overview(guild_id, ChosenTarget(EVERYONE))
        text = question_texts.removal_question(rules, overview)
        button = _button(interaction, _("Remove them"), "remove", unit or "", window or "")
        await interaction.edit_original_response(content=with_reason(text, reason), view=button)

    @app_commands.command(description="Lift every limit for a member or a role; the budget stays")
    @app_commands.describe(
        who="The member, or the role; /quota unlimit ends it", reason=KEPT_REASON
    )
    async def exempt(
        self, interaction: discord.Interaction, who: TargetOption, reason: ReasonOption = ""
    ) -> None:
        """Exempt a target from limits, in place of its own."""
        done = await self._quota.exempt(actor_from(interaction, reason), who)
        await interaction.edit_original_response(content=answer_texts.exemption_answer(done))

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


def limit_handler(quota: QuotaService) -> ComponentHandler:
    """Build the handler of the buttons: each does what fits its question at the press."""

    async def confirm(interaction: discord.Interaction, arguments: list[str]) -> None:
        # At the press again: the right may be gone since the command.
        require_right(interaction, "manage_guild")
        did, actor_id, *values = arguments
        if str(interaction.user.id) != actor_id or interaction.message is None:
            await reply_privately(interaction, _(_NOT_YOURS))
            return
        await defer(interaction)
        by = actor_from(interaction, reason_in(interaction.message.content))
        everyone = ChosenTarget(EVERYONE)
        if did == "set":
            amount, unit, window = values
            limit = Limit(int(amount), Unit(unit), Window(window))
            text = answer_texts.limit_answer(await quota.set_limit(by, everyone, limit))
        else:
            unit, window = values
            chosen = Unit(unit) if unit else None, Window(window) if window else None
            text = answer_texts.removal_answer(await quota.remove_limits(by, everyone, *chosen))
        await interaction.edit_original_response(content=text, view=None)

    return confirm


def _button(interaction: discord.Interaction, label: str, *arguments: object) -> RoutedView:
    did, *values = map(str, arguments)
    custom_id = ":".join((CUSTOM_ID_PREFIX, did, str(interaction.user.id), *values))
    danger = discord.ButtonStyle.danger
    return RoutedView([discord.ui.Button(label=label, style=danger, custom_id=custom_id)])
