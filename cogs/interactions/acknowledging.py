"""Acknowledging once, though an interaction may come twice or the answer to it be lost."""

from __future__ import annotations

import logging
from collections import OrderedDict
from typing import Final

import aiohttp
import discord

log = logging.getLogger(__name__)

_REMEMBERED: Final = 4096
_ALREADY_ACKNOWLEDGED: Final = 40060
_DEFERRED: Final = "deferred"
LOST: Final = (discord.HTTPException, aiohttp.ClientError, OSError)
"""What an answer that was lost on its way back raises, as does one that never arrived."""


class HandledInteractions:
    """The latest interactions: a connection that is resumed may hand one over again."""

    def __init__(self) -> None:
        self._ids: OrderedDict[int, None] = OrderedDict()

    def is_repeated(self, interaction: discord.Interaction) -> bool:
        """Whether this was asked of the interaction before."""
        if interaction.id in self._ids:
            log.info("interaction %d was handed over again", interaction.id)
            return True
        self._ids[interaction.id] = None
        if len(self._ids) > _REMEMBERED:
            self._ids.popitem(last=False)
        return False


async def defer(
    interaction: discord.Interaction, *, ephemeral: bool = False, thinking: bool = False
) -> None:
    """Acknowledge, to answer later.

    Raises:
        discord.HTTPException: Discord has no acknowledgement.
        aiohttp.ClientError: Likewise, or it cannot be reached.
    """
    try:
        await interaction.response.defer(ephemeral=ephemeral, thinking=thinking)
    except LOST as error:
        if not await has_arrived(interaction, error):
            raise
        # discord.py itself goes by the answer that was lost.
        interaction.extras[_DEFERRED] = True


def is_acknowledged(interaction: discord.Interaction) -> bool:
    """Whether it was acknowledged here, and is answered by following up."""
    return interaction.response.is_done() or _DEFERRED in interaction.extras


async def has_arrived(interaction: discord.Interaction, error: Exception) -> bool:
    """Whether Discord took a first answer all the same, of which an error came back."""
    if getattr(error, "code", None) != _ALREADY_ACKNOWLEDGED:
        try:
            await interaction.original_response()
        except LOST:
            return False
    log.info("interaction %d was answered, whatever came back: %r", interaction.id, error)
    return True
