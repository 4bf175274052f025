"""The step in which moderators see a clip before anybody else.

The job stays `rendered`. Its next step is due when somebody decides, when its time is over, or
after a day, to post the question again if its message was deleted. Where the review channel is
gone or closed, the job waits for another one, and the log channel is told.
"""

from __future__ import annotations

import logging
from dataclasses import KW_ONLY  # noqa: TC003 - looked up when the class is made
from typing import TYPE_CHECKING

from bot.base import (
    ChannelUnreachableError,
    DeliveryError,
    FileTooLargeError,
    MessageRefusedError,
    Timeouts,
    UnreadableVideoError,
    service,
)
from bot.guilds import guild_settings, log_messages
from bot.guilds.log_messages import LogMessage, LogMessageKind
from bot.jobs import job_store, reviews
from bot.jobs.delivery import ReviewQuestion, show_progress
from bot.jobs.errors import NotApprovedError, NotReviewedError
from bot.jobs.job import JobState
from bot.jobs.reviews import ReviewChannel, ReviewMessage, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.base import Clock, Database, Transaction
    from bot.jobs.delivery import Delivery, ReviewBoard
    from bot.jobs.job import Job
    from bot.jobs.picture_files import PictureFiles
    from bot.jobs.reviews import Review
    from bot.jobs.transitions import Transitions
    from bot.jobs.video_files import VideoFiles

log = logging.getLogger(__name__)


