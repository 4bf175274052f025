"""Lists of blocked words as text files, attached and exported."""

from __future__ import annotations

import io
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import discord

from bot.base.errors import ModerationError
from cogs.interactions.attachment_download import (
    AttachmentTooLargeError,
    AttachmentUnfetchedError,
    download_attachment,
)
from cogs.texts.error_texts import UNCHANGED, error_text
from cogs.texts.languages import N_, _
from cogs.texts.punctuation import sentences

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.moderation.blocked_words import BlockedWord

MAX_BYTES: Final = 512 * 1024
"""More than a full list takes, whatever its writing."""


class WordFileProblem(StrEnum):
    """Why a file is no list of words."""

    TOO_LARGE = "too_large"
    UNFETCHED = "unfetched"
    NOT_UTF_8 = "not_utf_8"


class WordFileError(ModerationError):
    """An attached file cannot be read as a list of words."""

    def __init__(self, problem: WordFileProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


async def read_attachment(attachment: discord.Attachment) -> str:
    """Read an attached text.

    Raises:
        WordFileError: It is too large, no text in UTF-8, or not to be had.
    """
    if attachment.size > MAX_BYTES:
        raise WordFileError(WordFileProblem.TOO_LARGE)
    try:
        data = await download_attachment(attachment.url, MAX_BYTES)
        return data.decode("utf-8-sig")
    except AttachmentTooLargeError as error:
        raise WordFileError(WordFileProblem.TOO_LARGE) from error
    except AttachmentUnfetchedError as error:
        raise WordFileError(WordFileProblem.UNFETCHED) from error
    except UnicodeDecodeError as error:
        raise WordFileError(WordFileProblem.NOT_UTF_8) from error


def text_file(name: str, text: str) -> discord.File:
    """Make a text a file for a message."""
    return discord.File(io.BytesIO(text.encode()), name)


def words_file(words: Iterable[BlockedWord], name: str = "blocked-words.txt") -> discord.File:
    """Write the words one a line, as `/clips words import` takes them."""
    return text_file(name, "".join(f"{word.name}\n" for word in words))


_PROBLEMS: Final = {
    WordFileProblem.TOO_LARGE: N_("That file is larger than {most} KB."),
    WordFileProblem.UNFETCHED: N_("Discord did not hand me that file. Please try again."),
    WordFileProblem.NOT_UTF_8: N_("That file is no text in UTF-8. Please save it as plain text."),
}


@error_text.register
def _unread(error: WordFileError) -> str:
    return sentences(_(_PROBLEMS[error.problem], most=MAX_BYTES // 1024), _(UNCHANGED))
