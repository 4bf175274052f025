"""Ctrl-C: the first asks the run to stop, and the run decides when; the second ends it at once."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

T = TypeVar("T")


class Interrupted(Exception):  # noqa: N818 - somebody's decision, not an error
    """Ctrl-C was pressed, and the run stops here."""


class Interrupt:
    """Whether the run was asked to stop, by a signal or by `press`.

    Attributes:
        at_once: Called at the second request.
    """

    def __init__(self) -> None:
        self._requested = asyncio.Event()
        self.at_once: Callable[[], object] = lambda: None

    def requested(self) -> bool:
        """Whether the run was asked to stop."""
        return self._requested.is_set()

    def press(self) -> None:
        """Do what a Ctrl-C does."""
        if self._requested.is_set():
            self.at_once()
        self._requested.set()

    @contextmanager
    def on_signal(self) -> Iterator[None]:
        """Handle SIGINT meanwhile, unless this process was started to ignore it (`nohup`, `&`)."""
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            yield
            return
        loop = asyncio.get_running_loop()

        def handle(_number: int, _frame: object) -> None:
            # A signal handler runs between any two instructions: only the loop may touch events.
            loop.call_soon_threadsafe(self.press)

        before = signal.signal(signal.SIGINT, handle)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    async def race(self, work: Coroutine[object, object, T]) -> T:
        """Do work that a request to stop cancels.

        Raises:
            Interrupted: It was cancelled.
        """
        return await self.finish_first(work, 0.0, lambda: None)

    async def finish_first(
        self, work: Coroutine[object, object, T], seconds: float, on_request: Callable[[], None]
    ) -> T:
        """Do work that a request to stop cancels only after so many more seconds.

        `on_request` is called when those seconds begin.

        Raises:
            Interrupted: It was cancelled.
        """
        task = asyncio.ensure_future(work)
        request = asyncio.ensure_future(self._requested.wait())
        try:
            await asyncio.wait({task, request}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                on_request()
                await asyncio.wait({task}, timeout=seconds)
            if task.done():
                return task.result()
            raise Interrupted
        finally:
            request.cancel()
            task.cancel()
            # Awaited, so that a cancelled request is gone before its session is closed.
            await asyncio.gather(task, request, return_exceptions=True)
