"""What became of a member's earlier clips in a guild."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.base import Transaction
    from bot.jobs.job import Job


@dataclass(frozen=True, slots=True)
class MemberHistory:
    """Numbers of clips.

    Attributes:
        shown: Those that were removed later included.
        removed: By moderators, after they were shown.
        refused_by_pika: By its content rules.
        refused: By moderators in review.
        cancelled: By moderators.
        failed: Ended without a clip for any other reason.
    """

    shown: int
    removed: int
    refused_by_pika: int
    refused: int
    cancelled: int
    failed: int


def before(tx: Transaction, job: Job) -> MemberHistory:
    """Count the clips that a job's member asked for before it, in the same guild."""
    reply_to = job.reply_to
    whose = {"guild": reply_to.guild_id, "member": reply_to.member_id, "id": job.id}
    # Each by an index of its own, which says its condition.
    (shown,) = tx.all(f"{_SHOWN} AND {_EARLIER}", whose)
    (ended,) = tx.all(f"{_ENDED} AND {_EARLIER}", whose)
    return MemberHistory(*shown, *ended)


_EARLIER = "guild_id = :guild AND member_id = :member AND id < :id"
_SHOWN = "SELECT count(*), count(removed_at) FROM jobs WHERE state = 'delivered'"
_ENDED = """
    SELECT
        count(*) FILTER (WHERE failure = 'moderated'),
        count(*) FILTER (WHERE failure = 'not_approved'),
        count(*) FILTER (WHERE failure IS NULL),
        count(*) FILTER (WHERE failure NOT IN ('moderated', 'not_approved'))
    FROM jobs WHERE state IN ('failed', 'cancelled', 'notified')
"""
