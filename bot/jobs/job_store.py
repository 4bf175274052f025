"""Jobs as rows. Its SQL reads the tables of reviews and of the ledger too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

from bot.base import Timeouts, from_ms, to_ms
from bot.guilds import moderation_log
from bot.jobs import turns
from bot.jobs.errors import LeaseLostError
from bot.jobs.job import Job, JobState, MemberHistory, line_progress
from bot.jobs.step_places import NOTHING, SHOWN_IN

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from bot.base import SqlValue, Transaction
    from bot.jobs.animate_options import AnimateOptions
    from bot.jobs.reviews import ReviewMessage
    from bot.jobs.step_places import Unclaimable

# SQLite takes an index of open jobs alone only where a statement says the index's condition in
# these very words; so statements that name states say it too.
_OPEN: Final = "state NOT IN ('delivered', 'notified')"
_NEXT_DUE: Final = f"""
    SELECT id FROM jobs
    WHERE {_OPEN} AND due_at <= :now AND awaits_read_back = 0
    AND (state <> 'queued' OR cancelled_by IS NOT NULL OR id = :turn)
    AND CASE WHEN state IN (SELECT value FROM json_each(:shown_in)) THEN
        NOT :showing AND channel_id NOT IN (SELECT value FROM json_each(:channels))
        AND guild_id NOT IN (SELECT value FROM json_each(:guilds))
    ELSE NOT :asking END
    ORDER BY due_at, id LIMIT 1
"""
_ENDS: Final = frozenset({JobState.DELIVERED, JobState.FAILED, JobState.CANCELLED})
_NEEDS_NO_PICTURE: Final = """
    state NOT IN ('queued', 'submitting')
    AND NOT (needs_review AND state IN ('rendering', 'rendered'))
"""
_IN_LINE: Final = f"""
    {_OPEN} AND state = 'queued' AND provider = :provider AND cancelled_by IS NULL
    AND awaits_read_back = 0
"""

# Not those that failed or were cancelled, and are open until their member has been told.
_OPEN_COUNTS: Final = f"""
    SELECT 'of_member', count(*) FROM jobs WHERE {_OPEN} AND guild_id = :guild
        AND member_id = :member AND state NOT IN ('failed', 'cancelled')
    UNION ALL
    SELECT 'queued', count(*) FROM jobs WHERE {_OPEN} AND guild_id = :guild AND state = 'queued'
