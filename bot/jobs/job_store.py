"""Jobs as rows: the one place that reads and writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.base import Timeouts, from_ms, to_ms
from bot.jobs.errors import LeaseLostError
from bot.jobs.job import Job, JobState

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base import SqlValue, Transaction
    from bot.jobs.animate_options import AnimateOptions


_OPEN: Final = "state NOT IN ('delivered', 'notified')"
# Which open rows are meant is said twice where an index has only those: SQLite must read it.
_AT_PIKA: Final = f"""{_OPEN} AND (
    state IN ('submitting', 'rendering') OR (state = 'queued' AND due_at > :now))"""
_NEXT_DUE: Final = f"""
    SELECT id FROM jobs
    WHERE {_OPEN} AND due_at <= :now AND awaits_read_back = 0
    AND (state <> 'queued' OR cancelled_by IS NOT NULL OR (
        (SELECT count(*) FROM jobs WHERE {_AT_PIKA}) < :renders
        AND (SELECT count(*) FROM jobs AS other
            WHERE {_AT_PIKA} AND other.guild_id = jobs.guild_id
        ) < coalesce((
            SELECT guild_at_once FROM guild_settings AS guild WHERE guild.guild_id = jobs.guild_id
        ), :renders)
    ))
    ORDER BY due_at, id LIMIT 1
"""


def add(tx: Transaction, columns: dict[str, SqlValue]) -> int:
    """Insert a row and return its id."""
    names = ", ".join(columns)
    values = ", ".join(f":{name}" for name in columns)
    row = tx.one(
        f"INSERT INTO jobs ({names}) VALUES ({values}) RETURNING id",
        columns,
    )
    if row is None:
        raise LookupError("INSERT returned no id")
    return int(row["id"])


def get(tx: Transaction, job_id: int) -> Job:
    """Return a job.

    Raises:
        LookupError: There is none with this id.
    """
    row = tx.one("SELECT * FROM jobs WHERE id = :id", {"id": job_id})
    if row is None:
        raise LookupError(f"no job {job_id}")
    return Job.from_row(row)


def find_by_interaction(tx: Transaction, interaction_id: int) -> Job | None:
    """Return the job of a request, whose id names it in every copy of the database."""
    row = tx.one(
        "SELECT * FROM jobs WHERE interaction_id = :interaction", {"interaction": interaction_id}
    )
    return None if row is None else Job.from_row(row)


def add_still(tx: Transaction, job_id: int, data: bytes) -> None:
    """Keep a job's picture (a JPEG) until Pika has it."""
    tx.execute(
        "INSERT INTO stills (job_id, data) VALUES (:job, :data)", {"job": job_id, "data": data}
    )


def get_still(tx: Transaction, job_id: int) -> bytes:
    """Return a job's picture.

    Raises:
        LookupError: It was dropped.
    """
    row = tx.one("SELECT data FROM stills WHERE job_id = :job", {"job": job_id})
    if row is None:
        raise LookupError(f"no still of job {job_id}")
    return bytes(row["data"])


def remove_still(tx: Transaction, job_id: int) -> None:
    """Forget a job's picture."""
    tx.execute("DELETE FROM stills WHERE job_id = :job", {"job": job_id})


def claim_next(tx: Transaction, now: datetime, renders_at_once: int) -> Job | None:
    """Claim the job that is due longest, and lease it for `Timeouts.LEASE`.

    Queued jobs are passed over while `renders_at_once` jobs are at the provider, or on
    their way there, or as many of their guild as its moderators allow; not so those that
    were called off.
    """
    row = tx.one(
        f"UPDATE jobs SET due_at = :until, claim = claim + 1 WHERE id = ({_NEXT_DUE}) RETURNING *",
        {"now": to_ms(now), "until": to_ms(now + Timeouts.LEASE), "renders": renders_at_once},
    )
    return None if row is None else Job.from_row(row)


def change_state(
    tx: Transaction, job: Job, state: JobState, due: datetime, **columns: SqlValue
) -> Job:
    """Put a claimed job into a state, with whatever else changes, and end its lease.

    Failed attempts are forgotten unless `columns` say otherwise.

    Raises:
        LeaseLostError: It was claimed by someone else meanwhile.
    """
    fresh: dict[str, SqlValue] = {"attempts": 0, "failing_since": None}
    changes = {"state": state.value, "due_at": to_ms(due), **fresh, **columns}
    assignments = ", ".join(f"{name} = :{name}" for name in changes)
    row = tx.one(
        f"UPDATE jobs SET {assignments}"
        " WHERE id = :id AND claim = :claim AND state = :was RETURNING *",
        {**changes, "id": job.id, "claim": job.claim, "was": job.state.value},
    )
    if row is None:
        raise LeaseLostError(f"job {job.id} is no longer under claim {job.claim}")
    return Job.from_row(row)


def set_due(tx: Transaction, job: Job, due: datetime) -> None:
    """Let a job be claimed from then on, unless somebody else has claimed it meanwhile."""
    tx.execute(
        "UPDATE jobs SET due_at = :due WHERE id = :id AND claim = :claim",
        {"due": to_ms(due), "id": job.id, "claim": job.claim},
    )


def set_cancelled_by(tx: Transaction, job_id: int, actor_id: int, reason: str) -> Job:
    """Remember who called a job off; its next step ends it."""
    tx.execute(
        "UPDATE jobs SET cancelled_by = :actor, cancel_reason = :reason WHERE id = :id",
        {"actor": actor_id, "reason": reason, "id": job_id},
    )
    return get(tx, job_id)


