"""`/usage`: what a member has left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import discord
from discord import app_commands

from bot.base import ZERO_COST
from bot.quota.rules import DIRECT_BUDGET
from cogs.animate.from_interaction import requester_from
from cogs.animate.own_clip_texts import jump_url, state_text
from cogs.animate.refusal_texts import standing_lines
from cogs.delivery.job_messages import reason_text, removed_text
from cogs.interactions.acknowledging import defer
from cogs.texts.amounts import ceiling_line, cost_text, left_line, rule_text, timestamp
from cogs.texts.languages import _, money, ngettext
from cogs.texts.markdown import CONTENT_LIMIT, escape, quote, shorten
from cogs.texts.punctuation import labelled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.quota.rules import LimitStatus
    from bot.requests.request import MemberUsage
    from bot.requests.service import RequestService

# Characters of each failed clip's prompt.
_LISTED: Final = 60
# Parts of grants, those that end first.
_ENDING: Final = 5
_WORDS: Final = 30
_CELLS: Final = 20
_RUNNING_SHOWN: Final = 3


def usage_command(requests: RequestService) -> app_commands.Command[Any, ..., None]:
    """Build the command, which shows members their own usage, to them alone."""

    @app_commands.command(
        name="usage", description="See how many clips you have left, and when they renew"
    )
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def usage(interaction: discord.Interaction) -> None:
        """Show members what they have left, in a message that nobody else sees."""
        # First: the database may take longer than the three seconds that Discord gives.
        await defer(interaction, ephemeral=True, thinking=True)
        member_usage = await requests.usage(requester_from(interaction))
        await interaction.edit_original_response(content=usage_text(member_usage))

    return usage


def usage_text(usage: MemberUsage) -> str:
    """Word what a member has left, what is in the making, and which clips failed lately."""
    lines = [line for status in usage.allowance.statuses for line in _status_lines(status)]
    bound = usage.allowance.ceiling_bound(usage.default_price_micro_usd)
    lines.append(ceiling_line(bound))
    if all(status.rule.is_shared for status in usage.allowance.statuses):
        lines.insert(0, _("No limit is set for you here."))
    if usage.orders_stopped:
        lines.insert(0, _("Pika takes no orders from this bot now."))
    lines[:0] = standing_lines(usage)
    if usage.allowance.granted != ZERO_COST:
        amount = cost_text(usage.allowance.granted)
        lines.append(_("{amount} granted on top: used after your limits.", amount=amount))
    for part, ends_at in usage.allowance.ending[:_ENDING]:
        until = timestamp(ends_at, "f")
        lines.append(f"-# {_('of that {amount} until {when}', amount=cost_text(part), when=until)}")
    lines += _running_lines(usage)
    for job in usage.failures:
        lines.append(labelled(f"-# {timestamp(job.created_at)}", reason_text(job)))
        lines.append(quote(job.options.prompt, _LISTED).rstrip())
    lines += [labelled(f"-# {timestamp(it.created_at)}", removed_text(it)) for it in usage.removed]
    return shorten("\n".join(line for line in lines if line), CONTENT_LIMIT)


def _status_lines(status: LimitStatus) -> Iterator[str]:
    # Of the bot owner's budget, members read only where it ends first, and never how much it is.
    rule = status.rule
    if rule.is_owners:
        if rule.target == DIRECT_BUDGET and status.left == 0:
            yield f"**{left_line(status)}**"
        return
    yield f"**{left_line(status)}**"
    yield f"`{bar(status)}`"
    if not rule.is_shared:
        yield f"-# {_('by {rule}', rule=rule_text(rule))}"


def bar(status: LimitStatus) -> str:
    """Draw what is left of a limit, in characters as wide as a phone has room for.

    It is full only while all is left, and empty only once nothing is.
    """
    left, amount = status.left, status.limit.amount
    filled = round(_CELLS * left / amount) if amount else 0
    if 0 < left < amount:
        filled = max(1, min(_CELLS - 1, filled))
    return "█" * filled + "░" * (_CELLS - filled)


def _running_lines(usage: MemberUsage) -> Iterator[str]:
    if n := usage.open_jobs:
        yield ngettext("{n} clip being made right now.", "{n} clips being made right now.", n)
    for clip in usage.running[:_RUNNING_SHOWN]:
        job = clip.job
        state = f"[{state_text(clip)}]({jump_url(job)})"
        words = escape(shorten(" ".join(job.options.prompt.split()), _WORDS))
        parts = (state, timestamp(job.created_at), money(job.price_micro_usd), words)
        yield f"-# {' · '.join(part for part in parts if part)}"
