"""`/clips remove` and the message menu "Remove clip": delete a clip that was shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import discord
from discord import app_commands

from bot.moderation.authority import check_reach
from bot.moderation.clip_details import ClipRef
from bot.moderation.clip_service import Removal
from bot.moderation.errors import ClipError, ClipProblem
from cogs.clips.clip_lines import choices, clip_ref_at, parse_clip_ref, within_reach
from cogs.interactions.acknowledging import defer, open_modal
from cogs.interactions.authority import clip_authority
from cogs.interactions.components import picked_values, typed_texts
from cogs.interactions.reason_option import LONGEST_REASON, ReasonOption, actor_from, parse_reason
from cogs.interactions.rights import ONE_CLIP, has_right, require_right, suggest_only_to
from cogs.interactions.routed_views import RoutedModal
from cogs.texts.languages import N_, _, money
from cogs.texts.punctuation import sentences

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.moderation.clip_service import ClipService, RemovedClip
    from cogs.clips.member_names import MemberNames
    from cogs.interactions.components import ComponentHandler
    from cogs.interactions.suggestions import Choices

CUSTOM_ID_PREFIX: Final = "remove"
"""Of the custom id of the modal."""
_REFUND: Final = "refund"
_REMEMBER: Final = "remember"
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
        remember="True: refuse its picture, and near copies, from now on",
        reason="Why; the member reads it too",
    )
    async def remove(
        self,
        interaction: discord.Interaction,
        clip: str,
        *,
        refund: bool = False,
        remember: bool = False,
        reason: ReasonOption = "",
    ) -> None:
        """Delete the messages of a clip, and tell its member."""
        clip_ref = parse_clip_ref(clip)
        if clip_ref is None:
            raise ClipError(ClipProblem.UNKNOWN)
        authority = clip_authority(interaction)
        _check_right_to(interaction, remember=remember)
        actor, choice = actor_from(interaction, reason), Removal(refund, remember)
        removed = await self._clips.remove(actor, authority, clip_ref, choice)
        await interaction.edit_original_response(content=_removed(removed))

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
    """Open the modal that asks about the refund, the picture and the reason."""
    # Not deferred: Discord takes a modal only as the first answer.
    clip = await clips.check_removable(interaction.guild_id or 0, clip_ref_at(message))
    asks_to_remember = has_right(interaction, "manage_messages")
    await open_modal(interaction, _modal(clip.job.id, asks_to_remember=asks_to_remember))


async def ask_moderator(
    clips: ClipService, interaction: discord.Interaction, job_id: int, custom_id: str = ""
) -> None:
    """Open the modal for a moderator who pressed a button; refuse all others.

    Args:
        clips: Has the clip.
        interaction: The press.
        job_id: The clip's.
        custom_id: Of the modal, where it is not answered by `remove_handler`.
    """
    authority = clip_authority(interaction)
    clip = await clips.check_removable(interaction.guild_id or 0, ClipRef(job_id))
    check_reach(authority, clip.job)
    asks_to_remember = has_right(interaction, "manage_messages")
    await open_modal(interaction, _modal(job_id, custom_id, asks_to_remember=asks_to_remember))


def remove_handler(clips: ClipService) -> ComponentHandler:
    """Build the handler of the modal."""

    async def remove(interaction: discord.Interaction, arguments: list[str]) -> None:
        (number,) = arguments
        remove_chosen = chosen_removal(clips, interaction, int(number))
        await defer(interaction, ephemeral=True, thinking=True)
        await interaction.edit_original_response(content=await remove_chosen())

    return remove


def chosen_removal(
    clips: ClipService, interaction: discord.Interaction, job_id: int
) -> Callable[[], Awaitable[str]]:
    """Check a modal that was sent in; return what removes the clip and says so.

    Raises:
        MissingRightError: They are no moderator here, or ask for what needs more.
        TextError: The reason has characters that nobody can read.
    """
    authority = clip_authority(interaction)
    reason = parse_reason(typed_texts(interaction).get(_REASON, ""))
    picked = picked_values(interaction)
    choice = Removal(picked.get(_REFUND) == [_YES], picked.get(_REMEMBER) == [_YES])
    _check_right_to(interaction, remember=choice.remember)
    actor = actor_from(interaction, reason)

    async def remove() -> str:
        return _removed(await clips.remove(actor, authority, ClipRef(job_id), choice))

    return remove


def _check_right_to(interaction: discord.Interaction, *, remember: bool) -> None:
    if remember:
        # The picture is refused in the whole server.
        require_right(interaction, "manage_messages")


def _modal(job_id: int, custom_id: str = "", *, asks_to_remember: bool) -> RoutedModal:
    reason: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id=_REASON, required=False, max_length=LONGEST_REASON
    )
    read_by = _("The member reads it too")
    fields = [
        _yes_or_no(
            _REFUND, _("Give the member's allowance back?"), _("Yes: the server has paid for it")
        ),
        _yes_or_no(
            _REMEMBER, _("Refuse this picture from now on?"), _("Yes: near copies of it too")
        ),
        discord.ui.Label(text=_("Reason"), description=read_by, component=reason),
    ]
    if not asks_to_remember:
        del fields[1]
    custom_id = custom_id or f"{CUSTOM_ID_PREFIX}:{job_id}"
    return RoutedModal(_("Remove clip #{job_id}", job_id=job_id), custom_id, fields)


def _yes_or_no(custom_id: str, question: str, yes: str) -> discord.ui.Label[Any]:
    options = [
        discord.SelectOption(label=_("No"), value="no", default=True),
        discord.SelectOption(label=yes, value=_YES),
    ]
    menu: discord.ui.Select[Any] = discord.ui.Select(custom_id=custom_id, options=options)
    return discord.ui.Label(text=question, component=menu)


_TOLD: Final = {
    True: N_("I have told them, in a direct message."),
    False: N_("Their direct messages are closed to me; `/usage` tells them for a day."),
}


def _removed(removed: RemovedClip) -> str:
    job, choice = removed.job, removed.choice
    parts = [
        _("I removed clip **#{id}** of <@{member}>.", id=job.id, member=job.reply_to.member_id)
    ]
    if choice.refund:
        price = money(job.cost_micro_usd)
        parts.append(_("They have back what it took of their allowance: {price}.", price=price))
    if choice.remember:
        parts.append(_("Its picture is refused from now on; `/clips pictures forget` undoes that."))
    if removed.is_told is not None:
        parts.append(_(_TOLD[removed.is_told]))
    return f"🗑️ {sentences(*parts, _('`/quota audit` keeps the record.'))}"
