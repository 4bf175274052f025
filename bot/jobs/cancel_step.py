"""How a job that a moderator called off comes to its end: steps as in `bot.jobs.workflow`.

What waits ends at once and costs nothing. A paid request on its way is left alone. Of what is
at Pika, Pika says what becomes of it: whether it was stopped, or is made and billed all the
same, which the server then pays and the member does not.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.base import Timeouts
from bot.jobs import job_store, reviews
from bot.jobs.job import JobState, ticket_of
from bot.jobs.transitions import Bill, end_without_clip
from pika import Cancellation, Done, Failed, Pending, PikaError

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base import Clock, Transaction
    from bot.jobs.job import Job
    from bot.jobs.transitions import Transitions
    from pika import Pika, Status

log = logging.getLogger(__name__)

CANCELLED_IN_STATES: Final = frozenset({JobState.QUEUED, JobState.RENDERING, JobState.RENDERED})
"""The states that a job called off goes no further from. From `submitting` it goes on until
it is known whether the paid request was accepted."""
_TAKEN_IN: Final = frozenset({JobState.QUEUED, JobState.RENDERING})
"""States whose steps may be broken off: they send nothing that is paid or stays shown."""


def cancel_job(tx: Transaction, job: Job, actor_id: int, reason: str, now: datetime) -> bool:
    """Call a live job off: a queued one ends here, any other in its next steps.

    Returns:
        Whether the step that may hold it, in `queued` or `rendering` or to bring it before
        moderators, has lost it and is to be broken off.
    """
    cancelled = job_store.set_cancelled_by(tx, job.id, actor_id, reason)
    is_taken = job.state in _TAKEN_IN or reviews.waits_for_review(tx, job)
    if is_taken:
        cancelled = job_store.revoke_lease(tx, cancelled, now)
    if job.state is JobState.QUEUED:
        end_without_clip(tx, cancelled, JobState.CANCELLED, Bill.NONE, now)
    return is_taken


@dataclass(frozen=True, slots=True)
class CancelStep:
    """Steps jobs that were called off."""

    pika: Pika
    transitions: Transitions
    clock: Clock
    timeouts: Timeouts

    async def step(self, job: Job) -> None:
        """Bring a job in one of `CANCELLED_IN_STATES` nearer to its end."""
        if job.state is JobState.RENDERING:
            await self._stop(job)
        else:
            rendered = job.state is JobState.RENDERED
            await self.transitions.end_cancelled(job, Bill.CERTAIN if rendered else Bill.NONE)

    async def ask_pika(self, job: Job) -> Cancellation | None:
        """Ask Pika to stop rendering; `None` where it is not known whether that arrived."""
        try:
            outcome = await self.pika.cancel(ticket_of(job))
        except PikaError as error:
            log.warning("job %d ref %s: not cancelled: %r", job.id, job.reference, error)
            return None
        log.info("job %d ref %s: cancellation %s", job.id, job.reference, outcome)
        return outcome

    async def _stop(self, job: Job) -> None:
        outcome = await self.ask_pika(job)
        elapsed = self.clock() - (job.submitted_at or job.created_at)
        match await self._look(job):
            case Done(charge_micro_usd=charge):
                await self.transitions.end_cancelled(job, Bill.CERTAIN, charge_micro_usd=charge)
            case Failed(error=error):
                bill = Bill.IN_DOUBT if error.may_be_charged else Bill.NONE
                await self.transitions.end_cancelled(job, bill)
            case Pending() if outcome is Cancellation.IMPOSSIBLE:
                await self.transitions.end_cancelled(job, Bill.CERTAIN)
            case Pending() if elapsed > self.timeouts.render:
                await self.transitions.end_cancelled(job, Bill.IN_DOUBT)
            case Pending(retry_after=told):
                usual = max(Timeouts.CANCEL_CHECK_SECONDS, elapsed.total_seconds() / 10)
                seconds = usual * self.timeouts.gap_scale
                pause = timedelta(seconds=max(seconds, told or 0.0))
                await self.transitions.move_to(job, JobState.RENDERING, due_in=pause)

    async def _look(self, job: Job) -> Status:
        try:
            return await self.pika.check(ticket_of(job))
        except PikaError as error:
            log.warning("job %d ref %s: check failed: %r", job.id, job.reference, error)
            return Pending(started=True, retry_after=error.retry_after)
