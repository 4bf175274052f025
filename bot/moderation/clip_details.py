"""All that is known of one job, for moderators. Its SQL reads jobs, reviews and the ledger."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from bot.base import from_ms, value
from bot.jobs.job import Job
from bot.jobs.reviews import Decision, decision_from_row
from bot.moderation.errors import ClipError, ClipProblem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.base import SqlRow, Transaction
    from bot.jobs.job import MemberHistory


@value
class ClipRef:
    """A moderator's reference to a job, by `number` or else by messages, the likeliest first.

    `number` is the job's id; each of the messages may show the clip or ask about it.
    """

    number: int | None = None
    message_ids: tuple[int, ...] = ()


@value
class ClipDetails:
    """A job with its review, and its clip's removal after it was shown.

    Attributes:
        ended_at: When it was delivered, or its member notified of its failure.
        given_back: Whether its member got its cost back.
        in_review: Whether it waits for moderators' verdict.
        decision: `None` if moderators were not asked, or have not decided.
    """

    job: Job
    ended_at: datetime | None
    given_back: bool
    in_review: bool
    decision: Decision | None
    removed_at: datetime | None
    removed_by: int | None


@value
class ClipEvidence:
    """A clip with what became of its member's earlier ones.

    Attributes:
        picture: The JPEG that it was made of; `None` where it is not kept, or not for this
            moderator.
    """

    clip: ClipDetails
    history: MemberHistory
    picture: bytes | None


_DETAILS: Final = """
    SELECT jobs.*, reviews.verdict, reviews.actor_id, reviews.decided_at,
        needs_review = 1 AND jobs.state = 'rendered' AND reviews.verdict IS NULL AS in_review,
        EXISTS (SELECT 1 FROM ledger
            WHERE ledger.job_id = jobs.id AND kind IN ('refund', 'credit')) AS given_back
    FROM jobs LEFT JOIN reviews ON reviews.job_id = jobs.id
"""
# What was shown was sent: said again, it lets SQLite use the index of jobs that were.
_RECENT: Final = f"""{_DETAILS}
    WHERE jobs.guild_id = :guild AND jobs.state = 'delivered' AND jobs.removed_at IS NULL
        AND jobs.submitted_at IS NOT NULL
        AND jobs.message_id <> 0  -- its member had their data deleted: nobody knows where it is
    ORDER BY jobs.created_at DESC LIMIT :most
"""
_NUMBERED: Final = f"{_DETAILS} WHERE jobs.guild_id = :guild AND jobs.id = :id"
_SHOWN_BY: Final = f"{_DETAILS} WHERE jobs.guild_id = :guild AND jobs.message_id = :message"
_REVIEWED_BY: Final = f"{_DETAILS} WHERE jobs.guild_id = :guild AND reviews.message_id = :message"
# "NOT IN" says nothing new, but lets SQLite use the index of open jobs.
_IN_PROGRESS: Final = f"""{_DETAILS}
    WHERE jobs.guild_id = :guild AND jobs.state IN ('queued', 'submitting', 'rendering', 'rendered')
        AND jobs.state NOT IN ('delivered', 'notified')
    ORDER BY jobs.id
"""
_IN_PROGRESS_OF: Final = f"""{_DETAILS}
    WHERE jobs.guild_id = :guild AND jobs.member_id = :member
        AND jobs.state IN ('queued', 'submitting', 'rendering', 'rendered')
        AND jobs.state NOT IN ('delivered', 'notified')
    ORDER BY jobs.id
"""
# Each by an index of its own, whose condition it says; one that failed is in two of them.
_IDS_OF: Final = """
    SELECT id FROM jobs WHERE id IN (
        SELECT id FROM (SELECT id FROM jobs WHERE guild_id = :guild AND member_id = :member
            AND state NOT IN ('delivered', 'notified') ORDER BY id DESC LIMIT :most)
        UNION SELECT id FROM (SELECT id FROM jobs WHERE guild_id = :guild AND member_id = :member
            AND state = 'delivered' ORDER BY id DESC LIMIT :most)
        UNION SELECT id FROM (SELECT id FROM jobs WHERE guild_id = :guild AND member_id = :member
            AND state IN ('failed', 'cancelled', 'notified') ORDER BY id DESC LIMIT :most)
    ) AND interaction_id > 0 -- else its member had it erased
    ORDER BY id DESC LIMIT :most
