"""Steps whose jobs were taken from them are broken off, and no others."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from bot.base import Timeouts
from bot.jobs import job_store
from bot.jobs.breaker import Breaker
from bot.jobs.job import JobState
from bot.jobs.step_places import StepPlaces
from bot.jobs.worker import Worker
from tests.bot.rows import NOON, put_job

if TYPE_CHECKING:
    from bot.base.database import Database
    from bot.jobs.job import Job


class Endless:
    """Steps that never end by themselves."""

    def __init__(self) -> None:
        self.begun: list[tuple[int, int]] = []
        self.broken_off: list[tuple[int, int]] = []
        self.changed = asyncio.Event()

    async def step(self, job: Job) -> None:
        self.begun.append((job.id, job.claim))
        self.changed.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.broken_off.append((job.id, job.claim))
            raise

    async def until(self, count: int) -> None:
        async with asyncio.timeout(60):
            while len(self.begun) < count:
                self.changed.clear()
                await self.changed.wait()


async def test_a_job_that_was_taken_is_stepped_anew_at_once(database: Database) -> None:
    other = await database.write(lambda tx: put_job(tx, JobState.RENDERING))
    job = await database.write(lambda tx: put_job(tx, JobState.RENDERING))
    steps = Endless()
    nobody: Any = None
    workflow: Any = steps
    worker = Worker(
        database, workflow, nobody, lambda: NOON, StepPlaces(5), Breaker(lambda: NOON, Timeouts())
    )
    running = asyncio.create_task(worker.run())
    await steps.until(2)
    await database.write(lambda tx: job_store.revoke_lease(tx, job, NOON))
    worker.abort_steps([job.id])
    await steps.until(3)
    assert steps.begun == [(other.id, 1), (job.id, 1), (job.id, 3)]
    assert steps.broken_off == [(job.id, 1)]
    for task in worker._steps:
        task.cancel()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
