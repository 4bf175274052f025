"""From an interaction, of a command or a button, to an accepted job or a refusal.

A request that can be refused without its picture is refused at once, and its member alone sees
that: in a raid nothing piles up in the channel. This precheck reads the database before Discord
has its acknowledgement, so it gets `Timeouts.PRECHECK_SECONDS`; a request that needs longer is
acknowledged first and decided then. A refusal that comes after the acknowledgement, which all in
the channel see, is told in private too, and the acknowledgement goes.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import aiohttp
import discord

from bot.base import Timeouts
from bot.base.errors import DeliveryError, RequestRefusedError
from bot.requests.errors import ConsentGoneError, LimitReachedError
from bot.requests.kept_address import is_kept
from cogs.animate import answer_texts
from cogs.animate.consent_texts import refused_after_consent_text
from cogs.animate.from_interaction import acknowledge, reply_to_of
from cogs.animate.offer_buttons import offer_buttons
from cogs.animate.picture_download import download_picture
from cogs.animate.posting_rights import check_posting, check_pressing
from cogs.delivery import job_messages
from cogs.delivery.clip_buttons import waiting_buttons
from cogs.delivery.discord_errors import convert_discord_errors
from cogs.delivery.message_sender import with_words_or_without
from cogs.delivery.repeating import repeat
from cogs.interactions.components import reply_privately
from cogs.interactions.place import guild_id_of
from cogs.texts.error_texts import error_text
from cogs.texts.languages import publicly

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from discord import app_commands

    from bot.jobs.clip_log import ClipLog
    from bot.jobs.job import Job, ReplyTo
    from bot.media.picture_decoder import PictureDecoder
    from bot.media.still import Still
    from bot.requests.kept_pictures import KeptPictures
    from bot.requests.request import AcceptedRequest, AnimateRequest, Requester
    from bot.requests.service import RequestService
    from cogs.interactions.routed_views import RoutedView

log = logging.getLogger(__name__)

_REFUSED_AGAIN_SECONDS: Final = 0.04
"""For which a request that was acknowledged, and is refused since, keeps its turn of two."""


class AnimateHandler:
    """Answers members' requests, and keeps track of those that are still being decided."""

    def __init__(
        self,
        requests: RequestService,
        kept: KeptPictures,
        clip_log: ClipLog,
        decoder: PictureDecoder,
    ) -> None:
        self._requests = requests
        self._kept = kept
        self._clip_log = clip_log
        self._decoder = decoder
        self._open: set[asyncio.Task[None]] = set()

    async def handle(self, interaction: discord.Interaction, request: AnimateRequest) -> None:
        """Refuse a request at once, or acknowledge it and edit the outcome into that message."""
        # A task of its own, for a stop to wait for: discord.py gives out none of those it starts.
        task = asyncio.create_task(self._handle(interaction, request))
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        await task

    async def log_command_refusal(
        self, interaction: discord.Interaction, error: app_commands.AppCommandError
    ) -> None:
        """Log what is refused before there is a request; the command tree answers it."""
        if isinstance(refusal := error.__cause__, RequestRefusedError):
            guild_id, member_id = guild_id_of(interaction), interaction.user.id
            self._clip_log.record_refusal(guild_id, member_id, refusal)

    async def wait_for_open(self, seconds: float) -> None:
        """Wait until every open request is decided, but no longer than the given time."""
        if self._open:  # `asyncio.wait` takes no empty set
            await asyncio.wait(self._open, timeout=seconds)

    async def _handle(self, interaction: discord.Interaction, request: AnimateRequest) -> None:
        try:
            with ExitStack() as slot:
                slot.enter_context(self._requests.open_requests.slot(request.member_key))
                # Not of who lets somebody animate their picture, which may be anywhere.
                if _is_own(interaction, request):
                    check_pressing(interaction)
                await check_posting(interaction)
                await self._decide(interaction, request, slot)
        except RequestRefusedError as error:
            self._log_refusal(request, error)
            text, view = _refusal(interaction, request, error)
            await reply_privately(interaction, text, view)

    async def _decide(
        self, interaction: discord.Interaction, request: AnimateRequest, slot: ExitStack
    ) -> None:
        """Answer the request, or raise the refusal while a first answer is still owed."""
        try:
            # What Discord is still owed then is an acknowledgement, which takes no time.
            async with asyncio.timeout(Timeouts.PRECHECK_SECONDS):
                request = await self._requests.precheck(request)
        except TimeoutError:
            # Discord takes an acknowledgement within three seconds; a decision can wait for longer.
            log.warning("the database is slow: deciding after the acknowledgement")
        noting = asyncio.create_task(self._note(interaction, request.who))
        try:
            reply_to = _to(request.who, await acknowledge(interaction))
        finally:
            # Beside the acknowledgement, which a busy database must not delay. Whoever was not
            # acknowledged for certain stays noted: the next start looks what they are shown.
            await noting

        async def download() -> bytes:
            # In a crowd it had to wait for its turn, in which moderators may have paused clips.
            try:
                await self._requests.check_again(request)
            except RequestRefusedError:
                # A pause refuses all who wait in one moment, and to tell one takes three requests:
                # those who are to be acknowledged would wait behind them all.
                await asyncio.sleep(_REFUSED_AGAIN_SECONDS)
                raise
            return await download_picture(request.picture_url)

        async def read_picture() -> Still:
            if is_kept(request.picture_url):
                place = reply_to.guild_id, reply_to.channel_id
                return await self._kept.still(place, reply_to.member_id, request.picture_url)
            return await self._decoder.decode(request.picture_bytes, download)

        async def show(outcome: AcceptedRequest | Exception) -> bool:
            # It is written by now: whoever reads it may ask again at once.
            slot.close()
            if isinstance(outcome, Exception):
                self._log_refusal(request, outcome)
                return await _refuse(interaction, *_refusal(interaction, request, outcome))
            return await _show_accepted(interaction, outcome)

        await self._requests.enqueue(request, reply_to, read_picture, show, is_noted=True)

    def _log_refusal(self, request: AnimateRequest, error: Exception) -> None:
        who, priced = request.who, request.priced
        price = None if priced is None else priced.price_micro_usd
        self._clip_log.record_refusal(who.guild_id, who.member_id, error, price)

    async def _note(self, interaction: discord.Interaction, who: Requester) -> None:
        await self._requests.note(_to(who, reply_to_of(interaction)))


