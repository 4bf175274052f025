"""The moderators' channel in which clips are looked at before anybody else sees them.

Once a clip is decided, its video is taken off the question: an approved one is seen where it
was asked for and can be removed there, of a refused one nobody needs a copy.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

import discord

from bot.base.errors import DeliveryError
from bot.jobs.job import Failure, JobState
from bot.jobs.reviews import Decision, ReviewMessage, Verdict
from cogs.delivery.discord_errors import MessageDeletedError, convert_discord_errors
from cogs.delivery.job_messages import request_text
from cogs.interactions.routed_views import RoutedView
from cogs.texts.amounts import timestamp

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from bot.jobs.job import Job
    from bot.jobs.reviews import Review

log = logging.getLogger(__name__)

CUSTOM_ID_PREFIX: Final = "review"
"""What the custom ids of these buttons start with."""
APPROVE, REFUSE, BLOCK = "approve", "refuse", "block"

_LABELS: Final = (
    (APPROVE, "Approve", discord.ButtonStyle.success),
    (REFUSE, "Refuse and refund", discord.ButtonStyle.secondary),
    (BLOCK, "Refuse and block", discord.ButtonStyle.danger),
)
_SAID: Final = {Verdict.APPROVED: "✅ Approved by", Verdict.REJECTED: "⛔ Refused by"}


class DiscordReviewBoard:
    """Implements `bot.jobs.delivery.ReviewBoard`."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def show_question(
        self, job: Job, clip: Path, channel_id: int, until: datetime, earlier: ReviewMessage | None
    ) -> ReviewMessage:
        """Post the question with its buttons, unless it stands in this channel already."""
        text = question_text(job, until)
        if earlier is not None and earlier.channel_id == channel_id:
            if await self._stands(earlier, text):
                return earlier
            log.info("job %d: its question is gone, and is asked anew", job.id)
        place = await self._post(job, text, clip, channel_id, earlier)
        if earlier is not None and earlier.channel_id != channel_id:
            await self._move(job, earlier, place)
        return place

    async def show_outcome(self, job: Job, review: Review) -> None:
        """Edit the outcome into the question."""
        text = f"{outcome_text(job, review.decision)}\n{request_text(job)}"
        with convert_discord_errors():
            await self._message(review.message).edit(content=text, view=None, attachments=[])

    async def _stands(self, place: ReviewMessage, text: str) -> bool:
        """Tell whether a question is there. Its buttons, which may be pressed now, are left."""
        try:
            with convert_discord_errors():
                await self._message(place).edit(content=text)
        except MessageDeletedError:
            return False
        return True

    async def _post(
        self, job: Job, text: str, clip: Path, channel_id: int, earlier: ReviewMessage | None
    ) -> ReviewMessage:
        channel = self._client.get_partial_messageable(channel_id)
        with convert_discord_errors():
            message = await channel.send(
                text,
                file=discord.File(clip, f"animate-{job.id}.mp4"),
                view=_buttons(job),
                nonce=_nonce(job, earlier),
            )
        return ReviewMessage(channel_id, message.id)

    async def _move(self, job: Job, earlier: ReviewMessage, place: ReviewMessage) -> None:
        text = f"➡️ This clip is decided on in <#{place.channel_id}>.\n{request_text(job)}"
        try:
            with convert_discord_errors():
                await self._message(earlier).edit(content=text, view=None, attachments=[])
        except DeliveryError as error:
            log.info("job %d: its earlier question stays: %r", job.id, error)

    def _message(self, place: ReviewMessage) -> discord.PartialMessage:
        channel = self._client.get_partial_messageable(place.channel_id)
        return channel.get_partial_message(place.message_id)


def question_text(job: Job, until: datetime) -> str:
    """Return the text beside a clip that is to be decided on."""
    reply_to = job.reply_to
    return (
        f"🔎 **May this clip be shown?** <@{reply_to.member_id}> asked for it in "
        f"<#{reply_to.channel_id}> {timestamp(job.created_at)}.\n{request_text(job)}\n"
        f"-# Without a decision it is refused {timestamp(until)}. Who is refused is not charged."
    )


def outcome_text(job: Job, decision: Decision | None) -> str:
    """Return what became of a clip, to moderators."""
    reply_to = job.reply_to
    if decision is not None:
        said = f"{_SAID[decision.verdict]} <@{decision.actor_id}> {timestamp(decision.at)}"
    elif job.failure is Failure.NOT_REVIEWED:
        said = "⌛ Nobody decided in time, so it was refused"
    else:
        said = "🚫 Ended before anybody decided"
    whose = f"the clip of <@{reply_to.member_id}> for <#{reply_to.channel_id}>"
    if job.state is JobState.RENDERED:
        return f"{said}: {whose}."
    return f"{said}: {whose}. It was not shown, and they were not charged."


def _buttons(job: Job) -> RoutedView:
    prefix = f"{CUSTOM_ID_PREFIX}:{job.reply_to.interaction_id}"
    return RoutedView(
        discord.ui.Button(style=style, label=label, custom_id=f"{prefix}:{action}")
        for action, label, style in _LABELS
    )


def _nonce(job: Job, earlier: ReviewMessage | None) -> str:
    """Return what makes a question one; one that was deleted gets another."""
    what = "rev" if earlier is None else f"{earlier.message_id % 10_000:04}"
    return f"{job.reply_to.interaction_id}-{what}"
