"""`/clips who` and the message menu "Who made this?": a clip's member, picture, cost and end."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands

from bot.jobs.reviews import Verdict
from bot.jobs.transitions import BOT_ACTOR_ID, CONSENT_ACTOR_ID
from bot.moderation.errors import ClipError, ClipProblem
from cogs.clips.clip_lines import choices, clip_ref_at, parse_clip_ref, state_text, within_reach
from cogs.delivery.job_messages import options_text, prompts_text
from cogs.delivery.message_reader import picture_name
from cogs.interactions.acknowledging import defer
from cogs.interactions.authority import clip_authority
from cogs.interactions.member_facts import member_facts
from cogs.interactions.rights import ONE_CLIP, suggest_only_to
from cogs.texts.amounts import timestamp
from cogs.texts.languages import N_, _, money

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.moderation.clip_details import ClipDetails, ClipRef
    from bot.moderation.clip_service import ClipService
    from cogs.clips.member_names import MemberNames
    from cogs.interactions.suggestions import Choices

_NO_PICTURE: Final = N_("-# Its picture is not kept any more, or too large for Discord here.")
_CANCELLED: Final = {
    BOT_ACTOR_ID: N_("as its message was deleted"),
    CONSENT_ACTOR_ID: N_("as the picture's owner wants no clip of it"),
}
_VERDICTS: Final = {Verdict.APPROVED: N_("approved"), Verdict.REJECTED: N_("refused")}


class WhoCommand(app_commands.Group):
    """`/clips who`: for clips whose message is gone, too."""

    def __init__(self, clips: ClipService, names: MemberNames) -> None:
        super().__init__()
        self._clips = clips
        self._names = names

    @app_commands.command(description="Who made a clip, of which picture?", extras=ONE_CLIP)
    @app_commands.describe(clip="Type its number or the member's name, or paste a link to it")
    async def who(self, interaction: discord.Interaction, clip: str) -> None:
        """Show what is known of a clip, also of one that was removed."""
        clip_ref = parse_clip_ref(clip)
        if clip_ref is None:
            raise ClipError(ClipProblem.UNKNOWN)
        await _show(self._clips, interaction, clip_ref)

    @who.autocomplete("clip")
    @suggest_only_to("manage_messages")
    async def suggest(self, interaction: discord.Interaction, typed: str) -> Choices:
        """Suggest the clips that were shown last."""
        clips = await self._clips.recent(interaction.guild_id or 0)
        reached = within_reach(clips, clip_authority(interaction))
        return choices(reached, self._names, typed, interaction.created_at)


async def show_who_made(
    clips: ClipService, interaction: discord.Interaction, message: discord.Message
) -> None:
    """Show moderators who asked for the clip of a message, with what, and what it cost."""
    await defer(interaction, ephemeral=True, thinking=True)
    await _show(clips, interaction, clip_ref_at(message))


async def _show(clips: ClipService, interaction: discord.Interaction, clip_ref: ClipRef) -> None:
    authority = clip_authority(interaction)
    evidence = await clips.evidence(interaction.guild_id or 0, authority, clip_ref)
    job, picture = evidence.clip.job, evidence.picture
    facts = await member_facts(interaction.guild, job.reply_to.member_id, evidence.history)
    is_shown = picture is not None and len(picture) <= interaction.filesize_limit
    lines = [*_lines(evidence.clip), facts, *([] if is_shown else [_(_NO_PICTURE)])]
    files = []
    if picture is not None and is_shown:
        # A spoiler: it may be what should not be seen, and whoever asks chooses to look.
        files.append(discord.File(io.BytesIO(picture), picture_name(job), spoiler=True))
    await interaction.edit_original_response(content="\n".join(lines), attachments=files)


def _lines(clip: ClipDetails) -> Iterator[str]:
    job, reply_to = clip.job, clip.job.reply_to
    message = f"{reply_to.guild_id}/{reply_to.channel_id}/{reply_to.message_id}"
    yield _(
        "**Clip #{id}** · {state} · reference {reference}",
        id=job.id,
        state=state_text(clip),
        reference=job.reference,
    )
    yield _(
        "Asked for by <@{member_id}> {when}",
        member_id=reply_to.member_id,
        when=timestamp(job.created_at, "f"),
    )
    yield _(
        "From a picture that they attached or chose: https://discord.com/channels/{message}",
        message=message,
    )
    yield options_text(job)
    yield _cost(clip)
    if prompts := prompts_text(job):
        yield prompts.rstrip()
    if clip.decision is not None:
        decision = clip.decision
        decided_at = timestamp(decision.at, "f")
        yield _(
            "Reviewed by <@{actor_id}>: {verdicts} {decided_at}",
            actor_id=decision.actor_id,
            verdicts=_(_VERDICTS[decision.verdict]),
            decided_at=decided_at,
        )
    if job.cancelled_by is not None:
        why = _("by <@{moderator}>", moderator=job.cancelled_by)
        if job.cancelled_by in _CANCELLED:
            why = _(_CANCELLED[job.cancelled_by])
        yield _("Cancelled {why}", why=why)
    if clip.removed_at is not None:
        yield _(
            "Removed by <@{removed_by}> {when}",
            removed_by=clip.removed_by,
            when=timestamp(clip.removed_at, "f"),
        )


def _cost(clip: ClipDetails) -> str:
    price = money(clip.job.cost_micro_usd)
    if clip.given_back:
        return _("Cost {price}, which the member has back", price=price)
    return (
        _("Costs {price}", price=price) if clip.ended_at is None else _("Cost {price}", price=price)
    )
