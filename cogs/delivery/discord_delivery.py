"""Showing a job in Discord: by the interaction's token while it lives, then as the bot.

The status message is edited in place, which may be repeated freely. A new message carries a
nonce made from the job: Discord drops a second one with the same nonce for some minutes, which
is how a step that is repeated after a crash shows nothing twice. What Discord refuses is sent in
another way, if there is one, by `cogs.delivery.message_sender`.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import discord

from bot.base import DIRECT_MESSAGES
from bot.base.errors import (
    ChannelUnreachableError,
    DeliveryError,
    MessageDeletedError,
    MessageRefusedError,
)
from bot.jobs.delivery import MessageStage, ShownClip, Told
from bot.jobs.errors import MemberGoneError, MemberTimedOutError
from bot.jobs.job import NO_MESSAGE, Failure, JobState
from cogs.delivery import job_messages
from cogs.delivery.attachments import NewAttachment, alt_text
from cogs.delivery.clip_buttons import shown_buttons, waiting_buttons
from cogs.delivery.discord_errors import (
    ThreadArchivedError,
    TokenExpiredError,
    convert_discord_errors,
)
from cogs.delivery.member_notices import MemberNotices
from cogs.delivery.message_reader import MessageReader, picture_name, video_name
from cogs.delivery.message_sender import (
    MessageSender,
    nonce_of,
    with_words_or_without,
)
from cogs.texts.languages import use_language

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from bot.base.clock import Clock
    from bot.base.errors import BotError
    from bot.guilds.languages import GuildLanguages
    from bot.jobs.delivery import MessageState, Notice
    from bot.jobs.job import Job, ReplyTo
    from bot.jobs.progress import ShownProgress

log = logging.getLogger(__name__)

TOKEN_LIFE: Final = timedelta(minutes=15)
"""How long Discord takes an interaction's token. As the bot, it goes on without an end."""

# Member, or account, unknown.
_UNKNOWN_MEMBER: Final = frozenset({10007, 10013})


