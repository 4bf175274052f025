"""Asks Pika what became of orders in doubt, by calls that cost nothing.

Their members have their cost back and nobody waits for the clip: it is for the books alone.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import field
from typing import TYPE_CHECKING, Final

from bot.base import Timeouts, service
from bot.jobs import job_store
from bot.jobs.transitions import BOT_ACTOR_ID, Bill, bill_of
from bot.quota.errors import NoDoubtError
from pika import Done, Failed, PikaError

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base import Clock, Database
    from bot.jobs.job import Job
    from bot.quota.doubts import DoubtService
    from pika import Pika, Ticket

log = logging.getLogger(__name__)

_REASON: Final = "Pika was asked."


@service
class DoubtChecker:
    """Settles doubts by what Pika says; what it does not say stays for the owner's bill."""

    database: Database
    pika: Pika
    doubts: DoubtService
    clock: Clock
    timeouts: Timeouts
    # By job. Lost with the process: a start asks about each once more.
    _asked: dict[int, datetime] = field(default_factory=dict, init=False)

    async def run(self) -> None:
        """Ask about each doubt until it is settled or a day old, until cancelled."""
        while True:
            try:
                await self._round()
            except Exception:  # as in the worker: of whatever breaks it, the log has all
                log.exception("asking about orders in doubt broke")
            await asyncio.sleep(self.timeouts.doubt_look.total_seconds())

    async def _round(self) -> None:
        now = self.clock()
        since = now - Timeouts.DOUBT_ASKED_FOR
        for job in await self.database.read(lambda tx: job_store.in_doubt(tx, since)):
            asked_at = self._asked.get(job.id)
            # A render or a list that knew nothing a minute ago may know more soon, or never. By a
            # clock that was set back, what was asked lies ahead.
            age = now - (job.submitted_at or job.created_at)
            pause = max(self.timeouts.doubt_look, age / 5)
            if asked_at is not None and asked_at <= now < asked_at + pause:
                continue
            self._asked[job.id] = now
            try:
                await self._ask(job)
            except (PikaError, NoDoubtError) as error:  # the latter where its owner was first
                log.info("job %d ref %s: not settled now: %r", job.id, job.reference, error)

    async def _ask(self, job: Job) -> None:
        ticket = job.ticket or await self._find(job)
        if ticket is None:
            return
        match await self.pika.check(ticket):
            case Done(charge_micro_usd=charge):
                await self._settle(job, Bill.CERTAIN, charge)
            case Failed(charge_micro_usd=charge) as failed:
                await self._settle(job, bill_of(failed), charge)

    async def _find(self, job: Job) -> Ticket | None:
        if job.order is None:
            return None
        ticket = await self.pika.find(job.order, job.submitted_at or job.created_at)
        if ticket is not None:
            log.warning("job %d ref %s: its order is %s", job.id, job.reference, ticket.id)
            ticket_json = ticket.model_dump_json()
            await self.database.write(lambda tx: job_store.set_ticket(tx, job.id, ticket_json))
        return ticket

    async def _settle(self, job: Job, bill: Bill, charge: int | None) -> None:
        if bill is Bill.IN_DOUBT:
            return
        log.warning("job %d ref %s: Pika says %s of its bill", job.id, job.reference, bill.name)
        if bill is Bill.CERTAIN:
            await self.doubts.settle_as_billed(BOT_ACTOR_ID, job.id, charge, _REASON)
        else:
            await self.doubts.settle_as_not_billed(BOT_ACTOR_ID, job.id, _REASON)
