"""How a job changes state, and its money with it, in one transaction."""

from __future__ import annotations

import logging
import sqlite3
from datetime import timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from bot.base import Clock, service, to_ms
from bot.guilds import log_messages, owner_messages
from bot.guilds.log_messages import LogMessage, LogMessageKind
from bot.jobs import job_store, notices
from bot.jobs.delivery import Told
from bot.jobs.failures import failure_of
from bot.jobs.job import Doubt, Failure, Job, JobState
from bot.quota import ledger
from pika import PikaError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.base import Database, FileTooLargeError, SqlValue, Timeouts, Transaction
    from bot.jobs.delivery import ShownClip
    from bot.jobs.video_files import VideoFiles
    from pika import Failed

log = logging.getLogger(__name__)

BOT_ACTOR_ID: Final = 0
"""The actor of acts that no person did."""
CONSENT_ACTOR_ID: Final = 1
"""In place of a moderator where a clip is cancelled since its picture's owner wants none."""
_LOST_PLACES_WITHIN: Final = timedelta(days=1)
"""A second clip whose place vanished within this time counts for its member."""
_DELIVERING: Final = frozenset({JobState.RENDERED, JobState.FAILED, JobState.CANCELLED})


@service
class Transitions:
    """Changes the states of claimed jobs.

    Every method raises `LeaseLostError`, and changes nothing, if another step has claimed the job
    meanwhile. `wake_log_sender` is called when there may be a new log message.
    """

    database: Database
    video_files: VideoFiles
    clock: Clock
    timeouts: Timeouts
    wake_log_sender: Callable[[], None]

    async def move_to(
        self, job: Job, state: JobState, due_in: timedelta = timedelta(), **columns: SqlValue
    ) -> Job:
        """Put a job into a state, due after a pause; `columns` are other columns to change."""
        return await self.database.write(
            lambda tx: job_store.change_state(tx, job, state, self.clock() + due_in, **columns)
        )

    async def next_pause(self, job: Job) -> float | None:
        """Seconds until the next attempt; `None` after the time limit, or if cancelled."""
        fresh = await self._read_again(job)
        since, now = fresh.failing_since, self.clock()
        # Nobody wants what a cancelled job would pay for.
        is_over = now > (since or now) + self._time_limit_in(job.state)
        if is_over or fresh.cancelled_by is not None:
            return None
        return self.timeouts.pause(job.attempts).total_seconds()

    async def retry(
        self,
        job: Job,
        error: BaseException,
        state: JobState | None = None,
        bill: Bill | None = None,
        **columns: SqlValue,
    ) -> None:
        """Let a step be taken again after a pause, or end the job after its time limit.

        Args:
            job: As it was claimed.
            error: The error of the step; its `retry_after`, in seconds, lengthens the pause.
            state: The state to go back to; by default the job keeps its state.
            bill: What Pika bills if the job ends; `None` as for `fail`.
            columns: Other columns to change if the step is taken again.
        """
        fresh = await self._read_again(job)
        now = self.clock()
        since = fresh.failing_since or now
        left = since + self._time_limit(job, error) - now
        if left <= timedelta():
            # An ended job, whose failure could not be shown, has given its cost back already.
            ended = job.state in {JobState.FAILED, JobState.CANCELLED}
            await (self.mark_notified(job) if ended else self.fail(job, error, bill))
            return
        asked = timedelta(seconds=getattr(error, "retry_after", None) or 0)
        # Never past the time limit, so that the last attempt is made right before giving up.
        pause = min(max(self.timeouts.pause(job.attempts), asked), left)
        log.warning(
            "job %d ref %s: %s failed (%r), again in %s",
            *(job.id, job.reference, job.state, error, pause),
        )
        failing = {"attempts": job.attempts + 1, "failing_since": to_ms(since)}
        await self.move_to(job, state or job.state, pause, **failing, **columns)

    async def set_back(self, job: Job, error: Exception) -> None:
        """Let a step that broke be taken again, from the state to which it has come."""
        fresh = await self._read_again(job)
        # What has ordered, and could not write that down in all its time, may have the ticket.
        local = (sqlite3.OperationalError, *((TimeoutError,) if fresh.is_being_ordered else ()))
        if fresh.state is job.state and not isinstance(error, local):
            await self.retry(fresh, error)
            return
        # Not the job's failure: no time limit of its own may end it.
        pause = self.timeouts.pause(fresh.attempts)
        await self.move_to(fresh, fresh.state, pause, **fresh.failed_attempts)

    async def _read_again(self, job: Job) -> Job:
        # Not as it was claimed: the machine's clock may have been set since, and the row with it,
        # or the job been cancelled or ordered.
        return await self.database.read(lambda tx: job_store.get_claimed(tx, job))

    async def retry_smaller(self, job: Job, error: FileTooLargeError) -> None:
        """Try a smaller file after Discord refused this one's size, or end the job."""
        limit = await self.video_files.next_smaller_limit(job)
        if limit is None:
            await self.fail(job, error)
        else:
            await self.move_to(job, JobState.RENDERED, upload_limit=limit)

    async def mark_delivered(self, job: Job, shown: ShownClip) -> None:
        """End a job whose clip is shown, and settle its cost; a cancelled one ends cancelled."""
        # A cancel that came while the clip was being shown wins: showing its failure, the next
        # step, takes the clip down again.
        now = self.clock()
        await self.database.write(lambda tx: _settle_or_cancel(tx, job, shown, now))
        await self._finish(job)

    async def fail(
        self, job: Job, error: BaseException, bill: Bill | None = None, **columns: SqlValue
    ) -> None:
        """End a job without a clip; it ends as cancelled if it was cancelled.

        Args:
            job: As it was claimed.
            error: The reason; `failure_of` turns it into the stored one.
            bill: `None` goes by the error and the row.
            columns: Other columns to change.
        """
        failure = failure_of(error)
        log.log(
            logging.INFO if failure in _REFUSED | _WITHHELD else logging.WARNING,
            "job %d ref %s refused in %s as %s: %r",
            *(job.id, job.reference, job.state, failure, error),
        )
        owed = bill or _bill_after(job, error)
        now = self.clock()

        def end(tx: Transaction) -> None:
            # Read again: a cancel does not end the claim of a step in `submitting`.
            if _is_cancelled(tx, job):
                end_without_clip(tx, job, JobState.CANCELLED, owed, now, **columns)
                return
            stored, again = failure, _AGAIN.get(failure)
            if again and owed is Bill.CERTAIN and _has_lost_place_lately(tx, job, now):
                stored = again
            end_without_clip(tx, job, JobState.FAILED, owed, now, failure=stored, **columns)

        await self.database.write(end)
        await self._finish(job)

    async def end_overdue_in_line(self, provider: str, failure: Failure) -> None:
        """End the jobs that wait for a provider for longer than `Timeouts.ORDER_WAIT`."""
        now = self.clock()
        before = now - self.timeouts.ORDER_WAIT

        def end(tx: Transaction) -> None:
            for job in job_store.in_line(tx, provider, now, before):
                end_without_clip(tx, job, JobState.FAILED, Bill.NONE, now, failure=failure)
                log.warning("job %d ref %s waited for too long", job.id, job.reference)

        await self.database.write(end)

    async def end_cancelled(self, job: Job, bill: Bill, **columns: SqlValue) -> None:
        """End a job that was cancelled."""
        state, now = JobState.CANCELLED, self.clock()
        await self.database.write(lambda tx: end_without_clip(tx, job, state, bill, now, **columns))
        await self._finish(job)

    async def mark_notified(self, job: Job, told: Told = Told()) -> None:  # noqa: B008 - frozen
        """End a failed or cancelled job whose member was told, or cannot be."""
        now = self.clock()

        def end(tx: Transaction) -> None:
            columns: dict[str, SqlValue] = {"ended_at": to_ms(now), "token": None}
            job_store.change_state(tx, job, JobState.NOTIFIED, now, **columns)
            notices.note(tx, job, told, now)

        await self.database.write(end)

    async def _finish(self, job: Job) -> None:
        self.wake_log_sender()
        # After the commit: a crash in between leaves a file, which the next start deletes. So does
        # a folder that is gone or closed now, and the job's end stands all the same.
        try:
            await self.video_files.delete(job)
        except OSError as error:
            log.warning("job %d ref %s: its files are kept: %r", job.id, job.reference, error)

    def _time_limit(self, job: Job, error: BaseException) -> timedelta:
        # What has broken here is not Pika's, and the video that waits there is paid.
        is_local = job.state is JobState.RENDERING and not isinstance(error, PikaError)
        return self.timeouts.discord if is_local else self._time_limit_in(job.state)

    def _time_limit_in(self, state: JobState) -> timedelta:
        return self.timeouts.discord if state in _DELIVERING else self.timeouts.pika


