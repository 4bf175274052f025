"""What a start owes to the processes before it, of which this database may not know all.

A copy of the database that was put back holds jobs that have since been paid and shown. So
each job that a start finds is looked for in the chat before its first step. That is a phase of
its own, which holds nothing up: the jobs are marked, the worker passes over marked ones, and
each mark goes once the chat has told.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.base import DeliveryError, Timeouts
from bot.jobs import job_store
from bot.jobs.delivery import MessageStage
from bot.jobs.errors import LeaseLostError, TooLateError
from bot.jobs.job import JobState
from pika import InDoubtError, Ticket

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.base import Clock, Database, Transaction
    from bot.jobs.delivery import Delivery, MessageState
    from bot.jobs.job import Job
    from bot.jobs.transitions import Transitions
    from bot.jobs.video_files import VideoFiles
    from bot.jobs.workflow import Workflow
    from pika import Pika

log = logging.getLogger(__name__)

_READS_AT_ONCE: Final = 4
_UNSENT: Final = frozenset({JobState.QUEUED, JobState.SUBMITTING})
_ENDED: Final = frozenset({JobState.FAILED, JobState.CANCELLED})


@dataclass(frozen=True, slots=True)
class Recovery:
    """Takes over the jobs of earlier processes.

    Attributes:
        wake_worker: Called when a job may take its next step.
    """

    database: Database
    pika: Pika
    video_files: VideoFiles
    delivery: Delivery
    transitions: Transitions
    workflow: Workflow
    clock: Clock
    timeouts: Timeouts
    wake_worker: Callable[[], None]

    async def take_over(self) -> None:
        """Make this process the owner of all open jobs, and mark them.

        Only under the lock of the data folder: no other process may hold a lease.
        """
        now = self.clock()

        def mark(tx: Transaction) -> tuple[int, set[int]]:
            leased = job_store.release_leases(tx, now)
            job_store.mark_for_read_back(tx)
            return leased, job_store.open_ids(tx)

        leased, open_ids = await self.database.write(mark)
        await self.video_files.delete_all_but(open_ids)
        if open_ids:
            log.info("carrying on with %d jobs (%d were waiting or leased)", len(open_ids), leased)

    async def run(self) -> None:
        """Read back every marked job and clear its mark; end when none is left.

        A job whose message cannot be read now is tried again, and waits for nobody else.
        """
        marked = await self.database.read(job_store.awaiting_read_back)
        slots = asyncio.Semaphore(_READS_AT_ONCE)
        await asyncio.gather(*(self._until_read_back(job_id, slots) for job_id in marked))

    async def _until_read_back(self, job_id: int, slots: asyncio.Semaphore) -> None:
        while True:
            try:
                async with slots:
                    is_cleared = await self._read_back(job_id)
            except (DeliveryError, LeaseLostError) as error:
                log.warning("job %d: not read back: %r", job_id, error)
            except sqlite3.OperationalError:
                log.exception("job %d: the database did not answer", job_id)
            else:
                self.wake_worker()
                if is_cleared:
                    return
            await asyncio.sleep(self.timeouts.read_back.total_seconds())

    async def _read_back(self, job_id: int) -> bool:
        """Return whether the mark is cleared."""
        job = await self.database.read(lambda tx: job_store.get(tx, job_id))
        state = await self.delivery.read_back(job)
        await self._put_right(job, state)
        moved = await self.database.read(lambda tx: job_store.get(tx, job_id))
        if moved.state in _ENDED and job.state not in _ENDED:
            # Where the chat shows the failure already, telling it is done too.
            await self._put_right(moved, state)
        elif moved.state is JobState.RENDERING and state.stage is MessageStage.FAILURE:
            return False
        await self.database.write(lambda tx: job_store.clear_read_back(tx, job_id))
        return True

    async def _put_right(self, job: Job, state: MessageState) -> None:
        """Move a job on where the chat, or its age, says more than its row."""
        waited = self.clock() - job.created_at
        match job.state, state.stage:
            case ended, MessageStage.FAILURE if ended in _ENDED:
                await self.delivery.notify(job, state)
                await self.transitions.mark_notified(job)
            case open_state, MessageStage.CLIP if open_state not in _ENDED:
                await self._settle(job, state)
            case (JobState.QUEUED, MessageStage.BEGUN) | (
                JobState.QUEUED | JobState.SUBMITTING | JobState.RENDERED,
                MessageStage.FAILURE,
            ):
                shown = InDoubtError(f"the chat shows {state.stage.name}")
                await self.transitions.fail(job, shown)
            case JobState.RENDERING, MessageStage.FAILURE:
                # Pika knows why, and what it costs; the worker would tell the failure again.
                await self.workflow.step(job)
            case JobState.QUEUED, MessageStage.NOTHING if not self._replays_keys(job):
                await self.transitions.fail(job, InDoubtError("neither chat nor key can tell"))
            case unsent, _ if unsent in _UNSENT and waited > Timeouts.RESUBMIT_AGE:
                sent = unsent is JobState.SUBMITTING
                await self.transitions.fail(job, TooLateError(str(waited), may_be_charged=sent))

    def _replays_keys(self, job: Job) -> bool:
        return self.pika.capabilities(job.provider).replays_keys

    async def _settle(self, job: Job, state: MessageState) -> None:
        """End a job whose clip was shown in a time that the database does not know."""
        log.warning("job %d ref %s: its clip is in the chat already", job.id, job.reference)
        await self.delivery.notify(job, state)
        # The schema wants a ticket of what is delivered, and this one's is not known.
        ticket = job.ticket or Ticket(provider=job.provider, id="lost")
        lease = self.clock() + Timeouts.LEASE

        def write_ticket(tx: Transaction) -> Job:
            job_store.remove_still(tx, job.id)
            columns = {
                "ticket_json": ticket.model_dump_json(),
                "picture_url": None,
                "may_be_billed": 0,
            }
            return job_store.change_state(tx, job, job.state, lease, **columns)

        written = await self.database.write(write_ticket)
        await self.transitions.mark_delivered(written, state.message_id)
