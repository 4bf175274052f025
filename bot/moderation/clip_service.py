"""What moderators do with single clips: see what runs, stop it, take it down, look it up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.base import ChannelUnreachableError, DeliveryError
from bot.guilds import audit
from bot.guilds.audit import AuditAction, AuditEvent, AuditSubject
from bot.jobs import job_store
from bot.jobs.cancel_step import cancel_job
from bot.jobs.job import JobState
from bot.moderation import clip_details
from bot.moderation.clip_details import ClipRef
from bot.moderation.errors import ClipError, ClipProblem
from bot.quota import ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from bot.base import Clock, Database, Transaction
    from bot.guilds.audit import Actor
    from bot.jobs.delivery import Delivery
    from bot.jobs.job import Job
    from bot.moderation.clip_details import ClipDetails

IN_PROGRESS: Final = frozenset(
    {JobState.QUEUED, JobState.SUBMITTING, JobState.RENDERING, JobState.RENDERED}
)
"""The states in which a job may still become a clip."""


def cancel_and_record(tx: Transaction, by: Actor, job: Job, now: datetime) -> bool:
    """Call an unfinished job off, and record it.

    Returns:
        Whether the step that may hold it is to be broken off.
    """
    event = AuditEvent(
        actor_id=by.actor_id,
        action=AuditAction.CANCEL,
        subject_kind=AuditSubject.JOB,
        subject_id=job.id,
        before={"state": job.state.value},
        after={"state": JobState.CANCELLED.value, "member": job.reply_to.member_id},
        reason=by.reason,
    )
    audit.record(tx, by.guild_id, event, now)
    return cancel_job(tx, job, by.actor_id, by.reason, now)


@dataclass(frozen=True, slots=True)
class ClipService:
    """Acts on the clips of any guild.

    Attributes:
        let_go: Told which jobs were taken from their steps; called after every change.
    """

    database: Database
    delivery: Delivery
    clock: Clock
    abort_steps: Callable[[Collection[int]], None]

    async def in_progress(self, guild_id: int) -> list[ClipDetails]:
        """Return the jobs of a guild that may still become clips, the oldest first."""
        return await self.database.read(lambda tx: clip_details.in_progress(tx, guild_id))

    async def recent(self, guild_id: int, most: int = 100) -> list[ClipDetails]:
        """Return the latest clips of a guild that are still shown, the newest first."""
        return await self.database.read(lambda tx: clip_details.recent(tx, guild_id, most))

    async def find(self, guild_id: int, ref: ClipRef) -> ClipDetails:
        """Return all that is kept of a job.

        Raises:
            ClipError: There is none.
        """
        return await self.database.read(lambda tx: clip_details.find(tx, guild_id, ref))

    async def cancel(self, by: Actor, job_id: int) -> Job:
        """Call a job off. Its member pays nothing, whether or not Pika can still stop.

        Returns:
            The job as it was before.

        Raises:
            ClipError: There is none, it is over, or was called off before.
        """

        def cancel(tx: Transaction) -> tuple[Job, bool]:
            job = clip_details.find(tx, by.guild_id, ClipRef(job_id)).job
            if job.state not in IN_PROGRESS:
                raise ClipError(ClipProblem.OVER, job.id)
            if job.cancelled_by is not None:
                raise ClipError(ClipProblem.CANCELLED, job.id)
            return job, cancel_and_record(tx, by, job, self.clock())

        job, is_taken = await self.database.write(cancel)
        self.abort_steps([job.id] if is_taken else [])
        return job

    async def check_removable(self, guild_id: int, ref: ClipRef) -> ClipDetails:
        """Return a clip that can be removed.

        Raises:
            ClipError: There is none, it is not shown yet, or not any more.
        """
        return await self.database.read(lambda tx: _removable(tx, guild_id, ref))

    async def remove(self, by: Actor, ref: ClipRef, *, refund: bool) -> ClipDetails:
        """Delete the message of a clip and remember who did; what it cost stays in the books.

        The message goes first: what a crash leaves between the two can be done again.

        Args:
            by: Who, and why.
            ref: The clip.
            refund: Give its member back what it took of their limits. The server has paid.

        Returns:
            What was kept of it before.

        Raises:
            ClipError: As `check_removable`; or the message cannot be deleted.
        """
        clip = await self.check_removable(by.guild_id, ref)
        await self._take_down(clip.job)
        now, job_id = self.clock(), clip.job.id

        def mark(tx: Transaction) -> ClipDetails:
            clip = _removable(tx, by.guild_id, ClipRef(job_id))
            job_store.mark_removed(tx, job_id, by.actor_id, now)
            if refund:
                ledger.credit(tx, job_id, by.actor_id, now)
            audit.record(tx, by.guild_id, _removal(by, clip.job, refund=refund), now)
            return clip

        return await self.database.write(mark)

    async def _take_down(self, job: Job) -> None:
        try:
            await self.delivery.remove_clip(job.reply_to)
        except ChannelUnreachableError as error:
            raise ClipError(ClipProblem.OUT_OF_REACH, job.id) from error
        except DeliveryError as error:
            raise ClipError(ClipProblem.NOT_DELETED, job.id) from error


def _removable(tx: Transaction, guild_id: int, ref: ClipRef) -> ClipDetails:
    clip = clip_details.find(tx, guild_id, ref)
    if clip.job.state in IN_PROGRESS:
        raise ClipError(ClipProblem.IN_PROGRESS, clip.job.id)
    if clip.job.state is not JobState.DELIVERED:
        raise ClipError(ClipProblem.NEVER_SHOWN, clip.job.id)
    if clip.removed_at is not None:
        raise ClipError(ClipProblem.REMOVED, clip.job.id)
    return clip


def _removal(by: Actor, job: Job, *, refund: bool) -> AuditEvent:
    return AuditEvent(
        actor_id=by.actor_id,
        action=AuditAction.REMOVE,
        subject_kind=AuditSubject.JOB,
        subject_id=job.id,
        after={"member": job.reply_to.member_id, "refund": refund},
        reason=by.reason,
    )
