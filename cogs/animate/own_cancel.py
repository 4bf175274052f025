"""The button *Cancel*: its question, which says what a cancel stops and costs, and its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import discord

from bot.requests.cancel_outlook import CancelOutlook
from cogs.delivery.clip_buttons import custom_id
from cogs.interactions.acknowledging import defer
from cogs.interactions.routed_views import RoutedView
from cogs.texts.error_texts import REFUNDED
from cogs.texts.languages import N_, _, money
from cogs.texts.punctuation import sentences

if TYPE_CHECKING:
    from bot.jobs.job import Job
    from bot.requests.member_clips import ClipPress, MemberClipService

CONFIRM, CONFIRM_FREE = "stop", "stop-free"
"""The actions of the button under the question; the second one told that nothing is charged."""

_OUTLOOKS: Final = {
    CancelOutlook.FREE: N_("It waits in line here, so that stops it, and nothing is charged."),
    CancelOutlook.BEING_ORDERED: N_(
        "It is on its way to Pika at this moment. If Pika takes it and cannot stop it, it counts: "
        "{price}."
    ),
    CancelOutlook.WAITS_AT_PIKA: N_(
        "It waits at Pika, which can still stop it: then nothing is charged. If Pika begins before "
        "that, it counts: {price}."
    ),
    CancelOutlook.HAS_BEGUN: N_(
        "Pika has begun with it. I ask Pika to stop; if that comes too late, it counts: {price}."
    ),
    CancelOutlook.UNSTOPPABLE: N_(
        "Pika has it and cannot stop it: it is made all the same, counts {price}, and is not shown."
    ),
    CancelOutlook.MADE: N_("It is made already: it counts {price}, and is not shown."),
}


async def ask(clips: MemberClipService, interaction: discord.Interaction, press: ClipPress) -> None:
    """Ask the member of a clip alone whether to cancel it."""
    job = await clips.cancellable(press)
    await defer(interaction, ephemeral=True, thinking=True)
    outlook = await clips.outlook(job)
    await interaction.edit_original_response(
        content=question_text(job, outlook), view=_confirm_button(job, outlook)
    )


async def confirm(
    clips: MemberClipService,
    interaction: discord.Interaction,
    press: ClipPress,
    *,
    only_if_free: bool,
) -> None:
    """Cancel a clip, or ask again where it has gone to Pika since the question."""
    await defer(interaction)
    before = await clips.cancel(press, only_if_free=only_if_free)
    if before is not None:
        await interaction.edit_original_response(content=cancelled_text(before), view=None)
        return
    job = await clips.cancellable(press)
    outlook = await clips.outlook(job)
    changed = _("It has gone to Pika since I asked, so I ask again.")
    await interaction.edit_original_response(
        content=f"{changed}\n{question_text(job, outlook)}", view=_confirm_button(job, outlook)
    )


def question_text(job: Job, outlook: CancelOutlook) -> str:
    """Ask whether a clip is to be cancelled, and say what that stops and costs."""
    price = money(job.cost_micro_usd)
    return sentences(_("Cancel your clip?"), _(_OUTLOOKS[outlook], price=price))


def cancelled_text(before: Job) -> str:
    """Say that a clip is cancelled, by the state in which it was before."""
    if before.is_unordered:
        return f"✅ {sentences(_('I cancelled your clip.'), _(REFUNDED))}"
    return f"✅ {_('I am cancelling your clip, and tell you how that ended.')}"


def _confirm_button(job: Job, outlook: CancelOutlook) -> RoutedView:
    action = CONFIRM_FREE if outlook is CancelOutlook.FREE else CONFIRM
    button: discord.ui.Button[Any] = discord.ui.Button(
        style=discord.ButtonStyle.danger,
        label=_("Cancel it"),
        custom_id=custom_id(job, action),
    )
    return RoutedView([button])
