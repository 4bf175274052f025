"""`/quota show`: every rule that holds for somebody, how it stands, and why it is this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.quota.overview import ChosenTarget
from bot.quota.rules import EVERYONE, Scope
from cogs.interactions.target_options import TargetOption
from cogs.quota.answer_texts import rules_in_a_row
from cogs.texts.amounts import (
    amount_text,
    cost_text,
    left_line,
    limit_text,
    rule_title,
    target_text,
)
from cogs.texts.markdown import fit_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.quota.overview import Overview, RuleDetails
    from bot.quota.service import QuotaService


class ShowCommand(app_commands.Group):
    """`/quota show`."""

    def __init__(self, quota: QuotaService) -> None:
        super().__init__()
        self._quota = quota

    @app_commands.command(
        description="See the limits of a member, a role or everyone, and what is left"
    )
    @app_commands.describe(who="A member, or a role; left out, everyone and the server's budget")
    async def show(self, interaction: discord.Interaction, who: TargetOption | None = None) -> None:
        """Show the rules that apply, and what is left of each."""
        overview = await self._quota.overview(
            interaction.guild_id or 0, who or ChosenTarget(EVERYONE)
        )
        await interaction.edit_original_response(content=overview_text(overview))


def overview_text(seen: Overview) -> str:
    """Return how somebody stands, to a moderator."""
    return fit_lines(_lines(seen))


def _lines(seen: Overview) -> Iterator[str]:
    subject = seen.chosen.target
    yield f"**What holds for {target_text(subject)}**"
    own = [line for line in seen.rules if not line.status.rule.is_shared]
    shared = [line for line in seen.rules if line.status.rule.is_shared]
    if not own:
        yield "No limit."
    for line in own:
        yield from _member_lines(line) if subject.scope is Scope.MEMBER else _rule_lines(seen, line)
    if subject.scope is Scope.MEMBER:
        yield f"Granted on top: {cost_text(seen.granted)}"
    if not seen.chosen.is_certain:
        yield "-# I see nobody with this id here, so no roles are counted."
    if subject == EVERYONE and seen.others:
        yield f"**Before that go the limits of some**\n{listed_in_lines(seen)}"
    yield "**Shared by all**" if shared else "**The server has no budget.**"
    for line in shared:
        yield left_line(line.status)
        if line.status.rule.target.scope is Scope.GUILD:
            yield f"-# {_parts(line)}"


def listed_in_lines(seen: Overview) -> str:
    """Return the limits of roles and members, one a line."""
    return "\n".join(f"• {rule_title(rule)}" for rule in seen.others)


def _member_lines(line: RuleDetails) -> Iterator[str]:
    yield f"• **{left_line(line.status)}**"
    yield f"-# {_parts(line)} · {_why(line)}"


def _rule_lines(seen: Overview, line: RuleDetails) -> Iterator[str]:
    rule = line.status.rule
    by_owner = " (the bot owner's, until you set one)" if rule == seen.default else ""
    yield f"• **{limit_text(rule.limit)}**{by_owner}"
    if rule.target != seen.chosen.target or line.instead_of:
        yield f"-# {_why(line)}"


def _parts(line: RuleDetails) -> str:
    unit = line.status.limit.unit
    return f"{amount_text(line.spent, unit)} spent, {amount_text(line.reserved, unit)} reserved"


def _why(line: RuleDetails) -> str:
    """Return whose rule it is, and what it stands before."""
    instead = f", instead of {rules_in_a_row(line.instead_of)}" if line.instead_of else ""
    return f"the limit is {rule_title(line.status.rule)}{instead}"
