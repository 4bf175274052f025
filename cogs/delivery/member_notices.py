"""How a member learns of the end of a clip: called to it, or told alone why there is none."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import discord

from bot.base import DIRECT_MESSAGES, Tell, Timeouts
from bot.base.errors import ChannelUnreachableError, DeliveryError
from bot.jobs.delivery import Told
from bot.jobs.job import Failure
from cogs.delivery import job_messages
from cogs.delivery.discord_errors import convert_discord_errors
from cogs.delivery.message_sender import nonce_of, with_words_or_without
from cogs.texts.languages import use_language

if TYPE_CHECKING:
    from bot.jobs.job import Job
    from cogs.delivery.message_sender import MessageSender, TextOf

log = logging.getLogger(__name__)

_SEEN: Final = "✅"
"""Put on a clip that is there, for who wants to be called by no message."""


class MemberNotices:
    """Calls members to clips, and tells them in private why there is none where that is possible.

    Whatever cannot be sent is logged, and not raised: what it is about is shown already.
    """

    def __init__(self, client: discord.Client, sender: MessageSender) -> None:
        self._client, self._sender = client, sender

    async def call(self, job: Job, *, is_clip: bool) -> Told:
        """Tell the member as they chose, for an edit notifies nobody.

        Who takes no direct messages is mentioned instead. A line that says that there is no clip
        has no reaction.
        """
        is_direct_closed = False
        match _way_to_tell(job):
            case Tell.NONE:
                return Told()
            case Tell.REACTION:
                if is_clip:
                    await self._react(job)
                return Told()
            case Tell.DIRECT if is_clip:
                error = await self._send_directly(job, job_messages.direct_clip_text, "dm")
                if error is None:
                    return Told()
                is_direct_closed = isinstance(error, ChannelUnreachableError)
        return Told(await self._mention(job, is_clip=is_clip), is_direct_closed)

    async def tell_failure(self, job: Job) -> Told:
        """Tell the member why there is no clip, once the status message says that there is none.

        To them alone where that is possible, and then the status message goes.
        """
        is_direct_closed = False
        if _way_to_tell(job) is Tell.DIRECT:
            error = await self._send_directly(job, job_messages.direct_failure_text, "dmf")
            is_direct_closed = isinstance(error, ChannelUnreachableError)
            if error is None:
                await self._delete_status(job)
                return Told()
        if await self._follow_up(job):
            await self._delete_status(job)
            return Told(is_direct_closed=is_direct_closed)
        # Who cancelled it knows it from their own press.
        if job.is_cancelled_by_member:
            return Told(is_direct_closed=is_direct_closed)
        told = await self.call(job, is_clip=False)
        return replace(told, is_direct_closed=is_direct_closed)

    async def is_told_as_chosen(self, job: Job) -> bool:
        """Tell who chose direct messages why there is no clip, where it has no other place."""
        if _way_to_tell(job) is not Tell.DIRECT:
            return False
        return await self.tell_directly(job, job_messages.direct_failure_text, "dmf")

    async def _delete_status(self, job: Job) -> None:
        if job.failure is Failure.NOT_APPROVED:
            # A copy of the database that is put back reads by it that moderators decided.
            return
        try:
            await self._sender.delete_status(job.reply_to)
        except DeliveryError as error:
            # What stays says nothing that is not for everybody.
            log.info("job %d: its message stays: %r", job.id, error)

    async def _react(self, job: Job) -> None:
        try:
            await self._sender.react(job.reply_to, _SEEN)
        except DeliveryError as error:
            # The clip is there, and who wants to be called by no message is called by none.
            log.info("job %d: no reaction: %r", job.id, error)

    async def _mention(self, job: Job, *, is_clip: bool) -> int | None:
        """Mention the member in a reply to the status message; return its id if it was sent."""
        if is_clip:
            text_of, nonce = job_messages.clip_notification_text, nonce_of(job, "done")
        else:
            text_of, nonce = job_messages.failure_notification_text, nonce_of(job, "fail")
        with use_language(job.language):
            text = text_of(job)
        try:
            return await self._sender.post_reply(job.reply_to, text, nonce)
        except DeliveryError as error:
            interaction_id = job.reply_to.interaction_id
            log.warning("interaction %d: no notification: %r", interaction_id, error)
            return None

    async def tell_of_deleted(self, job: Job) -> None:
        """Tell the member why there is no clip, whose status message a moderator has deleted."""
        if not await self._follow_up(job):
            await self.tell_directly(job, job_messages.direct_failure_text, "sorry")

    async def _follow_up(self, job: Job) -> bool:
        job = job.for_member_alone

        async def send(worded: Job) -> None:
            with use_language(job.language):
                text = job_messages.failed_text(worded)
            await self._sender.reply_privately(job.reply_to, text)

        try:
            await with_words_or_without(job, send)
        except DeliveryError as error:
            log.info("job %d: its failure is not told by its token: %r", job.id, error)
            return False
        return True

    async def tell_directly(self, job: Job, text_of: TextOf, nonce: str) -> bool:
        """Send a direct message, which members may have closed; return whether that worked."""
        return await self._send_directly(job, text_of, nonce) is None

    async def _send_directly(self, job: Job, text_of: TextOf, nonce: str) -> Exception | None:
        """Send a direct message; return why that did not work, if it did not."""
        member = discord.Object(job.reply_to.member_id)
        job = job.for_member_alone

        async def send(worded: Job) -> None:
            with use_language(job.language):
                text = text_of(worded)
            with convert_discord_errors():
                channel = await self._client.create_dm(member)
                await channel.send(text, nonce=nonce_of(job, nonce))

        try:
            async with asyncio.timeout(Timeouts.PROGRESS_SECONDS):
                await with_words_or_without(job, send)
        except (DeliveryError, TimeoutError) as error:
            log.info("job %d: its member is not told directly: %r", job.id, error)
            return error
        return None


def _way_to_tell(job: Job) -> Tell:
    # A direct message about a clip in the same direct messages would only say it twice.
    is_same = job.tell is Tell.DIRECT and job.reply_to.guild_id == DIRECT_MESSAGES
    return Tell.MENTION if is_same else job.tell
