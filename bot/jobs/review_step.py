"""The step of a job's life in which moderators see the clip before anybody else does.

The job stays `rendered`, and sleeps until somebody decides, until its time is over, or for a
day, after which it looks whether the question still stands where it was asked. Where the
review channel is gone or closed, the job waits for another one, and moderators are told in
their log channel.
"""

from __future__ import annotations

import logging
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

from bot.base import ChannelUnreachableError, DeliveryError, FileTooLargeError, Timeouts
from bot.guilds import guild_settings, log_messages
from bot.guilds.log_messages import LogMessage, LogMessageKind
from bot.jobs import job_store, reviews
from bot.jobs.errors import NotApprovedError, NotReviewedError
from bot.jobs.job import JobState
from bot.jobs.progress import show_progress
from bot.jobs.reviews import Verdict
from bot.media.errors import UnreadableVideoError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.base import Clock, Database, Transaction
    from bot.jobs.delivery import Delivery, ReviewBoard
    from bot.jobs.job import Job
    from bot.jobs.reviews import Review, ReviewMessage
    from bot.jobs.transitions import Transitions
    from bot.jobs.video_files import VideoFiles

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReviewStep:
    """Holds finished jobs back until moderators have decided."""

    database: Database
    video_files: VideoFiles
    delivery: Delivery
    board: ReviewBoard
    transitions: Transitions
    _: KW_ONLY
    clock: Clock
    timeouts: Timeouts
    wake_log_sender: Callable[[], None]

    async def may_deliver(self, job: Job) -> bool:
        """Return whether a rendered job's clip may be shown; if not, move the job."""
        review, settings = await self.database.read(
            lambda tx: (reviews.get(tx, job.id), guild_settings.get(tx, job.reply_to.guild_id))
        )
        if review is not None and review.decision is not None:
            if review.decision.verdict is Verdict.APPROVED:
                await self.close(job)
                return True
            await self.transitions.fail(job, NotApprovedError("by a moderator"))
        elif self.clock() >= self._deadline(job):
            await self.transitions.fail(job, NotReviewedError(f"after {self.timeouts.review}"))
        else:
            await self._wait(job, review, settings.review_channel_id)
        return False

    async def close(self, job: Job) -> None:
        """Show moderators what became of a clip that they were asked about, if they were."""
        review = await self.database.read(lambda tx: reviews.get(tx, job.id))
        if review is not None:
            await show_progress(job, self.board.show_outcome(job, review))

    async def _wait(self, job: Job, review: Review | None, channel_id: int | None) -> None:
        now = self.clock()
        if review is None:
            await show_progress(job, self.delivery.show_waiting(job, self._deadline(job)))
        elif (
            review.message.channel_id == channel_id
            and now < review.asked_at + Timeouts.REVIEW_CHECK
        ):
            due = self._next(job, review.asked_at + Timeouts.REVIEW_CHECK)
            await self.transitions.move_to(job, JobState.RENDERED, due - now)
            return
        try:
            message = await self._ask(job, review, channel_id)
        except FileTooLargeError as error:
            await self.transitions.retry_smaller(job, error)
        except UnreadableVideoError as error:
            await self.transitions.fail(job, error)
        except ChannelUnreachableError as error:
            log.warning("job %d ref %s: not to be reviewed: %r", job.id, job.reference, error)
            await self._complain(job, channel_id)
        except DeliveryError as error:
            await self.transitions.retry(job, error)
        else:
            await self._question(job, message)

    async def _ask(self, job: Job, review: Review | None, channel_id: int | None) -> ReviewMessage:
        if channel_id is None:
            raise ChannelUnreachableError("no review channel")
        clip = await self.video_files.fitting_file(job)
        earlier = None if review is None else review.message
        return await self.board.show_question(job, clip, channel_id, self._deadline(job), earlier)

    async def _question(self, job: Job, message: ReviewMessage) -> None:
        now = self.clock()
        due = self._next(job, now + Timeouts.REVIEW_CHECK)

        def record(tx: Transaction) -> None:
            reviews.record_question(tx, job.id, message, now)
            job_store.change_state(tx, job, JobState.RENDERED, due)

        await self.database.write(record)

    async def _complain(self, job: Job, channel_id: int | None) -> None:
        """Have moderators told, once a day, that clips cannot be brought before them."""
        now = self.clock()
        message = LogMessage(
            dedup_key=f"{LogMessageKind.REVIEW_CLOSED}-{channel_id}-{now:%Y-%m-%d}",
            kind=LogMessageKind.REVIEW_CLOSED,
            data={"channel": channel_id or 0, "days": self.timeouts.review.days},
        )
        due = self._next(job, now + Timeouts.CLOSED_REVIEW_CHANNEL)

        def record(tx: Transaction) -> None:
            log_messages.add(tx, job.reply_to.guild_id, message, now)
            job_store.change_state(tx, job, JobState.RENDERED, due)

        await self.database.write(record)
        self.wake_log_sender()

    def _next(self, job: Job, due: datetime) -> datetime:
        return min(due, self._deadline(job))

    def _deadline(self, job: Job) -> datetime:
        return job.created_at + self.timeouts.review