class Bill(Enum):
    """Whether Pika bills a job that ends without a clip."""

    NONE = auto()
    CERTAIN = auto()
    """The video was made, or will be: the server pays all the same."""
    IN_DOUBT = auto()
    """The order may have been accepted, or the video have been made: the server keeps it counted
    until its owner has settled it (`bot.quota.doubts`)."""


def bill_of(failed: Failed) -> Bill:
    """Whether Pika bills a job that it says has ended without a video."""
    if failed.charge_micro_usd is not None:
        return Bill.CERTAIN if failed.charge_micro_usd else Bill.NONE
    return Bill.IN_DOUBT if failed.error.may_be_charged else Bill.NONE


def _bill_after(job: Job, error: BaseException) -> Bill:
    if job.state is JobState.RENDERED:
        return Bill.CERTAIN
    # Pika has accepted it and has not said that it failed, whatever has broken here.
    if job.state is JobState.RENDERING or job.may_be_billed:
        return Bill.IN_DOUBT
    return Bill.IN_DOUBT if getattr(error, "may_be_charged", False) else Bill.NONE


def end_without_clip(
    tx: Transaction, job: Job, state: JobState, bill: Bill, now: datetime, **columns: SqlValue
) -> None:
    """End a job without a clip, as `FAILED` or `CANCELLED`, and give its member the cost back.

    One that `Job.counts_unseen` counts for its member, like a clip that was shown. The member is
    notified by the job's next step.

    Raises:
        LeaseLostError: Another step has claimed the job meanwhile.
    """
    flags: dict[str, SqlValue] = {
        "may_be_billed": int(bill is not Bill.NONE),
        "doubt": Doubt.OPEN.value if bill is Bill.IN_DOUBT else None,
    }
    ended = job_store.change_state(tx, job, state, now, **flags, **columns)
    _give_back(tx, ended, bill, now)
    if ended.may_be_billed:
        # What moderators decided, or a filter, is no error of anybody's.
        decided = _REFUSED | _WITHHELD | _BLOCKED
        is_decided = state is JobState.CANCELLED or ended.failure in decided
        level = logging.INFO if is_decided else logging.ERROR
        log.log(level, "job %d ref %s: Pika may bill it all the same", job.id, job.reference)
    if bill is Bill.IN_DOUBT:
        kind, count = LogMessageKind.ORDERS_IN_DOUBT, job_store.count_in_doubt(tx)
        owner_messages.put(tx, kind, str(job.id), now, count=count)
    # A rejected clip is no news to the moderators who rejected it, nor one that they were shown;
    # nor is what its member gave up and pays for.
    is_news = ended.failure not in {Failure.NOT_APPROVED, *_WITHHELD}
    if ended.may_be_billed and is_news and not (ended.cancel_counts and ended.counts_unseen):
        log_messages.add(tx, job.reply_to.guild_id, _may_be_billed(ended), now)


