"""Reviews as rows: which clips moderators were asked about, where, and their verdicts."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from bot.base import from_ms, to_ms, value
from bot.jobs.job import JobState

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base import SqlRow, Transaction
    from bot.jobs.job import Job


class Verdict(StrEnum):
    """A moderator's verdict on a clip. Stored."""

    APPROVED = "approved"
    REJECTED = "rejected"


@value
class ReviewMessage:
    """The message in a review channel that asks about a clip."""

    channel_id: int
    message_id: int


@value
class ReviewChannel:
    """Where moderators are asked about a clip, and the role that a new message notifies, if any."""

    channel_id: int
    role_id: int | None = None


@value
class Decision:
    """A verdict, the moderator who gave it, and when."""

    verdict: Verdict
    actor_id: int
    at: datetime


@value
class Review:
    """A question about a clip; `decision` is `None` while it waits for moderators.

    `asked_at` is when its message was posted, or last seen to be still there.
    """

    message: ReviewMessage
    asked_at: datetime
    decision: Decision | None


def get(tx: Transaction, job_id: int) -> Review | None:
    """Find the review of a job's clip; `None` before moderators were asked."""
    row = tx.one("SELECT * FROM reviews WHERE job_id = :job", {"job": job_id})
    return None if row is None else _review(row)


def waits_for_review(tx: Transaction, job: Job) -> bool:
    """Whether a job is rendered, needs review, and has no verdict yet."""
    if job.state is not JobState.RENDERED or not job.needs_review:
        return False
    review = get(tx, job.id)
    return review is None or review.decision is None


def is_first_lately(tx: Transaction, job_id: int, within: timedelta) -> bool:
    """Whether no other clip came to the guild's review in this stretch of time before a job's.

    The stretches are `within` long and follow one another, so that of clips without end one in each
    is the first.
    """
    values = {"job": job_id, "within": within // timedelta(milliseconds=1)}
    return tx.one(_BEFORE, values) is None


# By when Pika was done, which a step that is repeated finds as it was.
_BEFORE: Final = """
    SELECT 1 FROM jobs AS mine JOIN jobs AS other ON other.guild_id = mine.guild_id
    WHERE mine.id = :job AND other.needs_review = 1
        AND other.created_at > mine.rendered_at - 86400000
        AND other.rendered_at / :within = mine.rendered_at / :within
        AND (other.rendered_at, other.id) < (mine.rendered_at, mine.id)
    LIMIT 1
"""


def record_question(tx: Transaction, job_id: int, message: ReviewMessage, now: datetime) -> None:
    """Record where moderators are asked, in place of an earlier message."""
    tx.execute(
        "INSERT INTO reviews (job_id, channel_id, message_id, asked_at)"
        " VALUES (:job, :channel, :message, :now)"
        " ON CONFLICT (job_id) DO UPDATE SET channel_id = excluded.channel_id,"
        " message_id = excluded.message_id, asked_at = excluded.asked_at",
        {
            "job": job_id,
            "channel": message.channel_id,
            "message": message.message_id,
            "now": to_ms(now),
        },
    )


def record_verdict(tx: Transaction, job_id: int, decision: Decision) -> None:
    """Record the verdict on a clip that waits; a verdict that is there stays."""
    tx.execute(
        "UPDATE reviews SET verdict = :verdict, actor_id = :actor, decided_at = :at"
        " WHERE job_id = :job AND verdict IS NULL",
        {
            "verdict": decision.verdict.value,
            "actor": decision.actor_id,
            "at": to_ms(decision.at),
            "job": job_id,
        },
    )


def decision_from_row(row: SqlRow) -> Decision | None:
    """Read a decision from a row with the columns of `reviews`; `None` before the verdict."""
    if row["verdict"] is None:
        return None
    return Decision(Verdict(row["verdict"]), row["actor_id"], from_ms(row["decided_at"]))


def _review(row: SqlRow) -> Review:
    message = ReviewMessage(row["channel_id"], row["message_id"])
    return Review(message, from_ms(row["asked_at"]), decision_from_row(row))
