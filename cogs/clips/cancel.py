"""`/clips cancel`: stops one clip that has not ended, or asks about several and stops those."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands

from bot.base.clock import from_ms, to_ms
from bot.jobs.job import JobState
from bot.moderation.clip_selection import ClipSelection
from bot.moderation.errors import ClipError, ClipProblem
from bot.moderation.timedeltas import parse_timedelta
from cogs.clips.cancel_texts import done_text, question_text
from cogs.clips.clip_lines import choices, parse_clip_ref, within_reach
from cogs.interactions.acknowledging import defer
from cogs.interactions.authority import clip_authority
from cogs.interactions.components import reply_privately
from cogs.interactions.reason_option import ReasonOption, actor_from, reason_in
from cogs.interactions.rights import ONE_CLIP, suggest_only_to
from cogs.interactions.routed_views import RoutedView
from cogs.interactions.target_options import MemberOption
from cogs.texts.languages import N_, _, money

if TYPE_CHECKING:
    from bot.jobs.job import Job
    from bot.moderation.clip_service import ClipService
    from cogs.clips.member_names import MemberNames
    from cogs.interactions.components import ComponentHandler
    from cogs.interactions.suggestions import Choices

CUSTOM_ID_PREFIX: Final = "cancel"
"""Of the custom id of the button under a question."""
_ONE_OR_SEVERAL: Final = N_(
    "Please name either one clip with `job`, or several: those of a member with "
    "`who`, those of the last minutes with `since`, or `all`. Nothing was changed."
)
_NOT_YOURS: Final = N_("Only who asked for this may confirm it. Nothing was changed.")


class CancelCommand(app_commands.Group):
    """`/clips cancel`."""

    def __init__(self, clips: ClipService, names: MemberNames) -> None:
        super().__init__()
        self._clips = clips
        self._names = names

    @app_commands.command(description="Stop clips; their members pay nothing", extras=ONE_CLIP)
    @app_commands.describe(
        job="One clip: type its number, the member's name or words of the prompt",
        who="Several: all of this member",
        since="Several: those asked for lately, like 10m for the last ten minutes",
        every="Several: all that wait or are being made",
        reason="Why; the members read it too",
    )
    @app_commands.rename(every="all")
    async def cancel(
        self,
        interaction: discord.Interaction,
        job: str | None = None,
        who: MemberOption | None = None,
        since: app_commands.Range[str, 1, 40] | None = None,
        *,
        every: bool = False,
        reason: ReasonOption = "",
    ) -> None:
        """Have the worker stop one clip at once, or several after a question."""
        is_several = every or who is not None or since is not None
        if is_several is (job is not None):
            await interaction.edit_original_response(content=_(_ONE_OR_SEVERAL))
        elif job is None:
            asked_since = None
            if since is not None:
                asked_since = interaction.created_at - parse_timedelta(since)
            selection = ClipSelection(who.target.id if who else None, asked_since=asked_since)
            await self._ask(interaction, selection, reason)
        else:
            await self._cancel_one(interaction, job, reason)

    async def _cancel_one(self, interaction: discord.Interaction, job: str, reason: str) -> None:
        clip_ref = parse_clip_ref(job)
        if clip_ref is None or clip_ref.number is None:
            raise ClipError(ClipProblem.UNKNOWN)
        authority = clip_authority(interaction)
        actor = actor_from(interaction, reason)
        before = await self._clips.cancel(actor, authority, clip_ref.number)
        await interaction.edit_original_response(content=_cancelled(before))

    async def _ask(
        self, interaction: discord.Interaction, selection: ClipSelection, reason: str
    ) -> None:
        actor, authority = actor_from(interaction, reason), clip_authority(interaction)
        selected = await self._clips.preview_cancel(actor, authority, selection)
        await interaction.edit_original_response(
            content=question_text(selection, selected, reason),
            view=_confirm_button(actor.actor_id, selection),
        )

    @cancel.autocomplete("job")
    @suggest_only_to("manage_messages")
    async def suggest(self, interaction: discord.Interaction, typed: str) -> Choices:
        """Suggest the clips in the making that nobody has cancelled yet."""
        clips = await self._clips.in_progress(interaction.guild_id or 0)
        reached = within_reach(clips, clip_authority(interaction))
        going_on = [clip for clip in reached if clip.job.cancelled_by is None]
        return choices(going_on, self._names, typed, interaction.created_at)


def cancel_handler(clips: ClipService) -> ComponentHandler:
    """Build the handler of the button: it cancels what fits the question at the press."""

    async def cancel(interaction: discord.Interaction, arguments: list[str]) -> None:
        authority = clip_authority(interaction)
        actor_id, member_id, asked_since = (int(it) for it in arguments)
        if interaction.user.id != actor_id or interaction.message is None:
            await reply_privately(interaction, _(_NOT_YOURS))
            return
        await defer(interaction)
        # In the question, since an id is too short for it.
        actor = actor_from(interaction, reason_in(interaction.message.content))
        since = from_ms(asked_since) if asked_since else None
        selection = ClipSelection(member_id or None, asked_since=since)
        done = await clips.cancel_several(actor, authority, selection)
        await interaction.edit_original_response(content=done_text(done), view=None)

    return cancel


def _confirm_button(actor_id: int, selection: ClipSelection) -> RoutedView:
    since = 0 if selection.asked_since is None else to_ms(selection.asked_since)
    custom_id = f"{CUSTOM_ID_PREFIX}:{actor_id}:{selection.member_id or 0}:{since}"
    danger = discord.ButtonStyle.danger
    return RoutedView(
        [discord.ui.Button(label=_("Cancel them"), style=danger, custom_id=custom_id)]
    )


def _cancelled(before: Job) -> str:
    """Word the answer by the state in which the clip was before."""
    clip = _("clip **#{id}** of <@{member_id}>", id=before.id, member_id=before.reply_to.member_id)
    price = money(before.cost_micro_usd)
    if before.is_unordered:
        return "✅ " + _("I cancelled {clip}. Nothing was charged.", clip=clip)
    if before.state is JobState.RENDERED:
        paid = _("Pika has made it already, so the server pays {price}", price=price)
    elif before.can_be_cancelled:
        paid = _("If Pika cannot stop it any more, the server pays {price}", price=price)
    else:
        paid = _("Pika cannot stop what it has, so the server pays {price}", price=price)
    return "✅ " + _(
        "I am cancelling {clip}. {paid}; the member pays nothing.", clip=clip, paid=paid
    )
