"""`/clips cancel`: stops a clip that has not ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.jobs.job import JobState
from bot.moderation.errors import ClipError, ClipProblem
from cogs.clips.clip_lines import choices, parse_clip_ref, within_reach
from cogs.interactions.authority import clip_authority
from cogs.interactions.reason_option import ReasonOption, actor_from
from cogs.interactions.rights import ONE_CLIP, suggest_only_to
from pika import usd

if TYPE_CHECKING:
    from bot.jobs.job import Job
    from bot.moderation.clip_service import ClipService
    from cogs.clips.member_names import MemberNames
    from cogs.interactions.suggestions import Choices


class CancelCommand(app_commands.Group):
    """`/clips cancel`."""

    def __init__(self, clips: ClipService, names: MemberNames) -> None:
        super().__init__()
        self._clips = clips
        self._names = names

    @app_commands.command(description="Stop a clip; its member pays nothing", extras=ONE_CLIP)
    @app_commands.describe(
        job="Type its number or the member's name", reason="Why; the member reads it too"
    )
    async def cancel(
        self, interaction: discord.Interaction, job: str, reason: ReasonOption = ""
    ) -> None:
        """Have the worker stop a clip, at Pika too where that is still possible."""
        clip_ref = parse_clip_ref(job)
        if clip_ref is None or clip_ref.number is None:
            raise ClipError(ClipProblem.UNKNOWN)
        authority = clip_authority(interaction)
        actor = actor_from(interaction, reason)
        before = await self._clips.cancel(actor, authority, clip_ref.number)
        await interaction.edit_original_response(content=_cancelled(before))

    @cancel.autocomplete("job")
    @suggest_only_to("manage_messages")
    async def suggest(self, interaction: discord.Interaction, typed: str) -> Choices:
        """Suggest the clips in the making that nobody has cancelled yet."""
        clips = await self._clips.in_progress(interaction.guild_id or 0)
        reached = within_reach(clips, clip_authority(interaction))
        going_on = [clip for clip in reached if clip.job.cancelled_by is None]
        return choices(going_on, self._names, typed, interaction.created_at)


def _cancelled(before: Job) -> str:
    """Word the answer by the state in which the clip was before."""
    clip = f"clip **#{before.id}** of <@{before.reply_to.member_id}>"
    price = usd(before.cost_micro_usd)
    if before.state is JobState.QUEUED:
        return f"✅ I cancelled {clip}. Nothing was charged."
    if before.state is JobState.RENDERED:
        paid = f"Pika has made it already, so the server pays {price}"
    else:
        paid = f"If Pika cannot stop it any more, the server pays {price}"
    return f"✅ I am cancelling {clip}. {paid}; the member pays nothing."
