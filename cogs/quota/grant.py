"""`/quota grant` and `reset`: exceptions for a member, or for each who has a role."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.base import Unit
from bot.moderation.timedeltas import parse_timedelta
from bot.quota.amounts import parse_change
from cogs.interactions.reason_option import KEPT_REASON, ReasonOption, actor_from
from cogs.interactions.target_options import MemberOption, TargetOption
from cogs.quota import answer_texts
from cogs.quota.options import ChangeOption, UnitOption

if TYPE_CHECKING:
    from bot.quota.service import QuotaService


class GrantCommands(app_commands.Group):
    """`/quota grant` and `reset`."""

    def __init__(self, quota: QuotaService) -> None:
        super().__init__()
        self._quota = quota

    @app_commands.command(
        description="Give a member, or each who has a role, extra: used after their limits"
    )
    @app_commands.describe(
        who="The member, or a role: each who has it gets that once",
        length="When it ends, as 12h, 3d or 2w; left out, it is kept until spent",
        amount="How many clips or dollars; a negative number takes back what is unspent",
        unit="Clips, or US dollars",
        reason=KEPT_REASON,
    )
    @app_commands.rename(length="for")
    async def grant(
        self,
        interaction: discord.Interaction,
        who: TargetOption,
        amount: ChangeOption,
        unit: UnitOption,
        length: app_commands.Range[str, 1, 40] | None = None,
        reason: ReasonOption = "",
    ) -> None:
        """Grant an amount, or take back a part of earlier grants."""
        change = parse_change(amount, Unit(unit))
        actor = actor_from(interaction, reason)
        lasts = None if length is None else parse_timedelta(length)
        done = await self._quota.grant(actor, who, Unit(unit), change, lasts)
        until = None if lasts is None else interaction.created_at + lasts
        text = answer_texts.grant_answer(who.target, Unit(unit), change, done, until)
        await interaction.edit_original_response(content=text)

    @app_commands.command(
        description="Start a member's limits afresh, as if they had spent nothing"
    )
    @app_commands.describe(who="The member", reason=KEPT_REASON)
    async def reset(
        self, interaction: discord.Interaction, who: MemberOption, reason: ReasonOption = ""
    ) -> None:
        """Forget what a member has used; the server's budget keeps what it paid."""
        allowance = await self._quota.reset(actor_from(interaction, reason), who)
        text = answer_texts.reset_answer(who.target.id, allowance)
        await interaction.edit_original_response(content=text)
