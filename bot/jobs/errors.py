"""Errors of a job's steps. Data only."""

from __future__ import annotations

from bot.base import BotError


class LeaseLostError(BotError):
    """A step may not change a job: another step has claimed it meanwhile."""


class TooLateError(BotError):
    """A start found a request that is too old to be sent.

    `may_be_charged` is whether an earlier process may have sent the paid request.
    """

    def __init__(self, detail: str, *, may_be_charged: bool) -> None:
        super().__init__(detail)
        self.may_be_charged = may_be_charged


class PictureNotShownError(BotError):
    """A picture got no address: nothing can be posted where the provider would fetch it from."""


class PictureLostError(BotError):
    """A waiting job's picture is no longer on disk, or not as it was."""


class NotApprovedError(BotError):
    """A moderator rejected a finished clip."""


class MemberGoneError(BotError):
    """The member has left the guild, or was removed from it."""


class MemberTimedOutError(BotError):
    """Moderators have timed the member out."""


class NotReviewedError(BotError):
    """No moderator decided about a finished clip in time."""
