"""Every way a moderator's command about clips, members, words or channels is refused. Data only."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from bot.base import ModerationError

if TYPE_CHECKING:
    from bot.guilds.audit import AuditEntry
    from bot.jobs.reviews import Decision


class ClipProblem(StrEnum):
    """Why a clip cannot be cancelled, removed or looked up."""

    UNKNOWN = "unknown"
    """No clip of the guild has this number."""
    NOT_A_CLIP = "not_a_clip"
    """The message shows no clip."""
    IN_PROGRESS = "in_the_making"
    NEVER_SHOWN = "never_shown"
    REMOVED = "removed"
    CANCELLED = "called_off"
    """It is cancelled, and not at its end yet."""
    OVER = "over"
    """It was delivered, or ended without a clip."""
    ERASED = "erased"
    """Its member had their data deleted, and with it where it was posted."""
    OUT_OF_REACH = "out_of_reach"
    """The bot cannot see the channel any more."""
    NOT_DELETED = "not_deleted"
    """Discord did not take the deletion this time."""
    ELSEWHERE = "elsewhere"
    """The moderator's right holds in another channel alone."""


class ClipError(ModerationError):
    """A clip cannot be cancelled, removed or looked up; `job_id` is `None` if it is unknown."""

    def __init__(self, problem: ClipProblem, job_id: int | None = None) -> None:
        super().__init__(f"clip {job_id}: {problem.value}")
        self.problem = problem
        self.job_id = job_id


class OwnClipError(ModerationError):
    """A moderator would decide about the clip `job_id`, which they asked for themselves."""

    def __init__(self, job_id: int) -> None:
        super().__init__(f"clip {job_id} is their own")
        self.job_id = job_id


class RememberProblem(StrEnum):
    """Why the picture of a clip cannot be remembered or forgotten."""

    NO_HASH = "no_hash"
    """There is too little in it to tell it from others, or an earlier version made the clip."""
    TOO_MANY = "too_many"
    NOT_REMEMBERED = "not_remembered"


class RememberError(ModerationError):
    """The picture of the clip `job_id` cannot be remembered or forgotten."""

    def __init__(self, problem: RememberProblem, job_id: int) -> None:
        super().__init__(f"clip {job_id}: {problem.value}")
        self.problem = problem
        self.job_id = job_id


class NothingSelectedError(ModerationError):
    """None of the clips that a moderator would cancel together is left, or is theirs to cancel.

    `own` and `elsewhere` are as in `bot.moderation.clip_selection.SelectedClips`.
    """

    def __init__(self, own: int, elsewhere: int) -> None:
        super().__init__(f"nothing to cancel, {own} own, {elsewhere} elsewhere")
        self.own = own
        self.elsewhere = elsewhere


class BlockProblem(StrEnum):
    """Why a block cannot be set or lifted."""

    ONESELF = "oneself"
    OWNER = "owner"
    """The member owns the guild."""
    NOT_BELOW = "not_below"
    """The member's highest role is not below the moderator's."""
    NOT_BLOCKED = "not_blocked"


class BlockError(ModerationError):
    """The member `member_id` cannot be blocked or unblocked."""

    def __init__(self, problem: BlockProblem, member_id: int) -> None:
        super().__init__(f"member {member_id}: {problem.value}")
        self.problem = problem
        self.member_id = member_id


class NotPausedError(ModerationError):
    """There is no pause to end."""


class TimedeltaProblem(StrEnum):
    """Why a text is no duration of a block."""

    UNREADABLE = "unreadable"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"


class TimedeltaError(ModerationError):
    """A text is no duration; the bounds are in `bot.moderation.timedeltas`."""

    def __init__(self, problem: TimedeltaProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


class BlockedWordRuleProblem(StrEnum):
    """Why a word or a pattern cannot be blocked."""

    LENGTH = "length"
    EMPTY = "empty"
    EVERYDAY = "everyday"
    """It is in many everyday prompts, and the moderator has not said that this is meant."""
    BAD = "bad"
    SLOW = "slow"
    TOO_MANY = "too_many"
    TOO_LARGE = "too_large"


class BlockedWordRuleError(ModerationError):
    """A word or a pattern cannot be blocked; the bounds are in `bot.moderation.blocked_words`.

    `detail` is RE2's own sentence about a pattern that RE2 rejects, or the everyday prompts that
    would be refused, as in `14 of 20 in English`.
    """

    def __init__(self, problem: BlockedWordRuleProblem, detail: str = "") -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.detail = detail


class WordListError(ModerationError):
    """A list has `entries` words and patterns: none, or more than are looked at in one go."""

    def __init__(self, entries: int) -> None:
        super().__init__(f"{entries} entries")
        self.entries = entries


class ChannelRuleProblem(StrEnum):
    """Why the rule of a channel cannot be set or removed."""

    TOO_MANY = "too_many"
    NO_RULE = "no_rule"
    LAST = "last"
    """It is the only one that is allowed, and would be forbidden."""


class ChannelRuleError(ModerationError):
    """The rule of a channel or category cannot be set or removed."""

    def __init__(self, problem: ChannelRuleProblem, channel_id: int) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.channel_id = channel_id


class NoReviewChannelError(ModerationError):
    """Reviews cannot be switched on without a review channel."""


class ReviewClosedError(ModerationError):
    """A clip waits for no verdict any more: its job was cancelled or has ended."""


class AlreadyDecidedError(ModerationError):
    """Another moderator was first, with `decision`."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(f"{decision.verdict} by {decision.actor_id}")
        self.decision = decision


class ReportClosedError(ModerationError):
    """A report was decided by the act `closed_by`, or is not known: then that is `None`."""

    def __init__(self, closed_by: AuditEntry | None) -> None:
        super().__init__(f"closed by {closed_by}")
        self.closed_by = closed_by


class AutomodUnreadError(ModerationError):
    """Discord did not tell a guild's AutoMod rules; `lacks_right` if the bot may not read them."""

    def __init__(self, reason: str, *, lacks_right: bool) -> None:
        super().__init__(reason)
        self.lacks_right = lacks_right
