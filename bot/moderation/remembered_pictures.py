"""Pictures that moderators refuse in their guild, each known by a clip that was made of it.

Kept are their hashes (`bot.media.perceptual_hash`); the pictures cannot be made of these.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from bot.base import from_ms, service, to_ms, value
from bot.guilds import audit
from bot.guilds.audit import Actor, AuditAction, AuditEvent, AuditSubject
from bot.media.perceptual_hash import find_alike
from bot.moderation import clip_details
from bot.moderation.authority import check_not_own
from bot.moderation.errors import RememberError, RememberProblem

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base import Clock, Database, SqlRow, Transaction
    from bot.jobs.job import Job
    from bot.moderation.authority import ClipAuthority
    from bot.moderation.clip_details import ClipRef

MOST: Final = 1_000
"""Pictures of a guild: a request is held against each, which takes 17 ms with so many."""


@value
class RememberedPicture:
    """A picture by the job of its clip, that job's member, and the moderator who refused it.

    Attributes:
        refusals: How often it was sent since and refused.
        last_refused_at: When last, by `last_member_id`; both `None` if never.
    """

    job_id: int
    member_id: int
    actor_id: int
    at: datetime
    refusals: int
    last_refused_at: datetime | None
    last_member_id: int | None


def check(tx: Transaction, job: Job) -> None:
    """Check that the picture of a job can be remembered.

    Raises:
        RememberError: It cannot be told from others, or the guild has `MOST`.
    """
    if job.picture_hash is None:
        raise RememberError(RememberProblem.NO_HASH, job.id)
    guild_id = job.reply_to.guild_id
    if not _is_remembered(tx, guild_id, job.id) and len(_hashes(tx, guild_id)) >= MOST:
        raise RememberError(RememberProblem.TOO_MANY, job.id)


def remember(tx: Transaction, by: Actor, job: Job, now: datetime) -> None:
    """Refuse the picture of a job from now on, and record who does; nothing if it is refused.

    Raises:
        RememberError: As `check`.
    """
    check(tx, job)
    added = tx.execute(
        "INSERT INTO remembered_pictures (job_id, guild_id, picture_hash, actor_id, remembered_at)"
        " VALUES (:job, :guild, :hash, :actor, :now) ON CONFLICT DO NOTHING",
        {
            "job": job.id,
            "guild": by.guild_id,
            "hash": job.picture_hash,
            "actor": by.actor_id,
            "now": to_ms(now),
        },
    )
    if added:
        _record(tx, by, job, now, is_refused=True)


def forget(tx: Transaction, by: Actor, job: Job, now: datetime) -> None:
    """Take the picture of a job again from now on, and record who does.

    Raises:
        RememberError: It is not remembered.
    """
    removed = tx.execute(
        "DELETE FROM remembered_pictures WHERE guild_id = :guild AND job_id = :job",
        {"guild": by.guild_id, "job": job.id},
    )
    if not removed:
        raise RememberError(RememberProblem.NOT_REMEMBERED, job.id)
    _record(tx, by, job, now, is_refused=False)


def of_guild(tx: Transaction, guild_id: int) -> list[RememberedPicture]:
    """The pictures of a guild, the latest first."""
    rows = tx.all(
        "SELECT job_id, member_id, actor_id, remembered_at, refusals, last_refused_at,"
        " last_member_id FROM remembered_pictures"
        " JOIN jobs ON jobs.id = job_id WHERE remembered_pictures.guild_id = :guild"
        " ORDER BY remembered_at DESC, job_id DESC",
        {"guild": guild_id},
    )
    return [_remembered(row) for row in rows]


async def find_refused(database: Database, guild_id: int, picture_hash: str | None) -> int | None:
    """Find the picture that a guild's moderators refuse of which this is a copy; its job's id."""
    if picture_hash is None:
        return None
    known = await database.read(lambda tx: _hashes(tx, guild_id))
    # A thousand take some milliseconds: neither on the event loop nor while the database is held.
    return await asyncio.to_thread(find_alike, picture_hash, known) if known else None


def add_refusal(tx: Transaction, job_id: int, member_id: int, now: datetime) -> None:
    """Count that a member sent the remembered picture of a job again and was refused."""
    tx.execute(
        "UPDATE remembered_pictures SET refusals = refusals + 1, last_refused_at = :now,"
        " last_member_id = :member WHERE job_id = :job",
        {"now": to_ms(now), "member": member_id, "job": job_id},
    )


def _hashes(tx: Transaction, guild_id: int) -> dict[int, str]:
    sql = "SELECT job_id, picture_hash FROM remembered_pictures WHERE guild_id = :guild"
    return {row["job_id"]: row["picture_hash"] for row in tx.all(sql, {"guild": guild_id})}


def _remembered(row: SqlRow) -> RememberedPicture:
    job_id, member_id, actor_id, at, refusals, last_at, last_member_id = row
    last = None if last_at is None else from_ms(last_at)
    return RememberedPicture(
        job_id, member_id, actor_id, from_ms(at), refusals, last, last_member_id
    )


def _is_remembered(tx: Transaction, guild_id: int, job_id: int) -> bool:
    sql = "SELECT 1 FROM remembered_pictures WHERE guild_id = :guild AND job_id = :job"
    return tx.one(sql, {"guild": guild_id, "job": job_id}) is not None


def _record(tx: Transaction, by: Actor, job: Job, now: datetime, *, is_refused: bool) -> None:
    before, after = {"refused": not is_refused}, {"refused": is_refused}
    event = AuditEvent(
        by.actor_id, AuditAction.PICTURES, AuditSubject.JOB, job.id, before, after, by.reason
    )
    audit.record(tx, by.guild_id, event, now)


@service
class PictureService:
    """Lists and changes the remembered pictures of any guild."""

    database: Database
    clock: Clock

    async def all(self, guild_id: int) -> list[RememberedPicture]:
        """The pictures that a guild refuses, the latest first."""
        return await self.database.read(lambda tx: of_guild(tx, guild_id))

    async def remember(self, by: Actor, ref: ClipRef) -> Job:
        """Refuse the picture of a clip, whatever became of it, and near copies from now on.

        Returns:
            The job of the clip.

        Raises:
            ClipError: The guild has no such clip.
            RememberError: It cannot be told from others, or too many are remembered.
        """

        def act(tx: Transaction) -> Job:
            job = clip_details.find(tx, by.guild_id, ref).job
            remember(tx, by, job, self.clock())
            return job

        return await self.database.write(act)

    async def forget(self, by: Actor, authority: ClipAuthority, ref: ClipRef) -> Job:
        """Take the picture of a clip, and near copies, again from now on.

        Returns:
            The job of the clip.

        Raises:
            ClipError: The guild has no such clip.
            OwnClipError: The moderator asked for it.
            RememberError: It is not remembered.
        """

        def act(tx: Transaction) -> Job:
            job = clip_details.find(tx, by.guild_id, ref).job
            check_not_own(authority, by.actor_id, job)
            forget(tx, by, job, self.clock())
            return job

        return await self.database.write(act)
