"""Every way a press under a clip is refused. Data only; nothing was changed."""

from __future__ import annotations

from enum import StrEnum

from bot.base import RequestRefusedError


class ClipPressProblem(StrEnum):
    """Why a press under a clip does nothing."""

    GONE = "gone"
    """The database has no such clip, or its video was removed."""
    NOT_YOURS = "not_yours"
    """Another member asked for it."""
    OVER = "over"
    """It is to be cancelled, and was shown or has ended."""
    CANCELLED = "cancelled"
    """It is being cancelled already."""
    NOT_YOURS_TO_HIDE = "not_yours_to_hide"
    """It is another member's, and the presser is no moderator."""
    NOT_HIDDEN = "not_hidden"
    """Discord did not take the change."""
    NOT_DELETED = "not_deleted"
    """Discord did not take the deletion."""
    NO_LOG_CHANNEL = "no_log_channel"
    """It is to be reported, and moderators have named no channel for that."""
    REPORTED = "reported"
    """The same member reported it before."""
    TOO_MANY_REPORTS = "too_many_reports"
    SEED = "seed"
    """What was typed is no seed."""


class ClipPressError(RequestRefusedError):
    """A press under a clip does nothing."""

    def __init__(self, problem: ClipPressProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem
