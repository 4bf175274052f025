"""Processes whose event loops tick, with a bot in them or alone, and tell how long they were away.

`python -m bench.ticking [SETTINGS]` is such a process; `SETTINGS` is JSON by the names of
`bot.config.Settings`. Each line of its standard input is answered with one of JSON; it ends with
its input.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from bot.__main__ import run
from bot.config import Settings
from tests.timeouts import QUICK

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncGenerator, Mapping

_NAP_SECONDS: Final = 0.001


class Away(NamedTuple):
    """How long a loop was away at worst, in seconds, and its thread's own work in such a time."""

    longest: float
    working: float


class TickingProcess:
    """The parent's side of it."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def away(self) -> Away:
        """How long the loop was away since this was asked before."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("it was started without pipes")
        self._process.stdin.write(b"\n")
        return Away(*json.loads(await self._process.stdout.readline()))


@asynccontextmanager
async def ticking_process(
    settings: Mapping[str, object] | None = None,
) -> AsyncGenerator[TickingProcess, None]:
    """Run such a process inside, with a bot of these settings in it or alone."""
    pipe = asyncio.subprocess.PIPE
    arguments = [] if settings is None else [json.dumps(settings)]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.ticking", *arguments),
        stdin=pipe,
        stdout=pipe,
    )
    try:
        yield TickingProcess(process)
    finally:
        if process.stdin is not None:
            process.stdin.close()
        # Not `communicate`: children of its own may keep its output open for longer.
        await process.wait()


class _Ticker:
    def __init__(self) -> None:
        self._longest = self._working = 0.0

    async def tick(self) -> None:
        while True:
            began, worked = time.perf_counter(), time.thread_time()
            await asyncio.sleep(_NAP_SECONDS)
            self._longest = max(self._longest, time.perf_counter() - began - _NAP_SECONDS)
            self._working = max(self._working, time.thread_time() - worked)

    def answer(self, ended: asyncio.Event) -> None:
        if not os.read(sys.stdin.fileno(), 1):
            asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
            ended.set()
            return
        sys.stdout.write(json.dumps([self._longest, self._working]) + "\n")
        sys.stdout.flush()
        self._longest = self._working = 0.0


async def _main(arguments: list[str]) -> None:
    ended, ticker = asyncio.Event(), _Ticker()
    ticking = asyncio.create_task(ticker.tick())
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), ticker.answer, ended)
    if arguments:
        settings = Settings.of(json.loads(arguments[0]))
        await run(settings, ended, timeouts=QUICK)
    else:
        await ended.wait()
    ticking.cancel()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1:]))
