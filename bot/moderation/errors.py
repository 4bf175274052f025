"""Every way a moderator's command about clips and members is refused. Data only."""

from __future__ import annotations

from enum import StrEnum

from bot.errors import ModerationError


class ClipProblem(StrEnum):
    """Why nothing can be done with a clip."""

    UNKNOWN = "unknown"
    """No clip of the guild has this number."""
    NOT_A_CLIP = "not_a_clip"
    """The message shows none."""
    IN_THE_MAKING = "in_the_making"
    NEVER_SHOWN = "never_shown"
    REMOVED = "removed"
    CALLED_OFF = "called_off"
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


class SpanProblem(StrEnum):
    """Why a text is no span of time."""

    UNREADABLE = "unreadable"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"


class SpanError(ModerationError):
    """A text does not say how long something is to last.

    Attributes:
        problem: Why; the bounds are in `bot.moderation.spans`.
    """

    def __init__(self, problem: SpanProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem
