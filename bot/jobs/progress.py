"""News of a job that its member may read, and that the job does not depend on."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from bot.base import DeliveryError, Timeouts

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from bot.jobs.job import Job

log = logging.getLogger(__name__)


async def show_progress(job: Job, message: Awaitable[None]) -> None:
    """Show progress where possible: the job goes on without it, and soon."""
    try:
        async with asyncio.timeout(Timeouts.PROGRESS_SECONDS):
            await message
    except (DeliveryError, TimeoutError) as error:
        log.info("job %d: progress not shown: %r", job.id, error)