"""
_GIVEN: Final = "(SELECT value FROM json_each(:ids))"
_LISTED: Final = f"{_DETAILS} WHERE jobs.id IN {_GIVEN} ORDER BY jobs.id DESC"
_ACCEPTED_WORDS: Final = """
    SELECT json_extract(options_json, '$.prompt') AS prompt,
        json_extract(options_json, '$.seed') AS seed
    FROM jobs WHERE jobs.id IN (SELECT value FROM json_each(:ids))
        AND coalesce(failure, '') NOT IN ('moderated', 'not_approved', 'not_reviewed',
            'message_deleted', 'message_deleted_again')
        AND coalesce(cancelled_by, member_id) = member_id
        AND coalesce(removed_by, member_id) = member_id
    ORDER BY jobs.id DESC
"""


def find(tx: Transaction, guild_id: int, ref: ClipRef) -> ClipDetails:
    """Find a job of this guild.

    Raises:
        ClipError: No job of this guild has the number, or is shown by any of the messages.
    """
    # Within this guild: a number from elsewhere must find nothing, not even that it exists.
    if ref.number is not None:
        row = tx.one(_NUMBERED, {"guild": guild_id, "id": ref.number})
        if row is None:
            raise ClipError(ClipProblem.UNKNOWN, ref.number)
        return _details(row)
    for message_id in ref.message_ids:
        for sql in (_SHOWN_BY, _REVIEWED_BY):
            row = tx.one(sql, {"guild": guild_id, "message": message_id})
            if row is not None:
                return _details(row)
    raise ClipError(ClipProblem.NOT_A_CLIP)


def in_progress(tx: Transaction, guild_id: int) -> list[ClipDetails]:
    """The jobs of a guild that may still become clips, the oldest first."""
    return [_details(row) for row in tx.all(_IN_PROGRESS, {"guild": guild_id})]


def in_progress_of(tx: Transaction, guild_id: int, member_id: int) -> list[ClipDetails]:
    """The jobs of a member in a guild that may still become clips, the oldest first."""
    rows = tx.all(_IN_PROGRESS_OF, {"guild": guild_id, "member": member_id})
    return [_details(row) for row in rows]


def ids_of(tx: Transaction, guild_id: int, member_id: int, most: int) -> list[int]:
    """The ids of the latest `most` jobs of a member in a guild, the newest first."""
    rows = tx.all(_IDS_OF, {"guild": guild_id, "member": member_id, "most": most})
    return [row["id"] for row in rows]


def listed(tx: Transaction, job_ids: Sequence[int]) -> list[ClipDetails]:
    """The jobs of these ids, the newest first."""
    return [_details(row) for row in tx.all(_LISTED, {"ids": json.dumps(job_ids)})]


def accepted_words(tx: Transaction, job_ids: Sequence[int]) -> list[tuple[str, int]]:
    """The prompts and seeds of those of the jobs that nobody objected to, the newest first.

    Neither Pika's rules nor moderators refused, cancelled or removed them; a clip that its own
    member cancelled or removed is among them.
    """
    rows = tx.all(_ACCEPTED_WORDS, {"ids": json.dumps(job_ids)})
    return [(row["prompt"], row["seed"]) for row in rows]


def recent(tx: Transaction, guild_id: int, most: int) -> list[ClipDetails]:
    """The latest `most` clips of a guild that are still shown, the newest first."""
    return [_details(row) for row in tx.all(_RECENT, {"guild": guild_id, "most": most})]


def _details(row: SqlRow) -> ClipDetails:
    ended, removed = row["ended_at"], row["removed_at"]
    return ClipDetails(
        job=Job.from_row(row),
        ended_at=None if ended is None else from_ms(ended),
        given_back=bool(row["given_back"]),
        in_review=bool(row["in_review"]),
        decision=decision_from_row(row),
        removed_at=None if removed is None else from_ms(removed),
        removed_by=row["removed_by"],
    )
