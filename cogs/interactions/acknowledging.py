"""Acknowledging once, though an interaction may come twice or the answer to it be lost."""

from __future__ import annotations

import logging
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

import aiohttp
import discord

from cogs.texts.error_texts import error_text
from cogs.texts.languages import _

if TYPE_CHECKING:
    from cogs.interactions.routed_views import RoutedModal

log = logging.getLogger(__name__)

_REMEMBERED: Final = 4096
_ALREADY_ACKNOWLEDGED: Final = 40060
# It came too late for Discord, or was asked for in a locked thread, which takes no answer.
_TAKES_NO_ANSWER: Final = frozenset({10062, 50083, 160005})
_TOO_MANY_REQUESTS, _SERVER_ERROR = 429, 500
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


async def open_modal(interaction: discord.Interaction, modal: RoutedModal) -> None:
    """Answer with a form, which Discord takes as a first answer alone.

    Raises:
        discord.HTTPException: Discord does not take it.
        aiohttp.ClientError: Likewise, or it cannot be reached.
    """
    try:
        await interaction.response.send_modal(modal)
    except LOST as error:
        if not is_passing(error):
            raise
        log.info("interaction %d: its form is sent again after %r", interaction.id, error)
        try:
            # No message shows whether it has the first one: it tells by taking this, or by 40060.
            await interaction.response.send_modal(modal)
        except discord.HTTPException as again:
            if again.code != _ALREADY_ACKNOWLEDGED:
                raise


def is_passing(error: BaseException) -> bool:
    """Whether an answer failed for its way to Discord or its time, and not for what is in it."""
    if not isinstance(error, discord.HTTPException):
        return isinstance(error, LOST)
    is_refused = error.status < _SERVER_ERROR and error.status != _TOO_MANY_REQUESTS
    return not is_refused or error.code in {_ALREADY_ACKNOWLEDGED, *_TAKES_NO_ANSWER}


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


@error_text.register(aiohttp.ClientError)
@error_text.register(ConnectionError)
@error_text.register(discord.HTTPException)
def _unanswered(error: Exception) -> str:
    if not is_passing(error):
        return error_text.dispatch(Exception)(error)
    log.warning("Discord has answered nothing that can be used: %r", error)
    return _(
        "Discord did not answer me, so I cannot tell whether that was done. "
        "Please have a look, and try again if it was not."
    )
