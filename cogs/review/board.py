"""The questions in a review channel: a clip with buttons, and what became of it.

Once a clip is decided, its video is taken off the question: an approved one is seen where it
was asked for and can be removed there, of a refused one nobody needs a copy.
"""

from __future__ import annotations

import io
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import discord

from bot.base.errors import ChannelUnreachableError, DeliveryError, MessageDeletedError
from bot.jobs.job import Failure, JobState
from bot.jobs.reviews import Decision, ReviewMessage, Verdict
from cogs.delivery.discord_errors import ThreadArchivedError, convert_discord_errors
from cogs.delivery.job_messages import request_text
from cogs.delivery.mentions import only_role, with_mention
from cogs.delivery.message_reader import picture_name
from cogs.delivery.message_sender import with_words_or_without
from cogs.interactions.member_facts import member_facts
from cogs.interactions.routed_views import RoutedView
from cogs.texts.amounts import timestamp
from cogs.texts.languages import N_, _, use_language
from cogs.texts.punctuation import sentences

if TYPE_CHECKING:
    from datetime import datetime

    from bot.jobs.delivery import ReviewQuestion
    from bot.jobs.job import Job
    from bot.jobs.reviews import Review, ReviewChannel

log = logging.getLogger(__name__)

CUSTOM_ID_PREFIX: Final = "review"
"""Of the custom ids of these buttons."""
APPROVE, REFUSE, REFUSE_ALL, BLOCK = "approve", "refuse", "all", "block"

_LABELS: Final = {
    APPROVE: N_("Approve"),
    REFUSE: N_("Refuse and refund"),
    REFUSE_ALL: N_("Refuse and cancel all of theirs"),
    BLOCK: N_("Refuse and block"),
}
_STYLES: Final = {APPROVE: discord.ButtonStyle.success, BLOCK: discord.ButtonStyle.danger}
_DECIDED: Final = {
    Verdict.APPROVED: N_(
        "✅ Approved by <@{actor}> {when}: the clip of <@{member}> for <#{channel}>."
    ),
    Verdict.REJECTED: N_(
        "⛔ Refused by <@{actor}> {when}: the clip of <@{member}> for <#{channel}>."
    ),
}
_NOT_REVIEWED: Final = N_(
    "⌛ Nobody decided in time, so it was refused: the clip of <@{member}> for <#{channel}>."
)
_ENDED: Final = N_("🚫 Ended before anybody decided: the clip of <@{member}> for <#{channel}>.")


