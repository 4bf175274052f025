"""What moderators were asked about clips before anybody else saw them, and what they said."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.base import from_ms, to_ms
from bot.jobs.job import JobState

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base import SqlRow, Transaction
    from bot.jobs.job import Job


class Verdict(StrEnum):
    """What moderators say of a clip. Stored."""

    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class ReviewMessage:
    """A message that asks about a clip."""

    channel_id: int
    message_id: int


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict, whose it is, and when it was given."""

    verdict: Verdict
    actor_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Review:
    """A question about a clip.

    Attributes:
        message: Where it stands.
        asked_at: When it was put there, or last seen to be there.
        decision: `None` while moderators are awaited.
    """

    message: ReviewMessage
    asked_at: datetime
    decision: Decision | None


def get(tx: Transaction, job_id: int) -> Review | None:
    """Return the question about a job's clip, if it was asked."""
    row = tx.one("SELECT * FROM reviews WHERE job_id = :job", {"job": job_id})
    return None if row is None else _review(row)


def waits_for_review(tx: Transaction, job: Job) -> bool:
    """Whether a job goes no further until moderators have decided about its clip."""
    if job.state is not JobState.RENDERED or not job.needs_review:
        return False
    review = get(tx, job.id)
    return review is None or review.decision is None


def record_question(tx: Transaction, job_id: int, place: ReviewMessage, now: datetime) -> None:
    """Remember where moderators are asked, in place of an earlier question."""
    tx.execute(
        "INSERT INTO reviews (job_id, channel_id, message_id, asked_at)"
        " VALUES (:job, :channel, :message, :now)"
        " ON CONFLICT (job_id) DO UPDATE SET channel_id = excluded.channel_id,"
        " message_id = excluded.message_id, asked_at = excluded.asked_at",
        {
            "job": job_id,
            "channel": place.channel_id,
            "message": place.message_id,
            "now": to_ms(now),
        },
    )


def record_verdict(tx: Transaction, job_id: int, decision: Decision) -> None:
    """Write down what a moderator said, of a clip that waits."""
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
    """Read what a moderator said, if anybody has, from a row with the columns of `reviews`."""
    if row["verdict"] is None:
        return None
    return Decision(Verdict(row["verdict"]), row["actor_id"], from_ms(row["decided_at"]))


def _review(row: SqlRow) -> Review:
    place = ReviewMessage(row["channel_id"], row["message_id"])
    return Review(place, from_ms(row["asked_at"]), decision_from_row(row))
