"""`/clips block`, `unblock` and `blocks`: members who may not ask for clips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import discord
from discord import app_commands

from bot.moderation.timedeltas import parse_timedelta
from cogs.interactions.authority import block_authority
from cogs.interactions.reason_option import ReasonOption, actor_from
from cogs.interactions.rights import require_right
from cogs.interactions.routed_views import page_buttons
from cogs.interactions.target_options import MemberOption
from cogs.texts.amounts import timestamp
from cogs.texts.markdown import escape, plural, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.moderation.block_service import BlockResult, BlockService
    from bot.moderation.blocks import Block
    from cogs.interactions.components import ComponentHandler

CUSTOM_ID_PREFIX: Final = "blocks"
"""Of the custom ids of the buttons that turn pages."""
_PER_PAGE: Final = 8
"""So many blocks fit one message, whatever their reasons are."""
# Characters of a reason in the list.
_REASON_SHOWN: Final = 70


class BlockCommands(app_commands.Group):
    """`/clips block`, `unblock` and `blocks`."""

    def __init__(self, blocks: BlockService) -> None:
        super().__init__()
        self._blocks = blocks

    @app_commands.command(description="Keep a member from starting clips")
    @app_commands.describe(
        who="The member; an id for one who has left",
        length="How long, like 2h, 3d or 1w; left out, until somebody lifts it",
        reason="Why; the member reads it too",
        running="What becomes of their clips in the making: cancelled unless you say let finish",
    )
    @app_commands.rename(length="for")
    async def block(
        self,
        interaction: discord.Interaction,
        who: MemberOption,
        length: app_commands.Range[str, 1, 40] | None = None,
        reason: ReasonOption = "",
        running: Literal["cancel", "let finish"] = "cancel",
    ) -> None:
        """Block a member, or give an earlier block another end."""
        duration = None if length is None else parse_timedelta(length)
        actor = actor_from(interaction, reason)
        authority = await block_authority(interaction, who.target.id, who.role_ids)
        done = await self._blocks.block(
            actor, authority, who.target.id, duration, cancel_running=running == "cancel"
        )
        await interaction.edit_original_response(content=_blocked(done))

    @app_commands.command(description="Let a blocked member start clips again")
    @app_commands.describe(who="The member", reason="Why; kept in the audit log")
    async def unblock(
        self, interaction: discord.Interaction, who: MemberOption, reason: ReasonOption = ""
    ) -> None:
        """Lift a block before its end."""
        authority = await block_authority(interaction, who.target.id, who.role_ids)
        actor = actor_from(interaction, reason)
        lifted = await self._blocks.unblock(actor, authority, who.target.id)
        member, until = f"<@{lifted.member_id}>", _until(lifted)
        text = f"✅ {member} may start clips again. They were blocked {until}."
        await interaction.edit_original_response(content=text)

    @app_commands.command(description="See who is blocked, and until when")
    async def blocks(self, interaction: discord.Interaction) -> None:
        """List the blocks that have not ended."""
        await _show(interaction, self._blocks, 0)


def blocks_handler(blocks: BlockService) -> ComponentHandler:
    """Build the handler for the buttons that turn the pages of the list."""

    async def turn(interaction: discord.Interaction, arguments: list[str]) -> None:
        # At each press again: the right may be gone since the command.
        require_right(interaction, "manage_messages")
        await interaction.response.defer()
        (page,) = arguments
        await _show(interaction, blocks, int(page))

    return turn


async def _show(interaction: discord.Interaction, service: BlockService, page: int) -> None:
    blocks = await service.blocks(interaction.guild_id or 0)
    pages = max(1, -(-len(blocks) // _PER_PAGE))
    page = max(0, min(page, pages - 1))
    await interaction.edit_original_response(
        content=_blocks_text(blocks, page),
        view=page_buttons(page, pages, lambda number: f"{CUSTOM_ID_PREFIX}:{number}"),
    )


def _blocked(done: BlockResult) -> str:
    lines = [f"⛔ <@{done.block.member_id}> is blocked {_until(done.block)}."]
    if done.replaced is not None:
        lines.append(f"Before, it was {_until(done.replaced)}.")
    count = len(done.running.jobs)
    if count and done.cancelled:
        lines.append(f"I am cancelling {plural(count, 'clip')} of theirs.")
    elif count:
        lines.append(
            f"{plural(count, 'clip')} of theirs in the making will be finished: "
            "`/clips cancel who` stops them."
        )
    return " ".join(lines)


def _blocks_text(blocks: Sequence[Block], page: int) -> str:
    if not blocks:
        return "Nobody is blocked here."
    head = f"**{plural(len(blocks), 'member')} blocked**, the latest first:"
    return "\n".join((head, *map(_line, blocks[page * _PER_PAGE :][:_PER_PAGE])))


def _line(block: Block) -> str:
    why = f": {escape(shorten(block.reason, _REASON_SHOWN))}" if block.reason else ""
    return f"<@{block.member_id}> {_until(block)}, since {timestamp(block.since, 'd')}{why}"


def _until(block: Block) -> str:
    return f"until {timestamp(block.until, 'f') if block.until else 'somebody lifts it'}"
