"""The buttons *Hide* and *Show*: a clip behind a spoiler and back, without a new upload."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias

from bot.base.errors import DeliveryError
from bot.guilds.audit import Actor
from bot.jobs.job import Job
from bot.requests.clip_errors import ClipPressError, ClipPressProblem
from cogs.delivery.attachments import set_spoiler
from cogs.delivery.clip_buttons import shown_buttons
from cogs.interactions.acknowledging import defer
from cogs.interactions.reason_option import actor_from
from cogs.texts.languages import use_language

if TYPE_CHECKING:
    import discord

    from bot.requests.member_clips import ClipPress, MemberClipService

RecordHiding: TypeAlias = Callable[[Actor, Job, bool], Awaitable[None]]
"""Records that a moderator hid a clip, or showed it again."""


class Hiding:
    """Hides clips for who asked for them, and for moderators."""

    def __init__(self, clips: MemberClipService, record: RecordHiding) -> None:
        self._clips, self._record = clips, record

    async def hide(self, interaction: discord.Interaction, press: ClipPress) -> None:
        """Put a clip behind a spoiler."""
        await self._set(interaction, press, is_hidden=True)

    async def show(self, interaction: discord.Interaction, press: ClipPress) -> None:
        """Take a clip from behind its spoiler."""
        await self._set(interaction, press, is_hidden=False)

    async def _set(
        self, interaction: discord.Interaction, press: ClipPress, *, is_hidden: bool
    ) -> None:
        job = await self._clips.shown(press)
        is_own = job.reply_to.member_id == press.member_id
        rights = interaction.permissions
        if not (is_own or rights.manage_messages or rights.administrator):
            raise ClipPressError(ClipPressProblem.NOT_YOURS_TO_HIDE)
        if interaction.message is None or not interaction.message.attachments:
            raise ClipPressError(ClipPressProblem.GONE)
        (attachment,) = interaction.message.attachments[:1]
        await defer(interaction)
        with use_language(job.language):
            view = shown_buttons(job, is_hidden=is_hidden)
        try:
            await set_spoiler(interaction, attachment, view, is_spoiler=is_hidden)
        except DeliveryError as error:
            raise ClipPressError(ClipPressProblem.NOT_HIDDEN) from error
        if not is_own and attachment.is_spoiler() is not is_hidden:
            await self._record(actor_from(interaction), job, is_hidden)
