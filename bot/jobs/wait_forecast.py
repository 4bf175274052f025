"""When a clip that is asked for now is made: how many go before it, and how long that takes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.base import value
from bot.jobs import job_store, turns
from bot.jobs.estimates import FEWEST, ExpectedTime, expected_time, expected_wait

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.base import Transaction
    from bot.jobs.job import Job

LATEST: Final = 50
"""Finished jobs from which the next one's time is told: Pika's pace changes by the hour."""


@value
class WaitForecast:
    """The wait of one job, as it looks now.

    Attributes:
        clips_before: So many clips are finished before it is sent to Pika.
        expected_time: From request to video; `None` where too little is known to tell a time.
        mean_wait_ms: To be stored with a job that others go before, once their time is known.
    """

    clips_before: int
    expected_time: ExpectedTime | None
    mean_wait_ms: int | None = None

    def promised_at(self, since: datetime) -> datetime | None:
        """When nine in ten clips that were asked for `since` are made."""
        if self.expected_time is None:
            return None
        return since + timedelta(seconds=self.expected_time.slow)


def forecast(tx: Transaction, job: Job, now: datetime, renders_at_once: int) -> WaitForecast:
    """Forecast the wait of a job in line; no more than a few milliseconds for a thousand jobs."""
    # Whoever asks later may still have their turn before: how often they did is in the ratios.
    before = turns.clips_before(tx, job.id, now, renders_at_once)
    return _forecast_behind(tx, job, before, renders_at_once)


def line_changes(
    tx: Transaction, now: datetime, renders_at_once: int, most: int
) -> list[tuple[Job, WaitForecast]]:
    """Jobs in line whose members should be told their wait anew: `most` of them at most.

    Their place has halved, or the time that they were told has passed. So each is told few times.
    """
    told = job_store.told_in_line(tx, now)
    places = turns.all_clips_before(tx, now, renders_at_once) if told else {}
    found = []
    for job in told:
        before, shown = places.get(job.id, 0), job.told_place
        is_late = job.promised_at is not None and now > job.promised_at
        if before and shown is not None and (before <= shown // 2 or is_late):
            found.append((job, _forecast_behind(tx, job, before, renders_at_once)))
    return found[:most]


def _forecast_behind(tx: Transaction, job: Job, before: int, renders_at_once: int) -> WaitForecast:
    known = job_store.recent_render_seconds(tx, job.provider, job.options, LATEST)
    if not before:
        return WaitForecast(0, expected_time(known))
    if len(known) < FEWEST:
        return WaitForecast(before, None)
    waits = job_store.recent_waits(tx, job.provider, LATEST)
    # Those before it are of all kinds, as those were that waited lately.
    others = [it.render_seconds for it in waits] or known
    seconds = _mean(known) + _mean(others) * before / renders_at_once
    expected = expected_wait(seconds, [it.ratio for it in waits])
    return WaitForecast(before, expected, round(1000 * seconds))


def _mean(values: Sequence[float]) -> float:
    # Not that of `statistics`, which an idle bot has not loaded.
    return sum(values) / len(values)
