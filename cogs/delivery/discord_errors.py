"""Discord's refusals and broken connections, converted into the bot's own errors."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import aiohttp
import discord

from bot.base.errors import (
    ChannelUnreachableError,
    DeliveryError,
    FileTooLargeError,
    MessageDeletedError,
)

if TYPE_CHECKING:
    from collections.abc import Generator

# https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
_UNKNOWN_MESSAGE: Final = 10008
_FILE_TOO_LARGE: Final = 40005
# Channel, guild or user unknown, access or permission missing, or direct messages closed, in
# general or for lack of a server in common: whichever it is, nothing can be posted.
_CHANNEL_UNREACHABLE: Final = frozenset({10003, 10004, 10013, 50001, 50007, 50013, 50278})
# Token invalid, as after its 15 minutes; webhook unknown, where nothing was acknowledged with it.
_TOKEN_EXPIRED: Final = frozenset({50027, 10015})
# A proxy before Discord may refuse a large upload by itself, with this status and no code.
_PAYLOAD_TOO_LARGE: Final = 413


class TokenExpiredError(DeliveryError):
    """Discord does not take the interaction's token any more, as after 15 minutes."""


@contextmanager
def convert_discord_errors() -> Generator[None, None, None]:
    """Convert what discord.py raises inside the block into `DeliveryError` and its kinds."""
    try:
        yield
    except discord.HTTPException as error:
        raise _convert(error) from error
    except (aiohttp.ClientError, OSError, TimeoutError, discord.RateLimited) as error:
        raise DeliveryError(type(error).__name__) from error


def _convert(error: discord.HTTPException) -> DeliveryError:
    detail = f"{error.status} {error.code} {error.text}"
    if error.code == _FILE_TOO_LARGE or error.status == _PAYLOAD_TOO_LARGE:
        return FileTooLargeError(detail)
    if error.code in _TOKEN_EXPIRED:
        return TokenExpiredError(detail)
    if error.code == _UNKNOWN_MESSAGE:
        return MessageDeletedError(detail)
    if error.code in _CHANNEL_UNREACHABLE:
        return ChannelUnreachableError(detail)
    return DeliveryError(detail)