class DiscordDelivery:
    """Implements `bot.jobs.delivery.Delivery`, in the language that each job has stored.

    A request that became no job is answered in its guild's language.
    """

    def __init__(self, client: discord.Client, clock: Clock, languages: GuildLanguages) -> None:
        self._client, self._clock, self._languages = client, clock, languages
        self._reader = MessageReader(client)
        self._sender = MessageSender(client, clock)
        self._notices = MemberNotices(client, self._sender)

    async def show_picture(self, job: Job, picture: bytes) -> str:
        """Edit the picture into the status message, whose text stays."""
        file = NewAttachment(picture, picture_name(job), is_spoiler=bool(job.options.spoiler))
        message = await self._sender.edit(job, None, file)
        return message.attachments[0].url

    async def check_message(self, job: Job) -> None:
        """Read the status message, by token as long as that lives."""
        reply_to = job.reply_to
        try:
            webhook = self._sender.live_webhook(reply_to)
            with convert_discord_errors():
                if webhook is not None:
                    await webhook.fetch_message(reply_to.message_id)
                else:
                    await self._sender.channel(reply_to).fetch_message(reply_to.message_id)
        except MessageDeletedError:
            await self._sender.check_channel(reply_to)
            raise

    async def check_member(self, job: Job) -> None:
        """Ask Discord: without the privileged intent nobody tells the bot who has left."""
        reply_to = job.reply_to
        if reply_to.guild_id == DIRECT_MESSAGES:
            # Nobody can leave.
            return
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

    async def show_progress(self, job: Job, shown: ShownProgress) -> None:
        """Edit the status message."""
        text_of = partial(job_messages.progress_text, shown=shown)
        await self._sender.edit(job, text_of, view_of=waiting_buttons)

    async def show_busy(self, job: Job, until: datetime, *, is_down: bool) -> None:
        """Edit the status message."""
        text_of = partial(job_messages.busy_text, until=until, is_down=is_down)
        await self._sender.edit(job, text_of, view_of=waiting_buttons)

    async def show_stopped(self, job: Job, until: datetime) -> None:
        """Edit the status message."""
        text_of = partial(job_messages.stopped_text, until=until)
        await self._sender.edit(job, text_of, view_of=waiting_buttons)

    async def show_waiting(self, job: Job, until: datetime) -> None:
        """Edit the status message."""
        text_of = partial(job_messages.waiting_text, until=until)
        # Without the picture, which was shown if review was switched on after that, and without
        # the clip, if an answer of Discord's to it was lost before.
        await self._sender.edit(job, text_of, bare=True, view_of=waiting_buttons)

    async def show_clip(self, job: Job, clip: Path) -> ShownClip:
        """Edit the video into the status message."""
        with use_language(job.language):
            words = alt_text(job)
        file = NewAttachment(clip, video_name(job), words, bool(job.options.spoiler))
        text_of = job_messages.clip_text
        edit = partial(self._sender.edit, job, text_of, file, view_of=shown_buttons)
        try:
            await edit()
        except ThreadArchivedError:
            # This message first, as it has to be sent anyway: should the process die in between,
            # the next one finds the thread open, and Discord drops a nonce that it knows.
            told = await self._notices.call(job, is_clip=True)
            # A notice of an earlier life, whose nonce Discord knows, opens nothing again.
            await self._sender.opening(job.reply_to, edit)
        else:
            told = await self._notices.call(job, is_clip=True)
        return ShownClip(job.reply_to.message_id, told)

    async def show_failure(self, job: Job) -> Told:
        """Say in the status message that there is no clip, and to the member alone why."""
        # A clip may have been shown by a step that never heard so.
        is_made = job.rendered_at is not None
        bare = is_made or job.shows_picture or job.state is JobState.CANCELLED
        text_of = job_messages.public_failure_text
        edit = partial(self._sender.edit, job, text_of, bare=bare, view_of=None)
        try:
            if job.failure is Failure.MEMBER_GONE:
                # A picture does not stay for its thread being archived.
                await (self._sender.opening(job.reply_to, edit) if bare else edit())
                return Told()
            await self._sender.opening(job.reply_to, edit)
        except MessageDeletedError:
            # Not posted anew: a moderator took it out of the channel.
            await self._notices.tell_of_deleted(job)
            return Told()
        except ChannelUnreachableError:
            if await self._notices.is_told_as_chosen(job):
                return Told()
            raise
        except MessageRefusedError as error:
            log.warning("job %d: its message stays as it was: %r", job.id, error)
        return await self._notices.tell_failure(job)

    async def show_withheld(
        self, job: Job, why: BotError, clip: Path | None, channel_id: int
    ) -> None:
        """Post the clip, behind a spoiler; Discord drops a repeated post by its nonce."""
        # Each its own, or the one without the file is dropped after one that failed.
        nonce = nonce_of(job, "kept" if clip else "text")
        channel = self._client.get_partial_messageable(channel_id)

        async def send(worded: Job) -> None:
            with use_language(job.language):
                text = job_messages.withheld_text(worded, why)
            files = [] if clip is None else [discord.File(clip, video_name(job), spoiler=True)]
            with convert_discord_errors():
                await channel.send(text, files=files, nonce=nonce)

        await with_words_or_without(job, send)

    async def remove_clip(self, job: Job) -> None:
        """Delete the messages as the bot, which may always delete its own."""
        await self._sender.delete(job.reply_to, job.reply_to.message_id)
        if job.notice_message_id is not None:
            try:
                await self._sender.delete(job.reply_to, job.notice_message_id)
            except DeliveryError as error:
                # The clip is gone, and that is what was asked for.
                log.warning("job %d: its notice stays: %r", job.id, error)

    async def tell_removed(self, job: Job, *, refunded: bool) -> bool:
        """Send a direct message."""
        text_of = partial(job_messages.removed_notice_text, refunded=refunded)
        return await self._notices.tell_directly(job, text_of, "gone")

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
            try:
                await self._sender.edit_text(reply_to, text)
            except ThreadArchivedError:
                # A new message opens the thread, and says it all.
                nonce = f"{reply_to.interaction_id}-late"
                with convert_discord_errors():
                    await self._sender.channel(reply_to).send(text, nonce=nonce)

    async def _interrupt_original(self, reply_to: ReplyTo) -> None:
        webhook = self._sender.live_webhook(reply_to)
        if webhook is not None:
            original: Any = "@original"
            with convert_discord_errors():
                message = await webhook.fetch_message(original)
            await self.show_interrupted(replace(reply_to, message_id=message.id))

    async def read_back(self, job: Job) -> MessageState:
        """Read the status message."""
        return await self._reader.read_back(job)

    async def delete_notice(self, notice: Notice) -> None:
        """Delete it as the bot. An archived thread is not opened for it."""
        channel = self._client.get_partial_messageable(notice.channel_id, guild_id=notice.guild_id)
        try:
            with convert_discord_errors():
                await channel.get_partial_message(notice.message_id).delete()
        except ThreadArchivedError as error:
            # Somebody may open it.
            raise DeliveryError(str(error)) from error
        except DeliveryError as error:
            if not isinstance(error.__cause__, discord.NotFound):
                raise

    async def notify(self, job: Job, state: MessageState) -> Told:
        """Tell the member of a clip or a failure, unless that was done before."""
        notice_id = await self._reader.find_notice(job, state)
        if notice_id is not None:
            return Told(notice_id)
        if state.stage is MessageStage.CLIP:
            return await self._notices.call(job, is_clip=True)
        return await self._notices.tell_failure(job)
