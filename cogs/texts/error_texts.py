"""From an error to the one sentence that its reader gets, and what to do next."""

from __future__ import annotations

import logging
from functools import singledispatch
from typing import Final

from discord import app_commands
from pydantic import ValidationError

from bot.base.checked_text import MAX_CHARACTERS
from bot.base.errors import RequestRefusedError, TextError, TextProblem, UnknownChoiceError
from bot.base.references import new_reference
from bot.jobs.job import Failure
from bot.media.errors import PictureError, PictureProblem
from bot.media.pictures import MAX_BYTES, MAX_FRAMES, MAX_PIXELS, MIN_SIDE
from cogs.texts.languages import later, number, say
from cogs.texts.markdown import escape, shorten

log = logging.getLogger(__name__)

_PICTURES: Final = {
    PictureProblem.EMPTY: later("That file is empty. Please attach the picture again."),
    PictureProblem.TOO_MANY_BYTES: later(
        "That picture is over {megabytes} MB. Please attach a smaller copy."
    ),
    PictureProblem.UNFETCHED: later(
        "I could not fetch your picture from Discord. Please try again."
    ),
    PictureProblem.NOT_A_PICTURE: later(
        "That file is not a picture I can read. Please attach a JPEG, PNG, WebP, GIF, HEIC "
        "or AVIF picture."
    ),
    PictureProblem.NOT_PLAIN: later(
        "I need this picture as a JPEG, PNG or WebP here. Please convert it and attach it again."
    ),
    PictureProblem.BROKEN: later(
        "That picture is damaged or incomplete. Please save it again and attach the new copy."
    ),
    PictureProblem.TOO_MANY_PIXELS: later(
        "That picture has over {megapixels} megapixels. Please attach a smaller copy."
    ),
    PictureProblem.TOO_MANY_FRAMES: later(
        "That animation has over {frames} frames. Please attach a still picture."
    ),
    PictureProblem.TOO_SMALL: later(
        "That picture is too small. Please attach one of at least {side} by {side} pixels."
    ),
    PictureProblem.TOO_NARROW: later(
        "That picture is too long and thin to animate. Please crop it and attach it again."
    ),
}

_FAILURES: Final = {
    Failure.MODERATED: later(
        "Pika's content rules refused this picture or prompt. "
        "Please change one of them before you try again."
    ),
    Failure.BAD_PICTURE: later("Pika could not use this picture. Please try another one."),
    Failure.BAD_INPUT: later(
        "Pika did not accept these options. Please try another picture or a simpler prompt."
    ),
    Failure.NO_CREDIT: later(
        "The Pika account of this bot has run out of credit. "
        "Please tell whoever runs the bot, and try again later."
    ),
    Failure.BAD_KEY: later(
        "Pika did not accept this bot's key. Please tell whoever runs the bot, and try again later."
    ),
    Failure.BUSY: later("Pika was too busy for your clip. Please try again in a few minutes."),
    Failure.UNAVAILABLE: later("Pika could not be reached. Please try again in a few minutes."),
    Failure.RENDER_FAILED: later("Pika failed to render your clip. Please try again."),
    Failure.TIMED_OUT: later("Pika did not finish your clip in time. Please try again later."),
    Failure.IN_DOUBT: later(
        "The connection to Pika broke while your clip was being ordered. Please try again."
    ),
    Failure.UNFETCHED: later("Pika finished your clip but did not hand it over. Please try again."),
    Failure.UNREADABLE_VIDEO: later(
        "Pika sent a file that is not a playable video. Please try again."
    ),
    Failure.VIDEO_TOO_LARGE: later(
        "Your clip is too large for Discord here. Please try 720p or 5 seconds."
    ),
    Failure.NO_PLACE: later(
        "Your clip could not be shown: its channel is gone or closed to me. "
        "Please try again in another channel."
    ),
    Failure.NOT_APPROVED: later(
        "The moderators did not approve your clip. Please ask them before you try again."
    ),
    Failure.NOT_REVIEWED: later(
        "No moderator decided on your clip in time. Please ask one of them, then try again."
    ),
    Failure.UNDELIVERED: later("Discord did not take your clip for a day. Please try again."),
    Failure.TOO_LATE: later(
        "I was offline for too long to go on with this clip. Please ask for it again."
    ),
    Failure.INTERNAL: later("Something went wrong on my side. Please try again."),
}

