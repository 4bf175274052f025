"""From an error to the sentence that its reader gets, which also says what to do next."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import singledispatch
from typing import Final, TypeAlias

from discord import app_commands
from pydantic import ValidationError

from bot.base.checked_text import MAX_CHARACTERS
from bot.base.child_process import ChildKilledError
from bot.base.errors import (
    DatabaseLostError,
    RequestRefusedError,
    TextError,
    TextProblem,
    UnknownChoiceError,
)
from bot.base.references import new_reference
from bot.jobs.job import Failure
from bot.media.errors import PictureError, PictureProblem
from bot.media.still import MAX_BYTES, MAX_FRAMES, MIN_SIDE
from bot.owner.errors import DirectMessagesClosedError, GuildClosedError, GuildUnknownError
from cogs.texts.languages import N_, _, number
from cogs.texts.markdown import escape, shorten
from cogs.texts.punctuation import labelled, sentences

log = logging.getLogger(__name__)

ErrorTexts: TypeAlias = Mapping[type[Exception], Callable[..., str]]
"""Functions that word an error, by its class; `cogs.register` gives them to `error_text`."""

_PICTURES: Final = {
    PictureProblem.EMPTY: N_("That file is empty. Please attach the picture again."),
    PictureProblem.TOO_MANY_BYTES: N_(
        "That picture is over {megabytes} MB. Please attach a smaller copy."
    ),
    PictureProblem.UNFETCHED: N_("I could not fetch your picture from Discord. Please try again."),
    PictureProblem.NOT_A_PICTURE: N_(
        "That file is not a picture I can read. Please attach a JPEG, PNG, WebP, GIF, HEIC "
        "or AVIF picture."
    ),
    PictureProblem.BROKEN: N_(
        "That picture is damaged or incomplete. Please save it again and attach the new copy."
    ),
    PictureProblem.TOO_MANY_PIXELS: N_(
        "That picture has over {megapixels} megapixels, the most I take of its format. "
        "Please attach a smaller copy as a JPEG."
    ),
    PictureProblem.TOO_COSTLY: N_(
        "That picture takes too much memory or time to read. "
        "Please attach a smaller copy as a JPEG."
    ),
    PictureProblem.TOO_MANY_FRAMES: N_(
        "That animation has over {frames} frames. Please attach a still picture."
    ),
    PictureProblem.TOO_SMALL: N_(
        "That picture is too small. Please attach one of at least {side} by {side} pixels."
    ),
    PictureProblem.TOO_NARROW: N_(
        "That picture is too long and thin to animate. Please crop it and attach it again."
    ),
    PictureProblem.NOT_KEPT: N_(
        "I do not have the picture of that clip any more. Please send it again with `/animate`."
    ),
}

_FAILURES: Final = {
    Failure.MODERATED: N_(
        "Pika's content rules refused this picture or prompt. "
        "Please change one of them before you try again."
    ),
    Failure.BAD_PICTURE: N_("Pika could not use this picture. Please try another one."),
    Failure.BAD_INPUT: N_(
        "Pika did not accept these options. Please try another picture or a simpler prompt."
    ),
    Failure.PICTURE_NOT_SHOWN: N_(
        "Pika fetches your picture from a message of mine, and I could not show it: the message is "
        "gone, or I may not attach files. Please try again, or ask a moderator."
    ),
    Failure.PICTURE_LOST: N_("I no longer have the picture you sent. Please send it again."),
    Failure.NO_CREDIT: N_(
        "The Pika account of this bot has run out of credit. "
        "Please tell whoever runs the bot, and try again later."
    ),
    Failure.BAD_KEY: N_(
        "Pika did not accept this bot's key. Please tell whoever runs the bot, and try again later."
    ),
    Failure.BUSY: N_("Pika was too busy for your clip. Please try again in a few minutes."),
    Failure.UNAVAILABLE: N_("Pika could not be reached. Please try again in a few minutes."),
    Failure.RENDER_FAILED: N_("Pika failed to render your clip. Please try again."),
    Failure.TIMED_OUT: N_("Pika did not finish your clip in time. Please try again later."),
    Failure.IN_DOUBT: N_(
        "The connection to Pika broke while your clip was being ordered. Please try again."
    ),
    Failure.UNFETCHED: N_("Pika finished your clip but did not hand it over. Please try again."),
    Failure.UNREADABLE_VIDEO: N_(
        "Pika sent a file that is not a playable video. Please try again."
    ),
    Failure.VIDEO_TOO_LARGE: N_(
        "Your clip is too large for Discord here. Please try 720p or 5 seconds."
    ),
    Failure.NO_PLACE: N_(
        "Your clip could not be shown: its channel is gone or closed to me. "
        "Please try again in another channel: if that happens twice within a day, it counts."
    ),
    Failure.NO_PLACE_AGAIN: N_(
        "Your clip could not be shown and counts: its channel is gone or closed to me, as that of "
        "another clip of yours within a day. Please choose a channel that stays."
    ),
    Failure.MEMBER_GONE: N_(
        "You were not in this server any more, so I did not go on with your clip. "
        "Please ask for it again."
    ),
    Failure.MEMBER_TIMED_OUT: N_(
        "Moderators have timed you out, so I did not go on with your clip. "
        "Please ask for it again when that is over."
    ),
    Failure.MESSAGE_DELETED: N_(
        "A moderator deleted the message of your clip, so it is not shown. "
        "Please ask them before you try again: if that happens twice within a day, it counts."
    ),
    Failure.MESSAGE_DELETED_AGAIN: N_(
        "A moderator deleted the message of your clip, so it is not shown and counts: that of "
        "another clip of yours was lost within a day. Please ask them before you try again."
    ),
    Failure.BLOCKED_BY_FILTER: N_(
        "Discord's filters refused your picture or clip, so it is not shown. Please change the "
        "picture or the prompt before you try again: if that happens twice within a day, it counts."
    ),
    Failure.BLOCKED_BY_FILTER_AGAIN: N_(
        "Discord's filters refused your clip, so it is not shown and counts: another clip of yours "
        "was not shown within a day. Please change the picture or the prompt before you try again."
    ),
    Failure.NOT_APPROVED: N_(
        "The moderators did not approve your clip. Please ask them before you try again."
    ),
    Failure.NOT_REVIEWED: N_(
        "No moderator decided on your clip in time. Please ask one of them, then try again."
    ),
    Failure.UNDELIVERED: N_("Discord did not take your clip. Please try again."),
    Failure.TOO_LATE: N_(
        "I was offline for too long to go on with this clip. Please ask for it again."
    ),
    Failure.INTERNAL: N_("Something went wrong on my side. Please try again."),
}

_UNREADABLE_OPTIONS: Final = N_(
    "I could not read these options. Please reload Discord and try again."
)
_REASON_SHOWN: Final = 200
REFUSED_CLIP: Final = N_("The moderators refused one of your clips.")
"""The reason of a block by the button *Refuse and block*. The database keeps it in English."""
REFUNDED: Final = N_("Nothing was charged.")
_IN_DOUBT: Final = N_(
    "I cannot tell whether Pika bills it. You got it back; only this server goes on counting it "
    "until that is known."
)
UNCHANGED: Final = N_("Nothing was changed.")
"""The end of what moderators read when a command did nothing."""
_NUMBERS: Final = {
    "megabytes": MAX_BYTES // 1_048_576,
    "frames": MAX_FRAMES,
    "side": MIN_SIDE,
}


def failure_text(failure: Failure) -> str:
    """Say why a job ended without a clip, and what its member can do."""
    return _(_FAILURES[failure])


def with_no_charge_note(sentence: str) -> str:
    """Add to a sentence that nothing was charged."""
    return sentences(sentence, _(REFUNDED))


def with_doubt_note(sentence: str) -> str:
    """Add to a sentence that its clip may be billed, and who counts it."""
    return sentences(sentence, _(_IN_DOUBT))


def reason_suffix(reason: str) -> str:
    """Word a moderator's reason as the end of a sentence whose full stop is still to come."""
    if not reason:
        return ""
    if reason == REFUSED_CLIP:
        return labelled("", _(REFUSED_CLIP).rstrip(".。"))
    return labelled("", escape(shorten(reason, _REASON_SHOWN).rstrip(".!?。！？")))  # noqa: RUF001 - Japanese


