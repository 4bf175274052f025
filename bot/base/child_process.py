"""A process beside the bot's own for work on files of strangers, and for libraries that are large.

It has a limit on memory and one on time for each piece of work, and neither the bot's settings nor
any of its open files. It is started when it is first needed and again after it broke a limit, and
ended when nothing was to do for a while, so that an idle bot is small.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import traceback
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from bot.base.errors import BotError

if sys.platform == "linux":
    import resource

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator

    from pebble import ProcessFuture, ProcessPool

T = TypeVar("T")

START_METHOD = "spawn"
"""How `multiprocessing` starts a child: `spawn` is the one way that all systems have. It copies
neither memory nor open files; what a server of forks would save in time, it costs in memory."""
IDLE_SECONDS: Final = 120.0
"""How long a child that has nothing to do is kept; it starts again in a quarter of a second."""
# How far children stand back where cores are few: a tenth of the bot's own share of one.
_NICENESS: Final = 10
# What the child's own clock allows; the pool's clock is for Windows, which has no such signal.
_POOL_SECONDS: Final = 1.0
# A child that is asked to end does so at once, or is in native code and has to be killed.
_END_SECONDS: Final = 0.5
# For a child to start, and for the pool to replace it. After that the pool itself is at fault.
_BROKEN_POOL_SECONDS: Final = 20.0


class ChildKilledError(BotError, OSError):
    """The work broke a limit, or made its process crash.

    As with every `OSError`, another attempt may succeed: the system may have been short of memory.
    """


class ChildTimedOutError(ChildKilledError):
    """The work did not end within its time."""


@asynccontextmanager
async def child_processes(*memory_bytes: int) -> AsyncGenerator[list[ChildProcess], None]:
    """Children with these limits on memory, all of which are ended at the end."""
    children = [ChildProcess(limit) for limit in memory_bytes]
    try:
        yield children
    finally:
        # At once: each takes a tenth of a second.
        await asyncio.gather(*(child.end() for child in children))


class ChildProcess:
    """Runs functions in a child, one at a time.

    Args:
        memory_bytes: The limit on the child's addresses; it holds on Linux alone.
        idle_seconds: How long the child is kept when it has nothing to do.
    """

    def __init__(self, memory_bytes: int, idle_seconds: float = IDLE_SECONDS) -> None:
        self._memory_bytes = memory_bytes
        self._idle_seconds = idle_seconds
        self._slot = asyncio.Semaphore(1)
        self._lock = threading.Lock()
        self._pool: ProcessPool | None = None
        self._running: asyncio.Future[Any] | None = None
        self._ending: asyncio.Task[None] | None = None
        self._is_ended = False

    async def run(self, seconds: float, function: Callable[..., T], *args: object) -> T:
        """Run a function of a module, which the child imports by its name, on plain values.

        Raises:
            ChildTimedOutError: It did not end within its `seconds`.
            ChildKilledError: It had too little memory, or made the child crash.
            Exception: Whatever the function raises.
        """
        async with self._slot:
            if self._is_ended:
                raise asyncio.CancelledError
            if self._ending:
                self._ending.cancel()
            try:
                try:
                    answer = await self._answer(seconds, function, args)
                except RuntimeError:
                    # The child ended before it had this work: the system killed it, say, while it
                    # was idle. So once more, in another.
                    await self._stop()
                    answer = await self._answer(seconds, function, args)
            except (TimeoutError, OSError, RuntimeError) as broken:
                status = getattr(broken, "exitcode", "none")
                # In place of a child that died the pool has started another, which is whole.
                if status == "none":
                    await self._stop()
                kind = ChildTimedOutError if _is_late(broken, status) else ChildKilledError
                raise kind(f"{broken!r}, exit status {status}") from broken
            finally:
                if not self._is_ended:
                    self._ending = asyncio.create_task(self._end_when_idle())
        if isinstance(answer, _Raised):
            if isinstance(answer.error, MemoryError):
                raise ChildKilledError("MemoryError") from answer.error
            raise answer.error
        return answer

    async def _answer(
        self, seconds: float, function: Callable[..., T], args: tuple[object, ...]
    ) -> T | _Raised:
        async with asyncio.timeout(seconds + _BROKEN_POOL_SECONDS):
            # In a thread: to start a process takes longer than the event loop may.
            future = await asyncio.to_thread(self._schedule, seconds, function, args)
            self._running = running = asyncio.wrap_future(future)
            if self._is_ended:
                running.cancel()
            return await running

    def _schedule(
        self, seconds: float, function: Callable[..., T], args: tuple[object, ...]
    ) -> ProcessFuture[T | _Raised]:
        # Not at the top: what is idle from its start on shall be small.
        from multiprocessing import active_children, get_context  # noqa: PLC0415 - as said above

        from pebble import CONSTS, ProcessPool  # noqa: PLC0415 - as said above

        CONSTS.term_timeout = _END_SECONDS
        niceness = _niceness()
        with self._lock, _signals_blocked():
            is_new = self._pool is None
            if self._pool is None:
                self._pool = ProcessPool(
                    max_workers=1,
                    initializer=_prepare_child,
                    initargs=(self._memory_bytes, niceness),
                    context=get_context(START_METHOD),
                )
            call = (seconds, function, args)
            future = self._pool.schedule(_call, call, timeout=seconds + _POOL_SECONDS)
            # Only now: the pool starts its child with the first work.
            for child in active_children() if is_new else ():
                _stand_back(child.pid, niceness)
            return future

    async def end(self) -> None:
        """End the child for good, and cancel what runs in it or waits for it."""
        self._is_ended = True
        if self._ending:
            self._ending.cancel()
        if self._running:
            self._running.cancel()
        # Once nothing is being started any more, which nobody would end.
        async with self._slot:
            await self._stop()

    async def _end_when_idle(self) -> None:
        await asyncio.sleep(self._idle_seconds)
        await self._stop()

    async def _stop(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call] # typed but for this
            await asyncio.to_thread(pool.join)


@dataclass(frozen=True, slots=True)
class _Raised:
    """What a function raised: the pool's own errors come as exceptions, and are told from it so."""

    error: Exception


