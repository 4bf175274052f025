"""The button *Delete*: its question to whoever asked for the clip, and its answer.

Moderators are asked as by the menu **Remove clip**, about a refund and the reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import discord

from cogs.delivery.clip_buttons import custom_id
from cogs.interactions.acknowledging import defer
from cogs.interactions.routed_views import RoutedView
from cogs.texts.languages import _, money

if TYPE_CHECKING:
    from bot.jobs.job import Job
    from bot.requests.member_clips import ClipPress, MemberClipService

CONFIRM: Final = "erase"
"""The action of the button under the question."""


async def ask(clips: MemberClipService, interaction: discord.Interaction, press: ClipPress) -> bool:
    """Ask the member of a clip whether to delete it; return whether it is theirs."""
    job = await clips.own_shown(press)
    if job is None:
        return False
    await interaction.response.edit_message(content=question_text(job), view=_confirm_button(job))
    return True


async def confirm(
    clips: MemberClipService, interaction: discord.Interaction, press: ClipPress
) -> None:
    """Delete a clip."""
    await defer(interaction)
    await clips.delete(press)
    deleted = _("I deleted your clip. It still counts.")
    await interaction.edit_original_response(content=f"🗑️ {deleted}", view=None)


def question_text(job: Job) -> str:
    """Ask whether a clip is to be deleted, and say that this gives nothing back."""
    return _(
        "Delete your clip? Nobody can bring it back, and its cost is not refunded: {price} still "
        "counts.",
        price=money(job.cost_micro_usd),
    )


def _confirm_button(job: Job) -> RoutedView:
    button: discord.ui.Button[Any] = discord.ui.Button(
        style=discord.ButtonStyle.danger,
        label=_("Delete it"),
        custom_id=custom_id(job, CONFIRM),
    )
    return RoutedView([button])
