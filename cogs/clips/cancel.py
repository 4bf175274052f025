"""`/clips cancel`: stop a clip that is still being made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.jobs.job import JobState
from bot.moderation.errors import ClipError, ClipProblem
from cogs.clips.clip_lines import choices, parse_clip_ref
from cogs.interactions.reason_option import ReasonOption, actor_from
from cogs.interactions.rights import suggest_only_to
from cogs.texts.markdown import usd

if TYPE_CHECKING:
    from bot.jobs.job import Job
    from bot.moderation.clip_service import ClipService
    from cogs.clips.member_names import MemberNames


def cancel_command(
    control: ClipService, names: MemberNames
) -> app_commands.Command[Any, ..., None]:
    """Return the command that calls a clip off."""

    @app_commands.command(name="cancel", description="Stop a clip; its member pays nothing")
    @app_commands.describe(
        job="Type its number or the member's name", reason="Why; the member reads it too"
    )
    async def cancel(interaction: discord.Interaction, job: str, reason: ReasonOption = "") -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        chosen = parse_clip_ref(job)
        if chosen is None or chosen.number is None:
            raise ClipError(ClipProblem.UNKNOWN)
        was = await control.cancel(actor_from(interaction, reason), chosen.number)
        await interaction.edit_original_response(content=_cancelled(was))

    @cancel.autocomplete("job")
    @suggest_only_to("manage_messages")
    async def suggest(
        interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        clips = await control.in_progress(interaction.guild_id or 0)
        open_to = [clip for clip in clips if clip.job.cancelled_by is None]
        return choices(open_to, names, typed, interaction.created_at)

    return cancel


def _cancelled(was: Job) -> str:
    whose = f"clip **#{was.id}** of <@{was.reply_to.member_id}>"
    price = usd(was.cost_micro_usd)
    match was.state:
        case JobState.QUEUED:
            return f"✅ I cancelled {whose}. Nothing was charged."
        case JobState.RENDERED:
            return (
                f"✅ I am cancelling {whose}. Pika has made it already, so the server pays "
                f"{price}; the member pays nothing."
            )
        case _:
            return (
                f"✅ I am cancelling {whose}. If Pika cannot stop it any more, the server pays "
                f"{price}; the member pays nothing."
            )
