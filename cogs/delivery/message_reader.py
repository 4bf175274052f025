"""Reads back what the bot has shown, for jobs whose rows may be older than their messages."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.base.errors import ChannelUnreachableError, MessageDeletedError
from bot.jobs.delivery import MessageStage, MessageState
from cogs.delivery import job_messages
from cogs.delivery.discord_errors import convert_discord_errors

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    import discord

    from bot.jobs.job import Job, ReplyTo

# Messages. The member is notified right after the edit, so that is among the next ones.
_NOTIFICATIONS_READ: Final = 50
# By which the time of an edit may be after that of the message that followed it.
_CLOCK_DIFFERENCE: Final = timedelta(seconds=5)


class MessageReader:
    """Reads the bot's own messages, as the bot: that needs the permission Read Message History.

    Every method raises `DeliveryError` where Discord does not answer now.
    """

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def is_answered(self, reply_to: ReplyTo) -> bool:
        """Check that the status message shows an answer, as far as the bot may read it.

        In the task's language: that a refusal was told in private is no answer. What the member
        was told, if they were, nobody else can read.
        """
        try:
            message = await self._status(reply_to)
        except (MessageDeletedError, ChannelUnreachableError):
            # An answer twice is better than none.
            return False
        is_said = message.content not in {"", job_messages.refusal_is_private_text()}
        return is_said and not message.flags.loading

    async def read_back(self, job: Job) -> MessageState:
        """Read the status message."""
        shown = None
        with suppress(MessageDeletedError, ChannelUnreachableError):
            shown = await self._status(job.reply_to)
        if shown is None:
            return MessageState(MessageStage.NOTHING, job.reply_to.message_id, job.created_at)
        return MessageState(_stage(job, shown), shown.id, shown.edited_at or shown.created_at)

    async def find_notice(self, job: Job, state: MessageState) -> int | None:
        """Find the message that notified the member of what is shown; return its id."""
        after = state.since - _CLOCK_DIFFERENCE
        async for message in self._own(job.reply_to, after, _NOTIFICATIONS_READ):
            if message.reference is not None and message.reference.message_id == state.message_id:
                return message.id
        return None

    async def _status(self, reply_to: ReplyTo) -> discord.Message:
        with convert_discord_errors():
            return await self._channel(reply_to).fetch_message(reply_to.message_id)

    async def _own(
        self, reply_to: ReplyTo, after: datetime, most: int
    ) -> AsyncIterator[discord.Message]:
        """Read the bot's own among the next `most` messages in the channel, the oldest first."""
        me = self._client.user
        with convert_discord_errors():
            async for message in self._channel(reply_to).history(limit=most, after=after):
                if me is not None and message.author.id == me.id:
                    yield message

    def _channel(self, reply_to: ReplyTo) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(reply_to.channel_id, guild_id=reply_to.guild_id)


def video_name(job: Job) -> str:
    """Name the file that shows a job's clip, by which the clip is found again."""
    # The number alone would not do: ids of jobs come again after a backup was restored.
    return f"animate-{job.id}-{job.reference}.mp4"


def picture_name(job: Job) -> str:
    """Name the file that shows a job's picture, which is not taken for a clip by it."""
    return f"picture-{job.id}-{job.reference}.jpg"


def _stage(job: Job, message: discord.Message) -> MessageStage:
    if job_messages.is_failure_of(job, message.content):
        return MessageStage.FAILURE
    if any(attachment.filename != picture_name(job) for attachment in message.attachments):
        return MessageStage.CLIP
    # A picture is shown before the order; without any text where "accepted" was not shown.
    is_bare = message.flags.loading or not message.content
    if is_bare or message.content.startswith(job_messages.WAITING_ICONS):
        return MessageStage.WAITING
    return MessageStage.BEGUN
