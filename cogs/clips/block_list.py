"""`/clips blocks`: who is blocked and until when, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cogs.interactions.routed_views import page_buttons
from cogs.texts.amounts import timestamp
from cogs.texts.languages import _
from cogs.texts.markdown import escape, plural, shorten
from cogs.texts.punctuation import labelled, with_colon

if TYPE_CHECKING:
    from collections.abc import Callable

    import discord

    from bot.moderation.block_service import BlockService
    from bot.moderation.blocks import Block

# Characters of a reason in the list.
_REASON_SHOWN: Final = 100
_PER_PAGE: Final = 7
"""So many blocks fit one message, whatever their reasons are."""


async def show_blocks(
    interaction: discord.Interaction,
    service: BlockService,
    page: int,
    custom_id: Callable[[int], str],
) -> None:
    """Show a page of the blocks, counted from 0; the last one where there are fewer."""
    blocks = await service.blocks(interaction.guild_id or 0)
    pages = max(1, -(-len(blocks) // _PER_PAGE))
    page = max(0, min(page, pages - 1))
    head = _("**{members} blocked**, the latest first", members=plural(len(blocks), "member"))
    if pages > 1:
        head = _("{head}, page {page} of {pages}", head=head, page=page + 1, pages=pages)
    shown = map(_line, blocks[page * _PER_PAGE :][:_PER_PAGE])
    text = "\n".join((with_colon(head), *shown)) if blocks else _("Nobody is blocked here.")
    view = page_buttons(page, pages, custom_id)
    await interaction.edit_original_response(content=text, view=view)


def until_text(block: Block) -> str:
    """Say how long a block lasts: `until somebody lifts it`."""
    if block.until is None:
        return _("until somebody lifts it")
    return _("until {when}", when=timestamp(block.until, "f"))


def _line(block: Block) -> str:
    line = _(
        "<@{member_id}> {until}, since {when}",
        member_id=block.member_id,
        until=until_text(block),
        when=timestamp(block.since, "d"),
    )
    return labelled(line, escape(shorten(block.reason, _REASON_SHOWN))) if block.reason else line
