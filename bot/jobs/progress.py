"""Messages that only report progress: the job goes on whether or not they are shown."""

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
    """Await a message for at most `Timeouts.PROGRESS_SECONDS`; log its failure."""
    try:
        # The lease runs meanwhile, and a slow chat must not delay a paid render.
        async with asyncio.timeout(Timeouts.PROGRESS_SECONDS):
            await message
    except (DeliveryError, TimeoutError) as error:
        log.info("job %d: progress not shown: %r", job.id, error)