"""

_NEW: Final[dict[str, SqlValue]] = {
    "state": JobState.QUEUED,
    **dict.fromkeys(("idempotency_key", "order_json", "ticket_json", "charge_micro_usd")),
    **dict.fromkeys(("failure", "submitted_at", "rendered_at", "failing_since")),
    **dict.fromkeys(("claim", "attempts", "needs_review", "may_be_billed", "cancel_counts"), 0),
    **dict.fromkeys(("picture_channel_id", "picture_message_id", "picture_file")),
    **dict.fromkeys(("picture_hash", "poster_file", "notice_message_id")),
    **dict.fromkeys(("cancelled_by", "doubt")),
    "remove_reason": "",
    "cancel_reason": "",
    "language": "en",
    "tell": "mention",
    "member_language": None,
    "promised_at": None,
    "shown_progress": "",
    "notes_json": "{}",
}
"""The columns of a job, as it is before anything happened to it."""


class OpenCounts(NamedTuple):
    """The numbers of a member's jobs whose clip is still to come, and of a guild's queued jobs."""

    of_member: int
    queued: int


def add(
    tx: Transaction, columns: dict[str, SqlValue], options: AnimateOptions | None = None
) -> Job:
    """Insert a queued job. A restored copy of the database may give its id again.

    `options` are those of the columns, where they are at hand.
    """
    job_id = tx.insert("jobs", {"state": JobState.QUEUED.value, **columns})
    # Not read back, which takes as long as to insert it, while all other writes wait.
    job = Job.from_row({**_NEW, **columns, "id": job_id}, options)
    tx.report(job)
    return job


def get(tx: Transaction, job_id: int) -> Job:
    """Read a job.

    Raises:
        LookupError: No job has this id.
    """
    row = tx.one("SELECT * FROM jobs WHERE id = :id", {"id": job_id})
    if row is None:
        raise LookupError(f"no job {job_id}")
    return Job.from_row(row)


def find_by_interaction(tx: Transaction, interaction_id: int) -> Job | None:
    """Find the job of a request by the id that names it in every copy of the database."""
    row = tx.one(
        "SELECT * FROM jobs WHERE interaction_id = :interaction", {"interaction": interaction_id}
    )
    return None if row is None else Job.from_row(row)


def unneeded_pictures(
    tx: Transaction, ended_before: datetime | None, most: int
) -> dict[int, list[str]]:
    """The names of files, of pictures and posters, that jobs name and need no more, by their ids.

    Args:
        tx: Reads.
        ended_before: When such a job must have ended; `None` also has those that Pika has taken
            the picture of, unless moderators have still to see it.
        most: So many at most.
    """
    condition, before = _NEEDS_NO_PICTURE, None
    if ended_before is not None:
        condition, before = "ended_at < :before", to_ms(ended_before)
    rows = tx.all(
        "SELECT id, picture_file, poster_file FROM jobs"
        f" WHERE picture_file IS NOT NULL AND {condition}"
        " LIMIT :most",
        {"before": before, "most": most},
    )
    return {row["id"]: [it for it in (row[1], row[2]) if it is not None] for row in rows}


def forget_pictures(tx: Transaction, job_ids: Collection[int]) -> None:
    """Let jobs name no picture and no poster any more."""
    tx.execute(
        "UPDATE jobs SET picture_file = NULL, poster_file = NULL"
        " WHERE id IN (SELECT value FROM json_each(:ids))",
        {"ids": json.dumps(list(job_ids))},
    )


def named_pictures(tx: Transaction, names: Collection[str]) -> set[str]:
    """Those of the names of files that any job names, as its picture or its poster."""
    rows = tx.all(
        "SELECT value FROM json_each(:names)"
        " WHERE EXISTS (SELECT 1 FROM jobs WHERE picture_file = value)"
        " OR EXISTS (SELECT 1 FROM jobs WHERE poster_file = value)",
        {"names": json.dumps(list(names))},
    )
    return {row["value"] for row in rows}


def claim_next(
    tx: Transaction, now: datetime, renders_at_once: int, unclaimable: Unclaimable = NOTHING
) -> Job | None:
    """Claim the job that is due longest, and lease it for `Timeouts.LEASE`.

    Of queued jobs that are not cancelled, only the one whose turn it is takes part, and none while
    `renders_at_once` jobs, or as many of their guild as its moderators allow, are at the provider
    or on their way there. Nor is anything claimed that is `unclaimable`.
    """
    # Write transactions run one by one, so that no two claims can choose the same job.
    held = unclaimable.held_providers, unclaimable.held_jobs
    turn = turns.next_in_turn(tx, now, renders_at_once, *held)
    row = tx.one(
        f"UPDATE jobs SET due_at = :until, claim = claim + 1 WHERE id = ({_NEXT_DUE}) RETURNING *",
        {
            "now": to_ms(now),
            "until": to_ms(now + Timeouts.LEASE),
            "turn": turn,
            "shown_in": json.dumps(sorted(SHOWN_IN)),
            "asking": int(unclaimable.asking),
            "showing": int(unclaimable.showing),
            "channels": json.dumps(sorted(unclaimable.channel_ids)),
            "guilds": json.dumps(sorted(unclaimable.guild_ids)),
        },
    )
    return None if row is None else Job.from_row(row)


def get_claimed(tx: Transaction, job: Job) -> Job:
    """Read a claimed job again, in the state to which its step has brought it.

    Raises:
        LeaseLostError: Another step has claimed it meanwhile, or it has ended.
    """
    fresh = get(tx, job.id)
    if fresh.claim != job.claim or fresh.state in {JobState.DELIVERED, JobState.NOTIFIED}:
        raise _lease_lost(job)
    return fresh


def change_state(
    tx: Transaction, job: Job, state: JobState, due: datetime, **columns: SqlValue
) -> Job:
    """Put a claimed job into a state, change other columns, and end its lease.

    Failed attempts are set to 0 unless `columns` has them.

    Raises:
        LeaseLostError: Another step has claimed the job meanwhile.
    """
    fresh: dict[str, SqlValue] = {"attempts": 0, "failing_since": None}
    changes = {"state": state.value, "due_at": to_ms(due), **fresh, **columns}
    assignments = ", ".join(f"{name} = :{name}" for name in changes)
    # The state too: a step that changed it has its claim still, and an older copy of the job.
    row = tx.one(
        f"UPDATE jobs SET {assignments}"
        " WHERE id = :id AND claim = :claim AND state = :was RETURNING *",
        {**changes, "id": job.id, "claim": job.claim, "was": job.state.value},
    )
    if row is None:
        raise _lease_lost(job)
    changed = Job.from_row(row)
    if state in _ENDS and job.state not in _ENDS:
        tx.report(changed)
    return changed


def _lease_lost(job: Job) -> LeaseLostError:
    return LeaseLostError(f"job {job.id} is no longer under claim {job.claim}")


def set_due(tx: Transaction, job: Job, due: datetime) -> None:
    """Set when a job is due, unless another step has claimed it meanwhile."""
    tx.execute(
        "UPDATE jobs SET due_at = :due WHERE id = :id AND claim = :claim",
        {"due": to_ms(due), "id": job.id, "claim": job.claim},
    )


def set_cancelled_by(
    tx: Transaction, job_id: int, actor_id: int, reason: str, now: datetime
) -> None:
    """Record who cancelled a job; its next step ends it."""
    # Under any claim: a moderator does not wait for a step.
    tx.execute(
        "UPDATE jobs SET cancelled_by = :actor, cancel_reason = :reason, cancelled_at = :now"
        " WHERE id = :id",
        {"actor": actor_id, "reason": reason, "now": to_ms(now), "id": job_id},
    )


def let_cancel_count(tx: Transaction, job_id: int) -> None:
    """Let a job count for its member, who cancels it, where Pika bills it all the same."""
    tx.execute("UPDATE jobs SET cancel_counts = 1 WHERE id = :id", {"id": job_id})


def due_at_earliest(tx: Transaction, job: Job, now: datetime) -> datetime:
    """`now`, or when a new job is due whose member is still being shown that it was accepted."""
    # A job that was claimed has been shown, and its due time is a lease or a pause.
    row = tx.one("SELECT due_at FROM jobs WHERE id = :id AND claim = 0", {"id": job.id})
    return now if row is None else max(now, from_ms(row["due_at"]))


def revoke_lease(tx: Transaction, job: Job, due: datetime) -> Job:
    """Set when a job is due, and end the claim of a step that may be running."""
    tx.execute(
        "UPDATE jobs SET claim = claim + 1, due_at = :due WHERE id = :id",
        {"due": to_ms(due), "id": job.id},
    )
    return get(tx, job.id)


def waiting_for_review(tx: Transaction, guild_id: int) -> list[Job]:
    """The jobs of a guild that wait for moderators' verdicts, the oldest first."""
    rows = tx.all(
        f"SELECT * FROM jobs WHERE {_OPEN} AND guild_id = :guild AND state = 'rendered'"
        " AND needs_review = 1"
        " AND id NOT IN (SELECT job_id FROM reviews WHERE verdict IS NOT NULL) ORDER BY id",
        {"guild": guild_id},
    )
    return [Job.from_row(row) for row in rows]


