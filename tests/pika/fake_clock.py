"""A clock on which the client's waits take no time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playground.pika import PikaStandIn


@dataclass
class FakeClock:
    """Takes the place of `time` and `asyncio` where the client waits: days pass in no time.

    The videos of a `stand_in` are really made, and the clock stands still until they are: a busy
    machine takes longer for one than the client's whole patience on this clock.
    """

    now: float = 0.0
    slept: list[float] = field(default_factory=list)
    stand_in: PikaStandIn | None = None

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0.002)
        for job in list(self.stand_in.jobs.values()) if self.stand_in else ():
            await job.made()