_UNREAD: Final = later("I could not read these options. Please reload Discord and try again.")
_REASON_SHOWN: Final = 200
REFUSED_CLIP: Final = later("The moderators refused one of your clips.")
"""Why a member is blocked whose clip was refused with one press; English where it is kept."""
REFUNDED: Final = later("Nothing was charged.")
_NUMBERS: Final = {
    "megabytes": MAX_BYTES // 1_048_576,
    "megapixels": MAX_PIXELS // 1_000_000,
    "frames": MAX_FRAMES,
    "side": MIN_SIDE,
}


def failure_sentence(failure: Failure) -> str:
    """Return why a job ended without a clip, and what its member can do."""
    return say(_FAILURES[failure])


def free(sentence: str) -> str:
    """Return a sentence with the promise that it cost nothing."""
    return f"{sentence} {say(REFUNDED)}"


def because(reason: str) -> str:
    """Return a moderator's reason as the end of a sentence that has its full stop to come."""
    if not reason:
        return ""
    if reason == REFUSED_CLIP:
        return f": {say(REFUSED_CLIP).rstrip('.')}"
    return f": {escape(shorten(reason, _REASON_SHOWN).rstrip('.!?'))}"


def interrupted_sentence() -> str:
    """Return what a member reads whose request a restart has lost."""
    lost = free(say("Something interrupted me before I had decided on your request."))
    return f"{lost} {say('Please send it again.')}"


def reference_words(reference: str) -> str:
    """Return what leads from a sentence to the log."""
    return say("(reference {reference})", reference=reference)


@singledispatch
def sentence_for(error: Exception) -> str:
    """Return what a member reads when a command did not work, and what they can do.

    An error that nobody foresaw goes to the log, under the reference that is shown.
    """
    reference = new_reference()
    log.error("ref %s: a command broke", reference, exc_info=error)
    return f"{free(failure_sentence(Failure.INTERNAL))} {reference_words(reference)}"


@sentence_for.register
def _no_private_message(_error: app_commands.NoPrivateMessage) -> str:
    return say("I work in servers only. Please use this command in a server I am in.")


@sentence_for.register(app_commands.CommandSignatureMismatch)
@sentence_for.register(app_commands.CommandNotFound)
@sentence_for.register(app_commands.TransformerError)
def _stale(error: app_commands.AppCommandError) -> str:
    if isinstance(error.__cause__, RequestRefusedError):
        return sentence_for(error.__cause__)
    log.warning("a command does not fit the one here: %s", error)
    return say(_UNREAD)


@sentence_for.register
def _unfit(error: ValidationError) -> str:
    """Answer options that Discord's own client, which knows their bounds, does not send."""
    log.warning("options that do not fit: %d", error.error_count())
    return free(say(_UNREAD))


@sentence_for.register
def _unknown(_error: UnknownChoiceError) -> str:
    return free(say(_UNREAD))


@sentence_for.register
def _invocation(error: app_commands.CommandInvokeError) -> str:
    return sentence_for(error.original)


@sentence_for.register
def _picture(error: PictureError) -> str:
    numbers = {name: number(value) for name, value in _NUMBERS.items()}
    return free(say(_PICTURES[error.problem], **numbers))


@sentence_for.register
def _words(error: TextError) -> str:
    name = say(_FIELDS[error.field])
    if error.problem is TextProblem.TOO_LONG:
        told = say(
            "Your {field} has {length} characters and I take {most}. Please shorten it.",
            field=name,
            length=number(error.length),
            most=number(MAX_CHARACTERS),
        )
    else:
        told = say(
            "Your {field} contains invisible characters that control or reverse text. "
            "Please type it again by hand.",
            field=name,
        )
    if error.field == _REASON:
        # Only moderators give one: they are answered in English, and pay nothing.
        return f"{told} Nothing was changed."
    return free(told)


_REASON: Final = "reason"
_FIELDS: Final = {
    "prompt": later("prompt"),
    "negative_prompt": later("negative prompt"),
    _REASON: later("reason"),
}
