"""From an interaction to an accepted job or a refusal, whatever it came from.

What can be refused without the picture is refused at once, for its member's eyes alone: in a
raid nothing piles up in the channel. That looks into the database before the acknowledgement,
but never for long; a request that takes longer is acknowledged first and decided then.
"""

from __future__ import annotations

import asyncio
import logging
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
    """Answers members' requests, and knows which are still being decided."""

    def __init__(self, requests: RequestService, decoder: PictureDecoder) -> None:
        self._requests = requests
        self._decoder = decoder
        self._open: set[asyncio.Task[None]] = set()

    async def handle(self, interaction: discord.Interaction, request: AnimateRequest) -> None:
        """Refuse at once, or acknowledge, then decide; the member reads the outcome there."""
        task = asyncio.create_task(self._handle(interaction, request))
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        await task

    async def wait_for_open(self, seconds: float) -> None:
        """Wait for the requests that are being decided, at most so long."""
        if self._open:
            await asyncio.wait(self._open, timeout=seconds)

    async def _handle(self, interaction: discord.Interaction, request: AnimateRequest) -> None:
        try:
            async with asyncio.timeout(Timeouts.PRECHECK_SECONDS):
                request = await self._requests.precheck(request)
        except RequestRefusedError as error:
            await interaction.response.send_message(
                error_text(error), view=_view(error), ephemeral=True
            )
            return
        except TimeoutError:
            log.warning("the database is slow: deciding after the acknowledgement")
        reply_to = await acknowledge(interaction)

        async def read_picture() -> Still:
            return await self._decoder.decode(
                request.picture_bytes,
                lambda: download_picture(interaction.client, request.picture_url),
            )

        async def show(outcome: AcceptedRequest | Exception) -> bool:
            if isinstance(outcome, Exception):
                text = answer_texts.refused_text(reply_to.member_id, error_text(outcome))
                return await _show(interaction, text, _view(outcome))
            text = answer_texts.accepted_text(outcome, outcome.picture_changes)
            return await _show(interaction, text)

        await self._requests.enqueue(request, reply_to, read_picture, show)


def _view(error: Exception) -> RoutedView:
    """Return the buttons of a refusal, if it has any."""
    none: RoutedView = discord.utils.MISSING
    return (offer_buttons(error) or none) if isinstance(error, LimitReachedError) else none


async def _show(
    interaction: discord.Interaction,
    text: str,
    view: RoutedView = discord.utils.MISSING,
) -> bool:
    """Edit the acknowledgement; return whether Discord took it."""
    try:
        async with asyncio.timeout(Timeouts.SHOW_SECONDS):
            await interaction.edit_original_response(content=text, view=view)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        log.warning("interaction %d: its message was not edited: %r", interaction.id, error)
        return False
    return True
