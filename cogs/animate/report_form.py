"""The button *Report*: its form, and what the reporter reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import discord

from cogs.delivery.clip_buttons import custom_id
from cogs.interactions.acknowledging import open_modal
from cogs.interactions.components import reply_privately, typed_texts
from cogs.interactions.reason_option import LONGEST_REASON, parse_reason
from cogs.interactions.routed_views import RoutedModal
from cogs.texts.languages import _

if TYPE_CHECKING:
    from bot.jobs.job import Job
    from bot.requests.member_clips import ClipPress, MemberClipService

SENT: Final = "reported"
"""The action of the modal."""
_REASON: Final = "reason"


async def ask(clips: MemberClipService, interaction: discord.Interaction, press: ClipPress) -> None:
    """Open the form, unless the clip cannot be reported."""
    job = await clips.reportable(press)
    await open_modal(interaction, report_modal(job))


async def send(
    clips: MemberClipService, interaction: discord.Interaction, press: ClipPress
) -> None:
    """Report a clip to the moderators, and say so to the reporter alone."""
    reason = parse_reason(typed_texts(interaction).get(_REASON, ""))
    await clips.report(press, reason)
    told = _("Thank you: the moderators have your report. Nobody else sees it.")
    await reply_privately(interaction, f"🚩 {told}")


def report_modal(job: Job) -> RoutedModal:
    """Build the form, in the task's language."""
    reason: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id=_REASON, style=discord.TextStyle.paragraph, max_length=LONGEST_REASON
    )
    field: discord.ui.Label[Any] = discord.ui.Label(
        text=_("What is wrong with it?"), component=reason
    )
    return RoutedModal(_("Report this clip"), custom_id(job, SENT), [field])
