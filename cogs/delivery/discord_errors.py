"""Discord's refusals and broken connections, converted into the bot's own errors.

One table says what each code means for a message. `cogs.delivery.message_sender` has the way that
each error leaves; where none is left, the job ends (`bot.jobs.workflow`).
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import aiohttp
import discord

from bot.base.errors import (
    ChannelUnreachableError,
    ContentRefusedError,
    DeliveryError,
    FileTooLargeError,
    MessageDeletedError,
    MessageRefusedError,
)
from cogs.delivery.request_guard import SLOW_MODE, SlowModeAnswerError

if TYPE_CHECKING:
    from collections.abc import Generator


class TokenExpiredError(DeliveryError):
    """Discord does not take the interaction's token any more, as after 15 minutes."""


class ThreadArchivedError(ChannelUnreachableError):
    """Nothing in an archived thread is changed; a new message opens it, unless it is locked."""


class SlowModeError(DeliveryError):
    """The channel takes no new message of the bot's yet; edits and answers by token it takes."""


class ReferenceRefusedError(MessageRefusedError):
    """The message refers to one to which the bot may not refer here."""


class WordsRefusedError(ContentRefusedError):
    """A filter does not take the words of a message, some of which may be a member's."""


class FileRefusedError(ContentRefusedError):
    """A filter does not take the file of a message, whatever its words are."""


_THREAD_ARCHIVED: Final = 50083
_THREAD_LOCKED: Final = 160005
_EXPLICIT_CONTENT: Final = 20009
_AUTOMOD: Final = 200000
_HARMFUL_LINK: Final = 240000
_INVALID_FORM: Final = 50035

# https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
_ERRORS: Final[dict[type[DeliveryError], frozenset[int]]] = {
    MessageDeletedError: frozenset({10008}),
    FileTooLargeError: frozenset({40005}),
    # Token invalid, as after its 15 minutes; webhook unknown, as nothing was acknowledged with it.
    TokenExpiredError: frozenset({50027, 10015}),
    # Channel, guild or user unknown; access or permission missing; direct messages closed, in
    # general or for lack of a server in common; no place for messages; a locked thread: whichever
    # it is, nothing can be posted.
    ChannelUnreachableError: frozenset(
        {10003, 10004, 10013, 50001, 50007, 50008, 50013, 50024, 50278, _THREAD_LOCKED}
    ),
    ThreadArchivedError: frozenset({_THREAD_ARCHIVED}),
    SlowModeError: frozenset({SLOW_MODE}),
    # Its history may not be read, in two spellings; it is in an age-restricted channel.
    ReferenceRefusedError: frozenset({160002, 160009, 160010}),
    WordsRefusedError: frozenset({_AUTOMOD, _HARMFUL_LINK}),
    FileRefusedError: frozenset({_EXPLICIT_CONTENT}),
    MessageRefusedError: frozenset({_INVALID_FORM}),
}
_ERROR_OF: Final = {code: kind for kind, codes in _ERRORS.items() for code in codes}

_BAD_REQUEST: Final = 400
# A proxy before Discord may refuse a large upload by itself, with this status and no code.
_PAYLOAD_TOO_LARGE: Final = 413
# Comes as 400 too, and passes: the API is overloaded.
_OVERLOADED: Final = 130000


@contextmanager
def convert_discord_errors() -> Generator[None, None, None]:
    """Convert what discord.py raises inside the block into `DeliveryError` and its kinds."""
    try:
        yield
    except discord.HTTPException as error:
        raise _convert(error) from error
    except SlowModeAnswerError as error:
        raise SlowModeError(str(error), code=SLOW_MODE, retry_after=error.retry_after) from error
    except (aiohttp.ClientError, OSError, TimeoutError, discord.RateLimited) as error:
        retry_after = getattr(error, "retry_after", None)
        raise DeliveryError(type(error).__name__, retry_after=retry_after) from error


def _convert(error: discord.HTTPException) -> DeliveryError:
    detail = f"{error.status} {error.code} {error.text}"
    return _kind_of(error)(detail, code=error.code, retry_after=_retry_after(error))


def _kind_of(error: discord.HTTPException) -> type[DeliveryError]:
    if error.status == _PAYLOAD_TOO_LARGE:
        return FileTooLargeError
    if error.code in _ERROR_OF:
        return _ERROR_OF[error.code]
    # Discord has read it and does not take it: the same message is refused tomorrow as well.
    if error.status == _BAD_REQUEST and error.code not in {0, _OVERLOADED}:
        return MessageRefusedError
    return DeliveryError


def _retry_after(error: discord.HTTPException) -> float | None:
    headers = getattr(error.response, "headers", {})
    seconds = str(headers.get("Retry-After", ""))
    return float(seconds) if seconds.isdecimal() else None
