"""Watches the event loop and the gateway from within: how late timers are, what is acknowledged."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from bot.base import SteadyClock

LOOK_SECONDS: Final = 1.0
LAG_WINDOW_SECONDS: Final = 30.0
"""For how long a lag is told: whoever asks comes by every half a minute or so."""


class _Beat(NamedTuple):
    mark: float
    at: float


class Vitals:
    """Looks every second.

    Args:
        clock: By which ages are told.
        acknowledged: Tells of each shard when its last heartbeat was acknowledged, by any clock;
            `None` of one that is not connected.
    """

    def __init__(
        self, clock: SteadyClock, acknowledged: Callable[[], Sequence[float | None]]
    ) -> None:
        self._clock = clock
        self._acknowledged = acknowledged
        self._beats: dict[int, _Beat] = {}
        self._lags: deque[tuple[float, float]] = deque()

    @asynccontextmanager
    async def watching(self) -> AsyncGenerator[None, None]:
        """Look inside."""
        looking = asyncio.create_task(self._run(), name="vitals")
        try:
            yield
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

    def lag(self) -> float:
        """By how many seconds a timer came too late at most, in the last half minute."""
        self._forget_lags()
        return max((lag for _, lag in self._lags), default=0.0)

    def heartbeat_age(self) -> float | None:
        """Seconds since the shard that was silent for longest had a heartbeat acknowledged.

        `None` while there are shards of which none ever was.
        """
        self._look_at_gateway()
        shards, now = range(len(self._acknowledged())), self._now()
        if not shards or not all(it in self._beats for it in shards):
            return None
        return max(now - self._beats[it].at for it in shards)

    async def _run(self) -> None:
        time = asyncio.get_running_loop().time
        while True:
            began = time()
            await asyncio.sleep(LOOK_SECONDS)
            self._lags.append((self._now(), max(0.0, time() - began - LOOK_SECONDS)))
            self._forget_lags()
            self._look_at_gateway()

    def _forget_lags(self) -> None:
        while self._lags and self._lags[0][0] < self._now() - LAG_WINDOW_SECONDS:
            self._lags.popleft()

    def _look_at_gateway(self) -> None:
        for shard, mark in enumerate(self._acknowledged()):
            beat = self._beats.get(shard)
            if mark is not None and (beat is None or beat.mark != mark):
                self._beats[shard] = _Beat(mark, self._now())

    def _now(self) -> float:
        # Since the machine was started, so that no clock that is set makes anything older.
        return (self._clock() - self._clock.zero).total_seconds()
