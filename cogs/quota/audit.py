"""`/quota audit`: the audit log of moderators' commands, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands

from bot.guilds.audit import AuditAction, AuditFilter
from bot.quota.rules import EVERYONE
from cogs.interactions.rights import require_right
from cogs.interactions.routed_views import page_buttons
from cogs.interactions.target_options import TargetOption
from cogs.quota.audit_texts import ACTIONS, audit_page_text

if TYPE_CHECKING:
    from bot.guilds.audit_reader import AuditPage, AuditReader
    from cogs.interactions.components import ComponentHandler
    from cogs.interactions.routed_views import RoutedView

CUSTOM_ID_PREFIX: Final = "audit"
"""Of the custom ids of the buttons that turn pages."""


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
        audit_filter = AuditFilter(named, AuditAction(action) if action else None)
        await _show(interaction, self._audit_reader, audit_filter, 0)


def audit_handler(audit_reader: AuditReader) -> ComponentHandler:
    """Build the handler for the buttons that turn pages."""

    async def turn(interaction: discord.Interaction, arguments: list[str]) -> None:
        # At each press again: the right may be gone since the command.
        require_right(interaction, "manage_guild")
        await interaction.response.defer()
        number, person_id, action = arguments
        audit_filter = AuditFilter(
            int(person_id) if person_id else None, AuditAction(action) if action else None
        )
        await _show(interaction, audit_reader, audit_filter, int(number))

    return turn


async def _show(
    interaction: discord.Interaction, reader: AuditReader, audit_filter: AuditFilter, number: int
) -> None:
    page = await reader.page(interaction.guild_id or 0, audit_filter, number)
    await interaction.edit_original_response(
        content=audit_page_text(page), view=_buttons(page, audit_filter)
    )


def _buttons(page: AuditPage, audit_filter: AuditFilter) -> RoutedView | None:
    chosen = f"{audit_filter.person_id or ''}:{audit_filter.action or ''}"
    return page_buttons(
        page.number, page.pages, lambda number: f"{CUSTOM_ID_PREFIX}:{number}:{chosen}"
    )
