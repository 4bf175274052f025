"""Clips that are not ordered or shown: their members are gone, or a moderator took them away.

Discord is asked right before an order and right before a clip is shown. Where it gives no answer,
clips go on: it may be silent for hours, and members did nothing wrong.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from bot.base import ChannelUnreachableError, DeliveryError, FileTooLargeError, Timeouts
from bot.guilds import audit, guild_settings
from bot.guilds.audit import AuditAction, AuditEvent, AuditSubject
from bot.jobs import job_store
from bot.jobs.cancel_step import cancel_job
from bot.jobs.delivery import MemberState
from bot.jobs.errors import LeaseLostError, MemberGoneError, MemberTimedOutError
from bot.jobs.failures import failure_of
from bot.jobs.job import JobState
from bot.jobs.transitions import BOT_ACTOR_ID
from bot.media.errors import UnreadableVideoError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.base import Clock, Database, Transaction
    from bot.jobs.delivery import Delivery
    from bot.jobs.job import Failure, Job
    from bot.jobs.transitions import Transitions
    from bot.jobs.video_files import VideoFiles

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class WithholdStep:
    """Ends jobs that nobody is to see the clip of, but for moderators."""

    database: Database
    video_files: VideoFiles
    delivery: Delivery
    transitions: Transitions
    clock: Clock
    wake_log_sender: Callable[[], None]

    async def may_order(self, job: Job) -> bool:
        """Whether a queued job may be ordered; if not, it has ended and cost nothing."""
        is_deleted, error = await asyncio.gather(
            _answer(job, self.delivery.is_deleted(job), otherwise=False), self._member_error(job)
        )
        if is_deleted:
            await self.cancel_deleted(job)
        elif error is not None:
            await self.transitions.fail(job, error)
        return not is_deleted and error is None

    async def may_show(self, job: Job) -> bool:
        """Whether a rendered job's clip may be shown; if not, the job has taken another step."""
        error = await self._member_error(job)
        if error is not None:
            await self.withhold(job, error)
        return error is None

    async def cancel_deleted(self, job: Job) -> None:
        """Cancel a queued job whose status message a moderator deleted.

        Raises:
            LeaseLostError: Another step has claimed it, or a moderator cancelled it.
        """
        now, reply_to = self.clock(), job.reply_to
        before, after = JobState.QUEUED.value, JobState.CANCELLED.value
        event = AuditEvent(
            BOT_ACTOR_ID,
            AuditAction.CANCEL,
            AuditSubject.JOB,
            job.id,
            {"state": before},
            {"state": after, "member": reply_to.member_id},
            # Who did is in Discord's own audit log alone, which the bot may not read.
            "its message was deleted",
        )

        def cancel(tx: Transaction) -> None:
            fresh = job_store.get(tx, job.id)
            if (fresh.claim, fresh.state) != (job.claim, job.state):
                raise LeaseLostError(f"job {job.id} is no longer under claim {job.claim}")
            audit.record(tx, reply_to.guild_id, event, now)
            cancel_job(tx, fresh, BOT_ACTOR_ID, "", now)

        await self.database.write(cancel)
        self.wake_log_sender()

    async def withhold(self, job: Job, error: BaseException) -> None:
        """Show a rendered job's clip in the log channel alone, and end it for this reason."""
        try:
            await self._show_moderators(job, failure_of(error))
        except ChannelUnreachableError as closed:
            log.warning("job %d ref %s: no log channel: %r", job.id, job.reference, closed)
        except DeliveryError as later:
            await self.transitions.retry(job, later)
            return
        await self.transitions.fail(job, error)

    async def _show_moderators(self, job: Job, why: Failure) -> None:
        guild_id = job.reply_to.guild_id
        settings = await self.database.read(lambda tx: guild_settings.get(tx, guild_id))
        channel_id = settings.log_channel_id
        if channel_id is None:
            return
        try:
            clip = await self.video_files.fitting_file(job)
            await self.delivery.show_withheld(job, why, clip, channel_id)
        except (UnreadableVideoError, FileTooLargeError, ChannelUnreachableError) as error:
            # The bot may be allowed to write there, and not to attach files.
            log.info("job %d: its clip is not shown to moderators: %r", job.id, error)
            await self.delivery.show_withheld(job, why, None, channel_id)

    async def _member_error(self, job: Job) -> MemberGoneError | MemberTimedOutError | None:
        asked = self.delivery.member_state(job)
        match await _answer(job, asked, otherwise=MemberState.PRESENT):
            case MemberState.GONE:
                return MemberGoneError(f"member of job {job.id}")
            case MemberState.TIMED_OUT:
                return MemberTimedOutError(f"member of job {job.id}")
            case MemberState.PRESENT:
                return None


async def _answer(job: Job, question: Awaitable[T], *, otherwise: T) -> T:
    try:
        async with asyncio.timeout(Timeouts.PROGRESS_SECONDS):
            return await question
    except (DeliveryError, TimeoutError) as error:
        log.info("job %d: Discord did not say: %r", job.id, error)
        return otherwise