def revoke_lease(tx: Transaction, job: Job, due: datetime) -> Job:
    """Take a job from the step that may hold it, which can then no longer move it."""
    tx.execute(
        "UPDATE jobs SET claim = claim + 1, due_at = :due WHERE id = :id",
        {"due": to_ms(due), "id": job.id},
    )
    return get(tx, job.id)


def waiting_for_review(tx: Transaction, guild_id: int) -> list[Job]:
    """Return the jobs of a guild whose clips wait for moderators, the oldest first."""
    rows = tx.all(
        "SELECT * FROM jobs WHERE guild_id = :guild AND state = 'rendered' AND needs_review = 1"
        " AND id NOT IN (SELECT job_id FROM reviews WHERE verdict IS NOT NULL) ORDER BY id",
        {"guild": guild_id},
    )
    return [Job.from_row(row) for row in rows]


def mark_removed(tx: Transaction, job_id: int, actor_id: int, now: datetime) -> None:
    """Remember who removed the clip of a job."""
    tx.execute(
        "UPDATE jobs SET removed_at = :now, removed_by = :actor WHERE id = :id",
        {"now": to_ms(now), "actor": actor_id, "id": job_id},
    )


def open_of_guild(tx: Transaction, guild_id: int) -> list[Job]:
    """Return the jobs of a guild that are not at their end, the oldest first."""
    rows = tx.all(
        f"SELECT * FROM jobs WHERE guild_id = :guild AND {_OPEN} ORDER BY id", {"guild": guild_id}
    )
    return [Job.from_row(row) for row in rows]


def open_ids(tx: Transaction) -> set[int]:
    """Return the ids of all jobs that are not at their end."""
    return {row["id"] for row in tx.all(f"SELECT id FROM jobs WHERE {_OPEN}")}


def release_leases(tx: Transaction, now: datetime) -> int:
    """Make every open job due at once. Only for the start of the sole process.

    A pause that a provider asked for is cut short by this, which costs one early call.
    """
    return tx.execute(
        f"UPDATE jobs SET due_at = :now WHERE {_OPEN} AND due_at > :now",
        {"now": to_ms(now)},
    )


def mark_for_read_back(tx: Transaction) -> None:
    """Let no open job be claimed until `clear_read_back`. Only for the start."""
    tx.execute(f"UPDATE jobs SET awaits_read_back = 1 WHERE {_OPEN}")


def awaiting_read_back(tx: Transaction) -> list[int]:
    """Return the ids of the marked jobs, those first that are due longest."""
    rows = tx.all(f"SELECT id FROM jobs WHERE {_OPEN} AND awaits_read_back = 1 ORDER BY due_at, id")
    return [row["id"] for row in rows]


def clear_read_back(tx: Transaction, job_id: int) -> None:
    """Let a marked job be claimed when it is due."""
    tx.execute("UPDATE jobs SET awaits_read_back = 0 WHERE id = :id", {"id": job_id})


def next_due(tx: Transaction, after: datetime) -> datetime | None:
    """Return when the next step of any open job falls due, later than `after`.

    What was due by then and was not claimed waits for another job to make room.
    """
    row = tx.one(
        f"SELECT min(due_at) AS due FROM jobs WHERE {_OPEN} AND due_at > :after"
        " AND awaits_read_back = 0",
        {"after": to_ms(after)},
    )
    return None if row is None or row["due"] is None else from_ms(row["due"])


def count_ahead(tx: Transaction, job_id: int) -> int:
    """Return how many earlier jobs wait for Pika or are with it."""
    row = tx.one(
        "SELECT count(*) AS n FROM jobs"
        f" WHERE {_OPEN} AND state IN ('queued', 'submitting', 'rendering') AND id < :id",
        {"id": job_id},
    )
    return 0 if row is None else int(row["n"])


def recent_render_seconds(
    tx: Transaction, provider: str, options: AnimateOptions, most: int = 200
) -> list[float]:
    """Return how long the latest jobs of a kind took, from submit to video, in seconds."""
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


def latest_failures(
    tx: Transaction, guild_id: int, member_id: int, since: datetime, most: int = 3
) -> list[Job]:
    """Return a member's latest jobs that ended without a clip, the newest first.

    Those that a moderator called off included.
    """
    rows = tx.all(
        "SELECT * FROM jobs WHERE guild_id = :guild AND member_id = :member"
        " AND state IN ('failed', 'cancelled', 'notified') AND created_at >= :since"
        " ORDER BY id DESC LIMIT :most",
        {"guild": guild_id, "member": member_id, "since": to_ms(since), "most": most},
    )
    return [Job.from_row(row) for row in rows]


def count_open(tx: Transaction, guild_id: int, member_id: int) -> int:
    """Return how many clips of a member are still being made."""
    row = tx.one(
        "SELECT count(*) AS n FROM jobs WHERE guild_id = :guild AND member_id = :member"
        f" AND {_OPEN}",
        {"guild": guild_id, "member": member_id},
    )
    return 0 if row is None else int(row["n"])


def count_queued(tx: Transaction, guild_id: int) -> int:
    """Return how many clips of a guild wait for their turn."""
    row = tx.one(
        f"SELECT count(*) AS n FROM jobs WHERE guild_id = :guild AND state = 'queued' AND {_OPEN}",
        {"guild": guild_id},
    )
    return 0 if row is None else int(row["n"])
