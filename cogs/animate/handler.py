"""From an interaction to an accepted job or a refusal, whatever it came from.

What can be refused without the picture is refused at once, for its member's eyes alone: in a
raid nothing piles up in the channel. That looks into the database before the acknowledgement,
but never for long; a request that takes longer is acknowledged first and decided then.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

import aiohttp
import discord

from bot.base.errors import RequestRefusedError
from bot.requests.errors import LimitReachedError
from bot.requests.request import Ask
from cogs.animate import answer_texts
from cogs.animate.from_interaction import acknowledge
from cogs.animate.offer_buttons import offer_buttons
from cogs.animate.picture_download import download_picture
from cogs.texts.error_texts import error_text

if TYPE_CHECKING:
    from bot.media.pictures import PictureDecoder
    from bot.requests.request import Front
    from bot.requests.service import RequestService
    from cogs.interactions.routed_views import RoutedView

log = logging.getLogger(__name__)

_AT_ONCE_SECONDS: Final = 0.5
"""How long the acknowledgement waits for a refusal. Discord gives three seconds in all."""
_SHOW_SECONDS: Final = 10.0
"""Discord's library repeats what fails for half a minute; an accepted job starts sooner."""


class AnimateHandler:
    """Answers members' requests, and knows which are still being decided."""

    def __init__(self, requests: RequestService, decoder: PictureDecoder) -> None:
        self._requests = requests
        self._decoder = decoder
        self._open: set[asyncio.Task[None]] = set()

    async def receive(self, interaction: discord.Interaction, front: Front) -> None:
        """Refuse at once, or acknowledge, then decide; the member reads the outcome there."""
        task = asyncio.create_task(self._handle(interaction, front))
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        await task

    async def drain(self, seconds: float) -> None:
        """Wait for the requests that are being decided, at most so long."""
        if self._open:
            await asyncio.wait(self._open, timeout=seconds)

    async def _handle(self, interaction: discord.Interaction, front: Front) -> None:
        refusal = await self._refused_at_once(front)
        if refusal is not None:
            await interaction.response.send_message(
                error_text(refusal), view=_view(refusal), ephemeral=True
            )
            return
        reply_to = await acknowledge(interaction)
        await self._requests.open(reply_to)
        try:
            still = await self._decoder.decode(
                front.picture_bytes, lambda: download_picture(interaction.client, front.picture_url)
            )
            accepted = await self._requests.enqueue(Ask(reply_to, front, still))
        except Exception as error:  # noqa: BLE001 - whatever it is, the member gets a sentence
            text = answer_texts.refused_text(reply_to.member_id, error_text(error))
            if await _show(interaction, text, _view(error)):
                await self._requests.dismiss(reply_to)
        else:
            await _show(interaction, answer_texts.accepted_text(accepted, still.changes))
            await self._requests.release(accepted)

    async def _refused_at_once(self, front: Front) -> RequestRefusedError | None:
        try:
            async with asyncio.timeout(_AT_ONCE_SECONDS):
                await self._requests.precheck(front)
        except RequestRefusedError as error:
            return error
        except TimeoutError:
            log.warning("the database is slow: deciding after the acknowledgement")
        return None


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
        async with asyncio.timeout(_SHOW_SECONDS):
            await interaction.edit_original_response(content=text, view=view)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        log.warning("interaction %d: its message was not edited: %r", interaction.id, error)
        return False
    return True
