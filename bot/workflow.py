"""The life of a job on one screen: each step takes a claimed job and moves it once.

A paid request is written down before it is sent, and its ticket right after. Money moves
in the transaction that moves the state: settled once the clip was shown, refunded when the
job is refused.
"""

from __future__ import annotations

import dataclasses
import logging
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from bot import jobs, ledger
from bot.clock import Clock, to_ms
from bot.errors import DeliveryError, NoPlaceError, TooLargeError, UnreadableVideoError
from bot.estimates import expect
from bot.failures import failure_of
from bot.jobs import Job, State
from pika import (
    BadInputError,
    Done,
    Failed,
    InDoubtError,
    Pending,
    Picture,
    PikaError,
    Shot,
    Ticket,
    TimedOutError,
    VideoTooLargeError,
    may_resubmit,
    next_gap,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from bot.delivery import Delivery
    from bot.outbox import Outbox
    from bot.patience import Patience
    from bot.storage import Database, Value
    from pika import Pika

log = logging.getLogger(__name__)


class Workflow:
    """Steps jobs. Holds no state of its own: everything is in the row."""

    def __init__(  # noqa: PLR0913 - the domain's parts, each used
        self,
        database: Database,
        pika: Pika,
        outbox: Outbox,
        delivery: Delivery,
        *,
        clock: Clock,
        patience: Patience,
    ) -> None:
        self._database = database
        self._pika = pika
        self._outbox = outbox
        self._delivery = delivery
        self._clock = clock
        self._patience = patience

    async def step(self, job: Job) -> None:
        """Do what the job's state asks for, once."""
        match job.state:
            case State.QUEUED:
                await self._start(job)
            case State.SUBMITTING:
                await self._resubmit(job)
            case State.RENDERING:
                await self._check(job)
            case State.RENDERED:
                await self._deliver(job)
            case State.REFUSED | State.CANCELLED:
                await self._tell(job)

    async def retry(self, job: Job, error: BaseException, state: State | None = None) -> None:
        """Take the step again after a pause, or end the job where patience is at its end.

        Args:
            job: As it was claimed.
            error: Why the step failed.
            state: The state to go back to; by default the job stays where it is.
        """
        now = self._clock()
        since = job.failing_since or now
        left = since + self._patience_in(job.state) - now
        if left < timedelta():
            ended = job.state in {State.REFUSED, State.CANCELLED}
            await (self._end(job) if ended else self._refuse(job, error))
            return
        told = timedelta(seconds=getattr(error, "retry_after", None) or 0)
        pause = min(max(self._patience.pause(job.attempts), told), left)
        log.warning(
            "job %d ref %s: %s failed (%r), again in %s",
            *(job.id, job.reference, job.state, error, pause),
        )
        async with self._database.transaction() as tx:
            await jobs.move(
                tx,
                job,
                state or job.state,
                now + pause,
                attempts=job.attempts + 1,
                failing_since=to_ms(since),
            )

    async def _start(self, job: Job) -> None:
        """Upload the picture, write the paid request down, and only then send it."""
        try:
            order = await self._pika.prepare(await self._shot(job), provider=job.provider)
        except PikaError as error:
            await (self._retry_busy if error.retryable else self._refuse)(job, error)
            return
        now = self._clock()
        async with self._database.transaction() as tx:
            written = await jobs.move(
                tx,
                job,
                State.SUBMITTING,
                now + jobs.LEASE,
                idempotency_key=f"animate-bot-{uuid4().hex}",
                order_json=order.model_dump_json(),
                attempts=job.attempts,
                failing_since=None if job.failing_since is None else to_ms(job.failing_since),
            )
        await self._submit(written)

    async def _resubmit(self, job: Job) -> None:
        """Send a written request again, where that cannot pay twice.

        An answer that was read would have moved the job on, so here it is not known
        whether the request was accepted.
        """
        if self._pika.capabilities(job.provider).replays_keys:
            await self._submit(job)
        else:
            await self._refuse(job, InDoubtError("interrupted during the paid request"))

    async def _submit(self, job: Job) -> None:
        if job.order is None or job.idempotency_key is None:
            raise LookupError(f"job {job.id} is submitting without an order")
        wire = self._pika.capabilities(job.provider)
        try:
            ticket = await self._pika.submit(job.order, job.idempotency_key)
        except PikaError as error:
            if not may_resubmit(error, wire):
                await self._refuse(job, error)
            elif wire.replays_keys:
                await self._retry_busy(job, error)
            else:
                # Certainly not accepted: what is found in `submitting` is always in doubt.
                await self.retry(job, error, State.QUEUED)
            return
        await self._rendering(job, ticket)

    async def _rendering(self, job: Job, ticket: Ticket) -> None:
        now = self._clock()
        async with self._database.transaction() as tx:
            job = await jobs.move(
                tx,
                job,
                State.RENDERING,
                now + self._gap(0.0),
                ticket_json=ticket.model_dump_json(),
                submitted_at=to_ms(now),
            )
            await jobs.drop_still(tx, job.id)
            seconds = await jobs.recent_seconds(tx, job.provider, job.resolution, job.duration)
        await self._show(job, self._delivery.show_rendering(job, expect(seconds), now))

    async def _check(self, job: Job) -> None:
        ticket = _ticket(job)
        now = self._clock()
        elapsed = now - (job.submitted_at or job.created_at)
        try:
            status = await self._pika.check(ticket)
        except PikaError as error:
            log.warning("job %d ref %s: check failed: %r", job.id, job.reference, error)
            status = Pending(started=True, retry_after=error.retry_after)
        match status:
            case Done():
                await self._fetch(job, status)
            case Failed(error=reason):
                await self._refuse(job, reason)
            case Pending() if elapsed > self._patience.render:
                await self._call_off(job)
                await self._refuse(job, TimedOutError(f"no result after {elapsed}"))
            case Pending(retry_after=pause):
                due = now + self._gap(elapsed.total_seconds(), pause)
                await self._move(job, State.RENDERING, due_in=due - now)

    async def _call_off(self, job: Job) -> None:
        """Cancel at the provider, where that is possible, what nobody waits for any more."""
        try:
            outcome = await self._pika.cancel(_ticket(job))
        except PikaError as error:
            log.warning("job %d ref %s: not cancelled: %r", job.id, job.reference, error)
        else:
            log.info("job %d ref %s: cancellation %s", job.id, job.reference, outcome)

    async def _fetch(self, job: Job, done: Done) -> None:
        """Download the finished video and see that it is one."""
        charge = done.charge_micro_usd
        try:
            await self._pika.download(_ticket(job), done, self._outbox.path(job))
            await self._outbox.check(job)
        except (UnreadableVideoError, VideoTooLargeError) as error:
            await self._refuse(job, error, charge_micro_usd=charge)
        except PikaError as error:
            await self.retry(job, error)
        else:
            now = to_ms(self._clock())
            await self._move(job, State.RENDERED, rendered_at=now, charge_micro_usd=charge)

    async def _deliver(self, job: Job) -> None:
        if not self._outbox.path(job).exists():
            # The folder was emptied, or the database restored from a copy: ask Pika again.
            await self._move(job, State.RENDERING, rendered_at=None)
            return
        job = await self._with_charge(job)
        try:
            message_id = await self._delivery.show_clip(job, await self._outbox.fitting(job))
        except TooLargeError as error:
            await self._step_down(job, error)
        except (NoPlaceError, UnreadableVideoError) as error:
            await self._refuse(job, error)
        except DeliveryError as error:
            await self.retry(job, error)
        else:
            await self._settle(job, message_id)

    async def _with_charge(self, job: Job) -> Job:
        """Ask once more for a bill that was not final when the video was."""
        if job.charge_micro_usd is None:
            try:
                status = await self._pika.check(_ticket(job))
            except PikaError as error:
                log.info("job %d: its bill is not known: %r", job.id, error)
            else:
                if isinstance(status, Done):
                    return dataclasses.replace(job, charge_micro_usd=status.charge_micro_usd)
        return job

    async def _settle(self, job: Job, message_id: int) -> None:
        now = self._clock()
        async with self._database.transaction() as tx:
            await jobs.move(
                tx,
                job,
                State.DELIVERED,
                now,
                ended_at=to_ms(now),
                message_id=message_id,
                charge_micro_usd=job.charge_micro_usd,
                token=None,
            )
            await ledger.settle(tx, job.id, job.cost_micro_usd, now)
        await self._outbox.clear(job)

    async def _step_down(self, job: Job, error: TooLargeError) -> None:
        """Make the clip smaller after the chat refused its size, or give it up."""
        limit = await self._outbox.next_limit(job)
        if limit is None:
            await self._refuse(job, error)
        else:
            await self._move(job, State.RENDERED, upload_limit=limit)

    async def _refuse(self, job: Job, error: BaseException, **columns: Value) -> None:
        """End a job without a clip. Its cost comes back in the same transaction."""
        failure = failure_of(error)
        log.warning(
            "job %d ref %s refused in %s as %s: %r",
            *(job.id, job.reference, job.state, failure, error),
        )
        if job.state is State.RENDERED or getattr(error, "may_be_charged", False):
            log.error("job %d ref %s: Pika may bill it all the same", job.id, job.reference)
        now = self._clock()
        async with self._database.transaction() as tx:
            await jobs.move(tx, job, State.REFUSED, now, failure=failure, **columns)
            await ledger.refund(tx, job.id, now)
            await jobs.drop_still(tx, job.id)
        await self._outbox.clear(job)

    async def _tell(self, job: Job) -> None:
        try:
            await self._delivery.show_failure(job)
        except NoPlaceError as error:
            log.warning("job %d ref %s: told in /usage alone: %r", job.id, job.reference, error)
        except DeliveryError as error:
            await self.retry(job, error)
            return
        await self._end(job)

    async def _end(self, job: Job) -> None:
        await self._move(job, State.TOLD, ended_at=to_ms(self._clock()), token=None)

    async def _retry_busy(self, job: Job, error: PikaError) -> None:
        await self.retry(job, error)
        await self._show(job, self._delivery.show_busy(job))

    async def _move(
        self, job: Job, state: State, due_in: timedelta = timedelta(), **columns: Value
    ) -> None:
        async with self._database.transaction() as tx:
            await jobs.move(tx, job, state, self._clock() + due_in, **columns)

    async def _show(self, job: Job, message: Awaitable[None]) -> None:
        """Show progress where possible: the job goes on without it."""
        try:
            await message
        except DeliveryError as error:
            log.info("job %d: progress not shown: %r", job.id, error)

    async def _shot(self, job: Job) -> Shot:
        picture: Picture | str
        if self._pika.capabilities(job.provider).needs_url:
            if job.picture_url is None:
                raise BadInputError("the address of the picture is not known", code="needs_url")
            picture = job.picture_url
        else:
            async with self._database.transaction() as tx:
                data = await jobs.get_still(tx, job.id)
            picture = Picture(data=data, media_type="image/jpeg")
        return Shot(
            picture=picture,
            prompt=job.prompt,
            negative_prompt=job.negative_prompt,
            seed=job.seed,
            resolution=job.resolution,
            duration=job.duration,
        )

    def _gap(self, elapsed: float, retry_after: float | None = None) -> timedelta:
        return timedelta(seconds=next_gap(elapsed, retry_after) * self._patience.gap_scale)

    def _patience_in(self, state: State) -> timedelta:
        delivering = state in {State.RENDERED, State.REFUSED, State.CANCELLED}
        return self._patience.discord if delivering else self._patience.pika


def _ticket(job: Job) -> Ticket:
    if job.ticket is None:
        raise LookupError(f"job {job.id} is {job.state} without a ticket")
    return job.ticket
