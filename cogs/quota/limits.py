"""`/quota limits`: every budget, limit and exemption of a server, page by page and as a table."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands

from bot.base import Unit
from bot.quota.grants import Grant
from bot.quota.overview import ChosenTarget
from bot.quota.rules import EVERYONE, GUILD, Scope
from bot.reports.csv_export import without_formula
from cogs.interactions.acknowledging import defer
from cogs.interactions.rights import require_right
from cogs.interactions.routed_views import RoutedView, page_buttons
from cogs.quota.report import member_names
from cogs.texts import amounts
from cogs.texts.languages import _
from cogs.texts.markdown import fit_lines, plural
from pika import MICRO_USD_PER_USD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bot.quota.overview import Overview
    from bot.quota.rules import Rule
    from bot.quota.service import QuotaService
    from cogs.interactions.components import ComponentHandler

CUSTOM_ID_PREFIX: Final = "limits"
"""Of the custom ids of the buttons that turn pages."""
_PER_PAGE: Final = 20
_NAMED: Final = 2000
"""Members who are named in the table; others are numbers."""
_COLUMNS: Final = ("for", "id", "name", "amount", "unit", "window")
_SCOPES: Final = tuple(Scope)


class LimitsCommand(app_commands.Group):
    """`/quota limits`."""

    def __init__(self, quota: QuotaService) -> None:
        super().__init__()
        self._quota = quota

    @app_commands.command(
        description="List the budget, every limit and every exemption, with a table to download"
    )
    async def limits(self, interaction: discord.Interaction) -> None:
        """Show the first page, with the table of all."""
        overview = await _read(interaction, self._quota)
        rules = listed(overview)
        table = discord.File(io.BytesIO(await _table(interaction, rules)), "limits.csv")
        await interaction.edit_original_response(
            content=page_text(overview, 0),
            view=_buttons(0, rules),
            attachments=[table] if rules else [],
        )


def limits_handler(quota: QuotaService) -> ComponentHandler:
    """Build the handler for the buttons that turn pages."""

    async def turn(interaction: discord.Interaction, arguments: list[str]) -> None:
        # At each press again: the right may be gone since the command.
        require_right(interaction, "manage_guild")
        await defer(interaction)
        (number,) = arguments
        overview = await _read(interaction, quota)
        rules = listed(overview)
        shown = max(0, min(int(number), _pages(rules) - 1))
        await interaction.edit_original_response(
            content=page_text(overview, shown), view=_buttons(shown, rules)
        )

    return turn


def listed(overview: Overview) -> list[Rule | Grant]:
    """Budgets, limits of everyone, of roles and of members, then grants to roles or with an end."""
    own = [it.status.rule for it in overview.rules if not it.status.rule.is_shared]
    budgets = [
        it.status.rule for it in overview.rules if it.status.rule.target.scope is Scope.GUILD
    ]
    others = sorted(overview.others, key=lambda it: _SCOPES.index(it.target.scope), reverse=True)
    return [*budgets, *own, *others, *overview.grants]


def page_text(overview: Overview, page: int) -> str:
    """Word a page; the budget is on the first."""
    rules = listed(overview)
    start = page * _PER_PAGE
    return fit_lines(_lines(overview, rules[start : start + _PER_PAGE], page))


def _lines(overview: Overview, shown: Sequence[Rule | Grant], page: int) -> Iterator[str]:
    rules = listed(overview)
    yield _(
        "**{limits}**, page {page} of {pages}",
        limits=plural(len(rules), "limit"),
        page=page + 1,
        pages=_pages(rules),
    )
    statuses = {it.status.rule: it.status for it in overview.rules}
    if page == 0 and not any(rule.target == GUILD for rule in rules):
        yield "💰 " + _("The server has no budget.")
    for rule in shown:
        if isinstance(rule, Grant):
            yield f"🎁 {amounts.grant_text(rule)}"
        elif rule.is_shared:
            yield f"💰 {amounts.left_line(statuses[rule])}"
        else:
            title = f"• {amounts.rule_title(rule)}"
            yield amounts.by_owner_text(title) if rule == overview.default else title


async def _read(interaction: discord.Interaction, quota: QuotaService) -> Overview:
    return await quota.overview(interaction.guild_id or 0, ChosenTarget(EVERYONE))


def _pages(rules: Sequence[Rule | Grant]) -> int:
    return max(1, -(-len(rules) // _PER_PAGE))


def _buttons(page: int, rules: Sequence[Rule | Grant]) -> RoutedView | None:
    return page_buttons(page, _pages(rules), lambda number: f"{CUSTOM_ID_PREFIX}:{number}")


async def _table(interaction: discord.Interaction, rules: Sequence[Rule | Grant]) -> bytes:
    guild = interaction.guild
    ids = [rule.target.id for rule in rules if rule.target.scope is Scope.MEMBER]
    found = await member_names(guild, list(dict.fromkeys(ids))[:_NAMED])
    names = {member_id: shown for member_id, (shown, _) in found.items()}
    if guild is not None:
        names |= {role.id: role.name for role in guild.roles}
    return limits_csv(rules, names)


def limits_csv(rules: Sequence[Rule | Grant], names: Mapping[int, str]) -> bytes:
    """A CSV file with a line for each limit; amounts in clips or US dollars.

    Args:
        rules: The limits.
        names: Of members and roles by id.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    writer.writerows(map(without_formula, _cells(rule, names)) for rule in rules)
    # As in the table of a report: without the mark, Excel mistakes letters.
    return out.getvalue().encode("utf-8-sig")


def _cells(rule: Rule | Grant, names: Mapping[int, str]) -> tuple[str, ...]:
    target = rule.target
    # A bare id is rounded by spreadsheet programs; a mention is not.
    mention = amounts.target_text(target) if target.id else ""
    whose = target.scope.value, mention, " ".join(names.get(target.id, "").split())
    if isinstance(rule, Grant):
        until = "" if rule.ends_at is None else f" until {rule.ends_at:%Y-%m-%dT%H:%M:%SZ}"
        unit = Unit.CLIPS if rule.left.clips else Unit.USD
        return (
            *whose,
            _number(rule.left.of(unit), unit),
            unit.value,
            f"granted{until}",
        )
    if rule.is_exemption:
        return (*whose, "exempt", "", "")
    limit = rule.limit
    return (*whose, _number(limit.amount, limit.unit), limit.unit.value, limit.window.value)


def _number(amount: int, unit: Unit) -> str:
    return str(amount) if unit is Unit.CLIPS else f"{amount / MICRO_USD_PER_USD:f}"
