"""News of a job that its member may read, and that the job does not depend on."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from bot.base.errors import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from bot.jobs.job import Job

log = logging.getLogger(__name__)

PROGRESS_SECONDS: Final = 10.0
"""How long a job waits for the chat to take news of its progress."""


async def show_progress(job: Job, message: Awaitable[None]) -> None:
    """Show progress where possible: the job goes on without it, and soon."""
    try:
        async with asyncio.timeout(PROGRESS_SECONDS):
            await message
    except (DeliveryError, TimeoutError) as error:
        log.info("job %d: progress not shown: %r", job.id, error)
