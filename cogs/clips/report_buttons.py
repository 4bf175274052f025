"""The buttons under the report of a clip in the log channel, and the forms that they open."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

import discord

from bot.base import ModerationError, service
from bot.guilds.clip_reports import ReportRef
from bot.moderation.timedeltas import parse_timedelta
from cogs.clips.block import blocked_text
from cogs.clips.remove import ask_moderator, chosen_removal
from cogs.delivery.report_messages import (
    BLOCK,
    DISMISS,
    REMOVE,
    report_buttons,
    report_custom_id,
    report_text,
)
from cogs.interactions.acknowledging import LOST, defer, open_modal
from cogs.interactions.authority import block_authority, clip_authority
from cogs.interactions.components import OUTDATED_TEXT, reply_privately, typed_texts
from cogs.interactions.reason_option import LONGEST_REASON, actor_from, parse_reason
from cogs.interactions.rights import require_right
from cogs.interactions.routed_views import RoutedModal
from cogs.texts.languages import _, publicly

if TYPE_CHECKING:
    from bot.guilds.log_messages import LogMessage
    from bot.moderation.block_service import BlockService
    from bot.moderation.clip_service import ClipService
    from bot.moderation.reported_clips import ReportedClips

log = logging.getLogger(__name__)

_REMOVED, _BLOCKED = "removed", "blocked"
"""The actions of the forms."""
_LENGTH, _REASON = "length", "reason"
_IDS: Final = 2**63
"""No id is as large, and the database takes none that is."""


@service
class ReportButtons:
    """Acts for moderators, whose rights are looked at again at each press and each form.

    After each of them the report says what was done and by whom, as the audit log has it, and has
    the buttons for what is left.
    """

    reports: ReportedClips
    clips: ClipService
    blocks: BlockService

    async def handle(self, interaction: discord.Interaction, arguments: list[str]) -> None:
        """Answer a press or a form."""
        actions = {
            REMOVE: self._ask_to_remove,
            _REMOVED: self._remove,
            BLOCK: self._ask_to_block,
            _BLOCKED: self._block,
            DISMISS: self._dismiss,
        }
        match arguments:
            case [clip, reporter, action] if action in actions and _are_ids(clip, reporter):
                ref = ReportRef(interaction.guild_id or 0, int(clip), int(reporter))
                await actions[action](interaction, ref)
            case _:
                await reply_privately(interaction, _(OUTDATED_TEXT))

    async def _ask_to_remove(self, interaction: discord.Interaction, ref: ReportRef) -> None:
        report = await self.reports.check(ref, clip_authority(interaction))
        custom_id = report_custom_id(report.message, _REMOVED)
        try:
            await ask_moderator(self.clips, interaction, report.job_id, custom_id)
        except ModerationError:
            # Somebody else was faster, or the member deleted it.
            await defer(interaction)
            await self._show(interaction, ref)
            raise

    async def _remove(self, interaction: discord.Interaction, ref: ReportRef) -> None:
        report = await self.reports.check(ref, clip_authority(interaction))
        remove = chosen_removal(self.clips, interaction, report.job_id)
        await defer(interaction)
        try:
            await reply_privately(interaction, await remove())
        finally:
            await self._show(interaction, ref)

    async def _ask_to_block(self, interaction: discord.Interaction, ref: ReportRef) -> None:
        # A block keeps the member out of the whole server.
        require_right(interaction, "manage_messages")
        report = await self.reports.check(ref, clip_authority(interaction))
        await open_modal(interaction, _block_modal(report.message))

    async def _block(self, interaction: discord.Interaction, ref: ReportRef) -> None:
        require_right(interaction, "manage_messages")
        report = await self.reports.check(ref, clip_authority(interaction))
        typed = typed_texts(interaction)
        length = typed.get(_LENGTH, "").strip()
        interval = parse_timedelta(length) if length else None
        actor = actor_from(interaction, parse_reason(typed.get(_REASON, "")))
        await defer(interaction)
        ranks = await block_authority(interaction, report.member_id, ())
        done = await self.blocks.block(
            actor, ranks, report.member_id, interval, cancel_running=True
        )
        await self._show(interaction, ref)
        await reply_privately(interaction, blocked_text(done))

    async def _dismiss(self, interaction: discord.Interaction, ref: ReportRef) -> None:
        authority = clip_authority(interaction)
        await defer(interaction)
        try:
            await self.reports.dismiss(interaction.user.id, authority, ref)
        finally:
            await self._show(interaction, ref)

    async def _show(self, interaction: discord.Interaction, ref: ReportRef) -> None:
        """Bring the report up to date; what was done holds also where Discord does not take it."""
        state = await self.reports.state(ref)
        report = state.report
        try:
            with publicly():
                text, view = report_text(state), report_buttons(state)
            await interaction.edit_original_response(
                content=text,
                view=view,
                allowed_mentions=discord.AllowedMentions.none(),
            )
        except LOST as error:
            log.info("the report of job %d stays as it was: %r", report.job_id, error)


def _block_modal(report: LogMessage) -> RoutedModal:
    length: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id=_LENGTH, required=False, max_length=40, placeholder="10m, 2h, 3d, 1w"
    )
    reason: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id=_REASON, required=False, max_length=LONGEST_REASON
    )
    end = _("Empty: until somebody lifts it. Clips in the making are cancelled")
    read_by = _("The member reads it too")
    fields = [
        discord.ui.Label(text=_("For how long?"), description=end, component=length),
        discord.ui.Label(text=_("Reason"), description=read_by, component=reason),
    ]
    custom_id = report_custom_id(report, _BLOCKED)
    return RoutedModal(_("Block the member of this clip"), custom_id, fields)


def _are_ids(*texts: str) -> bool:
    return all(it.isdecimal() and int(it) < _IDS for it in texts)
