"""`/usage`: what a member may still spend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands
from discord.ext import commands

from bot.quota.ledger import ZERO_COST
from bot.quota.rules import Scope
from cogs.animate.from_interaction import requester_from
from cogs.delivery.job_messages import reason_text
from cogs.texts.amounts import cost_text, left_line, rule_text, timestamp
from cogs.texts.languages import _, ngettext
from cogs.texts.markdown import CONTENT_LIMIT, quote, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.quota.rules import LimitStatus
    from bot.requests.request import MemberUsage
    from bot.requests.service import RequestService

_LISTED: Final = 60
"""Characters of the prompt of each clip that failed."""


class Usage(commands.Cog):
    """Shows members their own account, to them alone."""

    def __init__(self, requests: RequestService) -> None:
        self._requests = requests

    @app_commands.command(
        name="usage", description="See how many clips you have left, and when they renew"
    )
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def usage(self, interaction: discord.Interaction) -> None:
        """Acknowledge, then look it up."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        account = await self._requests.usage(requester_from(interaction))
        await interaction.edit_original_response(content=usage_text(account))


def usage_text(account: MemberUsage) -> str:
    """Return what a member may spend, what runs, and what came back lately."""
    lines = [line for standing in account.allowance.statuses for line in _standing(standing)]
    if all(standing.rule.is_shared for standing in account.allowance.statuses):
        lines.insert(0, _("No limit is set for you here."))
    if account.allowance.granted != ZERO_COST:
        held = cost_text(account.allowance.granted)
        lines.append(
            _("{amount} granted on top: used after your limits, kept until spent.", amount=held)
        )
    if account.open_jobs:
        lines.append(
            ngettext(
                "{n} clip being made right now.",
                "{n} clips being made right now.",
                account.open_jobs,
            )
        )
    for job in account.failures:
        lines.append(f"-# {timestamp(job.created_at)}: {reason_text(job)}")
        lines.append(quote(job.prompt, _LISTED).rstrip())
    return shorten("\n".join(line for line in lines if line), CONTENT_LIMIT)


def _standing(standing: LimitStatus) -> Iterator[str]:
    """Tell members of the owner's purse only once it is empty, and never what was in it."""
    rule = standing.rule
    if rule.target.scope is Scope.OWNER:
        if standing.left == 0:
            renews = timestamp(standing.renews_at)
            yield _("The budget of the bot's owner is used up, renews {when}", when=renews)
        return
    yield f"**{left_line(standing)}**"
    if not rule.is_shared:
        yield f"-# {_('by {rule}', rule=rule_text(rule))}"
