"""Ctrl-C: the first is a wish that is granted with care, the second ends at once."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

T = TypeVar("T")


class Interrupted(Exception):  # noqa: N818 - a wish, not an error
    """Somebody wants this to end."""


class Interrupt:
    """The wish to end, by signal or by `press`.

    Attributes:
        at_once: Called at the second wish.
    """

    def __init__(self) -> None:
        self._wished = asyncio.Event()
        self.at_once: Callable[[], object] = lambda: None

    def wished(self) -> bool:
        """Whether somebody wished for the end."""
        return self._wished.is_set()

    def press(self) -> None:
        """Wish for the end once more."""
        if self._wished.is_set():
            self.at_once()
        self._wished.set()

    @contextmanager
    def on_signal(self) -> Iterator[None]:
        """Take Ctrl-C as that wish, meanwhile, unless this process was started to ignore it."""
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            yield
            return
        loop = asyncio.get_running_loop()

        def wish(_number: int, _frame: object) -> None:
            loop.call_soon_threadsafe(self.press)

        before = signal.signal(signal.SIGINT, wish)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    async def race(self, work: Coroutine[object, object, T]) -> T:
        """Do work that may be dropped.

        Raises:
            Interrupted: The wish came first; the work was cancelled.
        """
        return await self.outlast(work, 0.0, lambda: None)

    async def outlast(
        self, work: Coroutine[object, object, T], seconds: float, on_wish: Callable[[], None]
    ) -> T:
        """Do work that goes on for so many seconds after the wish, of which `on_wish` tells.

        Raises:
            Interrupted: They have passed; the work was cancelled.
        """
        task = asyncio.ensure_future(work)
        wish = asyncio.ensure_future(self._wished.wait())
        try:
            await asyncio.wait({task, wish}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                on_wish()
                await asyncio.wait({task}, timeout=seconds)
            if task.done():
                return task.result()
            raise Interrupted
        finally:
            wish.cancel()
            task.cancel()
            await asyncio.gather(task, wish, return_exceptions=True)
