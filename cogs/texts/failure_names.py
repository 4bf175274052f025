"""Why clips failed, in a few words for moderators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.jobs.job import Failure

if TYPE_CHECKING:
    from collections import Counter

_FAILURES: Final = {
    Failure.MODERATED: "Pika's content rules",
    Failure.BAD_PICTURE: "picture not usable",
    Failure.BAD_INPUT: "options not accepted",
    Failure.PICTURE_NOT_SHOWN: "picture not shown to Pika",
    Failure.PICTURE_LOST: "picture lost here",
    Failure.NO_CREDIT: "Pika account out of credit",
    Failure.BAD_KEY: "Pika key refused",
    Failure.BUSY: "Pika too busy",
    Failure.UNAVAILABLE: "Pika not reached",
    Failure.RENDER_FAILED: "render failed",
    Failure.TIMED_OUT: "render took too long",
    Failure.IN_DOUBT: "connection broke while ordering",
    Failure.UNFETCHED: "video not handed over",
    Failure.UNREADABLE_VIDEO: "video not playable",
    Failure.VIDEO_TOO_LARGE: "video too large",
    Failure.NO_PLACE: "channel gone or closed",
    Failure.NO_PLACE_AGAIN: "channel gone or closed again, which counts",
    Failure.MEMBER_GONE: "member left or was removed",
    Failure.MEMBER_TIMED_OUT: "member timed out",
    Failure.MESSAGE_DELETED: "message deleted by a moderator",
    Failure.MESSAGE_DELETED_AGAIN: "message deleted by a moderator again, which counts",
    Failure.BLOCKED_BY_FILTER: "refused by Discord's filters",
    Failure.BLOCKED_BY_FILTER_AGAIN: "refused by Discord's filters again, which counts",
    Failure.NOT_APPROVED: "not approved in review",
    Failure.NOT_REVIEWED: "not reviewed in time",
    Failure.UNDELIVERED: "Discord did not take it",
    Failure.TOO_LATE: "bot offline for too long",
    Failure.INTERNAL: "bot's own fault",
}


def failure_name(failure: Failure) -> str:
    """Name a reason."""
    return _FAILURES[failure]


def failures_text(failures: Counter[Failure]) -> str:
    """Name reasons in a row, the most frequent first: `Pika too busy (3), render failed (1)`."""
    return ", ".join(f"{_FAILURES[why]} ({count})" for why, count in failures.most_common())
