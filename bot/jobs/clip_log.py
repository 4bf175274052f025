"""One line in the log for each clip that is accepted, refused, or ends; and one count.

A line has ids, sums, times and the reference, and nothing that a member wrote.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Final, Self

from bot.base import service
from bot.base.event_counts import EventCounts, EventKind
from bot.jobs.job import Job, JobState
from pika import usd

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base import Clock, Database

log = logging.getLogger(__name__)

_WORD_START: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


@service
class ClipLog:
    """Writes the lines. Those of jobs come from the database's thread, after the commit."""

    counts: EventCounts
    clock: Clock

    @classmethod
    def of_database(cls, database: Database, clock: Clock) -> Self:
        """Write the lines of a database's jobs, with counts that begin now."""
        clip_log = cls(EventCounts(), clock)
        database.on_commit = clip_log.record_commit
        return clip_log

    def record_commit(self, fact: object) -> None:
        """Write a job's line, for `Database.on_commit`: it was just queued, or has just ended."""
        if not isinstance(fact, Job):
            return
        if fact.state is JobState.QUEUED:
            self.counts.add(EventKind.REQUEST, "accepted")
            _write("accepted", fact.reply_to.guild_id, fact.reply_to.member_id, _facts(fact))
        else:
            self._record_end(fact)

    def record_refusal(
        self, guild_id: int, member_id: int, error: Exception, micro_usd: int | None = None
    ) -> None:
        """Write the line of a request that is refused; its price where that was found."""
        outcome = _outcome(error)
        self.counts.add(EventKind.REQUEST, outcome)
        price = {} if micro_usd is None else {"micro_usd": micro_usd}
        _write("refused", guild_id, member_id, {"reason": outcome, **price})

    def _record_end(self, job: Job) -> None:
        now, state, options = self.clock(), job.state, job.options
        size = str(options.resolution), str(options.duration)
        self.counts.add(EventKind.CLIP, state, job.provider, job.model, *size)
        facts = {**_facts(job), "seconds": round(_seconds(job.created_at, now), 1)}
        if state is JobState.DELIVERED:
            self._time_phases(job, now)
        else:
            facts["micro_usd"] = job.cost_micro_usd if job.may_be_billed else 0
        if state is JobState.FAILED:
            reason = str(job.failure)
            self.counts.add(EventKind.FAILURE, reason, job.provider)
            facts["reason"] = reason
        _write(state, job.reply_to.guild_id, job.reply_to.member_id, facts)

    def _time_phases(self, job: Job, now: datetime) -> None:
        submitted = job.submitted_at or job.created_at
        rendered = job.rendered_at or now
        phases = {
            "queue": (job.created_at, submitted),
            "render": (submitted, rendered),
            "delivery": (rendered, now),
            "total": (job.created_at, now),
        }
        for phase, span in phases.items():
            self.counts.observe(EventKind.PHASE, _seconds(*span), phase, job.provider)


def _seconds(begin: datetime, end: datetime) -> float:
    # Somebody may have set the clock between the two.
    return max(0.0, (end - begin).total_seconds())


def _facts(job: Job) -> dict[str, object]:
    return {
        "reference": job.reference,
        "micro_usd": job.cost_micro_usd,
        "provider": job.provider,
    }


def _outcome(error: Exception) -> str:
    """Name a refusal by its class, as `limit_reached` of `LimitReachedError`."""
    if getattr(error, "offered", ()):
        return "offered"
    return _WORD_START.sub("_", type(error).__name__.removesuffix("Error")).lower()


def _write(what: str, guild_id: int, member_id: int, facts: dict[str, object]) -> None:
    # As texts: many readers of JSON round numbers of this size.
    fields = {"server_id": str(guild_id), "member_id": str(member_id), **facts}
    told = {name: value for name, value in fields.items() if name != "micro_usd"}
    if isinstance(micro_usd := facts.get("micro_usd"), int):
        told["cost"] = usd(micro_usd)
    line = " ".join(f"{name}={value}" for name, value in told.items())
    log.info("clip %s: %s", what, line, extra={"event": f"clip_{what}", **fields})