def interrupted_text() -> str:
    """Say that a restart came before a request was decided."""
    sentence = _("Something interrupted me before I had decided on your request.")
    return sentences(with_no_charge_note(sentence), _("Please send it again."))


def reference_text(reference: str) -> str:
    """Write a reference, by which the log knows what a sentence is about."""
    return _("(reference {reference})", reference=reference)


@singledispatch
def error_text(error: Exception) -> str:
    """Say what went wrong and what to do, in the task's language.

    Each class of errors has a function registered for it. An error that nobody foresaw goes
    to the log, under the reference that the sentence shows.
    """
    reference = new_reference()
    log.error("ref %s: a command broke", reference, exc_info=error)
    text = with_no_charge_note(failure_text(Failure.INTERNAL))
    return sentences(text, reference_text(reference))


@error_text.register
def _no_private_message(_error: app_commands.NoPrivateMessage) -> str:
    return _("I work in servers only. Please use this command in a server I am in.")


@error_text.register(app_commands.CommandSignatureMismatch)
@error_text.register(app_commands.CommandNotFound)
@error_text.register(app_commands.TransformerError)
def _unknown_command(error: app_commands.AppCommandError) -> str:
    if isinstance(error.__cause__, RequestRefusedError):
        return error_text(error.__cause__)
    log.warning("a command does not fit the one here: %s", error)
    return _(_UNREADABLE_OPTIONS)


