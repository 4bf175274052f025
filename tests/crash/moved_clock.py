"""A clock that one process moves, and bots in others read while they run."""

from __future__ import annotations

import mmap
import struct
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.base import SteadyClock
from bot.base.clock import seconds_since_boot, utc_now

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

_SECONDS: Final = struct.Struct("d")


class ClockOffset:
    """Seconds by which everybody's clock is ahead, in a file that processes share."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(_SECONDS.pack(0.0))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _SECONDS.size)

    @property
    def seconds(self) -> float:
        """How far ahead."""
        return float(_SECONDS.unpack(self._shared)[0])

    def advance(self, seconds: float) -> None:
        """Let time pass at once; for one process alone."""
        self._shared[:] = _SECONDS.pack(self.seconds + seconds)

    def now(self) -> datetime:
        """The present instant, by it."""
        return utc_now() + timedelta(seconds=self.seconds)

    def elapsed(self) -> float:
        """Seconds by a clock that nobody can set."""
        return seconds_since_boot() + self.seconds

    def clock(self) -> SteadyClock:
        """What a bot reads."""
        return SteadyClock(self.now, self.elapsed)
