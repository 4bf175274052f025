"""From an acknowledged interaction to an accepted job or a refusal, whatever it came from."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final, TypeAlias

import aiohttp
import discord

from bot.errors import LimitReachedError
from cogs import (
    refusals,  # noqa: F401 - registers its sentences
    replies,
)
from cogs.failures import sentence_for
from cogs.offers import buttons
from cogs.requests import acknowledge, front_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.desk import Desk
    from bot.moderation.gate import Wish
    from bot.request import Ask, Front

log = logging.getLogger(__name__)

_SHOW_SECONDS: Final = 10.0
"""Discord's library repeats what fails for half a minute; an accepted job starts sooner."""

Take: TypeAlias = "Callable[[Front], Awaitable[Ask]]"
"""Brings the picture to a request that was admitted."""


class Reception:
    """Answers members' requests, and knows which are still being decided."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._open: set[asyncio.Task[None]] = set()

    async def receive(self, interaction: discord.Interaction, wish: Wish, take: Take) -> None:
        """Acknowledge, then decide; the member reads the outcome in that answer."""
        task = asyncio.create_task(self._handle(interaction, wish, take))
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        await task

    async def drain(self, seconds: float) -> None:
        """Wait for the requests that are being decided, at most so long."""
        if self._open:
            await asyncio.wait(self._open, timeout=seconds)

    async def _handle(self, interaction: discord.Interaction, wish: Wish, take: Take) -> None:
        address = await acknowledge(interaction)
        await self._desk.open(address)
        front = front_of(interaction, address, wish)
        try:
            await self._desk.admit(front)
            ask = await take(front)
            accepted = await self._desk.request(ask)
        except Exception as error:  # noqa: BLE001 - whatever it is, the member gets a sentence
            text = replies.refused(address.member_id, sentence_for(error))
            view = buttons(error) if isinstance(error, LimitReachedError) else None
            if await _show(interaction, text, view):
                await self._desk.dismiss(address)
        else:
            await _show(interaction, replies.accepted(accepted, ask.still.notes))
            await self._desk.release(accepted)


async def _show(
    interaction: discord.Interaction, text: str, view: discord.ui.View | None = None
) -> bool:
    """Edit the acknowledgement; return whether Discord took it."""
    try:
        async with asyncio.timeout(_SHOW_SECONDS):
            await interaction.edit_original_response(content=text, view=view)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        log.warning("interaction %d: its message was not edited: %r", interaction.id, error)
        return False
    return True
