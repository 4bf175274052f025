"""What a start owes to the processes before it, of which this database may not know all.

A copy of the database that was put back holds jobs that have since been paid and shown. So
each job that a start finds is looked for in the chat before its first step.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from bot.base.errors import DeliveryError
from bot.jobs import job_store
from bot.jobs.delivery import MessageStage
from bot.jobs.errors import TooLateError
from bot.jobs.job import JobState
from pika import InDoubtError, Ticket

if TYPE_CHECKING:
    from bot.base.clock import Clock
    from bot.base.database import Database, Transaction
    from bot.jobs.delivery import Delivery, MessageState
    from bot.jobs.job import Job
    from bot.jobs.transitions import Transitions
    from bot.jobs.video_files import VideoFiles
    from pika import Pika

log = logging.getLogger(__name__)

MAX_RESUBMIT_AGE: Final = timedelta(hours=12)
"""How old a request may be that a start still sends. Providers that remember idempotency keys
do so for a day, or do not say; half of that also allows for a clock that is wrong."""
READ_BACK_PAUSE: Final = timedelta(seconds=30)
_UNSENT: Final = frozenset({JobState.QUEUED, JobState.SUBMITTING})
_ENDED: Final = frozenset({JobState.FAILED, JobState.CANCELLED})


class Steps(Protocol):
    """What takes a job further."""

    async def step(self, job: Job) -> None:
        """Do what the job's state asks for, once."""


class Recovery:
    """Takes the jobs of earlier processes over, and steps them with care; others as they are."""

    def __init__(  # noqa: PLR0913 - the domain's parts, each used
        self,
        database: Database,
        pika: Pika,
        video_files: VideoFiles,
        delivery: Delivery,
        transitions: Transitions,
        workflow: Steps,
        clock: Clock,
    ) -> None:
        self._database = database
        self._pika = pika
        self._video_files = video_files
        self._delivery = delivery
        self._transitions = transitions
        self._workflow = workflow
        self._clock = clock
        self._found: dict[int, MessageState | None] = {}

    async def take_over(self) -> None:
        """Make this process the owner of all live jobs. Only under the lock of the folder."""
        now = self._clock()
        ended, live = await self._database.write(
            lambda tx: (job_store.release_leases(tx, now), job_store.open_ids(tx))
        )
        await self._video_files.delete_all_but(live)
        self._found = dict.fromkeys(live)
        if live:
            log.info("carrying on with %d jobs (%d were waiting or leased)", len(live), ended)

    async def step(self, job: Job) -> None:
        """Step a job. One that the start found is first put right with what the chat shows."""
        if job.id not in self._found:
            await self._workflow.step(job)
            return
        try:
            sight = self._found[job.id] or await self._delivery.read_back(job)
            self._found[job.id] = sight
            await self._go_on(job, sight)
        except DeliveryError as error:
            log.warning("job %d ref %s: not looked for: %r", job.id, job.reference, error)
            await self._database.write(
                lambda tx: job_store.set_due(tx, job, self._clock() + READ_BACK_PAUSE)
            )

    async def _go_on(self, job: Job, sight: MessageState) -> None:
        waited = self._clock() - job.created_at
        match job.state, sight.stage:
            case state, MessageStage.FAILURE if state in _ENDED:
                await self._delivery.notify(job, sight)
                await self._transitions.mark_notified(job)
            case state, MessageStage.CLIP if state not in _ENDED:
                await self._settle(job, sight)
            case (JobState.QUEUED, MessageStage.BEGUN) | (
                JobState.QUEUED | JobState.SUBMITTING | JobState.RENDERED,
                MessageStage.FAILURE,
            ):
                await self._transitions.fail(
                    job, InDoubtError(f"the chat shows {sight.stage.name}")
                )
            case JobState.QUEUED, MessageStage.NOTHING if not self._replays_keys(job):
                await self._transitions.fail(job, InDoubtError("neither chat nor key can tell"))
            case state, _ if state in _UNSENT and waited > MAX_RESUBMIT_AGE:
                sent = state is JobState.SUBMITTING
                await self._transitions.fail(job, TooLateError(str(waited), may_be_charged=sent))
            case _:
                await self._workflow.step(job)

    def _replays_keys(self, job: Job) -> bool:
        return self._pika.capabilities(job.provider).replays_keys

    async def _settle(self, job: Job, sight: MessageState) -> None:
        """End a job whose clip was shown in a time that the database does not know."""
        log.warning("job %d ref %s: its clip is in the chat already", job.id, job.reference)
        await self._delivery.notify(job, sight)
        ticket = job.ticket or Ticket(provider=job.provider, id="lost")
        lease = self._clock() + job_store.LEASE

        def write_ticket(tx: Transaction) -> Job:
            job_store.remove_still(tx, job.id)
            columns = {"ticket_json": ticket.model_dump_json(), "picture_url": None}
            return job_store.change_state(tx, job, job.state, lease, **columns)

        written = await self._database.write(write_ticket)
        await self._transitions.mark_delivered(written, sight.message_id)