def to_be_reviewed(tx: Transaction, guild_id: int) -> list[Job]:
    """The same, with those that will wait for a verdict once they are made."""
    rows = tx.all(
        "SELECT * FROM jobs WHERE state IN ('queued', 'submitting', 'rendering', 'rendered')"
        " AND guild_id = :guild AND needs_review = 1 AND cancelled_by IS NULL"
        " AND id NOT IN (SELECT job_id FROM reviews WHERE verdict IS NOT NULL) ORDER BY id",
        {"guild": guild_id},
    )
    return [Job.from_row(row) for row in rows]


def skip_review(tx: Transaction, job_id: int) -> None:
    """Let a job's clip be shown without a verdict, under any claim."""
    tx.execute("UPDATE jobs SET needs_review = 0 WHERE id = :id", {"id": job_id})


def require_review(
    tx: Transaction, guild_id: int, younger_than: datetime | None, now: datetime
) -> int:
    """Have moderators see a guild's clips first that are in the making; return how many more.

    Args:
        tx: Writes.
        guild_id: The guild.
        younger_than: Only those of members who were newcomers later than this when they asked, or
            of whom that is not known; `None` is everybody's.
        now: When.
    """
    # Not one that is being shown at this moment, which cannot be held any more. Due later without
    # a failed attempt, it is leased; after one it may as well be pausing, and is not shown yet.
    return tx.execute(
        f"UPDATE jobs SET needs_review = 1 WHERE {_OPEN} AND guild_id = :guild"
        " AND needs_review = 0 AND cancelled_by IS NULL"
        " AND state NOT IN ('failed', 'cancelled')"
        " AND NOT (state = 'rendered' AND attempts = 0 AND due_at > :now)"
        " AND (:since IS NULL OR member_since IS NULL OR member_since > :since)",
        {
            "guild": guild_id,
            "since": None if younger_than is None else to_ms(younger_than),
            "now": to_ms(now),
        },
    )