def _is_late(broken: Exception, status: object) -> bool:
    """Whether work was ended by the child's own clock, or by the pool's, whose error has words."""
    if sys.platform != "win32" and status == -signal.SIGALRM:
        return True
    # Without any it is that of `_BROKEN_POOL_SECONDS`, which says nothing of the work.
    return isinstance(broken, TimeoutError) and bool(broken.args)


@contextmanager
def _signals_blocked() -> Generator[None, None, None]:
    """Start processes and threads that a Ctrl-C in the terminal, or a stop of the group, leaves be.

    The bot then lets what runs in the child finish, and ends it.
    """
    if sys.platform == "win32":
        yield
        return
    # First: at its start it takes the signals out of the mask of the thread that starts it.
    from multiprocessing import resource_tracker  # noqa: PLC0415 - as in `ChildProcess._schedule`

    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _niceness() -> int:
    return 0 if sys.platform == "win32" else os.getpriority(os.PRIO_PROCESS, 0) + _NICENESS


def _stand_back(child: int | None, niceness: int) -> None:
    """Have a child wait where the bot has work, its start of a quarter of a second included.

    Acknowledgements have three seconds at Discord, and pictures have as long as it takes.
    """
    if sys.platform != "win32" and child is not None:
        # It may have ended, or its owner may have changed the bot's own priority since.
        with suppress(ProcessLookupError, PermissionError):
            os.setpriority(os.PRIO_PROCESS, child, niceness)


def _prepare_child(most_bytes: int, niceness: int) -> None:
    # One that takes another's place was started by the pool alone.
    _stand_back(os.getpid(), niceness)
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (most_bytes, most_bytes))


def _call(seconds: float, function: Callable[..., T], args: tuple[object, ...]) -> T | _Raised:
    """Work in the child, which the kernel kills when the time is over.

    It does so also where native code never returns, and after the bot itself was killed.
    """
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return function(*args)
    except Exception as error:  # noqa: BLE001 - raised again by `ChildProcess.run`
        if not isinstance(error, BotError):
            error.add_note(traceback.format_exc())
        return _Raised(error)
    finally:
        if sys.platform != "win32":
            signal.setitimer(signal.ITIMER_REAL, 0)
