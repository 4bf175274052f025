"""Why clips failed, in a few words for moderators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.jobs.job import Failure
from cogs.texts.languages import N_, _
from cogs.texts.punctuation import listed, with_note

if TYPE_CHECKING:
    from collections import Counter

_FAILURES: Final = {
    Failure.MODERATED: N_("Pika's content rules"),
    Failure.BAD_PICTURE: N_("picture not usable"),
    Failure.BAD_INPUT: N_("options not accepted"),
    Failure.PICTURE_NOT_SHOWN: N_("picture not shown to Pika"),
    Failure.PICTURE_LOST: N_("picture lost here"),
    Failure.NO_CREDIT: N_("Pika account out of credit"),
    Failure.BAD_KEY: N_("Pika key refused"),
    Failure.BUSY: N_("Pika too busy"),
    Failure.UNAVAILABLE: N_("Pika not reached"),
    Failure.RENDER_FAILED: N_("render failed"),
    Failure.TIMED_OUT: N_("render took too long"),
    Failure.IN_DOUBT: N_("connection broke while ordering"),
    Failure.UNFETCHED: N_("video not handed over"),
    Failure.UNREADABLE_VIDEO: N_("video not playable"),
    Failure.VIDEO_TOO_LARGE: N_("video too large"),
    Failure.NO_PLACE: N_("channel gone or closed"),
    Failure.NO_PLACE_AGAIN: N_("channel gone or closed again, which counts"),
    Failure.MEMBER_GONE: N_("member left or was removed"),
    Failure.MEMBER_TIMED_OUT: N_("member timed out"),
    Failure.MESSAGE_DELETED: N_("message deleted by a moderator"),
    Failure.MESSAGE_DELETED_AGAIN: N_("message deleted by a moderator again, which counts"),
    Failure.BLOCKED_BY_FILTER: N_("refused by Discord's filters"),
    Failure.BLOCKED_BY_FILTER_AGAIN: N_("refused by Discord's filters again, which counts"),
    Failure.NOT_APPROVED: N_("not approved in review"),
    Failure.NOT_REVIEWED: N_("not reviewed in time"),
    Failure.UNDELIVERED: N_("Discord did not take it"),
    Failure.TOO_LATE: N_("bot offline for too long"),
    Failure.INTERNAL: N_("bot's own fault"),
}


def failure_name(failure: Failure) -> str:
    """Name a reason."""
    return _(_FAILURES[failure])


def failures_text(failures: Counter[Failure]) -> str:
    """Name reasons in a row, the most frequent first: `Pika too busy (3), render failed (1)`."""
    return listed(with_note(_(_FAILURES[why]), count) for why, count in failures.most_common())
