"""Discord's refusals and broken connections, as this house's errors."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import aiohttp
import discord

from bot.base.errors import ChannelUnreachableError, DeliveryError, FileTooLargeError

if TYPE_CHECKING:
    from collections.abc import Generator

# Discord's JSON error codes.
_UNKNOWN_CHANNEL: Final = 10003
_UNKNOWN_GUILD: Final = 10004
_UNKNOWN_MESSAGE: Final = 10008
_UNKNOWN_WEBHOOK: Final = 10015
_TOO_LARGE: Final = 40005
_TOKEN_DEAD: Final = 50027
_MISSING_ACCESS: Final = 50001
_MISSING_PERMISSIONS: Final = 50013
_NO_PLACE: Final = frozenset(
    {_UNKNOWN_CHANNEL, _UNKNOWN_GUILD, _MISSING_ACCESS, _MISSING_PERMISSIONS}
)
_PAYLOAD_TOO_LARGE: Final = 413


class MessageDeletedError(DeliveryError):
    """The message was deleted."""


class TokenExpiredError(DeliveryError):
    """The interaction's token is not honoured any more."""


@contextmanager
def convert_discord_errors() -> Generator[None, None, None]:
    """Raise what Discord's library raises inside as `DeliveryError` and its kinds."""
    try:
        yield
    except discord.HTTPException as error:
        raise _convert(error) from error
    except (aiohttp.ClientError, OSError, TimeoutError, discord.RateLimited) as error:
        raise DeliveryError(type(error).__name__) from error


def _convert(error: discord.HTTPException) -> DeliveryError:
    told = f"{error.status} {error.code} {error.text}"
    if error.code == _TOO_LARGE or error.status == _PAYLOAD_TOO_LARGE:
        return FileTooLargeError(told)
    if error.code in {_TOKEN_DEAD, _UNKNOWN_WEBHOOK}:
        return TokenExpiredError(told)
    if error.code == _UNKNOWN_MESSAGE:
        return MessageDeletedError(told)
    if error.code in _NO_PLACE:
        return ChannelUnreachableError(told)
    return DeliveryError(told)
