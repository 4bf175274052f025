"""The loop that claims due jobs and steps them, several at once, and stops gracefully."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from dataclasses import field
from functools import partial
from typing import TYPE_CHECKING

from bot.base import Timeouts, service
from bot.jobs import job_store
from bot.jobs.errors import LeaseLostError
from bot.jobs.job import JobState

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from bot.base import Clock, Database
    from bot.jobs.breaker import Breaker
    from bot.jobs.job import Job
    from bot.jobs.step_places import StepPlaces
    from bot.jobs.transitions import Transitions
    from bot.jobs.workflow import Workflow

log = logging.getLogger(__name__)


@service
class Worker:
    """Steps due jobs, with each at a place of its kind; the rest wait."""

    database: Database
    workflow: Workflow
    transitions: Transitions
    clock: Clock
    places: StepPlaces
    breaker: Breaker
    _awake: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _steps: set[asyncio.Task[None]] = field(default_factory=set, init=False)

    def wake(self) -> None:
        """Look for due jobs now. To be called in the event loop's thread."""
        self._awake.set()

    def abort_steps(self, job_ids: Collection[int]) -> None:
        """Cancel the running steps of jobs whose leases were revoked, and look for due jobs."""
        # A step would notice only at its end, and might show progress of a job that is over.
        names = {_name(job_id) for job_id in job_ids}
        for step in self._steps:
            if step.get_name() in names:
                step.cancel()
        self.wake()

    async def run(self) -> None:
        """Work until cancelled; then give running steps `Timeouts.STOP_GRACE_SECONDS` to finish.

        A step that does not finish leaves its row as last written, for the next start.
        """
        telling = asyncio.create_task(self._tell_line())
        try:
            while True:
                try:
                    await self._round()
                except sqlite3.OperationalError:
                    # A full disk, or a backup that holds the file: members' jobs can wait.
                    log.exception("the database did not answer")
                    await asyncio.sleep(Timeouts.DATABASE_PAUSE_SECONDS)
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
            await self._finish()

    async def _tell_line(self) -> None:
        """Keep members in line told how long that is."""
        while True:
            await asyncio.sleep(self.workflow.timeouts.line_look.total_seconds())
            try:
                await self.workflow.tell_line(self.places.renders_at_once)
            except sqlite3.OperationalError as error:
                log.warning("nobody in line is told their place: %r", error)
            except Exception:  # as of a step: the next look may go well
                log.exception("telling places in line broke")

    async def _round(self) -> None:
        # Before the claims: a wake during them must cut the sleep that follows short.
        self._awake.clear()
        began = self.clock()
        while job := await self._claim():
            self.places.take(job)
            step = asyncio.create_task(self._step(job), name=_name(job.id))
            # asyncio itself keeps no reference to a task that would keep it alive.
            self._steps.add(step)
            step.add_done_callback(partial(self._ended, job))
            asyncio.get_running_loop().call_later(Timeouts.PLACE_SECONDS, self._go_on, job)
        await self._sleep(began)

    async def _claim(self) -> Job | None:
        most = self.places.renders_at_once
        unclaimable = self.places.unclaimable(
            self.breaker.held_providers(), self.breaker.held_jobs()
        )
        job = await self.database.write(
            lambda tx: job_store.claim_next(tx, self.clock(), most, unclaimable)
        )
        if job is not None and job.state is JobState.QUEUED and job.cancelled_by is None:
            self.breaker.job_claimed(job)
        return job

    def _go_on(self, job: Job) -> None:
        if self.places.free_if_slow(job):
            self.wake()

    def _ended(self, job: Job, task: asyncio.Task[None]) -> None:
        self._steps.discard(task)
        self.places.free(job)
        if not task.cancelled() and (error := task.exception()):
            log.error(
                "%s could not be set back; its lease will end", task.get_name(), exc_info=error
            )
        # What this step made room for, or its own next step, may be due already.
        self.wake()

    async def _step(self, job: Job) -> None:
        try:
            async with asyncio.timeout(Timeouts.STEP.total_seconds()):
                await self.workflow.step(job)
        except LeaseLostError as error:
            log.warning("%s", error)
        except Exception as error:
            log.exception("job %d ref %s: step %s broke", job.id, job.reference, job.state)
            await self._set_back(job, error)

    async def _set_back(self, job: Job, error: Exception) -> None:
        """Let a broken step be taken again, as soon as the database answers."""
        while True:
            try:
                await self.transitions.set_back(job, error)
            except LeaseLostError as lost:
                log.warning("%s", lost)
            except sqlite3.OperationalError as silent:
                log.warning("job %d ref %s: not set back yet: %r", job.id, job.reference, silent)
                await asyncio.sleep(Timeouts.DATABASE_PAUSE_SECONDS)
                continue
            return

    async def _sleep(self, round_began: datetime) -> None:
        """Sleep until a job falls due, a step has ended, or `wake` is called."""
        seconds = Timeouts.WORKER_SLEEP_SECONDS
        # What was due when the round began is claimed, or waits for a place that a wake announces;
        # to sleep until its due time, which has passed, would be to spin.
        due = await self.database.read(lambda tx: job_store.next_due(tx, round_began))
        if due is not None:
            seconds = min(seconds, (due - self.clock()).total_seconds())
        try:
            async with asyncio.timeout(max(seconds, 0.01)):
                await self._awake.wait()
        except TimeoutError:
            return

    async def _finish(self) -> None:
        if self._steps:
            _, late = await asyncio.wait(self._steps, timeout=Timeouts.STOP_GRACE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


def _name(job_id: int) -> str:
    return f"job-{job_id}"