def in_doubt(tx: Transaction, since: datetime) -> list[Job]:
    """The jobs sent since then of which nobody knows whether Pika bills them, oldest first."""
    rows = tx.all(
        "SELECT * FROM jobs WHERE doubt = 'open' AND coalesce(submitted_at, created_at) >= :since"
        " ORDER BY id",
        {"since": to_ms(since)},
    )
    return [Job.from_row(row) for row in rows]


def set_ticket(tx: Transaction, job_id: int, ticket_json: str) -> None:
    """Record the ticket that was found of a job in doubt; it stays as it has ended."""
    tx.execute(
        "UPDATE jobs SET ticket_json = :ticket WHERE id = :id AND doubt = 'open'",
        {"ticket": ticket_json, "id": job_id},
    )


def set_picture_message(tx: Transaction, job_id: int, message: ReviewMessage) -> None:
    """Record where moderators are shown a job's picture, under any claim."""
    tx.execute(
        "UPDATE jobs SET picture_channel_id = :channel, picture_message_id = :message"
        " WHERE id = :id",
        {"channel": message.channel_id, "message": message.message_id, "id": job_id},
    )


def mark_removed(
    tx: Transaction, job_id: int, actor_id: int, reason: str, now: datetime
) -> list[str]:
    """Record who removed the clip of a job, when, and what its member is told of why.

    Reports of the clip say so.

    Returns:
        The name of its poster's file, if it named one until now.
    """
    (job,) = tx.all("SELECT guild_id, poster_file FROM jobs WHERE id = :id", {"id": job_id})
    moderation_log.update_reports(tx, job["guild_id"], now, job_id=job_id)
    tx.execute(
        "UPDATE jobs SET removed_at = :now, removed_by = :actor, remove_reason = :reason,"
        " poster_file = NULL WHERE id = :id",
        {"now": to_ms(now), "actor": actor_id, "reason": reason, "id": job_id},
    )
    return [] if job["poster_file"] is None else [job["poster_file"]]


def is_shown(tx: Transaction, job_id: int) -> bool:
    """Whether the clip of a job was shown, and not removed since."""
    sql = "SELECT 1 FROM jobs WHERE id = :id AND state = 'delivered' AND removed_at IS NULL"
    return tx.one(sql, {"id": job_id}) is not None


def latest_removed(
    tx: Transaction, guild_id: int, member_id: int, since: datetime, most: int = 3
) -> list[Job]:
    """A member's jobs whose clips moderators removed, the latest removal first."""
    rows = tx.all(
        "SELECT * FROM jobs WHERE guild_id = :guild AND member_id = :member"
        " AND removed_at >= :since AND removed_by <> member_id"
        " ORDER BY removed_at DESC LIMIT :most",
        {"guild": guild_id, "member": member_id, "since": to_ms(since), "most": most},
    )
    return [Job.from_row(row) for row in rows]


def open_ids(tx: Transaction) -> set[int]:
    """The ids of all jobs that are neither delivered nor notified."""
    return {row["id"] for row in tx.all(f"SELECT id FROM jobs WHERE {_OPEN}")}


def release_leases(tx: Transaction, now: datetime) -> int:
    """Make every open job due now; return how many were not. Only for the start."""
    # A row does not tell a lease from a pause that a provider asked for: cutting that short costs
    # one early call, and waiting for leases would cost members a quarter of an hour.
    return tx.execute(
        f"UPDATE jobs SET due_at = :now WHERE {_OPEN} AND due_at > :now", {"now": to_ms(now)}
    )