@error_text.register
def _invalid_options(error: ValidationError) -> str:
    # Discord's own client knows the options' bounds; other programs may send anything.
    log.warning("options that do not fit: %d", error.error_count())
    return with_no_charge_note(_(_UNREADABLE_OPTIONS))


@error_text.register
def _unknown_choice(_error: UnknownChoiceError) -> str:
    return with_no_charge_note(_(_UNREADABLE_OPTIONS))


@error_text.register
def _invocation(error: app_commands.CommandInvokeError) -> str:
    return error_text(error.original)


@error_text.register
def _closed_guild(error: GuildClosedError) -> str:
    return _(
        "This server is not open to me yet: please ask whoever runs this bot to open it, and give "
        "them the server's id, {id}.",
        id=error.guild_id,
    )


@error_text.register
def _database_lost(_error: DatabaseLostError) -> str:
    return _(
        "I cannot take anything on right now: my files were changed while I run. Whoever runs this "
        "bot has been told; please try again later."
    )


@error_text.register
def _closed_directly(_error: DirectMessagesClosedError) -> str:
    return _("I make no clips in direct messages. Please use me in a server.")


@error_text.register
def _unknown_guild(_error: GuildUnknownError) -> str:
    return _(
        "I do not know yet whether this server is open to me, as Discord has not told me. "
        "Please try again in a minute."
    )


@error_text.register
def _picture(error: PictureError) -> str:
    bounds = {**_NUMBERS, "megapixels": error.most_pixels // 1_000_000}
    numbers = {name: number(value) for name, value in bounds.items()}
    text = with_no_charge_note(_(_PICTURES[error.problem], **numbers))
    if not isinstance(error.__cause__, ChildKilledError):
        return text
    reference = new_reference()
    log.error("ref %s: a picture was not decoded: %s", reference, error.__cause__)
    return sentences(text, reference_text(reference))


@error_text.register
def _text(error: TextError) -> str:
    name = _(_FIELDS[error.field])
    if error.problem is TextProblem.TOO_LONG:
        sentence = _(
            "Your {field} has {length} characters and I take {most}. Please shorten it.",
            field=name,
            length=number(error.length),
            most=number(MAX_CHARACTERS),
        )
    else:
        sentence = _(
            "Your {field} contains invisible characters that control or reverse text. "
            "Please type it again by hand.",
            field=name,
        )
    if error.field == _REASON:
        # Only moderators give a reason, and they pay nothing.
        return sentences(sentence, _(UNCHANGED))
    return with_no_charge_note(sentence)


_REASON: Final = "reason"
_FIELDS: Final = {
    "prompt": N_("prompt"),
    "negative_prompt": N_("negative prompt"),
    _REASON: N_("reason"),
}