@service
class ReviewStep:
    """Delays the delivery of finished jobs until moderators have decided."""

    database: Database
    pictures: PictureFiles
    video_files: VideoFiles
    delivery: Delivery
    board: ReviewBoard
    transitions: Transitions
    _: KW_ONLY
    clock: Clock
    timeouts: Timeouts
    wake_log_sender: Callable[[], None]

    async def may_deliver(self, job: Job) -> bool:
        """Whether a rendered job's clip may be shown; if not, the job has taken another step."""
        review, settings = await self.database.read(
            lambda tx: (reviews.get(tx, job.id), guild_settings.get(tx, job.reply_to.guild_id))
        )
        if review is not None and review.decision is not None:
            # A verdict that came in time applies even if its step runs after the deadline.
            if review.decision.verdict is Verdict.APPROVED:
                await self.close(job)
                return True
            await self.transitions.fail(job, NotApprovedError("by a moderator"))
        elif self.clock() >= self._deadline(job):
            await self.transitions.fail(job, NotReviewedError(f"after {self.timeouts.review}"))
        else:
            await self._wait(job, review, settings)
        return False

    async def show_picture(self, job: Job, picture: bytes) -> str:
        """Show moderators a picture before its clip is made; return its address.

        Raises:
            ChannelUnreachableError: No review channel is set, or it is closed. The log channel is
                told.
            DeliveryError: As `ReviewBoard.show_picture`.
        """
        guild_id = job.reply_to.guild_id
        settings = await self.database.read(lambda tx: guild_settings.get(tx, guild_id))
        channel_id = settings.review_channel_id
        try:
            address, message = await self.board.show_picture(job, picture, channel_id)
        except ChannelUnreachableError:
            now = self.clock()
            closed = self._closed_channel_message(channel_id, now)
            await self.database.write(lambda tx: log_messages.add(tx, guild_id, closed, now))
            self.wake_log_sender()
            raise

        def record(tx: Transaction) -> Job:
            job_store.set_picture_message(tx, job.id, message)
            return job_store.get(tx, job.id)

        shown = await self.database.write(record)
        if _picture_message(job) != message:
            await self._remove_picture(job)
        if shown.cancelled_by is not None:
            # Its end may have been shown already.
            await self._remove_picture(shown)
        return address

    async def close(self, job: Job) -> None:
        """Show moderators the end of a clip that they were asked about; take away its picture."""
        await self._remove_picture(job)
        review = await self.database.read(lambda tx: reviews.get(tx, job.id))
        if review is not None:
            await show_progress(job, self.board.show_outcome(job, review))

    async def _remove_picture(self, job: Job) -> None:
        shown = _picture_message(job)
        if shown is not None:
            await show_progress(job, self.board.remove_picture(shown))

    async def _wait(
        self, job: Job, review: Review | None, settings: guild_settings.GuildSettings
    ) -> None:
        channel_id = settings.review_channel_id
        now = self.clock()
        if review is None:
            await show_progress(job, self.delivery.show_waiting(job, self._deadline(job)))
        elif review.message.channel_id == channel_id:
            next_check = review.asked_at + Timeouts.REVIEW_CHECK
            # A restart makes every job due: hundreds of questions need not be read again.
            if now < next_check:
                pause = min(next_check, self._deadline(job)) - now
                await self.transitions.move_to(job, JobState.RENDERED, pause)
                return
        try:
            message = await self._show_question(job, review, settings)
        except FileTooLargeError as error:
            await self.transitions.retry_smaller(job, error)
        except (UnreadableVideoError, MessageRefusedError) as error:
            await self.transitions.fail(job, error)
        except ChannelUnreachableError as error:
            log.warning("job %d ref %s: not to be reviewed: %r", job.id, job.reference, error)
            await self._wait_for_channel(job, channel_id)
        except DeliveryError as error:
            await self.transitions.retry(job, error)
        else:
            await self._record_question(job, message)

    async def _show_question(
        self, job: Job, review: Review | None, settings: guild_settings.GuildSettings
    ) -> ReviewMessage:
        channel_id = settings.review_channel_id
        if channel_id is None:
            raise ChannelUnreachableError("no review channel")
        clip = await self.video_files.fitting_file(job)
        picture = await self.pictures.kept_picture(job.picture_file)
        # Discord's bound is for a message and its files together.
        if picture and clip.stat().st_size + len(picture) > job.upload_limit:
            picture = None
        history = await self.database.read(lambda tx: job_store.history_before(tx, job))
        question = ReviewQuestion(job, clip, picture, history, self._deadline(job))
        earlier = None if review is None else review.message
        is_first = review is None and await self.database.read(
            lambda tx: reviews.is_first_lately(tx, job.id, Timeouts.PINGS_APART)
        )
        channel = ReviewChannel(channel_id, settings.alert_role_id if is_first else None)
        return await self.board.show_question(question, channel, earlier)

    async def _record_question(self, job: Job, message: ReviewMessage) -> None:
        now = self.clock()
        due = min(now + Timeouts.REVIEW_CHECK, self._deadline(job))

        def record(tx: Transaction) -> None:
            reviews.record_question(tx, job.id, message, now)
            job_store.change_state(tx, job, JobState.RENDERED, due)

        await self.database.write(record)

    async def _wait_for_channel(self, job: Job, channel_id: int | None) -> None:
        """Have the log channel told, once a day, that clips cannot be reviewed."""
        now = self.clock()
        message = self._closed_channel_message(channel_id, now)
        due = min(now + Timeouts.CLOSED_REVIEW_CHANNEL, self._deadline(job))

        def record(tx: Transaction) -> None:
            log_messages.add(tx, job.reply_to.guild_id, message, now)
            job_store.change_state(tx, job, JobState.RENDERED, due)

        await self.database.write(record)
        self.wake_log_sender()

    def _closed_channel_message(self, channel_id: int | None, now: datetime) -> LogMessage:
        return LogMessage(
            # With its day in the key: each clip that waits would send the same message else.
            dedup_key=f"{LogMessageKind.REVIEW_CLOSED}-{channel_id}-{now:%Y-%m-%d}",
            kind=LogMessageKind.REVIEW_CLOSED,
            data={"channel": channel_id or 0, "days": self.timeouts.review.days},
        )

    def _deadline(self, job: Job) -> datetime:
        return job.created_at + self.timeouts.review


def _picture_message(job: Job) -> ReviewMessage | None:
    if job.picture_channel_id is None or job.picture_message_id is None:
        return None
    return ReviewMessage(job.picture_channel_id, job.picture_message_id)
