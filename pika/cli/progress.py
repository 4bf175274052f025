"""How far a job is. No provider tells a share of the work done, so none is shown."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from pika.models import Done, Failed, Pending

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pydantic import JsonValue

    from pika.cli.console import Console
    from pika.models import Status

USUAL: Final = (60, 300)
"""Seconds from and to which most videos take, by reports of Pika's users; no promise."""
_SECONDS_A_CELL: Final = 15
_TICK: Final = 1.0


class Progress:
    """Prints each change of a job as a line and an event; on a terminal, one line with a clock.

    The age of a resumed job (`fresh` is false) is not known here, so its time is not compared
    with the usual.

    Attributes:
        status: The latest that the provider told; `None` before the first check.
    """

    def __init__(self, console: Console, *, fresh: bool) -> None:
        self._console = console
        self._fresh = fresh
        self._began = time.monotonic()
        self._shown: dict[str, JsonValue] = {}
        self.status: Status | None = None

    def start_clock(self) -> None:
        """Count the time from now."""
        self._began = time.monotonic()

    def update(self, status: Status) -> None:
        """Take in a status, and print it if it differs from the one before."""
        self.status = status
        facts = _facts(status)
        # Compared as printed: an address of the video that is new again changes nothing for people.
        if facts == self._shown:
            return
        self._shown = facts
        elapsed = round(time.monotonic() - self._began, 1)
        self._console.event("status", **facts, elapsed_seconds=elapsed)
        if self._console.interactive:
            self._draw()
        else:
            self._console.say(self._line())

    @asynccontextmanager
    async def ticking(self) -> AsyncIterator[None]:
        """Redraw the line each second meanwhile, on a terminal."""
        ticker = asyncio.create_task(self._tick())
        try:
            yield
        finally:
            ticker.cancel()
            self._console.rewrite("")

    async def _tick(self) -> None:
        while True:
            self._draw()
            await asyncio.sleep(_TICK)

    def _draw(self) -> None:
        self._console.rewrite(self._line())

    def _line(self) -> str:
        elapsed = time.monotonic() - self._began
        words = f"{_words(self.status)}, {clock(elapsed)}"
        if not self._fresh:
            return f"{words} since resumed"
        if isinstance(self.status, Done):
            return words
        known = f"{bar(elapsed)} {words}" if self._console.interactive else words
        if elapsed > USUAL[1]:
            return f"{known}, longer than usual"
        return f"{known} (usually {clock(USUAL[0])} to {clock(USUAL[1])})"


def clock(seconds: float) -> str:
    """Write minutes and seconds: `61:40`."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def bar(elapsed: float) -> str:
    """Draw the time so far (=) before the usual range (-) and in it (.)."""
    early, late = (seconds // _SECONDS_A_CELL for seconds in USUAL)
    past = min(late, int(elapsed) // _SECONDS_A_CELL)
    scale = "-" * early + "." * (late - early)
    return f"[{'=' * past}{scale[past:]}]"


def _facts(status: Status) -> dict[str, JsonValue]:
    match status:
        case Pending(started=False, position=position):
            return {"state": "queued", "jobs_ahead": position}
        case Pending():
            return {"state": "rendering"}
        case Done():
            return {"state": "rendered"}
        case Failed():
            return {"state": "failed"}


def _words(status: Status | None) -> str:
    match status:
        case None:
            return "ordered"
        case Pending(started=False, position=None):
            return "in the queue"
        case Pending(started=False, position=position):
            return f"in the queue, {position} ahead"
        case Pending():
            return "rendering"
        case Done():
            return "rendered, downloading"
        case Failed():
            return "failed"
