"""Why a job cannot go on as it was. Data only."""

from __future__ import annotations

from bot.base import BotError


class LeaseLostError(BotError):
    """A step tried to move a job that someone else has claimed meanwhile."""


class TooLateError(BotError):
    """A request was found by a start that came too late to send it.

    Attributes:
        may_be_charged: It may have been sent before, in a time that nobody remembers.
    """

    def __init__(self, detail: str, *, may_be_charged: bool) -> None:
        super().__init__(detail)
        self.may_be_charged = may_be_charged


class NotApprovedError(BotError):
    """The moderators refused a finished clip."""


class NotReviewedError(BotError):
    """No moderator decided about a finished clip in time."""
