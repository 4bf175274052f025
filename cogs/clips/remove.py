"""`/clips remove` and the message menu "Remove clip": delete a clip that was shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import discord
from discord import app_commands

from bot.moderation.clip_details import ClipRef
from bot.moderation.errors import ClipError, ClipProblem
from cogs.clips.clip_lines import choices, clip_ref_at, parse_clip_ref, within_reach
from cogs.interactions.authority import clip_authority
from cogs.interactions.components import picked_values, typed_texts
from cogs.interactions.reason_option import LONGEST_REASON, ReasonOption, actor_from, parse_reason
from cogs.interactions.rights import ONE_CLIP, suggest_only_to
from cogs.interactions.routed_views import RoutedModal
from pika import usd

if TYPE_CHECKING:
    from bot.moderation.clip_details import ClipDetails
    from bot.moderation.clip_service import ClipService
    from cogs.clips.member_names import MemberNames
    from cogs.interactions.components import ComponentHandler
    from cogs.interactions.suggestions import Choices

CUSTOM_ID_PREFIX: Final = "remove"
"""Of the custom id of the modal."""
_REFUND: Final = "refund"
_REASON: Final = "reason"
_YES: Final = "yes"


class RemoveCommand(app_commands.Group):
    """`/clips remove`."""

    def __init__(self, clips: ClipService, names: MemberNames) -> None:
        super().__init__()
        self._clips = clips
        self._names = names

    @app_commands.command(description="Delete a clip that was shown", extras=ONE_CLIP)
    @app_commands.describe(
        clip="Its number, the member's name, words of the prompt, or a link to it",
        refund="True: give the member's allowance back; the server has paid",
        reason="Why; kept in the audit log",
    )
    async def remove(
        self,
        interaction: discord.Interaction,
        clip: str,
        *,
        refund: bool = False,
        reason: ReasonOption = "",
    ) -> None:
        """Delete the message that shows a clip."""
        clip_ref = parse_clip_ref(clip)
        if clip_ref is None:
            raise ClipError(ClipProblem.UNKNOWN)
        authority = clip_authority(interaction)
        actor = actor_from(interaction, reason)
        removed = await self._clips.remove(actor, authority, clip_ref, refund=refund)
        await interaction.edit_original_response(content=_removed(removed, refund=refund))

    @remove.autocomplete("clip")
    @suggest_only_to("manage_messages")
    async def suggest(self, interaction: discord.Interaction, typed: str) -> Choices:
        """Suggest the clips that were shown last."""
        clips = await self._clips.recent(interaction.guild_id or 0)
        reached = within_reach(clips, clip_authority(interaction))
        return choices(reached, self._names, typed, interaction.created_at)


async def ask_about_removal(
    clips: ClipService, interaction: discord.Interaction, message: discord.Message
) -> None:
    """Open the modal that asks about the refund and the reason."""
    # Not deferred: Discord takes a modal only as the first answer.
    clip = await clips.check_removable(interaction.guild_id or 0, clip_ref_at(message))
    await interaction.response.send_modal(_modal(clip.job.id))


def remove_handler(clips: ClipService) -> ComponentHandler:
    """Build the handler of the modal."""

    async def remove(interaction: discord.Interaction, arguments: list[str]) -> None:
        authority = clip_authority(interaction)
        (number,) = arguments
        reason = parse_reason(typed_texts(interaction).get(_REASON, ""))
        refund = picked_values(interaction).get(_REFUND) == [_YES]
        await interaction.response.defer(ephemeral=True, thinking=True)
        actor = actor_from(interaction, reason)
        removed = await clips.remove(actor, authority, ClipRef(int(number)), refund=refund)
        await interaction.edit_original_response(content=_removed(removed, refund=refund))

    return remove


def _modal(job_id: int) -> RoutedModal:
    no = discord.SelectOption(label="No", value="no", default=True)
    yes = discord.SelectOption(label="Yes: the server has paid for it", value=_YES)
    refund: discord.ui.Select[Any] = discord.ui.Select(custom_id=_REFUND, options=[no, yes])
    reason: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id=_REASON, required=False, max_length=LONGEST_REASON
    )
    fields = (
        discord.ui.Label(text="Give the member's allowance back?", component=refund),
        discord.ui.Label(text="Reason", description="Kept in the audit log", component=reason),
    )
    return RoutedModal(f"Remove clip #{job_id}", f"{CUSTOM_ID_PREFIX}:{job_id}", fields)


def _removed(clip: ClipDetails, *, refund: bool) -> str:
    job = clip.job
    back = f" They have back what it took of their allowance: {usd(job.cost_micro_usd)}."
    return (
        f"🗑️ I removed clip **#{job.id}** of <@{job.reply_to.member_id}>."
        f"{back if refund else ''} `/quota audit` keeps the record."
    )