def mark_for_read_back(tx: Transaction) -> None:
    """Let no open job be claimed until `clear_read_back`. Only for the start."""
    tx.execute(f"UPDATE jobs SET awaits_read_back = 1 WHERE {_OPEN}")


def awaiting_read_back(tx: Transaction) -> list[int]:
    """The ids of the marked jobs, the longest due first."""
    rows = tx.all(f"SELECT id FROM jobs WHERE {_OPEN} AND awaits_read_back = 1 ORDER BY due_at, id")
    return [row["id"] for row in rows]


def clear_read_back(tx: Transaction, job_id: int) -> None:
    """Let a marked job be claimed when it is due."""
    tx.execute("UPDATE jobs SET awaits_read_back = 0 WHERE id = :id", {"id": job_id})


def next_due(tx: Transaction, after: datetime) -> datetime | None:
    """When the next step of any open job falls due later than `after`, if one does."""
    row = tx.one(
        f"SELECT min(due_at) AS due FROM jobs WHERE {_OPEN} AND due_at > :after"
        " AND awaits_read_back = 0",
        {"after": to_ms(after)},
    )
    return None if row is None or row["due"] is None else from_ms(row["due"])


def count_in_doubt(tx: Transaction) -> int:
    """The number of jobs of which nobody knows whether they are billed."""
    return int(tx.all("SELECT count(*) FROM jobs WHERE doubt = 'open'")[0][0])


def is_any_in_line(tx: Transaction, provider: str, held_jobs: Collection[int] = ()) -> bool:
    """Whether a job that can be claimed is queued for a provider, now or after a pause."""
    row = tx.one(
        f"SELECT 1 FROM jobs WHERE {_IN_LINE} AND id NOT IN (SELECT value FROM json_each(:held))"
        " LIMIT 1",
        {"provider": provider, "held": json.dumps(sorted(held_jobs))},
    )
    return row is not None


def in_line(tx: Transaction, provider: str, now: datetime, created_before: datetime) -> list[Job]:
    """The due jobs that are queued for a provider, the oldest first."""
    rows = tx.all(
        f"SELECT * FROM jobs WHERE {_IN_LINE} AND due_at <= :now AND created_at < :before"
        " ORDER BY id",
        {"provider": provider, "now": to_ms(now), "before": to_ms(created_before)},
    )
    return [Job.from_row(row) for row in rows]


def recent_render_seconds(
    tx: Transaction, provider: str, options: AnimateOptions, most: int = 200
) -> list[float]:
    """The seconds from submit to video of the latest jobs of a kind, the newest first."""
    # In this order by an index, so that a long history costs no more than `most` rows.
    rows = tx.all(
        "SELECT rendered_at - submitted_at AS ms FROM jobs"
        " WHERE provider = :provider AND resolution = :resolution AND duration = :duration"
        " AND rendered_at IS NOT NULL ORDER BY rendered_at DESC LIMIT :most",
        {
            "provider": provider,
            "resolution": options.resolution,
            "duration": options.duration,
            "most": most,
        },
    )
    return [row["ms"] / 1000 for row in rows]


class Wait(NamedTuple):
    """How a clip fared that had others before it.

    Attributes:
        ratio: How many times its mean wait it took from request to video.
        render_seconds: From submit to video.
    """

    ratio: float
    render_seconds: float


def recent_waits(tx: Transaction, provider: str, most: int) -> list[Wait]:
    """The latest clips of any kind that had others before them, the newest first."""
    rows = tx.all(
        "SELECT CAST(rendered_at - created_at AS REAL) / mean_wait_ms AS ratio,"
        " (rendered_at - submitted_at) / 1000.0 AS render_seconds FROM jobs"
        " WHERE provider = :provider AND mean_wait_ms IS NOT NULL AND rendered_at IS NOT NULL"
        " ORDER BY rendered_at DESC LIMIT :most",
        {"provider": provider, "most": most},
    )
    return [Wait(*row) for row in rows]


def set_promise(tx: Transaction, job: Job, clips_before: int, promised_at: datetime | None) -> None:
    """Record what a member was told: the place in line, and the time of nine in ten such clips."""
    at = None if promised_at is None else to_ms(promised_at)
    tx.execute(
        "UPDATE jobs SET promised_at = :at, shown_progress = :progress"
        " WHERE id = :id AND state = 'queued'",
        {"at": at, "progress": line_progress(clips_before), "id": job.id},
    )