def _to(who: Requester, reply_to: ReplyTo) -> ReplyTo:
    # Whoever presses that somebody may animate their picture starts a clip of that member's.
    return replace(reply_to, member_id=who.member_id)


def _is_own(interaction: discord.Interaction, request: AnimateRequest) -> bool:
    """Whether the request is of whoever used the interaction, not of whom they allow it."""
    return request.who.member_id == interaction.user.id


def _refusal(
    interaction: discord.Interaction, request: AnimateRequest, error: Exception
) -> tuple[str, RoutedView]:
    """Word a refusal for whoever used the interaction, with its buttons if there are any."""
    if not _is_own(interaction, request) and not isinstance(error, ConsentGoneError):
        # What somebody may spend, or why they may not, is theirs alone to read.
        return refused_after_consent_text(request.who.member_id), discord.utils.MISSING
    return error_text(error), _view(error)


def _view(error: Exception) -> RoutedView:
    none: RoutedView = discord.utils.MISSING
    return (offer_buttons(error) or none) if isinstance(error, LimitReachedError) else none


async def _refuse(interaction: discord.Interaction, sentence: str, view: RoutedView) -> bool:
    """Tell the member alone, and delete the acknowledgement; return whether they were told.

    Discord makes the first follow-up the acknowledgement itself, for all to see; only once that
    has a text of its own can another message be private.
    """
    with publicly():
        note = job_messages.refusal_is_private_text()
    if not await _show(interaction, note):
        return False

    async def send() -> None:
        with convert_discord_errors():
            await interaction.followup.send(sentence, view=view, ephemeral=True)

    try:
        async with asyncio.timeout(Timeouts.SHOW_SECONDS):
            # Read twice, where an answer was lost, it harms nobody.
            await repeat(send)
    except (DeliveryError, TimeoutError) as failure:
        log.warning("interaction %d: its refusal was not told: %r", interaction.id, failure)
        with publicly():
            untold = answer_texts.untold_refusal_text(interaction.user.id)
        return await _show(interaction, untold)
    with suppress(discord.HTTPException, aiohttp.ClientError, OSError):
        # What stays otherwise says nothing about anybody.
        async with asyncio.timeout(Timeouts.SHOW_SECONDS):
            await interaction.delete_original_response()
    return True


async def _show_accepted(interaction: discord.Interaction, accepted: AcceptedRequest) -> bool:
    """Show that a request is queued, if it must be without the words of it."""

    async def show(worded: Job) -> None:
        with publicly():
            text = answer_texts.accepted_text(replace(accepted, job=worded))
            view = waiting_buttons(accepted.job)
        await _edit(interaction, text, view)

    return await _is_shown(interaction, with_words_or_without(accepted.job, show))


async def _show(
    interaction: discord.Interaction, text: str, view: RoutedView = discord.utils.MISSING
) -> bool:
    """Edit the acknowledgement, and tell whether Discord took the edit within its time."""
    return await _is_shown(interaction, _edit(interaction, text, view))


async def _is_shown(interaction: discord.Interaction, edit: Awaitable[None]) -> bool:
    try:
        async with asyncio.timeout(Timeouts.SHOW_SECONDS):
            await edit
    except (DeliveryError, TimeoutError) as error:
        # Not raised: the request is decided by then. The worker's messages follow an accepted
        # one, and the next start answers a refused one.
        log.warning("interaction %d: its message was not edited: %r", interaction.id, error)
        return False
    return True


async def _edit(
    interaction: discord.Interaction, text: str, view: RoutedView = discord.utils.MISSING
) -> None:
    # discord.py repeats what failed at Discord, and nothing whose connection broke.
    while True:
        try:
            with convert_discord_errors():
                await interaction.edit_original_response(content=text, view=view)
        except DeliveryError as error:
            if not isinstance(error.__cause__, aiohttp.ClientError | ConnectionError):
                raise
            log.info("interaction %d: edited again after %r", interaction.id, error)
            await asyncio.sleep(Timeouts.SHOW_AGAIN_SECONDS)
        else:
            return
