"""Showing a job in Discord: by the interaction's token while it lives, then as the bot.

The status message is edited in place, which may be repeated freely. A new message carries a
nonce made from the job: Discord drops a second one with the same nonce for some minutes, which
is how a step that is repeated after a crash shows nothing twice.
"""

from __future__ import annotations

import asyncio
import io
import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import discord

from bot.base import Timeouts
from bot.base.errors import ChannelUnreachableError, DeliveryError, MessageDeletedError
from bot.jobs.delivery import MessageStage, ShownClip
from bot.jobs.errors import MemberGoneError, MemberTimedOutError
from bot.jobs.job import NO_MESSAGE, Failure, JobState
from cogs.delivery import job_messages
from cogs.delivery.discord_errors import TokenExpiredError, convert_discord_errors
from cogs.delivery.message_reader import MessageReader, picture_name, video_name
from cogs.delivery.repeating import repeat
from cogs.texts.languages import use_language

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from bot.base.clock import Clock
    from bot.base.errors import BotError
    from bot.guilds.languages import GuildLanguages
    from bot.jobs.delivery import MessageState
    from bot.jobs.estimates import ExpectedTime
    from bot.jobs.job import Job, ReplyTo

log = logging.getLogger(__name__)

TOKEN_LIFE: Final = timedelta(minutes=15)
"""How long Discord takes an interaction's token. As the bot, it goes on without an end."""

# Before the end, for clocks that differ and an upload that takes its time.
_TOKEN_MARGIN: Final = timedelta(seconds=20)
# Member, or account, unknown.
_UNKNOWN_MEMBER: Final = frozenset({10007, 10013})


@dataclass(frozen=True, slots=True)
class NewAttachment:
    """A file to attach, by its path or bytes, and the name that members see."""

    content: Path | bytes
    name: str


