"""What members do with a clip by the buttons under it, new clips aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.base import DeliveryError, service, value
from bot.guilds import clip_reports
from bot.guilds.clip_reports import ReportedClip
from bot.jobs import job_store
from bot.jobs.cancel_step import cancel_job
from bot.jobs.job import IN_PROGRESS
from bot.quota import receipts
from bot.requests.cancel_outlook import CancelOutlook, cancel_outlook
from bot.requests.clip_errors import ClipPressError, ClipPressProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from bot.base import Clock, Database, Transaction
    from bot.jobs.delivery import Delivery
    from bot.jobs.job import Job
    from bot.quota.receipts import Receipt
    from pika import Pika


@value
class ClipPress:
    """A member's press, in a channel, under the clip that an interaction asked for."""

    guild_id: int
    channel_id: int
    member_id: int
    interaction_id: int


@service
class MemberClipService:
    """Acts on clips for members.

    Attributes:
        abort_steps: Called after each cancel, with the ids of jobs whose leases were revoked.
        wake: Wakes the log sender.
        lost_posters: Has files deleted that no row names any more, as `PictureFiles.lost_rows`.
    """

    database: Database
    pika: Pika
    delivery: Delivery
    clock: Clock
    abort_steps: Callable[[Collection[int]], None]
    wake: Callable[[], None]
    lost_posters: Callable[[Collection[str]], None]

    async def cancellable(self, press: ClipPress) -> Job:
        """Find a member's own clip that can be cancelled.

        Raises:
            ClipPressError: There is none, it is not theirs, at its end, or cancelled already.
        """
        return await self.database.read(lambda tx: _cancellable(tx, press))

    async def outlook(self, job: Job) -> CancelOutlook:
        """Say what the cancel of a clip would stop, and whether it would be paid."""
        return await cancel_outlook(self.pika, job)

    async def cancel(self, press: ClipPress, *, only_if_free: bool) -> Job | None:
        """Cancel a member's own clip; where Pika bills it all the same, it counts for them.

        Args:
            press: Theirs.
            only_if_free: They were told that it costs nothing, so it is done only where that holds.

        Returns:
            The job as it was before; `None` if that no longer holds, and nothing was done.

        Raises:
            ClipPressError: As `cancellable`.
        """

        def cancel(tx: Transaction) -> tuple[Job | None, bool]:
            job = _cancellable(tx, press)
            if only_if_free and not job.is_unordered:
                return None, False
            job_store.let_cancel_count(tx, job.id)
            return job, cancel_job(tx, job, press.member_id, "", self.clock())

        job, is_revoked = await self.database.write(cancel)
        if job is not None:
            # Also with none: it wakes the worker, for the job's next step is due.
            self.abort_steps([job.id] if is_revoked else [])
        return job

    async def shown(self, press: ClipPress) -> Job:
        """Find a clip that is shown.

        Raises:
            ClipPressError: There is no such clip here, or it is not shown.
        """
        return await self.database.read(lambda tx: find_shown(tx, press))

    async def own_shown(self, press: ClipPress) -> Job | None:
        """Find a member's own clip that is shown; `None` if it is somebody else's.

        Raises:
            ClipPressError: There is no such clip here, or it is not shown.
        """
        job = await self.shown(press)
        return job if job.reply_to.member_id == press.member_id else None

    async def receipt(self, press: ClipPress) -> tuple[Job, Receipt]:
        """Read a clip that is shown, with what it took; raises as `shown`."""

        def read(tx: Transaction) -> tuple[Job, Receipt]:
            job = find_shown(tx, press)
            return job, receipts.read(tx, job.id)

        return await self.database.read(read)

    async def reportable(self, press: ClipPress) -> Job:
        """Find a clip that a member may report.

        Raises:
            ClipPressError: There is no such clip here, or they may not report it.
        """
        return await self.database.read(lambda tx: _reportable(tx, press, self.clock())[0])

    async def report(self, press: ClipPress, reason: str) -> None:
        """Have the guild's log channel told of a clip; raises as `reportable`."""
        now = self.clock()
        await self.database.write(
            lambda tx: clip_reports.add(tx, _reportable(tx, press, now)[1], reason, now)
        )
        self.wake()

    async def job_id(self, press: ClipPress) -> int:
        """The number of the clip of a press; raises as `own_shown`."""
        return (await self.database.read(lambda tx: find_clip(tx, press))).id

    async def delete(self, press: ClipPress) -> None:
        """Delete the messages of a member's own clip, which goes on to count.

        Raises:
            ClipPressError: It is not theirs or not shown, or Discord did not delete it.
        """
        job = await self.own_shown(press)
        if job is None:
            raise ClipPressError(ClipPressProblem.NOT_YOURS)
        # The message first: after a crash in between, the button can be pressed again.
        try:
            await self.delivery.remove_clip(job)
        except DeliveryError as error:
            raise ClipPressError(ClipPressProblem.NOT_DELETED) from error

        def mark(tx: Transaction) -> list[str]:
            # Again: a moderator may have removed it meanwhile.
            find_shown(tx, press)
            return job_store.mark_removed(tx, job.id, press.member_id, "", self.clock())

        self.lost_posters(await self.database.write(mark))


def find_clip(tx: Transaction, press: ClipPress) -> Job:
    """Find the job of a press, in its own guild alone.

    Raises:
        ClipPressError: There is none.
    """
    job = job_store.find_by_interaction(tx, press.interaction_id)
    if job is None or job.reply_to.guild_id != press.guild_id:
        raise ClipPressError(ClipPressProblem.GONE)
    return job


def find_shown(tx: Transaction, press: ClipPress) -> Job:
    """Find a clip that is shown in the channel of the press, or is the presser's own.

    Raises:
        ClipPressError: There is none.
    """
    job = find_clip(tx, press)
    # Its channel may be closed to whoever sends its number from another one.
    is_theirs = job.reply_to.member_id == press.member_id
    if not is_theirs and job.reply_to.channel_id != press.channel_id:
        raise ClipPressError(ClipPressProblem.GONE)
    if not job_store.is_shown(tx, job.id):
        raise ClipPressError(ClipPressProblem.GONE)
    return job


def _reportable(tx: Transaction, press: ClipPress, now: datetime) -> tuple[Job, ReportedClip]:
    job = find_shown(tx, press)
    there = job.reply_to
    clip = ReportedClip(
        *(there.guild_id, there.channel_id, there.message_id, there.member_id),
        *(job.id, press.interaction_id, press.member_id),
    )
    problem = clip_reports.problem_of(tx, clip, now)
    if problem is not None:
        raise ClipPressError(ClipPressProblem(problem.value))
    return job, clip


def _cancellable(tx: Transaction, press: ClipPress) -> Job:
    job = find_clip(tx, press)
    if job.reply_to.member_id != press.member_id:
        raise ClipPressError(ClipPressProblem.NOT_YOURS)
    if job.state not in IN_PROGRESS:
        raise ClipPressError(ClipPressProblem.OVER)
    if job.cancelled_by is not None:
        raise ClipPressError(ClipPressProblem.CANCELLED)
    return job
