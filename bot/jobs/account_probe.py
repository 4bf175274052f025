"""The loop that tries whether a provider takes orders again.

It also stores what `Breaker` knows, and has the owner told.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from dataclasses import field
from functools import partial
from typing import TYPE_CHECKING, Final

from bot.base import Timeouts, key_values, service, to_ms
from bot.guilds import owner_messages
from bot.guilds.owner_messages import LogMessageKind
from bot.jobs import job_store
from pika import ConfigurationError, PikaError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.base import Clock, Database, Transaction
    from bot.jobs.breaker import Breaker, OrderStop
    from bot.jobs.transitions import Transitions
    from bot.jobs.workflow import Workflow
    from pika import Pika

log = logging.getLogger(__name__)

_KEY: Final = "order_stops"
_TOLD_AT_ONCE: Final = 10


@service
class AccountProbe:
    """Probes the accounts of providers to which orders are stopped.

    A probe is one free call. Where free calls knew nothing of the refusal, one clip that waits in
    line, or one new request if none does, is let through `Timeouts.probe` after it.
    """

    database: Database
    pika: Pika
    breaker: Breaker
    transitions: Transitions
    workflow: Workflow
    clock: Clock
    _told: set[int] = field(default_factory=set, init=False)

    async def restore(self) -> None:
        """Take over what an earlier process knew. Before any request or job is taken."""
        stored = await self.database.read(lambda tx: key_values.find(tx, _KEY))
        self.breaker.restore(stored or "{}")

    async def run(self, wake: Callable[[], None]) -> None:
        """Probe until cancelled; `wake` is called when there may be something to claim."""
        written = "{}"
        while True:
            self.breaker.changed.clear()
            try:
                written = await self._write_down(written)
                await self._round()
            except sqlite3.OperationalError as error:
                log.warning("stopped orders are not written down yet: %r", error)
                await asyncio.sleep(Timeouts.DATABASE_PAUSE_SECONDS)
                continue
            except Exception:  # as in the worker: of whatever breaks it, the log has all
                log.exception("a round of probes broke")
                await asyncio.sleep(Timeouts.DATABASE_PAUSE_SECONDS)
                continue
            wake()
            await self._sleep()

    async def _round(self) -> None:
        stops = self.breaker.stops()
        if not stops:
            self._told.clear()
        for stop in stops:
            await self.transitions.end_overdue_in_line(stop.provider, stop.reason.failure)
            await self._tell_waiting(stop)
            if self.breaker.is_probe_due(stop):
                await self._probe(stop)

    async def _tell_waiting(self, stop: OrderStop) -> None:
        """Show some more of the members in line why their clips do not begin."""
        now = self.clock()
        waiting = await self.database.read(
            lambda tx: job_store.in_line(tx, stop.provider, now, created_before=now)
        )
        untold = [job for job in waiting if job.id not in self._told]
        for job in untold[:_TOLD_AT_ONCE]:
            # The messages before took their time, and it may have been cancelled meanwhile.
            fresh = await self.database.read(partial(job_store.get, job_id=job.id))
            if (fresh.state, fresh.claim) != (job.state, job.claim):
                continue
            # One of them may be claimed at any moment now, and would show that it renders.
            if stop.provider not in self.breaker.held_providers():
                return
            await self.workflow.show_stopped(job)
            self._told.add(job.id)
        # In parts, so that a long line puts no probe off.
        if len(untold) > _TOLD_AT_ONCE:
            self.breaker.changed.set()

    async def _probe(self, stop: OrderStop) -> None:
        try:
            await self.pika.verify(stop.provider)
        except ConfigurationError:
            # The owner has left this provider: what waits for it ends as it would without a stop.
            self.breaker.clear(stop.provider)
        except PikaError as error:
            # Also a page in front of the provider, which says nothing of the account.
            log.info("%s: a free call failed: %s", stop.provider, error)
            self.breaker.free_call_failed(stop.provider, error)
        else:
            self.breaker.free_call_answered(stop.provider)

    async def _write_down(self, written: str) -> str:
        """Store the stops unless they are `written`, and have the owner told of each once.

        Returns:
            What is stored then.
        """
        text, stops, now = self.breaker.to_json(), self.breaker.stops(), self.clock()

        def write(tx: Transaction) -> None:
            key_values.put(tx, _KEY, text)
            for stop in stops:
                # Named by what is stored, so that no restart tells of it again.
                occasion = f"{stop.provider}-{stop.reason}-{to_ms(stop.since)}"
                told = {"provider": stop.provider, "reason": stop.reason.value}
                owner_messages.put(tx, LogMessageKind.ACCOUNT_REFUSED, occasion, now, **told)

        if text != written:
            await self.database.write(write)
            self.transitions.wake_log_sender()
        return text

    async def _sleep(self) -> None:
        """Sleep until a probe is due or the breaker has changed."""
        seconds = None
        if stops := self.breaker.stops():
            due = min(it.next_probe for it in stops)
            seconds = max((due - self.clock()).total_seconds(), 0.05)
            # The clock may have been moved back.
            seconds = min(seconds, self.breaker.timeouts.probe.total_seconds())
        try:
            async with asyncio.timeout(seconds):
                await self.breaker.changed.wait()
        except TimeoutError:
            return
