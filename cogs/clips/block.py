"""`/clips block`, `unblock` and `blocks`: members who may not ask for clips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import discord
from discord import app_commands

from bot.moderation.member_selection import NewMembersBlock
from bot.moderation.timedeltas import parse_timedelta
from cogs.clips.block_list import show_blocks, until_text
from cogs.clips.block_several import (
    ONE_OR_SEVERAL,
    ask_block,
    ask_unblock,
    beginning,
    page_custom_id,
)
from cogs.interactions.authority import block_authority
from cogs.interactions.reason_option import ReasonOption, actor_from
from cogs.interactions.target_options import MemberOption
from cogs.texts.languages import _
from cogs.texts.markdown import plural
from cogs.texts.punctuation import sentences

if TYPE_CHECKING:
    from bot.moderation.block_service import BlockResult, BlockService


class BlockCommands(app_commands.Group):
    """`/clips block`, `unblock` and `blocks`."""

    def __init__(self, blocks: BlockService) -> None:
        super().__init__()
        self._blocks = blocks

    @app_commands.command(description="Keep a member from starting clips")
    @app_commands.describe(
        who="One member; an id for one who has left",
        since="Several: who asked lately, like 10m ago or later, and had no clip here before",
        length="How long, like 2h, 3d or 1w; left out, until somebody lifts it",
        reason="Why; the member reads it too",
        running="What becomes of their clips in the making: cancelled unless you say let finish",
    )
    @app_commands.rename(length="for")
    async def block(
        self,
        interaction: discord.Interaction,
        who: MemberOption | None = None,
        since: app_commands.Range[str, 1, 40] | None = None,
        length: app_commands.Range[str, 1, 40] | None = None,
        *,
        reason: ReasonOption = "",
        running: Literal["cancel", "let finish"] = "cancel",
    ) -> None:
        """Block a member, or give an earlier block another end; or several, after a question."""
        duration = None if length is None else parse_timedelta(length)
        actor = actor_from(interaction, reason)
        cancel = running == "cancel"
        if (who is None) is (since is None):
            await interaction.edit_original_response(content=_(ONE_OR_SEVERAL))
        elif who is not None:
            authority = await block_authority(interaction, who.target.id, who.role_ids)
            done = await self._blocks.block(
                actor, authority, who.target.id, duration, cancel_running=cancel
            )
            await interaction.edit_original_response(content=blocked_text(done))
        elif since is not None:
            chosen = NewMembersBlock(beginning(interaction, since), duration, cancel)
            await ask_block(interaction, self._blocks, chosen, reason)

    @app_commands.command(description="Let blocked members start clips again")
    @app_commands.describe(
        who="One member",
        since="Several: all who were blocked lately, like 2h for the last two hours",
        reason="Why; kept in the audit log",
    )
    async def unblock(
        self,
        interaction: discord.Interaction,
        who: MemberOption | None = None,
        since: app_commands.Range[str, 1, 40] | None = None,
        reason: ReasonOption = "",
    ) -> None:
        """Lift a block before its end; or several, after a question."""
        if (who is None) is (since is None):
            await interaction.edit_original_response(content=_(ONE_OR_SEVERAL))
        elif who is not None:
            authority = await block_authority(interaction, who.target.id, who.role_ids)
            actor = actor_from(interaction, reason)
            lifted = await self._blocks.unblock(actor, authority, who.target.id)
            member, until = f"<@{lifted.member_id}>", until_text(lifted)
            text = "✅ " + _(
                "{member} may start clips again. They were blocked {until}.",
                member=member,
                until=until,
            )
            await interaction.edit_original_response(content=text)
        elif since is not None:
            await ask_unblock(interaction, self._blocks, beginning(interaction, since), reason)

    @app_commands.command(description="See who is blocked, and until when")
    async def blocks(self, interaction: discord.Interaction) -> None:
        """List the blocks that have not ended."""
        await show_blocks(interaction, self._blocks, 0, page_custom_id)


def blocked_text(done: BlockResult) -> str:
    """Say who is blocked until when, and what becomes of their clips in the making."""
    lines = [
        (
            "⛔ "
            + _(
                "<@{member_id}> is blocked {until}.",
                member_id=done.block.member_id,
                until=until_text(done.block),
            )
        )
    ]
    if done.replaced is not None:
        lines.append(_("Before, it was {until}.", until=until_text(done.replaced)))
    count = len(done.running.jobs)
    if count and done.cancelled:
        lines.append(_("I am cancelling {clips} of theirs.", clips=plural(count, "clip")))
    elif count:
        lines.append(
            _(
                "{clips} of theirs in the making will be finished: `/clips cancel who` stops them.",
                clips=plural(count, "clip"),
            )
        )
    return sentences(*lines)
