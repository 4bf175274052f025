"""`/quota audit` and `/clips audit`: what moderators did, page by page.

Whoever has *Manage Server* reads all of it. Other moderators read what they did themselves.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands

from bot.guilds.audit import AuditAction, AuditFilter
from bot.quota.rules import EVERYONE
from cogs.interactions.acknowledging import defer
from cogs.interactions.components import OUTDATED_TEXT, reply_privately
from cogs.interactions.rights import (
    OWN_ACTS,
    has_right,
    require_right,
    require_right_over_clips,
)
from cogs.interactions.routed_views import RoutedLayout, page_row
from cogs.interactions.target_options import MemberOption, TargetOption
from cogs.quota.audit_texts import ACTIONS, audit_page_text
from cogs.texts.languages import _

if TYPE_CHECKING:
    from bot.guilds.audit_reader import AuditPage, AuditReader
    from cogs.interactions.components import ComponentHandler

CUSTOM_ID_PREFIX: Final = "audit"
"""Of the custom ids of the buttons that turn pages."""
_ACTION_CHOICES: Final = [
    app_commands.Choice(name=name, value=it.value) for it, name in ACTIONS.items()
]
_ABOUT: Final = "Only what was done to this member or role, or to their clips"
_KIND: Final = "Only acts of this kind"


class AuditCommand(app_commands.Group):
    """`/quota audit`."""

    def __init__(self, audit_reader: AuditReader) -> None:
        super().__init__()
        self._audit_reader = audit_reader

    @app_commands.command(description="See who did what, to whom, when and why, the newest first")
    @app_commands.describe(who=_ABOUT, by="Only what this moderator did", action=_KIND)
    @app_commands.choices(action=_ACTION_CHOICES)
    async def audit(
        self,
        interaction: discord.Interaction,
        who: TargetOption | None = None,
        by: MemberOption | None = None,
        action: str = "",
    ) -> None:
        """Show the newest page, with buttons that turn to the others."""
        await _show(interaction, self._audit_reader, _filter(who, by, action), 0)


class OwnAuditCommand(app_commands.Group):
    """`/clips audit`, for moderators to whom `/quota` is not shown."""

    def __init__(self, audit_reader: AuditReader) -> None:
        super().__init__()
        self._audit_reader = audit_reader

    @app_commands.command(
        description="See what you did here yourself; with Manage Server, what everybody did",
        extras=OWN_ACTS,
    )
    @app_commands.describe(who=_ABOUT, action=_KIND)
    @app_commands.choices(action=_ACTION_CHOICES)
    async def audit(
        self, interaction: discord.Interaction, who: TargetOption | None = None, action: str = ""
    ) -> None:
        """Show the newest page of what this moderator may read."""
        await _show(interaction, self._audit_reader, _filter(who, None, action), 0)


def _filter(who: TargetOption | None, by: MemberOption | None, action: str) -> AuditFilter:
    about = None if who is None or who.target == EVERYONE else who.target.id
    actor = None if by is None else by.target.id
    return AuditFilter(actor, about, AuditAction(action) if action else None)


def audit_handler(audit_reader: AuditReader) -> ComponentHandler:
    """Build the handler for the buttons that turn pages."""

    async def turn(interaction: discord.Interaction, arguments: list[str]) -> None:
        # At each press again: the right may be gone since the command.
        require_right_over_clips(interaction, "manage_messages")
        match arguments:
            case [number, about, actor, action]:
                await defer(interaction)
                wanted = AuditFilter(
                    int(actor) if actor else None,
                    int(about) if about else None,
                    AuditAction(action) if action else None,
                )
                await _show(interaction, audit_reader, wanted, int(number))
            case _:
                await reply_privately(interaction, _(OUTDATED_TEXT))

    return turn


async def _show(
    interaction: discord.Interaction, reader: AuditReader, wanted: AuditFilter, number: int
) -> None:
    if not has_right(interaction, "manage_guild"):
        # The custom id of a button may name anybody.
        if wanted.actor_id not in {None, interaction.user.id}:
            require_right(interaction, "manage_guild")
        wanted = replace(wanted, actor_id=interaction.user.id)
    page = await reader.page(interaction.guild_id or 0, wanted, number)
    await interaction.edit_original_response(view=_layout(page, wanted))


def _layout(page: AuditPage, wanted: AuditFilter) -> RoutedLayout:
    chosen = f"{wanted.about_id or ''}:{wanted.actor_id or ''}:{wanted.action or ''}"
    text = discord.ui.TextDisplay[RoutedLayout](audit_page_text(page))
    row = page_row(page.number, page.pages, lambda number: f"{CUSTOM_ID_PREFIX}:{number}:{chosen}")
    return RoutedLayout([text] if row is None else [text, row])
