"""From an interaction, of a command or a button, to an accepted job or a refusal.

A request that can be refused without its picture is refused at once, and its member alone sees
that: in a raid nothing piles up in the channel. This precheck reads the database before Discord
has its acknowledgement, so it gets `Timeouts.PRECHECK_SECONDS`; a request that needs longer is
acknowledged first and decided then.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

import aiohttp
import discord

from bot.base import Timeouts
from bot.base.errors import RequestRefusedError
from bot.requests.errors import LimitReachedError
from cogs.animate import answer_texts
from cogs.animate.from_interaction import acknowledge
from cogs.animate.offer_buttons import offer_buttons
from cogs.animate.picture_download import download_picture
from cogs.texts.error_texts import error_text

if TYPE_CHECKING:
    from bot.media.pictures import PictureDecoder, Still
    from bot.requests.request import AcceptedRequest, AnimateRequest
    from bot.requests.service import RequestService
    from cogs.interactions.routed_views import RoutedView

log = logging.getLogger(__name__)


class AnimateHandler:
    """Answers members' requests, and keeps track of those that are still being decided."""

    def __init__(self, requests: RequestService, decoder: PictureDecoder) -> None:
        self._requests = requests
        self._decoder = decoder
        self._open: set[asyncio.Task[None]] = set()

    async def handle(self, interaction: discord.Interaction, request: AnimateRequest) -> None:
        """Refuse a request at once, or acknowledge it and edit the outcome into that message."""
        # A task of its own, for a stop to wait for: discord.py gives out none of those it starts.
        task = asyncio.create_task(self._handle(interaction, request))
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        await task

    async def wait_for_open(self, seconds: float) -> None:
        """Wait until every open request is decided, but no longer than the given time."""
        if self._open:  # `asyncio.wait` takes no empty set
            await asyncio.wait(self._open, timeout=seconds)

    async def _handle(self, interaction: discord.Interaction, request: AnimateRequest) -> None:
        try:
            # Only the first answer can be private: after a public acknowledgement none is.
            async with asyncio.timeout(Timeouts.PRECHECK_SECONDS):
                request = await self._requests.precheck(request)
        except RequestRefusedError as error:
            text, view = error_text(error), _view(error)
            await interaction.response.send_message(text, view=view, ephemeral=True)
            return
        except TimeoutError:
            # Discord takes an acknowledgement within three seconds; a decision can wait for longer.
            log.warning("the database is slow: deciding after the acknowledgement")
        reply_to = await acknowledge(interaction)

        async def read_picture() -> Still:
            download = partial(download_picture, request.picture_url)
            return await self._decoder.decode(request.picture_bytes, download)

        async def show(outcome: AcceptedRequest | Exception) -> bool:
            if isinstance(outcome, Exception):
                text = answer_texts.refused_text(reply_to.member_id, error_text(outcome))
                return await _show(interaction, text, _view(outcome))
            text = answer_texts.accepted_text(outcome)
            return await _show(interaction, text, discord.utils.MISSING)

        await self._requests.enqueue(request, reply_to, read_picture, show)


def _view(error: Exception) -> RoutedView:
    none: RoutedView = discord.utils.MISSING
    return (offer_buttons(error) or none) if isinstance(error, LimitReachedError) else none


async def _show(interaction: discord.Interaction, text: str, view: RoutedView) -> bool:
    """Edit the acknowledgement, and tell whether Discord took the edit within its time."""
    try:
        async with asyncio.timeout(Timeouts.SHOW_SECONDS):
            await interaction.edit_original_response(content=text, view=view)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        # Not raised: the request is decided by then. The worker's messages follow an accepted
        # one, and the next start answers a refused one.
        log.warning("interaction %d: its message was not edited: %r", interaction.id, error)
        return False
    return True