_REFUSED: Final = frozenset({Failure.NOT_APPROVED, Failure.NOT_REVIEWED})
_WITHHELD: Final = frozenset(
    {
        Failure.MEMBER_GONE,
        Failure.MEMBER_TIMED_OUT,
        Failure.MESSAGE_DELETED,
        Failure.MESSAGE_DELETED_AGAIN,
    }
)
_BLOCKED: Final = frozenset({Failure.BLOCKED_BY_FILTER, Failure.BLOCKED_BY_FILTER_AGAIN})
_AGAIN: Final = {
    Failure.NO_PLACE: Failure.NO_PLACE_AGAIN,
    Failure.MESSAGE_DELETED: Failure.MESSAGE_DELETED_AGAIN,
    Failure.BLOCKED_BY_FILTER: Failure.BLOCKED_BY_FILTER_AGAIN,
}


def _is_cancelled(tx: Transaction, job: Job) -> bool:
    return job_store.get(tx, job.id).cancelled_by is not None


def _has_lost_place_lately(tx: Transaction, job: Job, now: datetime) -> bool:
    # In the transaction that moves the money: of two that end at once, only one is the first.
    member = job.reply_to.guild_id, job.reply_to.member_id
    return job_store.has_lost_place(tx, *member, now - _LOST_PLACES_WITHIN)


def _settle_or_cancel(tx: Transaction, job: Job, shown: ShownClip, now: datetime) -> None:
    notices.note(tx, job, shown.told, now)
    if _is_cancelled(tx, job):
        cancelled = JobState.CANCELLED
        end_without_clip(tx, job, cancelled, Bill.CERTAIN, now, message_id=shown.message_id)
        return
    job_store.change_state(
        tx,
        job,
        JobState.DELIVERED,
        now,
        ended_at=to_ms(now),
        message_id=shown.message_id,
        notice_message_id=shown.told.notice_message_id,
        charge_micro_usd=job.charge_micro_usd,
        token=None,
    )
    ledger.settle(tx, job.id, job.cost_micro_usd, now)


def _give_back(tx: Transaction, job: Job, bill: Bill, now: datetime) -> None:
    if bill is Bill.NONE:
        ledger.refund(tx, job.id, now)
        return
    # Not a refund: the server's budget has to show what its owner pays to Pika, or may have to.
    ledger.settle(tx, job.id, job.cost_micro_usd, now)
    # Without bound, a member could have the server pay for clips in channels that they delete.
    if not job.counts_unseen:
        ledger.credit(tx, job.id, job.cancelled_by or BOT_ACTOR_ID, now)


def _may_be_billed(job: Job) -> LogMessage:
    return LogMessage(
        dedup_key=f"{LogMessageKind.MAY_BE_BILLED}-{job.id}",
        kind=LogMessageKind.MAY_BE_BILLED,
        data={
            "job": job.id,
            "reference": job.reference,
            "micro_usd": job.cost_micro_usd,
            "in_doubt": int(job.doubt is Doubt.OPEN),
            "counts": int(job.counts_unseen),
            "failure": job.failure or "",
        },
    )
