"""What moderators read when a command about clips or members cannot do what it should."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.moderation import errors
from bot.moderation.errors import BlockProblem, ClipProblem, RememberProblem, TimedeltaProblem
from bot.moderation.remembered_pictures import MOST
from cogs.texts.audit_sentences import act_sentence
from cogs.texts.error_texts import UNCHANGED
from cogs.texts.markdown import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.moderation.clip_selection import SelectedClips
    from cogs.texts.error_texts import ErrorTexts

_CLIPS: Final = {
    ClipProblem.UNKNOWN: (
        "I know no clip by that here. Please pick one of those I suggest, or type its number."
    ),
    ClipProblem.NOT_A_CLIP: (
        "That message is not a clip of mine. Please choose the message that shows it."
    ),
    ClipProblem.IN_PROGRESS: (
        "That clip is still being made. Please use `/clips cancel` to stop it."
    ),
    ClipProblem.NEVER_SHOWN: "That one ended without a clip, so there is nothing to remove.",
    ClipProblem.REMOVED: "That clip was removed already.",
    ClipProblem.CANCELLED: "That clip is being cancelled already.",
    ClipProblem.OVER: (
        "That clip is not in the making any more. Please use `/clips remove` for one that is shown."
    ),
    ClipProblem.ERASED: (
        "Its data is deleted, as its member wanted or as its time was over, so I no longer know "
        "where that clip is. Please delete its message yourself."
    ),
    ClipProblem.OUT_OF_REACH: (
        "I may change nothing in the channel of that clip: I do not see it any more, or it is a "
        "locked thread. Please let me in again or unlock it, or delete the message yourself."
    ),
    ClipProblem.NOT_DELETED: "Discord did not take the deletion. Please try again in a minute.",
    ClipProblem.ELSEWHERE: (
        "That clip is in another channel, and you have **Manage Messages** in this one alone. "
        "Please use the command in the clip's channel, or ask a moderator of the whole server."
    ),
}
_REMEMBERED: Final = {
    RememberProblem.NO_HASH: (
        "I cannot tell the picture of that clip from others: there is too little in it, or the "
        "clip was made by an earlier version of me."
    ),
    RememberProblem.TOO_MANY: (
        f"This server refuses {MOST:,} pictures already. Please take some off the list first: "
        "`/clips pictures list` and `/clips pictures forget`."
    ),
    RememberProblem.NOT_REMEMBERED: (
        "The picture of that clip is not refused. `/clips pictures list` has those that are."
    ),
}
_BLOCKS: Final = {
    BlockProblem.ONESELF: "That is yourself, and nobody can block or unblock themselves.",
    BlockProblem.OWNER: "That is the owner of this server, about whom nobody else decides.",
    BlockProblem.NOT_BELOW: (
        "That member is not below you: their highest role is yours or a higher one. "
        "Please ask somebody above them."
    ),
    BlockProblem.NOT_BLOCKED: "<@{member}> is not blocked. `/clips blocks` lists who is.",
}
_LENGTHS: Final = {
    TimedeltaProblem.UNREADABLE: (
        "I did not understand how long. Please write it like 10m, 2h, 3d or 1w."
    ),
    TimedeltaProblem.TOO_SHORT: "That is less than a minute. Please give a longer time.",
    TimedeltaProblem.TOO_LONG: (
        "That is more than a year. Please give a shorter time, or leave it out: without it there "
        "is no end."
    ),
}


def _clip(error: errors.ClipError) -> str:
    return f"{_CLIPS[error.problem]} {UNCHANGED}"


def _block(error: errors.BlockError) -> str:
    return f"{_BLOCKS[error.problem].format(member=error.member_id)} {UNCHANGED}"


def _remember(error: errors.RememberError) -> str:
    return f"{_REMEMBERED[error.problem]} {UNCHANGED}"


def _own_clip(_error: errors.OwnClipError) -> str:
    return (
        "That is your own clip, so somebody else has to decide: another moderator, or anybody "
        f"with **Manage Server**. {UNCHANGED}"
    )


def _nothing_selected(error: errors.NothingSelectedError) -> str:
    return " ".join(("There is no such clip for you to cancel now.", *left_alone(error), UNCHANGED))


def left_alone(those: errors.NothingSelectedError | SelectedClips) -> Iterator[str]:
    """Say which clips a moderator may not cancel, one sentence for each reason."""
    if those.own:
        yield (
            f"{plural(those.own, 'clip')} of your own, which Pika has, "
            f"{'stay' if those.own > 1 else 'stays'}: somebody else has to decide."
        )
    if those.elsewhere:
        yield (
            f"{plural(those.elsewhere, 'clip')} in other channels "
            f"{'stay' if those.elsewhere > 1 else 'stays'}: you have **Manage Messages** in this "
            "channel alone."
        )


def _not_paused(_error: errors.NotPausedError) -> str:
    return f"Clips are not paused here. {UNCHANGED}"


def _timedelta(error: errors.TimedeltaError) -> str:
    return f"{_LENGTHS[error.problem]} {UNCHANGED}"


def _report(error: errors.ReportClosedError) -> str:
    if error.closed_by is None:
        return f"I know nothing of that report any more. {UNCHANGED}"
    return f"That is decided already: {act_sentence(error.closed_by)}. {UNCHANGED}"


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
