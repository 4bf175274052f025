"""Sends what is shown of a job, and takes the other ways that Discord leaves where it refuses one.

| refused | way |
|---|---|
| the interaction's token | as the bot |
| an edit in an archived thread | the message that notifies the member goes first, which opens it |
| a reference to another message | once more without it |
| a filter, or the form of a message | once more without what the member typed |
| a new message: closed to the bot, slow mode | by the interaction's token |

What is refused in the last way too is raised, and ends the job.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

import discord

from bot.base.errors import (
    ChannelUnreachableError,
    DeliveryError,
    MessageDeletedError,
    MessageRefusedError,
)
from bot.jobs.job import Job, ReplyTo
from cogs.delivery import job_messages
from cogs.delivery.clip_buttons import shown_buttons
from cogs.delivery.discord_errors import (
    FileRefusedError,
    ReferenceRefusedError,
    SlowModeError,
    ThreadArchivedError,
    TokenExpiredError,
    convert_discord_errors,
)
from cogs.delivery.repeating import repeat
from cogs.interactions.routed_views import RoutedView
from cogs.texts.languages import use_language

if TYPE_CHECKING:
    from bot.base.clock import Clock
    from cogs.delivery.attachments import NewAttachment

log = logging.getLogger(__name__)

T = TypeVar("T")
TextOf: TypeAlias = Callable[[Job], str]
"""Words a message about a job, which may have no words of its member's."""
ViewOf: TypeAlias = Callable[[Job], RoutedView]
"""Builds the buttons under a message about a job."""

# Before the end of a token, for clocks that differ and an upload that takes its time.
_TOKEN_MARGIN: Final = timedelta(seconds=20)


async def with_words_or_without(job: Job, send: Callable[[Job], Awaitable[T]]) -> T:
    """Send a message about a job; once more about one without words, where Discord refuses it.

    Raises:
        MessageRefusedError: It refuses that too, or the words are not the reason.
    """
    try:
        return await send(job)
    except (FileRefusedError, ReferenceRefusedError):
        raise
    except MessageRefusedError as error:
        wordless = job_messages.without_words(job)
        if wordless is job:
            raise
        log.info("job %d: once more without its words: %r", job.id, error)
        return await send(wordless)


