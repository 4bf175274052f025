"""The button *More*: the details of a clip, for its presser alone, and what else can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.base import ZERO_COST
from cogs.delivery.clip_buttons import custom_id
from cogs.delivery.job_messages import options_text
from cogs.interactions.components import reply_privately
from cogs.interactions.routed_views import RoutedView
from cogs.texts.amounts import cost_text, timestamp
from cogs.texts.languages import _, money, pgettext
from cogs.texts.providers import PROVIDER_TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.jobs.job import Job
    from bot.quota.receipts import Receipt
    from bot.requests.member_clips import ClipPress, MemberClipService

DELETE, REPORT = "delete", "report"
"""The actions of the buttons under the details."""


async def show(
    clips: MemberClipService, interaction: discord.Interaction, press: ClipPress
) -> None:
    """Show what is known of a clip, and the rest of its buttons."""
    job, receipt = await clips.receipt(press)
    is_own = job.reply_to.member_id == press.member_id
    may_delete = is_own or interaction.permissions.manage_messages
    await reply_privately(
        interaction,
        details_text(job, receipt, is_own=is_own),
        _buttons(job, may_delete=may_delete, may_report=not is_own),
    )


def details_text(job: Job, receipt: Receipt, *, is_own: bool) -> str:
    """Word the details; what it took of somebody's allowance is theirs alone to read."""
    return "\n".join(_lines(job, receipt, is_own=is_own))


def _lines(job: Job, receipt: Receipt, *, is_own: bool) -> Iterator[str]:
    yield f"**{_('Clip #{number}', number=job.id)}** · {options_text(job)}"
    provider = PROVIDER_TEXTS[job.provider].name
    yield _("Made with {model}, by {provider}.", model=job.model, provider=provider)
    yield _("Asked for {when}.", when=timestamp(job.created_at, "f"))
    if job.submitted_at and receipt.rendered_at:
        seconds = round((receipt.rendered_at - job.submitted_at).total_seconds())
        when = timestamp(job.submitted_at, "f")
        yield _("Ordered {when}, made in {seconds} s.", when=when, seconds=seconds)
    if receipt.shown_at:
        yield _("Shown {when}.", when=timestamp(receipt.shown_at, "f"))
    if not is_own:
        yield _("Cost {price}.", price=money(receipt.paid_micro_usd))
        return
    reserved, paid = money(receipt.reserved_micro_usd), money(receipt.paid_micro_usd)
    yield _("Set aside {reserved}, paid {paid}.", reserved=reserved, paid=paid)
    yield _("Counts against your limits: {amount}.", amount=cost_text(receipt.counted))
    if receipt.from_grants != ZERO_COST:
        granted = cost_text(receipt.from_grants)
        yield _("Taken from what you were granted: {amount}.", amount=granted)
    yield f"-# {_('(reference {reference})', reference=job.reference)}"


def _buttons(job: Job, *, may_delete: bool, may_report: bool) -> RoutedView:
    labels = {DELETE: pgettext("button", "Delete")} if may_delete else {}
    if may_report:
        labels[REPORT] = pgettext("button", "Report")
    return RoutedView(
        discord.ui.Button(label=label, custom_id=custom_id(job, action))
        for action, label in labels.items()
    )
