"""`/quota grant` and `reset`: what one member gets beside the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.quota.amounts import parse_change
from bot.quota.limits import Unit
from cogs.interactions.reason_option import ReasonOption, actor_from
from cogs.interactions.target_options import MemberOption
from cogs.quota import answer_texts
from cogs.quota.options import ChangeOption, UnitOption, member_target

if TYPE_CHECKING:
    from bot.quota.service import QuotaService

_REASON = "Why; kept in the audit log"


def grant_command(quota: QuotaService) -> app_commands.Command[Any, ..., None]:
    """Return the command that gives a member something on top."""

    @app_commands.command(
        name="grant", description="Give a member extra: used after their limits, kept until spent"
    )
    @app_commands.describe(
        who="The member",
        amount="How many clips or dollars; a negative number takes back what is unspent",
        unit="Clips, or US dollars",
        reason=_REASON,
    )
    async def grant(
        interaction: discord.Interaction,
        who: MemberOption,
        amount: ChangeOption,
        unit: UnitOption,
        reason: ReasonOption = "",
    ) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        change = parse_change(amount, Unit(unit))
        done = await quota.grant(
            actor_from(interaction, reason), member_target(who), Unit(unit), change
        )
        text = answer_texts.grant_answer(who.id, Unit(unit), change, done)
        await interaction.edit_original_response(content=text)

    return grant


def reset_command(quota: QuotaService) -> app_commands.Command[Any, ..., None]:
    """Return the command that starts a member's windows afresh."""

    @app_commands.command(
        name="reset", description="Start a member's limits afresh, as if they had spent nothing"
    )
    @app_commands.describe(who="The member", reason=_REASON)
    async def reset(
        interaction: discord.Interaction, who: MemberOption, reason: ReasonOption = ""
    ) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        allowance = await quota.reset(actor_from(interaction, reason), member_target(who))
        await interaction.edit_original_response(
            content=answer_texts.reset_answer(who.id, allowance)
        )

    return reset
