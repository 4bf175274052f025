"""`/clips queue`: the clips that have not ended, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands

from bot.moderation.clip_selection import SelectedClips, total_micro_usd
from cogs.clips.clip_lines import MORE, clip_line
from cogs.interactions.acknowledging import defer
from cogs.interactions.rights import require_right
from cogs.interactions.routed_views import page_buttons
from cogs.interactions.target_options import MemberOption
from cogs.texts.languages import _, money, ngettext
from cogs.texts.markdown import fit_lines, plural
from cogs.texts.punctuation import with_colon, with_note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.moderation.clip_details import ClipDetails
    from bot.moderation.clip_service import ClipService
    from cogs.interactions.components import ComponentHandler

CUSTOM_ID_PREFIX: Final = "queue"
"""Of the custom ids of the buttons that turn pages."""
_PER_PAGE: Final = 8
"""So many clips fit one message, whatever their prompts are."""


class QueueCommand(app_commands.Group):
    """`/clips queue`."""

    def __init__(self, clips: ClipService) -> None:
        super().__init__()
        self._clips = clips

    @app_commands.command(description="See which clips are being made or wait")
    @app_commands.describe(who="Only this member's")
    async def queue(
        self, interaction: discord.Interaction, who: MemberOption | None = None
    ) -> None:
        """List the clips that have not ended."""
        await _show(interaction, self._clips, 0, who.target.id if who else 0)


def queue_handler(clips: ClipService) -> ComponentHandler:
    """Build the handler for the buttons that turn pages."""

    async def turn(interaction: discord.Interaction, arguments: list[str]) -> None:
        # At each press again: the right may be gone since the command.
        require_right(interaction, "manage_messages")
        await defer(interaction)
        page, member_id = arguments
        await _show(interaction, clips, int(page), int(member_id))

    return turn


async def _show(
    interaction: discord.Interaction, service: ClipService, page: int, member_id: int
) -> None:
    """Show a page, the last one where there are fewer; with a `member_id`, only that member's."""
    all_clips = await service.in_progress(interaction.guild_id or 0)
    clips = [it for it in all_clips if member_id in {0, it.job.reply_to.member_id}]
    pages = max(1, -(-len(clips) // _PER_PAGE))
    page = max(0, min(page, pages - 1))
    await interaction.edit_original_response(
        content=_page_text(clips, page, pages),
        view=page_buttons(page, pages, lambda it: f"{CUSTOM_ID_PREFIX}:{it}:{member_id}"),
    )


def _page_text(clips: Sequence[ClipDetails], page: int, pages: int) -> str:
    if not clips:
        return _("No clips are being made here.")
    head = _("**{clips} in the making**, the oldest first", clips=plural(len(clips), "clip"))
    if pages > 1:
        head = _("{head}, page {page} of {pages}", head=head, page=page + 1, pages=pages)
    shown = clips[page * _PER_PAGE :][:_PER_PAGE]
    return fit_lines((with_colon(head), _sums(clips), *map(clip_line, shown)), _(MORE, n="{n}"))


def _sums(clips: Sequence[ClipDetails]) -> str:
    """Say how many clips are how far, and what they cost."""
    those = SelectedClips(tuple(clip.job for clip in clips))
    waiting, at_pika, made = (len(jobs) for jobs in (those.waiting, those.at_pika, those.made))
    parts = (
        (those.waiting, ngettext("{n} waiting", "{n} waiting", waiting)),
        (those.at_pika, ngettext("{n} at Pika", "{n} at Pika", at_pika)),
        (those.made, ngettext("{n} finished", "{n} finished", made)),
    )
    return "-# " + " · ".join(
        with_note(text, money(total_micro_usd(jobs))) for jobs, text in parts if jobs
    )
