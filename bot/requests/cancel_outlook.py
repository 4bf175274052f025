"""What the cancel of a clip would stop, and whether it would be paid all the same."""

from __future__ import annotations

import asyncio
import logging
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from bot.jobs.job import JobState
from pika import Pending, PikaError

if TYPE_CHECKING:
    from bot.jobs.job import Job
    from pika import Pika, Status

log = logging.getLogger(__name__)

_CHECK_SECONDS: Final = 5.0
"""Somebody waits for it, and without it the answer is only less exact."""


class CancelOutlook(Enum):
    """What a cancel would do at this moment."""

    FREE = auto()
    """It waits here: nothing is ordered or paid."""
    BEING_ORDERED = auto()
    """Its order is on its way, and Pika may take it."""
    WAITS_AT_PIKA = auto()
    """Pika has not begun, and can still stop it."""
    HAS_BEGUN = auto()
    """Pika is asked to stop it, and may finish it all the same."""
    UNSTOPPABLE = auto()
    """This wire has no way to stop it."""
    MADE = auto()


async def cancel_outlook(pika: Pika, job: Job) -> CancelOutlook:
    """Say what the cancel of an open job would do; asks Pika where only Pika knows."""
    if job.is_unordered:
        return CancelOutlook.FREE
    match job.state:
        case JobState.RENDERED:
            return CancelOutlook.MADE
        case JobState.RENDERING if not pika.capabilities(job.provider).can_cancel:
            return CancelOutlook.UNSTOPPABLE
        case JobState.RENDERING:
            waits = isinstance(it := await _status(pika, job), Pending) and not it.started
            return CancelOutlook.WAITS_AT_PIKA if waits else CancelOutlook.HAS_BEGUN
        case _:
            return CancelOutlook.BEING_ORDERED


async def _status(pika: Pika, job: Job) -> Status | None:
    if job.ticket is None:
        return None
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            return await pika.check(job.ticket)
    except (PikaError, TimeoutError) as error:
        log.info("job %d: whether Pika has begun is not known: %r", job.id, error)
        return None