def set_mean_wait(tx: Transaction, job: Job, milliseconds: int) -> None:
    """Record what the means said of the time from a job's request to its video."""
    tx.execute(
        "UPDATE jobs SET mean_wait_ms = :ms WHERE id = :id", {"ms": milliseconds, "id": job.id}
    )


def told_in_line(tx: Transaction, now: datetime) -> list[Job]:
    """The due jobs that wait for their turn and for nothing else, and whose members know that."""
    rows = tx.all(
        f"SELECT * FROM jobs WHERE {_OPEN} AND state = 'queued' AND due_at <= :now"
        " AND cancelled_by IS NULL AND awaits_read_back = 0 AND attempts = 0"
        " AND shown_progress <> '' ORDER BY due_at, id",
        {"now": to_ms(now)},
    )
    return [Job.from_row(row) for row in rows]


def latest_failures(
    tx: Transaction, guild_id: int, member_id: int, since: datetime, most: int = 3
) -> list[Job]:
    """A member's latest jobs that ended without a clip, after `since` or just now, newest first."""
    rows = tx.all(
        "SELECT * FROM jobs WHERE guild_id = :guild AND member_id = :member"
        " AND state IN ('failed', 'cancelled', 'notified') AND coalesce(ended_at, :since) >= :since"
        " ORDER BY id DESC LIMIT :most",
        {"guild": guild_id, "member": member_id, "since": to_ms(since), "most": most},
    )
    return [Job.from_row(row) for row in rows]


def has_lost_place(tx: Transaction, guild_id: int, member_id: int, since: datetime) -> bool:
    """Whether a member's finished clip found no place, or a filter blocked it, after `since`.

    A clip dated ahead, by a clock since moved back, counts too.
    """
    # By the entry of the ledger, for a job's own end is when its member was notified.
    row = tx.one(
        "SELECT 1 FROM jobs JOIN ledger ON ledger.job_id = jobs.id AND ledger.kind = 'settle'"
        " WHERE jobs.guild_id = :guild AND jobs.member_id = :member"
        " AND state IN ('failed', 'cancelled', 'notified')"
        " AND failure IN ('no_place', 'no_place_again', 'message_deleted', 'message_deleted_again',"
        " 'blocked_by_filter', 'blocked_by_filter_again')"
        " AND entered_at > :since LIMIT 1",
        {"guild": guild_id, "member": member_id, "since": to_ms(since)},
    )
    return row is not None


def count_open(tx: Transaction, guild_id: int, member_id: int) -> OpenCounts:
    """Count a member's jobs and their guild's."""
    counts = dict(map(tuple, tx.all(_OPEN_COUNTS, {"guild": guild_id, "member": member_id})))
    return OpenCounts(counts["of_member"], counts["queued"])


def history_before(tx: Transaction, job: Job) -> MemberHistory:
    """Count the clips that a job's member asked for before it, in the same guild."""
    reply_to = job.reply_to
    whose = {"guild": reply_to.guild_id, "member": reply_to.member_id, "id": job.id}
    # Each by an index of its own, which says its condition.
    (shown,) = tx.all(f"{_EARLIER_SHOWN} AND {_EARLIER}", whose)
    (ended,) = tx.all(f"{_EARLIER_ENDED} AND {_EARLIER}", whose)
    return MemberHistory(*shown, *ended)


_EARLIER = "guild_id = :guild AND member_id = :member AND id < :id"
# What members delete or cancel themselves says nothing about them.
_EARLIER_SHOWN = """
    SELECT count(*), count(*) FILTER (WHERE removed_at IS NOT NULL AND removed_by <> member_id)
    FROM jobs WHERE state = 'delivered'
"""
_EARLIER_ENDED = """
    SELECT
        count(*) FILTER (WHERE failure = 'moderated'),
        count(*) FILTER (WHERE failure = 'not_approved'),
        count(*) FILTER (WHERE failure IS NULL AND cancelled_by <> member_id),
        count(*) FILTER (WHERE failure NOT IN ('moderated', 'not_approved'))
    FROM jobs WHERE state IN ('failed', 'cancelled', 'notified')
"""