class DiscordReviewBoard:
    """Implements `bot.jobs.delivery.ReviewBoard`, in the language that each job has stored."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def show_picture(
        self, job: Job, picture: bytes, channel_id: int | None
    ) -> tuple[str, ReviewMessage]:
        """Post the picture; Discord returns the first message where that is repeated soon."""
        if channel_id is None:
            raise ChannelUnreachableError("no review channel")
        nonce = f"{job.reply_to.interaction_id}-pic"
        channel = self._client.get_partial_messageable(channel_id)

        async def send(worded: Job) -> discord.Message:
            file = discord.File(io.BytesIO(picture), picture_name(job))
            with use_language(job.language):
                text = picture_text(worded)
            with convert_discord_errors():
                return await channel.send(text, file=file, nonce=nonce)

        message = await with_words_or_without(job, send)
        return message.attachments[0].url, ReviewMessage(channel_id, message.id)

    async def remove_picture(self, message: ReviewMessage) -> None:
        """Delete the message as the bot, which may always delete its own."""
        try:
            with convert_discord_errors():
                await self._message(message).delete()
        except MessageDeletedError:
            return

    async def show_question(
        self, question: ReviewQuestion, channel: ReviewChannel, earlier: ReviewMessage | None
    ) -> ReviewMessage:
        """Post the question with its buttons, unless this channel has it already."""
        job = question.job

        async def show(worded: Job) -> ReviewMessage:
            with use_language(job.language):
                return await self._show_question(replace(question, job=worded), channel, earlier)

        return await with_words_or_without(job, show)

    async def _show_question(
        self, question: ReviewQuestion, channel: ReviewChannel, earlier: ReviewMessage | None
    ) -> ReviewMessage:
        job = question.job
        guild = self._client.get_guild(job.reply_to.guild_id)
        facts = await member_facts(guild, job.reply_to.member_id, question.history)
        text = question_text(job, question.until, facts)
        if earlier is not None and earlier.channel_id == channel.channel_id:
            if await self._is_there(earlier, text):
                return earlier
            log.info("job %d: its question is gone, and is asked anew", job.id)
        message = await self._post(question, text, channel, earlier)
        if earlier is not None and earlier.channel_id != channel.channel_id:
            await self._move(job, earlier, message)
        return message

    async def show_outcome(self, job: Job, review: Review) -> None:
        """Edit the outcome into the question."""

        async def edit(worded: Job) -> None:
            with use_language(job.language):
                text = f"{outcome_text(job, review.decision)}\n{request_text(worded)}"
            with convert_discord_errors():
                await self._message(review.message).edit(content=text, view=None, attachments=[])

        await with_words_or_without(job, edit)

    async def _is_there(self, message: ReviewMessage, text: str) -> bool:
        """Check for a question by an edit of its text alone: its buttons may be in use now."""
        try:
            with convert_discord_errors():
                await self._message(message).edit(content=text)
        except MessageDeletedError:
            return False
        except ThreadArchivedError as error:
            # It is there, to be found and decided on; only its text stays as it was.
            log.info("a question in an archived thread is left as it is: %r", error)
        return True

    async def _post(
        self,
        question: ReviewQuestion,
        text: str,
        channel: ReviewChannel,
        earlier: ReviewMessage | None,
    ) -> ReviewMessage:
        job, picture = question.job, question.picture
        files = [discord.File(question.clip, f"animate-{job.id}.mp4")]
        if picture is not None:
            files.append(discord.File(io.BytesIO(picture), picture_name(job)))
        where = self._client.get_partial_messageable(channel.channel_id)
        with convert_discord_errors():
            message = await where.send(
                with_mention(text, channel.role_id),
                allowed_mentions=only_role(channel.role_id),
                files=files,
                view=_buttons(job),
                nonce=_nonce(job, earlier),
            )
        return ReviewMessage(channel.channel_id, message.id)

    async def _move(self, job: Job, earlier: ReviewMessage, message: ReviewMessage) -> None:
        moved = _("This clip is decided on in <#{channel}>.", channel=message.channel_id)
        text = f"➡️ {moved}\n{request_text(job)}"
        try:
            with convert_discord_errors():
                await self._message(earlier).edit(content=text, view=None, attachments=[])
        except DeliveryError as error:
            log.info("job %d: its earlier question stays: %r", job.id, error)

    def _message(self, message: ReviewMessage) -> discord.PartialMessage:
        channel = self._client.get_partial_messageable(message.channel_id)
        return channel.get_partial_message(message.message_id)


def picture_text(job: Job) -> str:
    """Tell moderators what a picture is that they see before its clip is made."""
    told = _(
        "Pika fetches this picture from here. <@{member}> asked for a clip of it in <#{channel}>; "
        "I ask you about that once it is made, and then take this away.",
        member=job.reply_to.member_id,
        channel=job.reply_to.channel_id,
    )
    return f"🖼️ {told}\n{request_text(job)}"


def question_text(job: Job, until: datetime, facts: str) -> str:
    """Word the question about a clip; `facts` are about its member."""
    question = _(
        "**May this clip be shown?** <@{member}> asked for it in <#{channel}> {when}.",
        member=job.reply_to.member_id,
        channel=job.reply_to.channel_id,
        when=timestamp(job.created_at),
    )
    end = _(
        "-# Without a decision it is refused {when}. Who is refused is not charged.",
        when=timestamp(until),
    )
    return f"🔎 {question}\n{request_text(job)}\n{facts}\n{end}"


def outcome_text(job: Job, decision: Decision | None) -> str:
    """Say what became of a reviewed clip, to moderators."""
    whose = {"member": job.reply_to.member_id, "channel": job.reply_to.channel_id}
    if decision is not None:
        when = timestamp(decision.at)
        outcome = _(_DECIDED[decision.verdict], actor=decision.actor_id, when=when, **whose)
    elif job.failure is Failure.NOT_REVIEWED:
        outcome = _(_NOT_REVIEWED, **whose)
    else:
        outcome = _(_ENDED, **whose)
    if job.state is JobState.RENDERED:
        return outcome
    return sentences(outcome, _("It was not shown, and they were not charged."))


def _buttons(job: Job) -> RoutedView:
    prefix = f"{CUSTOM_ID_PREFIX}:{job.reply_to.interaction_id}"
    return RoutedView(
        discord.ui.Button(
            style=_STYLES.get(action, discord.ButtonStyle.secondary),
            label=_(_LABELS[action]),
            custom_id=f"{prefix}:{action}",
        )
        for action in _LABELS
    )


def _nonce(job: Job, earlier: ReviewMessage | None) -> str:
    """Make the nonce of a question. After a deleted one it is another, or Discord drops it."""
    # Discord takes 25 characters at most, and an interaction's id has up to 20.
    suffix = "rev" if earlier is None else f"{earlier.message_id % 10_000:04}"
    return f"{job.reply_to.interaction_id}-{suffix}"
