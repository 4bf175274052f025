"""From an error to the one sentence that its reader gets, and what to do next."""

from __future__ import annotations

import logging
from functools import singledispatch
from typing import Final

from discord import app_commands
from pydantic import ValidationError

from bot.errors import (
    PictureError,
    PictureProblem,
    RefusedError,
    UnknownOptionError,
    WordsError,
    WordsProblem,
)
from bot.failures import new_reference
from bot.job import Failure
from bot.stills import MAX_BYTES, MAX_FRAMES, MAX_PIXELS, MIN_SIDE
from bot.words import MAX_CHARACTERS

log = logging.getLogger(__name__)

_PICTURES: Final = {
    PictureProblem.EMPTY: "That file is empty. Please attach the picture again.",
    PictureProblem.TOO_MANY_BYTES: (
        f"That picture is over {MAX_BYTES // 1_048_576} MB. Please attach a smaller copy."
    ),
    PictureProblem.UNFETCHED: "I could not fetch your picture from Discord. Please try again.",
    PictureProblem.NOT_A_PICTURE: (
        "That file is not a picture I can read. Please attach a JPEG, PNG, WebP, GIF, HEIC "
        "or AVIF picture."
    ),
    PictureProblem.NOT_PLAIN: (
        "I need this picture as a JPEG, PNG or WebP here. Please convert it and attach it again."
    ),
    PictureProblem.BROKEN: (
        "That picture is damaged or incomplete. Please save it again and attach the new copy."
    ),
    PictureProblem.TOO_MANY_PIXELS: (
        f"That picture has over {MAX_PIXELS // 1_000_000} megapixels. Please attach a smaller copy."
    ),
    PictureProblem.TOO_MANY_FRAMES: (
        f"That animation has over {MAX_FRAMES:,} frames. Please attach a still picture."
    ),
    PictureProblem.TOO_SMALL: (
        f"That picture is too small. Please attach one of at least {MIN_SIDE} by {MIN_SIDE} pixels."
    ),
    PictureProblem.TOO_NARROW: (
        "That picture is too long and thin to animate. Please crop it and attach it again."
    ),
}

_FAILURES: Final = {
    Failure.MODERATED: (
        "Pika's content rules refused this picture or prompt. "
        "Please change one of them before you try again."
    ),
    Failure.BAD_PICTURE: "Pika could not use this picture. Please try another one.",
    Failure.BAD_INPUT: (
        "Pika did not accept these options. Please try another picture or a simpler prompt."
    ),
    Failure.NO_CREDIT: (
        "The Pika account of this bot has run out of credit. "
        "Please tell whoever runs the bot, and try again later."
    ),
    Failure.BAD_KEY: (
        "Pika did not accept this bot's key. Please tell whoever runs the bot, and try again later."
    ),
    Failure.BUSY: "Pika was too busy for your clip. Please try again in a few minutes.",
    Failure.UNAVAILABLE: "Pika could not be reached. Please try again in a few minutes.",
    Failure.RENDER_FAILED: "Pika failed to render your clip. Please try again.",
    Failure.TIMED_OUT: "Pika did not finish your clip in time. Please try again later.",
    Failure.IN_DOUBT: (
        "The connection to Pika broke while your clip was being ordered. Please try again."
    ),
    Failure.UNFETCHED: "Pika finished your clip but did not hand it over. Please try again.",
    Failure.UNREADABLE_VIDEO: "Pika sent a file that is not a playable video. Please try again.",
    Failure.VIDEO_TOO_LARGE: (
        "Your clip is too large for Discord here. Please try 720p or 5 seconds."
    ),
    Failure.NO_PLACE: (
        "Your clip could not be shown: its channel is gone or closed to me. "
        "Please try again in another channel."
    ),
    Failure.NOT_APPROVED: (
        "The moderators did not approve your clip. Please ask them before you try again."
    ),
    Failure.NOT_REVIEWED: (
        "No moderator decided on your clip in time. Please ask one of them, then try again."
    ),
    Failure.UNDELIVERED: "Discord did not take your clip for a day. Please try again.",
    Failure.TOO_LATE: (
        "I was offline for too long to go on with this clip. Please ask for it again."
    ),
    Failure.INTERNAL: "Something went wrong on my side. Please try again.",
}

_UNREAD: Final = "I could not read these options. Please reload Discord and try again."
REFUNDED: Final = "Nothing was charged."
INTERRUPTED: Final = (
    "Something interrupted me before I had decided on your request. "
    f"{REFUNDED} Please send it again."
)


def failure_sentence(failure: Failure) -> str:
    """Return why a job ended without a clip, and what its member can do."""
    return _FAILURES[failure]


@singledispatch
def sentence_for(error: Exception) -> str:
    """Return what a member reads when a command did not work, and what they can do.

    An error that nobody foresaw goes to the log, under the reference that is shown.
    """
    reference = new_reference()
    log.error("ref %s: a command broke", reference, exc_info=error)
    return f"{_FAILURES[Failure.INTERNAL]} {REFUNDED} (reference {reference})"


@sentence_for.register
def _no_private_message(_error: app_commands.NoPrivateMessage) -> str:
    return "I work in servers only. Please use this command in a server I am in."


@sentence_for.register(app_commands.CommandSignatureMismatch)
@sentence_for.register(app_commands.CommandNotFound)
@sentence_for.register(app_commands.TransformerError)
def _stale(error: app_commands.AppCommandError) -> str:
    if isinstance(error.__cause__, RefusedError):
        return sentence_for(error.__cause__)
    log.warning("a command does not fit the one here: %s", error)
    return _UNREAD


@sentence_for.register
def _unfit(error: ValidationError) -> str:
    """Answer options that Discord's own client, which knows their bounds, does not send."""
    log.warning("options that do not fit: %d", error.error_count())
    return f"{_UNREAD} {REFUNDED}"


@sentence_for.register
def _unknown(_error: UnknownOptionError) -> str:
    return f"{_UNREAD} {REFUNDED}"


@sentence_for.register
def _invocation(error: app_commands.CommandInvokeError) -> str:
    return sentence_for(error.original)


@sentence_for.register
def _picture(error: PictureError) -> str:
    return f"{_PICTURES[error.problem]} {REFUNDED}"


@sentence_for.register
def _words(error: WordsError) -> str:
    name = error.field.replace("_", " ")
    if error.problem is WordsProblem.TOO_LONG:
        return (
            f"Your {name} has {error.length:,} characters and I take {MAX_CHARACTERS:,}. "
            f"Please shorten it. {REFUNDED}"
        )
    return (
        f"Your {name} contains invisible characters that control or reverse text. "
        f"Please type it again by hand. {REFUNDED}"
    )
