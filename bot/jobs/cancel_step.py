"""How a job that a moderator called off comes to its end: steps as in `bot.jobs.workflow`.

What waits ends at once and costs nothing. A paid request on its way is left alone. Of what is
at Pika, Pika says what becomes of it: whether it was stopped, or is made and billed all the
same, which the server then pays and the member does not.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.jobs import job_store, reviews
from bot.jobs.job import State, ticket_of
from bot.jobs.transitions import give_up
from pika import Cancellation, Done, Failed, Pending, PikaError

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base.clock import Clock
    from bot.base.database import Transaction
    from bot.base.timeouts import Timeouts
    from bot.jobs.job import Job
    from bot.jobs.transitions import Moves
    from pika import Pika, Status

log = logging.getLogger(__name__)

CALLED_OFF_IN: Final = frozenset({State.QUEUED, State.RENDERING, State.RENDERED})
"""The states that a job called off goes no further from. From `submitting` it goes on until
it is known whether the paid request was accepted."""
_TAKEN_IN: Final = frozenset({State.QUEUED, State.RENDERING})
"""States whose steps may be broken off: they send nothing that is paid or stays shown."""
_LOOK_AGAIN: Final = 5.0
"""Seconds until the next look at a job that was asked to stop and has not; later ones wait
for a tenth of its age."""


async def call_off(tx: Transaction, job: Job, actor_id: int, reason: str, now: datetime) -> bool:
    """Call a live job off: a queued one ends here, any other in its next steps.

    Returns:
        Whether the step that may hold it, in `queued` or `rendering` or to bring it before
        moderators, has lost it and is to be broken off.
    """
    called_off = await job_store.call_off(tx, job.id, actor_id, reason)
    is_taken = job.state in _TAKEN_IN or await reviews.is_held(tx, job)
    if is_taken:
        called_off = await job_store.take(tx, called_off, now)
    if job.state is State.QUEUED:
        await give_up(tx, called_off, State.CANCELLED, now, billed=False)
    return is_taken


class CallingOff:
    """Steps jobs that were called off."""

    def __init__(self, pika: Pika, moves: Moves, clock: Clock, patience: Timeouts) -> None:
        self._pika = pika
        self._moves = moves
        self._clock = clock
        self._patience = patience

    async def step(self, job: Job) -> None:
        """Bring a job in one of `CALLED_OFF_IN` nearer to its end."""
        if job.state is State.RENDERING:
            await self._stop(job)
        else:
            await self._moves.cancel(job, billed=job.state is State.RENDERED)

    async def ask(self, job: Job) -> Cancellation | None:
        """Ask Pika to stop rendering; `None` where it is not known whether that arrived."""
        try:
            outcome = await self._pika.cancel(ticket_of(job))
        except PikaError as error:
            log.warning("job %d ref %s: not cancelled: %r", job.id, job.reference, error)
            return None
        log.info("job %d ref %s: cancellation %s", job.id, job.reference, outcome)
        return outcome

    async def _stop(self, job: Job) -> None:
        outcome = await self.ask(job)
        elapsed = self._clock() - (job.submitted_at or job.created_at)
        match await self._look(job):
            case Done(charge_micro_usd=charge):
                await self._moves.cancel(job, billed=True, charge_micro_usd=charge)
            case Failed(error=error):
                await self._moves.cancel(job, billed=False, in_doubt=error.may_be_charged)
            case Pending() if outcome is Cancellation.IMPOSSIBLE:
                await self._moves.cancel(job, billed=True)
            case Pending() if elapsed > self._patience.render:
                await self._moves.cancel(job, billed=False, in_doubt=True)
            case Pending(retry_after=told):
                seconds = max(_LOOK_AGAIN, elapsed.total_seconds() / 10) * self._patience.gap_scale
                pause = timedelta(seconds=max(seconds, told or 0.0))
                await self._moves.to(job, State.RENDERING, due_in=pause)

    async def _look(self, job: Job) -> Status:
        try:
            return await self._pika.check(ticket_of(job))
        except PikaError as error:
            log.warning("job %d ref %s: check failed: %r", job.id, job.reference, error)
            return Pending(started=True, retry_after=error.retry_after)
