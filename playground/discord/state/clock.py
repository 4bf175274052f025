"""The stand-in's time: the real one, which tests may move forward."""

import time
from collections.abc import Callable
from datetime import UTC, datetime


class Clock:
    """Real time plus what `advance` has added; signatures, tokens and deadlines go by it."""

    def __init__(self, on_move: Callable[[], None]) -> None:
        self._moved = 0.0
        self._on_move = on_move

    def seconds(self) -> float:
        """Unix time in seconds."""
        return time.time() + self._moved

    def now(self) -> datetime:
        """The same as an aware datetime in UTC."""
        return datetime.fromtimestamp(self.seconds(), UTC)

    def steady(self) -> float:
        """Seconds for measuring spans, unmoved by corrections of the machine's clock."""
        return time.monotonic() + self._moved

    def advance(self, seconds: float) -> None:
        """Let time pass at once; ValueError for going back, which Discord's clock never does."""
        if seconds < 0:
            raise ValueError(f"time only goes forward, not {seconds} s")
        self._moved += seconds
        self._on_move()
