"""The step of a job's life in which moderators see the clip before anybody else does.

The job stays `rendered`, and sleeps until somebody decides, until its time is over, or for a
day, after which it looks whether the question still stands where it was asked. Where the
review channel is gone or closed, the job waits for another one, and moderators are told in
their log channel.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.base.errors import ChannelUnreachableError, DeliveryError, FileTooLargeError
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

    from bot.base.clock import Clock
    from bot.base.database import Database
    from bot.base.timeouts import Timeouts
    from bot.jobs.delivery import Delivery, ReviewBoard
    from bot.jobs.job import Job
    from bot.jobs.reviews import Review, ReviewMessage
    from bot.jobs.transitions import Transitions
    from bot.jobs.video_files import VideoFiles

log = logging.getLogger(__name__)

_LOOK_AGAIN: Final = timedelta(days=1)
"""How often a question is looked for where it was asked: messages are deleted by mistake."""
_TRY_AGAIN: Final = timedelta(hours=1)
"""How often a closed review channel is tried: nobody says when it is opened."""


class ReviewStep:
    """Holds finished jobs back until moderators have decided."""

    def __init__(  # noqa: PLR0913 - the domain's parts, each used
        self,
        database: Database,
        video_files: VideoFiles,
        delivery: Delivery,
        board: ReviewBoard,
        transitions: Transitions,
        *,
        clock: Clock,
        timeouts: Timeouts,
        wake_log_sender: Callable[[], None],
    ) -> None:
        self._database = database
        self._video_files = video_files
        self._delivery = delivery
        self._board = board
        self._transitions = transitions
        self._clock = clock
        self._timeouts = timeouts
        self._wake_log_sender = wake_log_sender

    async def may_deliver(self, job: Job) -> bool:
        """Return whether a rendered job's clip may be shown; if not, move the job."""
        async with self._database.transaction() as tx:
            review = await reviews.get(tx, job.id)
            settings = await guild_settings.get(tx, job.reply_to.guild_id)
        if review is not None and review.decision is not None:
            if review.decision.verdict is Verdict.APPROVED:
                await self.close(job)
                return True
            await self._transitions.fail(job, NotApprovedError("by a moderator"))
        elif self._clock() >= self._deadline(job):
            await self._transitions.fail(job, NotReviewedError(f"after {self._timeouts.review}"))
        else:
            await self._wait(job, review, settings.review_channel_id)
        return False

    async def close(self, job: Job) -> None:
        """Show moderators what became of a clip that they were asked about, if they were."""
        async with self._database.transaction() as tx:
            review = await reviews.get(tx, job.id)
        if review is not None:
            await show_progress(job, self._board.show_outcome(job, review))

    async def _wait(self, job: Job, review: Review | None, channel_id: int | None) -> None:
        now = self._clock()
        if review is None:
            await show_progress(job, self._delivery.show_waiting(job, self._deadline(job)))
        elif review.message.channel_id == channel_id and now < review.asked_at + _LOOK_AGAIN:
            due = self._next(job, review.asked_at + _LOOK_AGAIN)
            await self._transitions.move_to(job, JobState.RENDERED, due - now)
            return
        try:
            place = await self._ask(job, review, channel_id)
        except FileTooLargeError as error:
            await self._transitions.retry_smaller(job, error)
        except UnreadableVideoError as error:
            await self._transitions.fail(job, error)
        except ChannelUnreachableError as error:
            log.warning("job %d ref %s: not to be reviewed: %r", job.id, job.reference, error)
            await self._complain(job, channel_id)
        except DeliveryError as error:
            await self._transitions.retry(job, error)
        else:
            await self._question(job, place)

    async def _ask(self, job: Job, review: Review | None, channel_id: int | None) -> ReviewMessage:
        if channel_id is None:
            raise ChannelUnreachableError("no review channel")
        clip = await self._video_files.fitting_file(job)
        earlier = None if review is None else review.message
        return await self._board.show_question(job, clip, channel_id, self._deadline(job), earlier)

    async def _question(self, job: Job, place: ReviewMessage) -> None:
        now = self._clock()
        async with self._database.transaction() as tx:
            await reviews.record_question(tx, job.id, place, now)
            await job_store.change_state(
                tx, job, JobState.RENDERED, self._next(job, now + _LOOK_AGAIN)
            )

    async def _complain(self, job: Job, channel_id: int | None) -> None:
        """Have moderators told, once a day, that clips cannot be brought before them."""
        now = self._clock()
        message = LogMessage(
            dedup_key=f"{LogMessageKind.REVIEW_CLOSED}-{channel_id}-{now:%Y-%m-%d}",
            kind=LogMessageKind.REVIEW_CLOSED,
            data={"channel": channel_id or 0, "days": self._timeouts.review.days},
        )
        async with self._database.transaction() as tx:
            await log_messages.add(tx, job.reply_to.guild_id, message, now)
            await job_store.change_state(
                tx, job, JobState.RENDERED, self._next(job, now + _TRY_AGAIN)
            )
        self._wake_log_sender()

    def _next(self, job: Job, due: datetime) -> datetime:
        return min(due, self._deadline(job))

    def _deadline(self, job: Job) -> datetime:
        return job.created_at + self._timeouts.review
