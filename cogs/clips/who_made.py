"""The message menu "Who made this?": a clip's member, request and cost, and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.jobs.reviews import Verdict
from cogs.clips.clip_lines import clip_ref_at, state_text
from cogs.delivery.job_messages import options_text, prompts_text
from cogs.texts.amounts import timestamp
from pika import usd

if TYPE_CHECKING:
    from collections.abc import Iterator

    import discord

    from bot.moderation.clip_details import ClipDetails
    from bot.moderation.clip_service import ClipService

_VERDICTS: Final = {Verdict.APPROVED: "approved", Verdict.REJECTED: "refused"}


async def show_who_made(
    clips: ClipService, interaction: discord.Interaction, message: discord.Message
) -> None:
    """Show moderators who asked for the clip of a message, with what, and what it cost."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    clip = await clips.find(interaction.guild_id or 0, clip_ref_at(message))
    await interaction.edit_original_response(content="\n".join(_lines(clip)))


def _lines(clip: ClipDetails) -> Iterator[str]:
    job, reply_to = clip.job, clip.job.reply_to
    message = f"{reply_to.guild_id}/{reply_to.channel_id}/{reply_to.message_id}"
    yield f"**Clip #{job.id}** · {state_text(clip)} · reference {job.reference}"
    yield f"Asked for by <@{reply_to.member_id}> {timestamp(job.created_at, 'f')}"
    yield f"From a picture that they attached to `/animate`: https://discord.com/channels/{message}"
    yield options_text(job)
    yield _cost(clip)
    if prompts := prompts_text(job):
        yield prompts.rstrip()
    if clip.decision is not None:
        decision = clip.decision
        decided_at = timestamp(decision.at, "f")
        yield f"Reviewed by <@{decision.actor_id}>: {_VERDICTS[decision.verdict]} {decided_at}"
    if job.cancelled_by is not None:
        yield f"Cancelled by <@{job.cancelled_by}>"
    if clip.removed_at is not None:
        yield f"Removed by <@{clip.removed_by}> {timestamp(clip.removed_at, 'f')}"


def _cost(clip: ClipDetails) -> str:
    price = usd(clip.job.cost_micro_usd)
    if clip.given_back:
        return f"Cost {price}, which the member has back"
    return f"Costs {price}" if clip.ended_at is None else f"Cost {price}"
