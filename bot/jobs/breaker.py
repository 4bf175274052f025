"""Providers that take no orders from this account: no credit, a refused key, a spent cycle.

The first such refusal stops all orders to its provider. What waits in line goes on waiting, for at
most `Timeouts.ORDER_WAIT`. `bot.jobs.account_probe` finds out when orders are taken again.
"""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from bot.base import from_ms, service, to_ms, value
from bot.jobs.job import Failure
from pika import BadKeyError, NoCreditError

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base import Clock, Timeouts
    from bot.jobs.job import Job

log = logging.getLogger(__name__)

_CYCLE_LIMIT_CODES: Final = frozenset(
    {"cycle_limit", "cycle_limit_exceeded", "usage_limit_exceeded"}
)


class StopReason(StrEnum):
    """Why a provider takes no orders. Stored."""

    CREDIT = "credit"
    KEY = "key"
    CYCLE_LIMIT = "cycle_limit"

    @property
    def failure(self) -> Failure:
        """Why a job has failed that waited for too long."""
        return Failure.BAD_KEY if self is StopReason.KEY else Failure.NO_CREDIT


def stop_reason(error: BaseException) -> StopReason | None:
    """What an error says of the whole account; `None` if it says something else."""
    if isinstance(error, NoCreditError):
        is_cycle = error.code in _CYCLE_LIMIT_CODES
        return StopReason.CYCLE_LIMIT if is_cycle else StopReason.CREDIT
    return StopReason.KEY if isinstance(error, BadKeyError) else None


@value
class OrderStop:
    """A provider to which no orders are sent.

    Attributes:
        since: When the first refusal came.
        next_probe: When the account is tried again.
        refused_at: The latest refusal; `None` if it came to an earlier process.
        is_seen_by_probe: A free call was refused as well, so one that is answered is good news.
            Free calls know nothing of credit, nor of every fault of a key.
        lets_one_through: The next job to be claimed is let through, to see whether its order is
            taken.
        let_through: The id of the job that was let through last, unless it was refused.
        refused: The ids of those that were refused. The next one is another, or a new request, if
            one comes until the next probe: they may be dearer than what is left of the credit.
    """

    provider: str
    reason: StopReason
    since: datetime
    next_probe: datetime
    refused_at: datetime | None = None
    is_seen_by_probe: bool = False
    lets_one_through: bool = False
    let_through: int | None = None
    refused: frozenset[int] = frozenset()


