"""The message menu "Who made this?": everything behind a clip, for moderators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.jobs.reviews import Verdict
from cogs.clips.clip_lines import state_text
from cogs.clips.message_menus import clip_ref_at, message_menu
from cogs.texts.amounts import timestamp
from cogs.texts.markdown import quote, usd

if TYPE_CHECKING:
    from collections.abc import Iterator

    import discord
    from discord import app_commands

    from bot.jobs.job import ReplyTo
    from bot.moderation.clip_details import ClipDetails
    from bot.moderation.clip_service import ClipService

_PROMPT_SHOWN: Final = 500
_NEGATIVE_SHOWN: Final = 150
_VERDICTS: Final = {Verdict.APPROVED: "approved", Verdict.REJECTED: "refused"}


def who_made_menu(control: ClipService) -> app_commands.ContextMenu:
    """Return the entry of a message's menu."""

    async def tell(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        clip = await control.find(interaction.guild_id or 0, clip_ref_at(message))
        await interaction.edit_original_response(content="\n".join(_told(clip)))

    return message_menu("Who made this?", "manage_messages", tell)


def _told(clip: ClipDetails) -> Iterator[str]:
    job = clip.job
    yield f"**Clip #{job.id}** · {state_text(clip)} · reference {job.reference}"
    yield f"Asked for by <@{job.reply_to.member_id}> {timestamp(job.created_at, 'f')}"
    yield f"From a picture that they attached to `/animate`: {_link(job.reply_to)}"
    yield f"{job.options.resolution} · {job.options.duration} s · seed {job.options.seed}"
    yield _cost(clip)
    if job.options.prompt:
        yield quote(job.options.prompt, _PROMPT_SHOWN).rstrip()
    if job.options.negative_prompt:
        yield quote(f"without: {job.options.negative_prompt}", _NEGATIVE_SHOWN).rstrip()
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


def _link(reply_to: ReplyTo) -> str:
    where = f"{reply_to.guild_id}/{reply_to.channel_id}/{reply_to.message_id}"
    return f"https://discord.com/channels/{where}"