class DiscordDelivery:
    """Implements `bot.jobs.delivery.Delivery`, in the language that each job has stored.

    A request that became no job is answered in its guild's language.
    """

    def __init__(self, client: discord.Client, clock: Clock, languages: GuildLanguages) -> None:
        self._client, self._clock, self._languages = client, clock, languages
        self._reader = MessageReader(client)

    async def show_picture(self, job: Job, picture: bytes) -> str:
        """Edit the picture into the status message, whose text stays."""
        unchanged: str = discord.utils.MISSING
        file = NewAttachment(picture, picture_name(job))
        message = await self._edit(job.reply_to, unchanged, file)
        return message.attachments[0].url

    async def check_message(self, job: Job) -> None:
        """Read the status message, by token as long as that lives."""
        reply_to = job.reply_to
        try:
            webhook = self._live_webhook(reply_to)
            with convert_discord_errors():
                if webhook is not None:
                    await webhook.fetch_message(reply_to.message_id)
                else:
                    await self._channel(reply_to).fetch_message(reply_to.message_id)
        except MessageDeletedError:
            await self._check_channel(reply_to)
            raise

    async def check_member(self, job: Job) -> None:
        """Ask Discord: without the privileged intent nobody tells the bot who has left."""
        reply_to = job.reply_to
        try:
            with convert_discord_errors():
                # Not of a guild, which the bot does not know before its gateway has answered.
                member = await self._client.http.get_member(reply_to.guild_id, reply_to.member_id)
        except DeliveryError as error:
            if getattr(error.__cause__, "code", None) in _UNKNOWN_MEMBER:
                raise MemberGoneError(str(error)) from error
            raise
        until = discord.utils.parse_time(member.get("communication_disabled_until"))
        if until is not None and until > self._clock():
            raise MemberTimedOutError(f"until {until}")

    async def show_rendering(self, job: Job, expected_time: ExpectedTime, since: datetime) -> None:
        """Edit the status message."""
        with use_language(job.language):
            text = job_messages.rendering_text(job, expected_time, since)
        await self._edit(job.reply_to, text)

    async def show_busy(self, job: Job) -> None:
        """Edit the status message."""
        with use_language(job.language):
            text = job_messages.busy_text(job)
        await self._edit(job.reply_to, text)

    async def show_stopped(self, job: Job, until: datetime) -> None:
        """Edit the status message."""
        with use_language(job.language):
            text = job_messages.stopped_text(job, until)
        await self._edit(job.reply_to, text)

    async def show_waiting(self, job: Job, until: datetime) -> None:
        """Edit the status message."""
        with use_language(job.language):
            text = job_messages.waiting_text(job, until)
        # Without the picture, which was shown if review was switched on after that.
        await self._edit(job.reply_to, text, bare=job.shows_picture)

    async def show_clip(self, job: Job, clip: Path) -> ShownClip:
        """Edit the video into the status message."""
        with use_language(job.language):
            text = job_messages.clip_text(job)
        file = NewAttachment(clip, video_name(job))
        await self._edit(job.reply_to, text, file)
        return ShownClip(job.reply_to.message_id, await self._notify(job, is_clip=True))

    async def show_failure(self, job: Job) -> None:
        """Edit the reason into the status message; if that was deleted, send a direct message."""
        with use_language(job.language):
            text = job_messages.failed_text(job)
        try:
            bare = job.shows_picture or job.state is JobState.CANCELLED
            await self._edit(job.reply_to, text, bare=bare)
        except MessageDeletedError:
            # Not posted anew: a moderator took it out of the channel.
            with use_language(job.language):
                text = job_messages.private_failure_text(job)
            await self._tell_privately(job, text, _nonce(job, "sorry"))
        else:
            if job.failure is not Failure.MEMBER_GONE:
                await self._notify(job, is_clip=False)

    async def show_withheld(
        self, job: Job, why: BotError, clip: Path | None, channel_id: int
    ) -> None:
        """Post the clip, behind a spoiler; Discord drops a repeated post by its nonce."""
        files = [] if clip is None else [discord.File(clip, video_name(job), spoiler=True)]
        # Each its own, or the one without the file is dropped after one that failed.
        nonce = _nonce(job, "kept" if clip else "text")
        channel = self._client.get_partial_messageable(channel_id)
        with convert_discord_errors():
            await channel.send(job_messages.withheld_text(job, why), files=files, nonce=nonce)

    async def remove_clip(self, job: Job) -> None:
        """Delete the messages as the bot, which may always delete its own."""
        await self._delete(job.reply_to, job.reply_to.message_id)
        if job.notice_message_id is not None:
            try:
                await self._delete(job.reply_to, job.notice_message_id)
            except DeliveryError as error:
                # The clip is gone, and that is what was asked for.
                log.warning("job %d: its notice stays: %r", job.id, error)

    async def tell_removed(self, job: Job, *, refunded: bool) -> bool:
        """Send a direct message."""
        with use_language(job.language):
            text = job_messages.removed_notice_text(job, refunded=refunded)
        return await self._tell_privately(job, text, _nonce(job, "gone"))

    async def _tell_privately(self, job: Job, text: str, nonce: str) -> bool:
        """Send a direct message, which members may have closed; return whether that worked."""
        member = discord.Object(job.reply_to.member_id)
        try:
            async with asyncio.timeout(Timeouts.PROGRESS_SECONDS):
                with convert_discord_errors():
                    channel = await self._client.create_dm(member)
                    await channel.send(text, nonce=nonce)
        except (DeliveryError, TimeoutError) as error:
            log.info("job %d: its member is told in /usage alone: %r", job.id, error)
            return False
        return True

    async def show_interrupted(self, reply_to: ReplyTo) -> None:
        """Edit the apology into the status message, unless that shows an answer or is deleted."""
        if reply_to.message_id == NO_MESSAGE:
            # Nothing is shown where the acknowledgement never arrived, nor known with no token.
            with suppress(MessageDeletedError, TokenExpiredError):
                await self._interrupt_original(reply_to)
            return
        with use_language(self._languages.of(reply_to.guild_id)):
            if await self._reader.is_answered(reply_to):
                return
            text = job_messages.interrupted_request_text(reply_to.member_id)
        # Gone with a refusal that its member has read in private, or deleted by somebody.
        with suppress(MessageDeletedError):
            await self._edit(reply_to, text)

    async def _interrupt_original(self, reply_to: ReplyTo) -> None:
        webhook = self._live_webhook(reply_to)
        if webhook is not None:
            original: Any = "@original"
            with convert_discord_errors():
                message = await webhook.fetch_message(original)
            await self.show_interrupted(replace(reply_to, message_id=message.id))

    async def read_back(self, job: Job) -> MessageState:
        """Read the status message."""
        return await self._reader.read_back(job)

    async def notify(self, job: Job, state: MessageState) -> int | None:
        """Notify the member of a clip or a failure, unless that was done before."""
        notice_id = await self._reader.find_notice(job, state)
        if notice_id is not None:
            return notice_id
        return await self._notify(job, is_clip=state.stage is MessageStage.CLIP)

    async def _delete(self, reply_to: ReplyTo, message_id: int) -> None:
        try:
            with convert_discord_errors():
                await self._channel(reply_to).get_partial_message(message_id).delete()
        except DeliveryError as error:
            if not isinstance(error.__cause__, discord.NotFound):
                raise

    async def _edit(
        self,
        reply_to: ReplyTo,
        text: str,
        file: NewAttachment | None = None,
        *,
        bare: bool = False,
    ) -> discord.Message:
        """Edit the status message as `_edit_once`, and tell a deleted one from a deleted channel.

        Raises:
            MessageDeletedError: It was deleted, and its channel is still there.
        """
        try:
            return await self._edit_once(reply_to, text, file, bare=bare)
        except MessageDeletedError:
            await self._check_channel(reply_to)
            raise

    async def _check_channel(self, reply_to: ReplyTo) -> None:
        with convert_discord_errors():
            await self._client.http.get_channel(reply_to.channel_id)

    async def _edit_once(
        self, reply_to: ReplyTo, text: str, file: NewAttachment | None, *, bare: bool
    ) -> discord.Message:
        """Edit the status message, by token until it expires and as the bot from then on.

        A file takes the place of its attachments, and `bare` takes them off; otherwise they stay.

        Raises:
            MessageDeletedError: It was deleted.
            DeliveryError: And its kinds, as Discord refuses or cannot be reached.
        """
        webhook = self._live_webhook(reply_to)
        if webhook is not None:
            try:
                with convert_discord_errors():
                    return await webhook.edit_message(
                        reply_to.message_id, content=text, attachments=_files(file, bare=bare)
                    )
            except TokenExpiredError as error:
                log.info("interaction %d: going on as the bot: %r", reply_to.interaction_id, error)
        # The files anew: discord.py closes those of an attempt that failed.
        message = self._channel(reply_to).get_partial_message(reply_to.message_id)
        with convert_discord_errors():
            return await message.edit(content=text, attachments=_files(file, bare=bare))

    async def _notify(self, job: Job, *, is_clip: bool) -> int | None:
        """Mention the member in a reply to the status message, for an edit notifies nobody.

        Returns:
            The id of that message, if it could be sent.
        """
        reply_to = job.reply_to
        with use_language(job.language):
            if is_clip:
                text, nonce = job_messages.clip_notification_text(job), _nonce(job, "done")
            else:
                text, nonce = job_messages.failure_notification_text(job), _nonce(job, "fail")
        only_member = _only(reply_to.member_id)
        reference = discord.MessageReference(
            message_id=reply_to.message_id,
            channel_id=reply_to.channel_id,
            guild_id=reply_to.guild_id,
            # It still helps where the message was deleted meanwhile.
            fail_if_not_exists=False,
        )

        async def post() -> discord.Message:
            with convert_discord_errors():
                return await self._channel(reply_to).send(
                    text, reference=reference, nonce=nonce, allowed_mentions=only_member
                )

        try:
            notice = await repeat(post)
        except ChannelUnreachableError:
            return await self._follow_up(reply_to, text)
        except DeliveryError as error:
            # Not a fault of the job, whose clip or reason is shown already.
            log.warning("interaction %d: no notification: %r", reply_to.interaction_id, error)
            return None
        return notice.id

    async def _follow_up(self, reply_to: ReplyTo, text: str) -> int | None:
        """Notify by token, which works where the bot itself may not write."""
        webhook = self._webhook(reply_to)
        if webhook is None:
            return None
        only_member = _only(reply_to.member_id)
        try:
            with convert_discord_errors():
                notice = await webhook.send(text, allowed_mentions=only_member, wait=True)
        except DeliveryError as error:
            log.warning("interaction %d: no notification: %r", reply_to.interaction_id, error)
            return None
        return notice.id

    def _live_webhook(self, reply_to: ReplyTo) -> discord.Webhook | None:
        """The webhook of an interaction whose token has not expired."""
        is_live = self._clock() < reply_to.token_until - _TOKEN_MARGIN
        return self._webhook(reply_to) if is_live else None

    def _webhook(self, reply_to: ReplyTo) -> discord.Webhook | None:
        if not reply_to.token:
            return None
        return discord.Webhook.partial(reply_to.application_id, reply_to.token, client=self._client)

    def _channel(self, reply_to: ReplyTo) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(reply_to.channel_id, guild_id=reply_to.guild_id)


def _nonce(job: Job, what: str) -> str:
    """Make a nonce of a job's interaction: ids of jobs come again after a backup was restored."""
    return f"{job.reply_to.interaction_id}-{what}"


def _files(file: NewAttachment | None, *, bare: bool = False) -> list[discord.File]:
    """List a message's new attachments, or `MISSING`, with which it keeps those that it has."""
    if file is not None:
        content = file.content
        source = io.BytesIO(content) if isinstance(content, bytes) else content
        return [discord.File(source, file.name)]
    unchanged: list[discord.File] = discord.utils.MISSING
    return [] if bare else unchanged


def _only(member_id: int) -> discord.AllowedMentions:
    """Let a message notify one member, and nobody else whom the prompt in it may mention."""
    return discord.AllowedMentions(
        everyone=False, roles=False, users=[discord.Object(member_id)], replied_user=False
    )
