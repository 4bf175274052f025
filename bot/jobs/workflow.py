"""The life of a job: each step takes a claimed job and changes its state once.

A paid request is written down before it is sent, and its ticket right after. Money moves in the
transaction that changes the state: settled once the clip was shown, refunded when the job fails.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from dataclasses import field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from bot.base import (
    ChannelUnreachableError,
    ContentRefusedError,
    DeliveryError,
    FileTooLargeError,
    MessageDeletedError,
    MessageRefusedError,
    Timeouts,
    UnreadableVideoError,
    service,
    to_ms,
)
from bot.jobs import job_store
from bot.jobs.animate_options import to_shot
from bot.jobs.cancel_step import CancelStep, Unheard, check_render
from bot.jobs.delivery import Told, show_progress
from bot.jobs.errors import PictureLostError, PictureNotShownError
from bot.jobs.estimates import expected_time, seconds_to_next_check
from bot.jobs.job import IN_PROGRESS, Job, JobState, ticket_of
from bot.jobs.progress import Progress, ShownProgress, Stage, next_progress
from bot.jobs.transitions import Bill, bill_of
from bot.jobs.wait_forecast import LATEST, WaitForecast, line_changes
from pika import (
    LOOKS_FOR_A_VIDEO,
    Done,
    Failed,
    GiveUp,
    InDoubtError,
    NoVideoError,
    Order,
    Pending,
    Picture,
    PikaError,
    RateLimitedError,
    Retry,
    Shot,
    SubmitAttempts,
    Ticket,
    TimedOutError,
    VideoTooLargeError,
    after_failed_submit,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.base import Clock, Database, SqlValue, Transaction
    from bot.jobs.breaker import Breaker
    from bot.jobs.delivery import Delivery
    from bot.jobs.picture_files import PictureFiles
    from bot.jobs.review_step import ReviewStep
    from bot.jobs.transitions import Transitions
    from bot.jobs.video_files import VideoFiles
    from pika import Pika

log = logging.getLogger(__name__)

T = TypeVar("T")
_TOLD_AT_ONCE: Final = 20
"""Members in line who are told their place in one go; what is told of more would be old by then."""


@service
class Workflow:
    """Steps jobs. All state is in the row, so that the next process can take the next step."""

    database: Database
    pika: Pika
    breaker: Breaker
    pictures: PictureFiles
    video_files: VideoFiles
    delivery: Delivery
    transitions: Transitions
    review: ReviewStep
    cancel: CancelStep
    clock: Clock
    timeouts: Timeouts
    # Tickets by idempotency key that are not in the database yet, whatever became of their steps.
    _unwritten: dict[str, Ticket] = field(default_factory=dict, init=False)
    # Edits of the messages of jobs in line, by the jobs' ids.
    _line_edits: dict[int, asyncio.Task[None]] = field(default_factory=dict, init=False)
    # Pictures on their way to Discord: asyncio itself keeps no reference to a task.
    _showing: set[asyncio.Task[str]] = field(default_factory=set, init=False)

    async def step(self, job: Job) -> None:
        """Take the one step that the job's state asks for."""
        # Or that would overwrite what this step shows.
        if (edit := self._line_edits.get(job.id)) is not None:
            await asyncio.wait({edit})
        try:
            await self._step(job)
        finally:
            # Pika may have the picture now, or the job have ended.
            self.pictures.sweep_soon()

    async def _step(self, job: Job) -> None:
        # While it is unknown whether the paid request was accepted, it goes on.
        is_cancelled = job.cancelled_by is not None and job.state in IN_PROGRESS
        if is_cancelled and not job.is_being_ordered:
            await self.cancel.step(job)
            return
        match job.state:
            case JobState.QUEUED:
                await self._start(job)
            case JobState.SUBMITTING:
                await self._resubmit(job)
            case JobState.RENDERING:
                await self._check(job)
            case JobState.RENDERED:
                await self._deliver(job)
            case JobState.FAILED | JobState.CANCELLED:
                await self._show_failure(job)

    async def _start(self, job: Job) -> None:
        """Upload or show the picture, write the paid request down, and only then send it."""
        if self.breaker.holds(job):
            await self._back_in_line(job)
            return
        if not await self.cancel.may_order(job):
            return
        await self._check_writable()
        try:
            order = await self.pika.prepare(await self._shot(job), provider=job.provider)
        except PikaError as error:
            if self.breaker.trip(job.provider, error):
                await self._back_in_line(job)
            else:
                await (self._retry_busy if error.retryable else self.transitions.fail)(job, error)
            return
        except DeliveryError as error:
            await self._picture_not_shown(job, error)
            return
        except PictureLostError as error:
            log.error(  # noqa: TRY400 - the traceback says nothing
                "job %d ref %s: its picture is lost: %s", job.id, job.reference, error
            )
            await self.transitions.fail(job, error)
            return
        if self.breaker.holds(job):
            # Stopped during the upload.
            await self._back_in_line(job)
            return
        order_json = order.model_dump_json()
        key = job.idempotency_key or _key(job)
        written = await self._write_down(job, idempotency_key=key, order_json=order_json)
        await self._submit(written, order, SubmitAttempts(job.attempts))

    async def _check_writable(self) -> None:
        """Check that what an order brings can be kept, before it is paid.

        Raises:
            OSError: It could not be.
        """
        self.database.check_file()
        await self.video_files.check_writable()

    async def _picture_not_shown(self, job: Job, error: DeliveryError) -> None:
        """End a job whose picture cannot have an address, or try again; nothing was ordered."""
        if isinstance(error, MessageDeletedError):
            await self.cancel.cancel_deleted(job)
            return
        if isinstance(error, ContentRefusedError):
            await self.transitions.fail(job, error)
            return
        final = ChannelUnreachableError | FileTooLargeError | MessageRefusedError
        is_final = isinstance(error, final)
        end = self.transitions.fail if is_final else self.transitions.retry
        await end(job, PictureNotShownError(repr(error)))

    async def _resubmit(self, job: Job) -> None:
        """Send a written request again, where that cannot pay twice."""
        if (ticket := self._unwritten.get(job.idempotency_key or "")) is not None:
            await self._rendering(job, ticket)
            return
        # An answer that was read would have changed the state, so it is unknown whether the
        # request was accepted.
        earlier = SubmitAttempts(job.attempts, job.may_be_billed)
        if job.order is None or not self.pika.capabilities(job.provider).replays_keys:
            await self.transitions.fail(job, InDoubtError("interrupted during the paid request"))
            return
        await self._check_writable()
        await self._submit(await self._write_down(job), job.order, earlier)

    async def _write_down(self, job: Job, **columns: SqlValue) -> Job:
        """Commit that the paid request may have been sent, before it is."""
        # A process that is killed from here on leaves the doubt in the row. Failed attempts are
        # kept: one time limit spans `queued` and `submitting`, between which a job may go back.
        columns |= {**job.failed_attempts, "may_be_billed": 1}
        # What finds it on the provider's bill, should no answer come.
        columns["submitted_at"] = to_ms(job.submitted_at or self.clock())
        return await self.transitions.move_to(job, JobState.SUBMITTING, Timeouts.LEASE, **columns)

    async def _submit(self, job: Job, order: Order, earlier: SubmitAttempts) -> None:
        """Send the paid request once; `order` may have files that its stored form has not."""
        if job.idempotency_key is None:
            raise LookupError(f"job {job.id} is submitting without a key")
        wire = self.pika.capabilities(job.provider)
        try:
            ticket = await self.pika.submit(order, job.idempotency_key)
        except PikaError as error:
            is_stopped = self.breaker.trip(job.provider, error)
            pause = await self.transitions.next_pause(job)
            match after_failed_submit(error, wire, earlier, pause):
                case Retry(attempts=attempts):
                    # Without replayed keys it was certainly not accepted, and begins anew.
                    state = JobState.SUBMITTING if wire.replays_keys else JobState.QUEUED
                    bill = _bill(in_doubt=attempts.in_doubt)
                    doubt = int(attempts.in_doubt)
                    await self._retry_busy(job, error, state, bill, may_be_billed=doubt)
                case GiveUp(in_doubt=False) if is_stopped and job.cancelled_by is None:
                    await self._back_in_line(job)
                case GiveUp(in_doubt=in_doubt):
                    await self.transitions.fail(job, error, _bill(in_doubt=in_doubt))
            return
        # Before anything else can fail: without it a clip that is paid cannot be had.
        self._unwritten[job.idempotency_key] = ticket
        # A replayed answer is as old as the order that was in doubt.
        if not earlier.in_doubt:
            self.breaker.order_taken(job)
        await self._rendering(job, ticket)

    async def _rendering(self, job: Job, ticket: Ticket) -> None:
        """Write the ticket down, show that Pika has the order, and only then let the job be due."""
        now = self.clock()
        tells_place = self.pika.capabilities(job.provider).tells_position
        progress = Progress(Stage.SENT if tells_place else Stage.RENDERING)

        def write_ticket(tx: Transaction) -> tuple[Job, list[float]]:
            known = job_store.recent_render_seconds(tx, job.provider, job.options)
            expected = expected_time(known[:LATEST])
            written = job_store.change_state(
                tx,
                job,
                JobState.RENDERING,
                now + Timeouts.LEASE,
                ticket_json=ticket.model_dump_json(),
                may_be_billed=0,
                submitted_at=to_ms(now),
                shown_progress=str(progress),
                promised_at=to_ms(now + timedelta(seconds=expected.slow)) if expected else None,
            )
            return written, known

        written, known = await self._until_written(job, write_ticket, ticket)
        self._unwritten.pop(job.idempotency_key or "", None)
        await self._show_progress(written, progress, known)
        # Due only after the message, or a clip that is ready at once would be overwritten by it.
        gap = self._gap(0.0, known)
        # By the clock as it is now: it may have been set meanwhile.
        await self.database.write(lambda tx: job_store.set_due(tx, written, self.clock() + gap))

    async def _show_progress(self, job: Job, progress: Progress, known: Sequence[float]) -> None:
        since = job.submitted_at or job.created_at
        shown = ShownProgress(
            progress, since, expected_time(known[:LATEST]), since + self.timeouts.render
        )
        await show_progress(job, self.delivery.show_progress(job, shown))

    async def _until_written(
        self, job: Job, write: Callable[[Transaction], T], ticket: Ticket
    ) -> T:
        """Write a ticket down as soon as the database answers, however long that takes."""
        while True:
            try:
                return await self.database.write(write)
            except sqlite3.OperationalError as error:
                # With the ticket, so that an owner finds the clip even if the process is killed.
                log.error(  # noqa: TRY400 - the traceback says nothing, and comes again and again
                    "job %d ref %s: its ticket %s is not written yet: %s",
                    *(job.id, job.reference, ticket.id, error),
                )
                await asyncio.sleep(Timeouts.DATABASE_PAUSE_SECONDS)

    async def _check(self, job: Job) -> None:
        # Before the call, so that its time is not counted as time of the render.
        now = self.clock()
        elapsed = now - (job.submitted_at or job.created_at)
        match await check_render(self.pika, self.breaker, job):
            case Done() as done:
                await self._download(job, done, finished=now)
            case Failed() as failed:
                await self._failed(job, failed)
            case Pending() if elapsed > self.timeouts.render and await self._is_late(job):
                await self._give_up(job, elapsed)
            case Pending() as pending:
                await self._check_later(job, elapsed, pending)

    async def _is_late(self, job: Job) -> bool:
        """Whether a render takes too long by its row too, which is set with the machine's clock."""
        fresh = await self.database.read(lambda tx: job_store.get_claimed(tx, job))
        return self.clock() - (fresh.submitted_at or fresh.created_at) > self.timeouts.render

    async def _failed(self, job: Job, failed: Failed) -> None:
        """End a job that Pika could not make; look again for a video that is not shown."""
        if isinstance(failed.error, NoVideoError) and job.attempts < LOOKS_FOR_A_VIDEO - 1:
            await self.transitions.retry(job, failed.error)
            return
        charge = failed.charge_micro_usd
        await self.transitions.fail(job, failed.error, bill_of(failed), charge_micro_usd=charge)

    async def _give_up(self, job: Job, elapsed: timedelta) -> None:
        """Cancel a render that takes too long, unless it has just ended."""
        # So that the server does not pay for what nobody awaits any more.
        await self.cancel.ask_pika(job)
        late = TimedOutError(f"no result after {elapsed}")
        # Only the status tells what became of it: a cancelled one is not billed.
        match await check_render(self.pika, self.breaker, job):
            case Done() as done:
                await self._download(job, done, finished=self.clock())
            case Failed(charge_micro_usd=charge) as failed:
                bill = bill_of(failed)
                await self.transitions.fail(job, late, bill, charge_micro_usd=charge)
            case Pending():
                await self.transitions.fail(job, late)

    async def _check_later(self, job: Job, elapsed: timedelta, pending: Pending) -> None:
        known = await self.database.read(
            lambda tx: job_store.recent_render_seconds(tx, job.provider, job.options)
        )
        gap = self._gap(elapsed.total_seconds(), known, pending.retry_after)
        columns: dict[str, SqlValue] = {}
        if not isinstance(pending, Unheard):
            is_late = job.promised_at is not None and self.clock() > job.promised_at
            before = Progress.parse(job.shown_progress)
            progress = next_progress(before, pending, elapsed, is_late=is_late)
            if progress is not None:
                await self._show_progress(job, progress, known)
                columns["shown_progress"] = str(progress)
        await self.transitions.move_to(job, JobState.RENDERING, due_in=gap, **columns)

    async def _download(self, job: Job, done: Done, finished: datetime) -> None:
        """Download the finished video and check that it is a video."""
        charge = done.charge_micro_usd
        try:
            await self.pika.download(ticket_of(job), done, self.video_files.path(job))
            still = await self.video_files.check_video(job)
        except (UnreadableVideoError, VideoTooLargeError) as error:
            await self.transitions.fail(job, error, Bill.CERTAIN, charge_micro_usd=charge)
        except (PikaError, OSError) as error:
            # No room here, for instance: the video is paid, and may be had once there is some.
            await self.transitions.retry(job, error, None, Bill.CERTAIN, charge_micro_usd=charge)
        else:
            rendered_at = to_ms(finished)
            # Forgotten with the picture, so a clip whose picture is gone has no poster.
            async with self.pictures.kept_poster(still if job.picture_file else None) as poster:
                await self.transitions.move_to(
                    *(job, JobState.RENDERED),
                    poster_file=poster,
                    rendered_at=rendered_at,
                    charge_micro_usd=charge,
                )

    async def _deliver(self, job: Job) -> None:
        if not self.video_files.path(job).exists():
            # The folder was emptied, or the database restored from a copy: ask Pika again.
            await self.transitions.move_to(job, JobState.RENDERING, rendered_at=None)
            return
        if not await self.cancel.may_show(job):
            return
        if job.needs_review and not await self.review.may_deliver(job):
            return
        job = await self._with_charge(job)
        try:
            clip = await self.video_files.fitting_file(job)
            shown = await self.delivery.show_clip(job, clip)
        except FileTooLargeError as error:
            await self.transitions.retry_smaller(job, error)
        except MessageDeletedError as error:
            await self.cancel.withhold(job, error)
        except (ChannelUnreachableError, MessageRefusedError, UnreadableVideoError) as error:
            await self.transitions.fail(job, error)
        except DeliveryError as error:
            await self.transitions.retry(job, error)
        else:
            await self.transitions.mark_delivered(job, shown)

    async def _with_charge(self, job: Job) -> Job:
        """Ask once more for a bill that was not final when the video was finished."""
        # Once: a member does not wait for the books, and the published price stands in.
        if job.charge_micro_usd is None:
            try:
                async with asyncio.timeout(Timeouts.PROGRESS_SECONDS):
                    status = await self.pika.check(ticket_of(job))
            except (PikaError, TimeoutError) as error:
                log.info("job %d: its bill is not known: %r", job.id, error)
            else:
                if isinstance(status, Done):
                    return replace(job, charge_micro_usd=status.charge_micro_usd)
        return job

    async def _show_failure(self, job: Job) -> None:
        if job.needs_review:
            await self.review.close(job)
        try:
            told = await self.delivery.show_failure(job)
        except (ChannelUnreachableError, MessageRefusedError) as error:
            # Discord's policy forbids an unsolicited private message.
            log.warning("job %d ref %s: told in /usage alone: %r", job.id, job.reference, error)
            told = Told()
        except DeliveryError as error:
            await self.transitions.retry(job, error)
            return
        await self.transitions.mark_notified(job, told)

    async def _retry_busy(
        self,
        job: Job,
        error: PikaError,
        state: JobState | None = None,
        bill: Bill | None = None,
        **columns: SqlValue,
    ) -> None:
        until = (job.failing_since or self.clock()) + self.timeouts.pika
        is_down = not isinstance(error, RateLimitedError)
        await show_progress(job, self.delivery.show_busy(job, until, is_down=is_down))
        await self.transitions.retry(job, error, state, bill, **columns)

    async def _back_in_line(self, job: Job) -> None:
        """Let a job wait whose order was not accepted, as its provider accepts none."""
        # First of all, for a crash would leave a refused order in doubt. Leased, so that no later
        # message is overwritten by this one.
        columns: dict[str, SqlValue] = {"may_be_billed": 0, "idempotency_key": _next_key(job)}
        waiting = await self.transitions.move_to(job, JobState.QUEUED, Timeouts.LEASE, **columns)
        await self.show_stopped(job)
        await self.database.write(lambda tx: job_store.set_due(tx, waiting, self.clock()))

    async def show_stopped(self, job: Job) -> None:
        """Show that a job waits for its provider to take orders again."""
        until = job.created_at + Timeouts.ORDER_WAIT
        await show_progress(job, self.delivery.show_stopped(job, until))

    async def tell_line(self, renders_at_once: int) -> None:
        """Tell some members in line their place and time anew, where they have changed by much."""
        changes = await self.database.read(
            lambda tx: line_changes(tx, self.clock(), renders_at_once, _TOLD_AT_ONCE)
        )
        for job, wait in changes:
            edit = asyncio.create_task(self._tell_place(job, wait))
            self._line_edits[job.id] = edit
            try:
                await edit
            finally:
                del self._line_edits[job.id]

    async def _tell_place(self, job: Job, wait: WaitForecast) -> None:
        now = self.clock()

        def is_still_in_line(tx: Transaction) -> bool:
            fresh = job_store.get(tx, job.id)
            if (fresh.state, fresh.claim, fresh.cancelled_by) != (job.state, job.claim, None):
                return False
            job_store.set_promise(tx, job, wait.clips_before, wait.promised_at(now))
            return True

        if self.breaker.stop_of(job.provider) is not None:
            return
        if await self.database.write(is_still_in_line):
            is_late = job.promised_at is not None and now > job.promised_at
            progress = Progress(Stage.IN_LINE, wait.clips_before, is_late)
            shown = ShownProgress(progress, now, wait.expected_time)
            await show_progress(job, self.delivery.show_progress(job, shown))

    async def _shot(self, job: Job) -> Shot:
        """Make the shot, with the still's bytes, or the address of a message that shows it."""
        # Never the original's address: there the place where it was taken is still in it.
        data = await self.pictures.read(job.picture_file)
        if not self.pika.capabilities(job.provider).needs_url:
            return to_shot(job.options, Picture(data=data, media_type="image/jpeg"))
        showing = asyncio.create_task(self._show_picture(job, data))
        self._showing.add(showing)
        showing.add_done_callback(self._showing.discard)
        # To its end, also where the job is cancelled meanwhile: Discord may have the picture
        # already, and what shows the job's end takes it off after that.
        return to_shot(job.options, await asyncio.shield(showing))

    async def _show_picture(self, job: Job, data: bytes) -> str:
        # Nobody but moderators sees the picture of a clip that they see first.
        show = self.review.show_picture if job.needs_review else self.delivery.show_picture
        # No longer than its step, or it may take the place of the picture that the next one shows.
        async with asyncio.timeout(Timeouts.STEP.total_seconds()):
            return await show(job, data)

    def _gap(
        self, elapsed: float, known: Sequence[float], retry_after: float | None = None
    ) -> timedelta:
        gap = seconds_to_next_check(elapsed, known, retry_after)
        return timedelta(seconds=gap * self.timeouts.gap_scale)


def _bill(*, in_doubt: bool) -> Bill:
    return Bill.IN_DOUBT if in_doubt else Bill.NONE


def _key(job: Job) -> str:
    """The idempotency key, made of what every copy of the database has the same."""
    # Paid orders were sent under keys of this spelling: with another one they are paid again.
    return f"animate-bot-{job.reply_to.application_id}-{job.reply_to.interaction_id}"


def _next_key(job: Job) -> str | None:
    """The key for the next order of a job whose latest one was refused, and is not billed."""
    # Under the same key Pika would only repeat the refusal.
    if job.idempotency_key is None:
        return None
    key, _, refused = job.idempotency_key.partition(".")
    return f"{key}.{int(refused or 0) + 1}"
