"""The start's takeover of the jobs of earlier processes.

A copy of the database that was put back may hold jobs that have since been paid and shown. So
each job that a start finds is marked, and looked for in the chat. The worker passes over it until
its mark is cleared, and goes on with all others.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from typing import TYPE_CHECKING, Final

from bot.base import DeliveryError, Timeouts, service
from bot.jobs import job_store
from bot.jobs.delivery import MessageStage, ShownClip
from bot.jobs.errors import LeaseLostError, TooLateError
from bot.jobs.job import JobState
from pika import InDoubtError, Ticket

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.base import Clock, Database, Transaction
    from bot.jobs.delivery import Delivery, MessageState
    from bot.jobs.job import Job
    from bot.jobs.transitions import Transitions
    from bot.jobs.workflow import Workflow
    from pika import Pika

log = logging.getLogger(__name__)

_READS_AT_ONCE: Final = 4
_UNSENT: Final = frozenset({JobState.QUEUED, JobState.SUBMITTING})
_ENDED: Final = frozenset({JobState.FAILED, JobState.CANCELLED})


@service
class Recovery:
    """Takes over the jobs of earlier processes; `wake_worker` is called for each cleared mark."""

    database: Database
    pika: Pika
    delivery: Delivery
    transitions: Transitions
    workflow: Workflow
    clock: Clock
    timeouts: Timeouts
    wake_worker: Callable[[], None]

    async def take_over(self) -> None:
        """End all leases and mark all open jobs. Only under the lock of the data folder."""
        now = self.clock()

        def mark(tx: Transaction) -> tuple[int, set[int]]:
            leased = job_store.release_leases(tx, now)
            job_store.mark_for_read_back(tx)
            return leased, job_store.open_ids(tx)

        leased, open_ids = await self.database.write(mark)
        await self.workflow.video_files.delete_all_but(open_ids)
        await self.workflow.pictures.sweep_folder()
        if open_ids:
            log.info("carrying on with %d jobs (%d were waiting or leased)", len(open_ids), leased)

    async def run(self) -> None:
        """Read back every marked job and clear its mark, with retries; end when none is left."""
        marked = await self._marked()
        slots = asyncio.Semaphore(_READS_AT_ONCE)
        await asyncio.gather(*(self._until_read_back(job_id, slots) for job_id in marked))

    async def _marked(self) -> list[int]:
        # No job that is marked is claimed, so this may not end with one read that fails.
        while True:
            try:
                return await self.database.read(job_store.awaiting_read_back)
            except sqlite3.OperationalError:
                log.exception("jobs are not read back yet")
                await asyncio.sleep(Timeouts.DATABASE_PAUSE_SECONDS)

    async def _until_read_back(self, job_id: int, slots: asyncio.Semaphore) -> None:
        while True:
            try:
                # A slot for each try and not for each job: a message that cannot be read for
                # hours must not keep the others waiting.
                async with slots:
                    is_cleared = await self._read_back(job_id)
            except (DeliveryError, LeaseLostError) as error:
                log.warning("job %d: not read back: %r", job_id, error)
            except Exception:  # as in the worker: of whatever breaks it, the log has all
                log.exception("job %d: reading it back broke", job_id)
            else:
                self.workflow.pictures.sweep_soon()
                self.wake_worker()
                if is_cleared:
                    return
            await asyncio.sleep(self.timeouts.read_back.total_seconds())

    async def _read_back(self, job_id: int) -> bool:
        """Reconcile a job and clear its mark; `False` while Pika still renders the job."""
        job = await self.database.read(lambda tx: job_store.get(tx, job_id))
        state = await self.delivery.read_back(job)
        await self._reconcile(job, state)
        changed = await self.database.read(lambda tx: job_store.get(tx, job_id))
        is_shown = state.stage is MessageStage.FAILURE
        if is_shown and changed.state in _ENDED and job.state not in _ENDED:
            # Where the chat shows the failure already, the member has been told too.
            await self.transitions.mark_notified(changed)
        elif changed.state is JobState.RENDERING and is_shown:
            return False
        # Last: a crash in between reads the job back once more, which does no harm.
        await self.database.write(lambda tx: job_store.clear_read_back(tx, job_id))
        return True

    async def _reconcile(self, job: Job, state: MessageState) -> None:
        """Bring a job to where the chat, or its age, shows that it is."""
        age = self.clock() - job.created_at
        match job.state, state.stage:
            case ended, MessageStage.FAILURE if ended in _ENDED:
                told = await self.delivery.notify(job, state)
                await self.transitions.mark_notified(job, told)
            case open_state, MessageStage.CLIP if open_state not in _ENDED:
                await self._settle(job, state)
            # Paid in a time that this copy does not know: with no ticket it cannot be fetched,
            # and to send it again could pay twice.
            case (JobState.QUEUED, MessageStage.BEGUN) | (
                JobState.QUEUED | JobState.SUBMITTING | JobState.RENDERED,
                MessageStage.FAILURE,
            ):
                shown = InDoubtError(f"the chat shows {state.stage.name}")
                await self.transitions.fail(job, shown)
            case JobState.RENDERING, MessageStage.FAILURE:
                # Pika knows why it failed and its bill; the worker would show the failure again.
                await self.workflow.step(job)
            case JobState.QUEUED, MessageStage.NOTHING if not await self._key_can_tell(job):
                await self.transitions.fail(job, InDoubtError("neither chat nor key can tell"))
            case unsent, _ if unsent in _UNSENT and age > Timeouts.RESUBMIT_AGE:
                sent = unsent is JobState.SUBMITTING
                await self.transitions.fail(job, TooLateError(str(age), may_be_charged=sent))

    async def _key_can_tell(self, job: Job) -> bool:
        """Whether sending a job again shows that it was sent before, and pays nothing then."""
        if not self.pika.capabilities(job.provider).replays_keys:
            return False
        # One whose picture is gone cannot be sent, and its picture may be gone as it was sent.
        return not await self.workflow.pictures.is_lost(job.picture_file)

    async def _settle(self, job: Job, state: MessageState) -> None:
        """Mark a job delivered whose clip is in the chat, which this database did not know."""
        log.warning("job %d ref %s: its clip is in the chat already", job.id, job.reference)
        told = await self.delivery.notify(job, state)
        # The schema wants a ticket of a delivered job, and this one's is not known.
        ticket = job.ticket or Ticket(provider=job.provider, id="lost")
        lease = self.clock() + Timeouts.LEASE

        def write_ticket(tx: Transaction) -> Job:
            ticket_json = ticket.model_dump_json()
            return job_store.change_state(
                tx, job, job.state, lease, may_be_billed=0, ticket_json=ticket_json
            )

        written = await self.database.write(write_ticket)
        await self.transitions.mark_delivered(written, ShownClip(state.message_id, told))
