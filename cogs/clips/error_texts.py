"""What moderators read when a command about clips or members cannot do what it should."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.moderation import errors
from bot.moderation.errors import BlockProblem, ClipProblem, RememberProblem, TimedeltaProblem
from bot.moderation.remembered_pictures import MOST
from cogs.texts.audit_sentences import act_sentence
from cogs.texts.error_texts import UNCHANGED
from cogs.texts.languages import N_, _, ngettext, number
from cogs.texts.punctuation import sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.moderation.clip_selection import SelectedClips
    from cogs.texts.error_texts import ErrorTexts

_CLIPS: Final = {
    ClipProblem.UNKNOWN: (
        N_("I know no clip by that here. Please pick one of those I suggest, or type its number.")
    ),
    ClipProblem.NOT_A_CLIP: (
        N_("That message is not a clip of mine. Please choose the message that shows it.")
    ),
    ClipProblem.IN_PROGRESS: (
        N_("That clip is still being made. Please use `/clips cancel` to stop it.")
    ),
    ClipProblem.NEVER_SHOWN: N_("That one ended without a clip, so there is nothing to remove."),
    ClipProblem.REMOVED: N_("That clip was removed already."),
    ClipProblem.CANCELLED: N_("That clip is being cancelled already."),
    ClipProblem.OVER: (
        N_(
            "That clip is not in the making any more. Please use `/clips remove` for one "
            "that is shown."
        )
    ),
    ClipProblem.ERASED: (
        N_(
            "Its data is deleted, as its member wanted or as its time was over, so I no longer "
            "know where that clip is. Please delete its message yourself."
        )
    ),
    ClipProblem.OUT_OF_REACH: (
        N_(
            "I may change nothing in the channel of that clip: I do not see it any more, "
            "or it is a locked thread. Please let me in again or unlock it, or delete the "
            "message yourself."
        )
    ),
    ClipProblem.NOT_DELETED: N_("Discord did not take the deletion. Please try again in a minute."),
    ClipProblem.ELSEWHERE: (
        N_(
            "That clip is in another channel, and you have **Manage Messages** in this one "
            "alone. Please use the command in the clip's channel, or ask a moderator of "
            "the whole server."
        )
    ),
}
_REMEMBERED: Final = {
    RememberProblem.NO_HASH: (
        N_(
            "I cannot tell the picture of that clip from others: there is too little in "
            "it, or the clip was made by an earlier version of me."
        )
    ),
    RememberProblem.TOO_MANY: (
        N_(
            "This server refuses {most} pictures already. Please take some off the list "
            "first: `/clips pictures list` and `/clips pictures forget`."
        )
    ),
    RememberProblem.NOT_REMEMBERED: (
        N_("The picture of that clip is not refused. `/clips pictures list` has those that are.")
    ),
}
_BLOCKS: Final = {
    BlockProblem.ONESELF: N_("That is yourself, and nobody can block or unblock themselves."),
    BlockProblem.OWNER: N_("That is the owner of this server, about whom nobody else decides."),
    BlockProblem.NOT_BELOW: (
        N_(
            "That member is not below you: their highest role is yours or a higher one. "
            "Please ask somebody above them."
        )
    ),
    BlockProblem.NOT_BLOCKED: N_("<@{member}> is not blocked. `/clips blocks` lists who is."),
}
_LENGTHS: Final = {
    TimedeltaProblem.UNREADABLE: (
        N_("I did not understand how long. Please write it like 10m, 2h, 3d or 1w.")
    ),
    TimedeltaProblem.TOO_SHORT: N_("That is less than a minute. Please give a longer time."),
    TimedeltaProblem.TOO_LONG: (
        N_(
            "That is more than a year. Please give a shorter time, or leave it out: "
            "without it there is no end."
        )
    ),
}


def _clip(error: errors.ClipError) -> str:
    return sentences(_(_CLIPS[error.problem]), _(UNCHANGED))


def _block(error: errors.BlockError) -> str:
    return sentences(_(_BLOCKS[error.problem], member=error.member_id), _(UNCHANGED))


def _remember(error: errors.RememberError) -> str:
    return sentences(_(_REMEMBERED[error.problem], most=number(MOST)), _(UNCHANGED))


def _own_clip(_error: errors.OwnClipError) -> str:
    return _(
        "That is your own clip, so somebody else has to decide: another moderator, or "
        "anybody with **Manage Server**. {unchanged}",
        unchanged=_(UNCHANGED),
    )


def _nothing_selected(error: errors.NothingSelectedError) -> str:
    nothing = _("There is no such clip for you to cancel now.")
    return sentences(nothing, *left_alone(error), _(UNCHANGED))


def left_alone(those: errors.NothingSelectedError | SelectedClips) -> Iterator[str]:
    """Say which clips a moderator may not cancel, one sentence for each reason."""
    if those.own:
        yield (
            ngettext(
                "{n} clip of your own, which Pika has, stays: somebody else has to decide.",
                "{n} clips of your own, which Pika has, stay: somebody else has to decide.",
                those.own,
            )
        )
    if those.elsewhere:
        yield (
            ngettext(
                "{n} clip in other channels stays: you have **Manage Messages** in this channel "
                "alone.",
                "{n} clips in other channels stay: you have **Manage Messages** in this channel "
                "alone.",
                those.elsewhere,
            )
        )


def _not_paused(_error: errors.NotPausedError) -> str:
    return _("Clips are not paused here. {unchanged}", unchanged=_(UNCHANGED))


def _timedelta(error: errors.TimedeltaError) -> str:
    return sentences(_(_LENGTHS[error.problem]), _(UNCHANGED))


def _report(error: errors.ReportClosedError) -> str:
    if error.closed_by is None:
        return _("I know nothing of that report any more. {unchanged}", unchanged=_(UNCHANGED))
    act = act_sentence(error.closed_by)
    return _("That is decided already: {act}. {unchanged}", act=act, unchanged=_(UNCHANGED))


TEXTS: Final[ErrorTexts] = {
    errors.ClipError: _clip,
    errors.RememberError: _remember,
    errors.OwnClipError: _own_clip,
    errors.NothingSelectedError: _nothing_selected,
    errors.BlockError: _block,
    errors.NotPausedError: _not_paused,
    errors.TimedeltaError: _timedelta,
    errors.ReportClosedError: _report,
}
"""For `error_text`: what several commands of `/clips` raise."""
