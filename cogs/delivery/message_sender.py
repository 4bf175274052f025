"""Sends what is shown of a job, and takes the other ways that Discord leaves where it refuses one.

| refused | way |
|---|---|
| the interaction's token | as the bot |
| an edit in an archived thread | the message that calls the member goes first, which opens it |
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

from bot.base import DIRECT_MESSAGES
from bot.base.errors import (
    ChannelUnreachableError,
    DeliveryError,
    MessageDeletedError,
    MessageRefusedError,
)
from bot.jobs.job import Job, ReplyTo
from cogs.delivery import job_messages
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
    """Edits and deletes the status message of a job, and replies to it.

    Texts are worded in the job's language. Methods raise `DeliveryError` and its kinds.
    """

    def __init__(self, client: discord.Client, clock: Clock) -> None:
        self._client, self._clock = client, clock

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

    async def post_reply(self, reply_to: ReplyTo, text: str, nonce: str) -> int:
        """Post a reply to a status message that mentions its member; return its id."""
        try:
            return await self._post(reply_to, text, nonce)
        except (ChannelUnreachableError, SlowModeError) as error:
            webhook = self._webhook(reply_to)
            if webhook is None:
                raise
            log.info("interaction %d: notified by token: %r", reply_to.interaction_id, error)
            with convert_discord_errors():
                only_member = _only(reply_to.member_id)
                message = await webhook.send(text, allowed_mentions=only_member, wait=True)
            return message.id

    async def reply_privately(self, reply_to: ReplyTo, text: str) -> None:
        """Follow up for the member alone, while the token lives.

        The status message must not be "thinking" any more: else this takes its place, for all.

        Raises:
            TokenExpiredError: It does not live any more.
        """
        webhook = self.live_webhook(reply_to)
        if webhook is None:
            raise TokenExpiredError("its time is over")

        async def send() -> None:
            with convert_discord_errors():
                await webhook.send(text, ephemeral=True, allowed_mentions=_only(reply_to.member_id))

        # Read twice, where an answer was lost, it harms nobody.
        await repeat(send)

    async def delete(self, reply_to: ReplyTo, message_id: int) -> None:
        """Delete one of the bot's own messages beside a status message, or that, if it is there."""
        message = self.channel(reply_to).get_partial_message(message_id)
        try:
            await self.opening(reply_to, message.delete)
        except DeliveryError as error:
            if not isinstance(error.__cause__, discord.NotFound):
                raise

    async def react(self, reply_to: ReplyTo, emoji: str) -> None:
        """Put a reaction on the status message, as the bot."""
        message = self.channel(reply_to).get_partial_message(reply_to.message_id)
        with convert_discord_errors():
            await message.add_reaction(emoji)

    async def delete_status(self, reply_to: ReplyTo) -> None:
        """Delete the status message: by token, which works also where the bot may not look."""
        webhook = self.live_webhook(reply_to)
        if webhook is None:
            await self.delete(reply_to, reply_to.message_id)
            return
        await self.opening(reply_to, partial(webhook.delete_message, reply_to.message_id))

    async def _post(self, reply_to: ReplyTo, text: str, nonce: str) -> int:
        """Post a reply to a status message as the bot, or the same as no reply."""
        reference = discord.MessageReference(
            message_id=reply_to.message_id,
            channel_id=reply_to.channel_id,
            guild_id=None if reply_to.guild_id == DIRECT_MESSAGES else reply_to.guild_id,
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
        of, token = reply_to.application_id, reply_to.token
        webhook = discord.Webhook.partial(of, token, client=self._client)
        # As discord.py has it for an interaction: no other kind may send what one alone reads.
        webhook.type = discord.WebhookType.application
        return webhook


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
