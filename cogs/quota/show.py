"""`/quota show`: the rules that apply to a member, a role or everyone, and what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.quota.overview import ChosenTarget
from bot.quota.rules import EVERYONE, Scope
from cogs.interactions.target_options import TargetOption
from cogs.quota.answer_texts import rules_in_a_row
from cogs.texts import amounts
from cogs.texts.languages import _
from cogs.texts.markdown import fit_lines
from cogs.texts.punctuation import labelled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.quota.overview import Overview, RuleDetails
    from bot.quota.service import QuotaService
    from bot.requests.service import RequestService


class ShowCommand(app_commands.Group):
    """`/quota show`."""

    def __init__(self, quota: QuotaService, requests: RequestService) -> None:
        super().__init__()
        self._quota = quota
        self._requests = requests

    @app_commands.command(
        description="See the limits of a member, a role or everyone, and what is left"
    )
    @app_commands.describe(who="A member, or a role; left out, everyone and the server's budget")
    async def show(self, interaction: discord.Interaction, who: TargetOption | None = None) -> None:
        """Show the rules that apply, and what is left of each."""
        target = who or ChosenTarget(EVERYONE)
        overview = await self._quota.overview(interaction.guild_id or 0, target)
        price = await self._requests.default_price(interaction.guild_id or 0)
        await interaction.edit_original_response(content=overview_text(overview, price))


def overview_text(overview: Overview, default_price_micro_usd: int = 0) -> str:
    """Word an overview for moderators; the price is that of a clip without options, 0 if none."""
    bound = overview.allowance.ceiling_bound(default_price_micro_usd)
    return fit_lines(
        _lines(overview, amounts.ceiling_line(bound)), _("-# {n} more: `/quota limits`", n="{n}")
    )


def _lines(overview: Overview, ceiling_line: str) -> Iterator[str]:
    target, is_member = overview.chosen.target, overview.chosen.target.scope is Scope.MEMBER
    yield _("**What holds for {target}**", target=amounts.target_text(target))
    own = [it for it in overview.rules if not it.status.rule.is_shared]
    shared = [it for it in overview.rules if it.status.rule.is_shared]
    if overview.exemption is not None:
        yield _(
            "Exempt: **{rule_title}**, but what is named here.",
            rule_title=amounts.rule_title(overview.exemption),
        )
    elif not own:
        yield _("No limit.")
    for details in own:
        yield from _member_lines(details) if is_member else _rule_lines(overview, details)
    if is_member:
        yield _("Granted on top: {cost}", cost=amounts.cost_text(overview.granted))
    if target != EVERYONE:
        yield from _grant_lines(overview, is_member=is_member)
    if not overview.chosen.is_certain:
        yield _("-# I see nobody with this id here, so no roles are counted.")
    yield _("**Shared by all**") if shared else _("**The server has no budget.**")
    for details in shared:
        if details.status.rule.target.scope is Scope.GUILD:
            yield amounts.left_line(details.status)
            yield f"-# {_parts(details)}"
        else:
            yield ceiling_line or amounts.left_line(details.status)
    if target == EVERYONE and overview.others:
        yield _("**Before that of everyone go the limits of some**")
        yield from (f"• {amounts.rule_title(rule)}" for rule in overview.others)


def _grant_lines(overview: Overview, *, is_member: bool) -> Iterator[str]:
    for grant in map(amounts.grant_text, overview.grants):
        if is_member:
            yield _("-# of that {grant}", grant=grant)
        else:
            yield _("Each member who has it gets {grant}", grant=grant)


def _member_lines(details: RuleDetails) -> Iterator[str]:
    yield f"• **{amounts.left_line(details.status)}**"
    yield f"-# {_parts(details)} · {_why(details)}"


def _rule_lines(overview: Overview, details: RuleDetails) -> Iterator[str]:
    rule = details.status.rule
    limit = f"• **{amounts.limit_text(rule.limit)}**"
    yield amounts.by_owner_text(limit) if rule == overview.default else limit
    if rule.target != overview.chosen.target or details.instead_of:
        yield f"-# {_why(details)}"


def _parts(details: RuleDetails) -> str:
    unit = details.status.limit.unit
    reserved = amounts.amount_text(details.reserved, unit)
    return _(
        "{amount} spent, {reserved} reserved",
        amount=amounts.amount_text(details.spent, unit),
        reserved=reserved,
    )


def _why(details: RuleDetails) -> str:
    """Name the rule, and the rules that it overrides."""
    rule, over = details.status.rule, details.instead_of
    instead = (
        _(", instead of {rules_in_a_row}", rules_in_a_row=rules_in_a_row(over)) if over else ""
    )
    why = _(
        "the limit is {rule_title}{instead}", rule_title=amounts.rule_title(rule), instead=instead
    )
    if rule.limit.amount == 0 and any(it.target.scope is rule.target.scope for it in over):
        return labelled(why, _("a role's zero forbids, whatever other roles have"))
    return why
