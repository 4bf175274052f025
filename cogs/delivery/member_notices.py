"""How a member learns of the end of a clip: called to it, or told alone why there is none."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import discord

from bot.base import Timeouts
from bot.base.errors import DeliveryError
from bot.jobs.job import Failure
from cogs.delivery import job_messages
from cogs.delivery.discord_errors import convert_discord_errors
from cogs.delivery.message_sender import nonce_of, with_words_or_without
from cogs.texts.languages import use_language

if TYPE_CHECKING:
    from bot.jobs.job import Job
    from cogs.delivery.message_sender import MessageSender, TextOf

log = logging.getLogger(__name__)


class MemberNotices:
    """Calls members to clips, and tells them in private why there is none where that is possible.

    Whatever cannot be sent is logged, and not raised: what it is about is shown already.
    """

    def __init__(self, client: discord.Client, sender: MessageSender) -> None:
        self._client, self._sender = client, sender

    async def call(self, job: Job, *, is_clip: bool) -> int | None:
        """Mention the member in a reply to the status message, for an edit notifies nobody.

        Returns:
            The id of that message, if it could be sent.
        """
        if not job.notifies:
            return None
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

    async def tell_failure(self, job: Job) -> int | None:
        """Tell the member why there is no clip, once the status message says that there is none.

        To them alone while the interaction's token lives, and then the status message goes.
        """
        if await self._follow_up(job):
            if job.failure is Failure.NOT_APPROVED:
                # A copy of the database that is put back reads by it that moderators decided.
                return None
            try:
                await self._sender.delete_status(job.reply_to)
            except DeliveryError as error:
                # What stays says nothing that is not for everybody.
                log.info("job %d: its message stays: %r", job.id, error)
            return None
        # Who cancelled it knows it from their own press.
        return None if job.is_cancelled_by_member else await self.call(job, is_clip=False)

    async def tell_of_deleted(self, job: Job) -> None:
        """Tell the member why there is no clip, whose status message a moderator has deleted."""
        if not await self._follow_up(job):
            await self.tell_directly(job, job_messages.direct_failure_text, "sorry")

    async def _follow_up(self, job: Job) -> bool:
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
        member = discord.Object(job.reply_to.member_id)

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
            return False
        return True