class MessageSender:
    """Edits the status message of a job, and notifies its member.

    Texts are worded in the job's language. Methods raise `DeliveryError` and its kinds.
    """

    def __init__(self, client: discord.Client, clock: Clock) -> None:
        self._client, self._clock = client, clock

    async def show_end(
        self,
        job: Job,
        text_of: TextOf,
        file: NewAttachment | None = None,
        *,
        bare: bool = False,
        is_clip: bool,
    ) -> int | None:
        """Show a clip or a failure, and notify the member; return the id of that message."""
        view_of = shown_buttons if is_clip else None
        try:
            await self.edit(job, text_of, file, bare=bare, view_of=view_of)
        except ThreadArchivedError:
            # This message first, as it has to be sent anyway: should the process die in between,
            # the next one finds the thread open, and Discord drops a nonce that it knows.
            notice_id = await self._send_notice(job, is_clip=is_clip)
            # A notice of an earlier life, whose nonce Discord knows, opens nothing again.
            edit = partial(self.edit, job, text_of, file, bare=bare, view_of=view_of)
            await self.opening(job.reply_to, edit)
            return notice_id
        except MessageRefusedError as error:
            if is_clip:
                raise
            # The notification has the reason too, in other words.
            log.warning("job %d: its end is told beside its message: %r", job.id, error)
            return await self._send_notice(job, is_clip=is_clip)
        # Who cancelled it knows it from their own press.
        if job.is_cancelled_by_member and not is_clip:
            return None
        return await self.notify(job, is_clip=is_clip)

    async def edit(
        self,
        job: Job,
        text_of: TextOf | None,
        file: NewAttachment | None = None,
        *,
        bare: bool = False,
        view_of: ViewOf | None = discord.utils.MISSING,
    ) -> discord.Message:
        """Edit the status message; without a text, that stays as it is.

        A file takes the place of its attachments, and `bare` takes them off; otherwise they stay.
        So do its buttons where `view_of` is `MISSING`; `None` takes them off.

        Raises:
            MessageDeletedError: It was deleted, and its channel is still there.
        """

        async def send(worded: Job) -> discord.Message:
            unchanged: str = discord.utils.MISSING
            with use_language(job.language):
                text = unchanged if text_of is None else text_of(worded)
                view = view_of(job) if view_of else view_of
            return await self.edit_text(job.reply_to, text, file, bare=bare, view=view)

        return await (send(job) if text_of is None else with_words_or_without(job, send))

    async def edit_text(
        self,
        reply_to: ReplyTo,
        text: str,
        file: NewAttachment | None = None,
        *,
        bare: bool = False,
        view: RoutedView | None = discord.utils.MISSING,
    ) -> discord.Message:
        """Edit a status message, as `edit` does, whatever it is about."""
        try:
            return await self._edit(reply_to, text, file, bare=bare, view=view)
        except MessageDeletedError:
            await self.check_channel(reply_to)
            raise

    async def check_channel(self, reply_to: ReplyTo) -> None:
        """Check that the channel of a status message is still there."""
        with convert_discord_errors():
            await self._client.http.get_channel(reply_to.channel_id)

    async def opening(self, reply_to: ReplyTo, change: Callable[[], Awaitable[object]]) -> None:
        """Change something in a thread; open it for that, if it is archived, without a message."""
        try:
            with convert_discord_errors():
                await change()
        except ThreadArchivedError:
            with convert_discord_errors():
                await self._client.http.edit_channel(reply_to.channel_id, archived=False)
                await change()

    async def notify(self, job: Job, *, is_clip: bool) -> int | None:
        """Mention the member in a reply to the status message, for an edit notifies nobody.

        Returns:
            The id of that message, if it could be sent. It is not tried again: what it is about is
            shown already.
        """
        if not job.notifies:
            return None
        try:
            return await self._send_notice(job, is_clip=is_clip)
        except DeliveryError as error:
            interaction_id = job.reply_to.interaction_id
            log.warning("interaction %d: no notification: %r", interaction_id, error)
            return None

    def live_webhook(self, reply_to: ReplyTo) -> discord.Webhook | None:
        """The webhook of an interaction whose token has not expired."""
        is_live = self._clock() < reply_to.token_until - _TOKEN_MARGIN
        return self._webhook(reply_to) if is_live else None

    def channel(self, reply_to: ReplyTo) -> discord.PartialMessageable:
        """The channel of a status message."""
        return self._client.get_partial_messageable(reply_to.channel_id, guild_id=reply_to.guild_id)

    async def _edit(
        self,
        reply_to: ReplyTo,
        text: str,
        file: NewAttachment | None,
        *,
        bare: bool,
        view: RoutedView | None,
    ) -> discord.Message:
        """Edit a status message by token until it expires, and as the bot from then on."""
        webhook = self.live_webhook(reply_to)
        if webhook is not None:
            try:
                with convert_discord_errors():
                    files = _files(file, bare=bare)
                    return await webhook.edit_message(
                        reply_to.message_id, content=text, attachments=files, view=view
                    )
            except TokenExpiredError as error:
                log.info("interaction %d: going on as the bot: %r", reply_to.interaction_id, error)
        # The files anew: discord.py closes those of an attempt that failed.
        message = self.channel(reply_to).get_partial_message(reply_to.message_id)
        with convert_discord_errors():
            return await message.edit(content=text, attachments=_files(file, bare=bare), view=view)

    async def _send_notice(self, job: Job, *, is_clip: bool) -> int:
        reply_to = job.reply_to
        if is_clip:
            text_of, nonce = job_messages.clip_notification_text, nonce_of(job, "done")
        else:
            text_of, nonce = job_messages.failure_notification_text, nonce_of(job, "fail")

        async def send(worded: Job) -> int:
            with use_language(job.language):
                text = text_of(worded)
            try:
                return await self._post(reply_to, text, nonce)
            except (ChannelUnreachableError, SlowModeError) as error:
                webhook = self._webhook(reply_to)
                if webhook is None:
                    raise
                log.info("interaction %d: notified by token: %r", reply_to.interaction_id, error)
                return await _follow_up(webhook, reply_to, text)

        return await with_words_or_without(job, send)

    async def _post(self, reply_to: ReplyTo, text: str, nonce: str) -> int:
        """Post a reply to a status message as the bot, or the same as no reply."""
        reference = discord.MessageReference(
            message_id=reply_to.message_id,
            channel_id=reply_to.channel_id,
            guild_id=reply_to.guild_id,
            # It still helps where the message was deleted meanwhile.
            fail_if_not_exists=False,
        )
        try:
            return await self._post_once(reply_to, text, nonce, reference)
        except ReferenceRefusedError as error:
            log.info("interaction %d: no reply: %r", reply_to.interaction_id, error)
            return await self._post_once(reply_to, text, nonce, None)

    async def _post_once(
        self, reply_to: ReplyTo, text: str, nonce: str, reference: discord.MessageReference | None
    ) -> int:
        only_member = _only(reply_to.member_id)
        send = partial(self.channel(reply_to).send, text, nonce=nonce, allowed_mentions=only_member)

        async def post() -> int:
            with convert_discord_errors():
                message = await (send() if reference is None else send(reference=reference))
            return message.id

        return await repeat(post)

    def _webhook(self, reply_to: ReplyTo) -> discord.Webhook | None:
        if not reply_to.token:
            return None
        return discord.Webhook.partial(reply_to.application_id, reply_to.token, client=self._client)


async def _follow_up(webhook: discord.Webhook, reply_to: ReplyTo, text: str) -> int:
    with convert_discord_errors():
        message = await webhook.send(text, allowed_mentions=_only(reply_to.member_id), wait=True)
    return message.id


def nonce_of(job: Job, what: str) -> str:
    """Make a nonce of a job's interaction: ids of jobs come again after a backup was restored."""
    return f"{job.reply_to.interaction_id}-{what}"


def _files(file: NewAttachment | None, *, bare: bool) -> list[discord.File]:
    """List a message's new attachments, or `MISSING`, with which it keeps those that it has."""
    if file is not None:
        return [file.open()]
    unchanged: list[discord.File] = discord.utils.MISSING
    return [] if bare else unchanged


def _only(member_id: int) -> discord.AllowedMentions:
    """Let a message notify one member, and nobody else whom the prompt in it may mention."""
    return discord.AllowedMentions(
        everyone=False, roles=False, users=[discord.Object(member_id)], replied_user=False
    )
