"""Every way a moderator's command about anything but money is refused. Data only."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from bot.base import ModerationError

if TYPE_CHECKING:
    from bot.jobs.reviews import Decision


class ClipProblem(StrEnum):
    """Why nothing can be done with a clip."""

    UNKNOWN = "unknown"
    """No clip of the guild has this number."""
    NOT_A_CLIP = "not_a_clip"
    """The message shows none."""
    IN_PROGRESS = "in_the_making"
    NEVER_SHOWN = "never_shown"
    REMOVED = "removed"
    CANCELLED = "called_off"
    """Somebody has cancelled it, and it is not at its end yet."""
    OVER = "over"
    """It was delivered, or ended without a clip."""
    OUT_OF_REACH = "out_of_reach"
    """The bot does not see the channel any more."""
    NOT_DELETED = "not_deleted"
    """The chat did not take the deletion now."""


class ClipError(ModerationError):
    """A clip cannot be cancelled, removed or looked up.

    Attributes:
        problem: Why.
        job_id: Which one, where it is known.
    """

    def __init__(self, problem: ClipProblem, job_id: int | None = None) -> None:
        super().__init__(f"clip {job_id}: {problem.value}")
        self.problem = problem
        self.job_id = job_id


class BlockProblem(StrEnum):
    """Why a block cannot be set or lifted."""

    ONESELF = "oneself"
    NOT_BLOCKED = "not_blocked"


class BlockError(ModerationError):
    """A member cannot be blocked or unblocked.

    Attributes:
        problem: Why.
        member_id: Who was named.
    """

    def __init__(self, problem: BlockProblem, member_id: int) -> None:
        super().__init__(f"member {member_id}: {problem.value}")
        self.problem = problem
        self.member_id = member_id


class NotPausedError(ModerationError):
    """There is no pause to end."""


class TimedeltaProblem(StrEnum):
    """Why a text is no span of time."""

    UNREADABLE = "unreadable"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"


class TimedeltaError(ModerationError):
    """A text does not say how long something is to last.

    Attributes:
        problem: Why; the bounds are in `bot.moderation.timedeltas`.
    """

    def __init__(self, problem: TimedeltaProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


class BlockedWordRuleProblem(StrEnum):
    """Why a word or a pattern cannot be blocked."""

    LENGTH = "length"
    EMPTY = "empty"
    EVERYTHING = "everything"
    BAD = "bad"
    SLOW = "slow"
    TOO_MANY = "too_many"
    TOO_LARGE = "too_large"


class BlockedWordRuleError(ModerationError):
    """A word or a pattern cannot be blocked.

    Attributes:
        problem: Why; the rules' numbers are in `bot.moderation.blocked_words`.
        detail: What RE2 says about a pattern that it does not take.
    """

    def __init__(self, problem: BlockedWordRuleProblem, detail: str = "") -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.detail = detail


class UnknownWordError(ModerationError):
    """A word or a pattern is not blocked.

    Attributes:
        word: As it was asked for.
    """

    def __init__(self, word: str) -> None:
        super().__init__("not blocked")
        self.word = word


class AllowedChannelProblem(StrEnum):
    """Why a channel cannot be allowed or forbidden."""

    TOO_MANY = "too_many"
    EVERYWHERE = "everywhere"
    NOT_ALLOWED = "not_allowed"
    BY_CATEGORY = "by_category"
    LAST = "last"


class AllowedChannelError(ModerationError):
    """A channel or category cannot be allowed or forbidden.

    Attributes:
        problem: Why; the rules' numbers are in `bot.moderation.channel_service`.
    """

    def __init__(self, problem: AllowedChannelProblem, channel_id: int) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.channel_id = channel_id


class NoReviewChannelError(ModerationError):
    """Clips are to be reviewed, and there is no channel where."""


class ReviewClosedError(ModerationError):
    """There is nothing to decide about a clip any more: its job has ended otherwise."""


class AlreadyDecidedError(ModerationError):
    """Another moderator was first.

    Attributes:
        decision: What they said.
    """

    def __init__(self, decision: Decision) -> None:
        super().__init__(f"{decision.verdict} by {decision.actor_id}")
        self.decision = decision