@service
class Breaker:
    """Knows to which providers orders are stopped. Reads may come from any thread.

    `changed` is set whenever somebody has to look: `AccountProbe` waits for it.
    """

    clock: Clock
    timeouts: Timeouts
    changed: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _stops: dict[str, OrderStop] = field(default_factory=dict, init=False)

    def stops(self) -> tuple[OrderStop, ...]:
        """All stops, the oldest first."""
        return tuple(sorted(self._stops.values(), key=lambda it: it.since))

    def stop_of(self, provider: str) -> OrderStop | None:
        """The stop of a provider, or `None` where orders are sent."""
        return self._stops.get(provider)

    def held_providers(self) -> tuple[str, ...]:
        """The providers to which no clip that waits in line may be sent now."""
        return tuple(it.provider for it in self.stops() if not it.lets_one_through)

    def held_jobs(self) -> frozenset[int]:
        """The ids of further clips that may not be sent now."""
        return frozenset().union(*(it.refused for it in self.stops()))

    def trip(self, provider: str, error: BaseException) -> bool:
        """Stop orders to a provider if its error means that it takes none.

        Returns:
            Whether the error means that.
        """
        reason, now = stop_reason(error), self.clock()
        if reason is None:
            return False
        earlier = self._stops.get(provider)
        if earlier is None:
            log.error("%s takes no orders from this account (%s): %s", provider, reason, error)
            self._put(OrderStop(provider, reason, now, next_probe=now, refused_at=now))
        else:
            tried = earlier.let_through
            self._put(
                replace(
                    earlier,
                    reason=reason,
                    refused=earlier.refused if tried is None else earlier.refused | {tried},
                    refused_at=now,
                    next_probe=now + self.timeouts.probe,
                    lets_one_through=False,
                    let_through=None,
                )
            )
        return True

    def holds(self, job: Job) -> bool:
        """Whether a job may not be sent, perhaps since after it was claimed."""
        stop = self._stops.get(job.provider)
        return stop is not None and stop.let_through != job.id

    def job_claimed(self, job: Job) -> None:
        """Let no other job through after this one, until the next probe."""
        stop = self._stops.get(job.provider)
        if stop is not None and stop.lets_one_through:
            next_probe = self.clock() + self.timeouts.probe
            self._put(
                replace(stop, next_probe=next_probe, lets_one_through=False, let_through=job.id)
            )

    def order_taken(self, job: Job) -> None:
        """Let orders through again, if this job was let through to find that out."""
        # Another one says nothing: it may have been cheaper, or taken before the refusal.
        if not self.holds(job):
            self.clear(job.provider)

    def free_call_answered(self, provider: str) -> None:
        """Let orders through again, or a single one where a free call says nothing of the fault."""
        stop = self._stops.get(provider)
        if stop is None:
            return
        if stop.is_seen_by_probe:
            self.clear(provider)
            return
        now, refused_at = self.clock(), stop.refused_at
        is_due = refused_at is None or self._has_passed(refused_at + self.timeouts.probe, now)
        lets_one, next_probe = stop.lets_one_through or is_due, now + self.timeouts.probe
        # Since the probe before, nobody came who might have been let through instead of them.
        refused = frozenset() if stop.lets_one_through else stop.refused
        self._put(replace(stop, lets_one_through=lets_one, next_probe=next_probe, refused=refused))

    def free_call_failed(self, provider: str, error: BaseException) -> None:
        """Wait for the next probe; a free call that is refused like the orders tells their end."""
        stop = self._stops.get(provider)
        if stop is not None:
            is_seen = stop_reason(error) is not None
            self._put(
                replace(
                    stop,
                    next_probe=self.clock() + self.timeouts.probe,
                    is_seen_by_probe=stop.is_seen_by_probe or is_seen,
                    lets_one_through=stop.lets_one_through and not is_seen,
                )
            )

    def is_probe_due(self, stop: OrderStop) -> bool:
        """Whether the account is to be tried now."""
        return self._has_passed(stop.next_probe, self.clock())

    def _has_passed(self, instant: datetime, now: datetime) -> bool:
        # Nothing waits for longer than a probe: an instant further ahead was told by a clock that
        # has been moved back since.
        return not now < instant <= now + self.timeouts.probe

    def clear(self, provider: str) -> None:
        """Let orders to a provider through again."""
        if self._stops.pop(provider, None) is not None:
            log.warning("%s takes orders again", provider)
            self.changed.set()

    def to_json(self) -> str:
        """The stops, as `restore` reads them."""
        rows = {
            it.provider: {
                "reason": it.reason.value,
                "since": to_ms(it.since),
                "is_seen_by_probe": it.is_seen_by_probe,
            }
            for it in self.stops()
        }
        return json.dumps(rows)

    def restore(self, text: str) -> None:
        """Take over the stops of an earlier process, and have their accounts tried at once."""
        for provider, row in json.loads(text).items():
            reason, since = StopReason(row["reason"]), from_ms(row["since"])
            is_seen = row["is_seen_by_probe"]
            stop = OrderStop(provider, reason, since, self.clock(), is_seen_by_probe=is_seen)
            log.warning("%s has taken no orders since %s (%s)", provider, since, reason)
            self._put(stop)

    def _put(self, stop: OrderStop) -> None:
        self._stops[stop.provider] = stop
        self.changed.set()
