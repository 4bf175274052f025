"""`/quota audit`: what moderators did, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import discord
from discord import app_commands

from bot.guilds.audit import AuditAction, AuditFilter
from bot.quota.rules import EVERYONE
from cogs.interactions.rights import require_right
from cogs.interactions.routed_views import RoutedView
from cogs.interactions.target_options import TargetOption
from cogs.quota.audit_texts import ACTIONS, audit_page_text

if TYPE_CHECKING:
    from bot.guilds.audit_reader import AuditPage, AuditReader
    from cogs.interactions.components import ComponentHandler

CUSTOM_ID_PREFIX: Final = "audit"
"""What the custom ids of its buttons start with."""


class AuditCommand(app_commands.Group):
    """`/quota audit`."""

    def __init__(self, audit_reader: AuditReader) -> None:
        super().__init__()
        self._audit_reader = audit_reader

    @app_commands.command(description="See who changed what, when and why, the newest first")
    @app_commands.describe(
        who="Only what this member did, or what was done to this member or role, or their clips",
        action="Only deeds of this kind",
    )
    @app_commands.choices(
        action=[app_commands.Choice(name=name, value=it.value) for it, name in ACTIONS.items()]
    )
    async def audit(
        self, interaction: discord.Interaction, who: TargetOption | None = None, action: str = ""
    ) -> None:
        """Show the newest page, with buttons that turn to the others."""
        named = None if who is None or who.target == EVERYONE else who.target.id
        chosen = AuditFilter(named, AuditAction(action) if action else None)
        await _show(interaction, self._audit_reader, chosen, 0)


def audit_handler(audit_reader: AuditReader) -> ComponentHandler:
    """Return the handler for the buttons that turn the pages."""

    async def turn(interaction: discord.Interaction, arguments: list[str]) -> None:
        require_right(interaction, "manage_guild")
        await interaction.response.defer()
        number, person, action = arguments
        search = AuditFilter(
            int(person) if person else None, AuditAction(action) if action else None
        )
        await _show(interaction, audit_reader, search, int(number))

    return turn


async def _show(
    interaction: discord.Interaction, audit_reader: AuditReader, search: AuditFilter, number: int
) -> None:
    page = await audit_reader.page(interaction.guild_id or 0, search, number)
    await interaction.edit_original_response(
        content=audit_page_text(page), view=_buttons(page, search)
    )


def _buttons(page: AuditPage, search: AuditFilter) -> RoutedView | None:
    if page.pages <= 1:
        return None
    turns = (("◀", page.number - 1), ("▶", page.number + 1))
    return RoutedView(_button(label, number, page, search) for label, number in turns)


def _button(
    label: str, number: int, page: AuditPage, search: AuditFilter
) -> discord.ui.Button[Any]:
    person = search.person_id or ""
    action = search.action.value if search.action else ""
    return discord.ui.Button(
        label=label,
        custom_id=f"{CUSTOM_ID_PREFIX}:{number}:{person}:{action}",
        disabled=not 0 <= number < page.pages,
    )
