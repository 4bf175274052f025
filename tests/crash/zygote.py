"""Forks bots that kill themselves (SIGKILL) at a chosen point of a job's life.

Run as a process of its own, imported once and forked for every run, since a fresh
interpreter for each point would take minutes. Reads one JSON line a run:
`{"settings": {...}, "die_at": n, "armed": path}`, answers with the child's pid, and at its
end with its wait status.

A point is every suspension of the coroutines that carry a job (the command's handler and
the worker's steps) and the moments right before and right after every commit they make.
They count from the moment the child gets SIGUSR1, which it confirms by making the file.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Coroutine, Generator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiosqlite

from bot import __main__ as root
from bot.__main__ import _main as run_until_signalled
from bot.base.timeouts import Timeouts
from bot.config import Settings

JOB_CARRIERS = {"AnimateHandler._handle", "Worker._step"}
PATIENCE = Timeouts(
    pika=timedelta(seconds=5),
    render=timedelta(seconds=20),
    discord=timedelta(seconds=5),
    backoff=timedelta(milliseconds=20),
    longest_backoff=timedelta(milliseconds=100),
    gap_scale=0.02,
)


class Reaper:
    """Counts points, once armed, and dies at one of them."""

    def __init__(self, die_at: int, armed: Path) -> None:
        self.left = die_at
        self.armed = armed
        self.carrying = False

    def arm(self) -> None:
        self.armed.touch()

    def point(self) -> None:
        if self.armed.exists():
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


class Carrier(Coroutine[Any, Any, Any]):
    """A coroutine that passes a point at each of its suspensions."""

    def __init__(self, inner: Coroutine[Any, Any, Any], reaper: Reaper) -> None:
        self.inner = inner
        self.reaper = reaper

    def send(self, value: Any) -> Any:
        self.reaper.carrying = True
        try:
            suspended = self.inner.send(value)
        finally:
            self.reaper.carrying = False
        self.reaper.point()
        return suspended

    def throw(self, *args: Any) -> Any:
        return self.inner.throw(*args)

    def close(self) -> None:
        self.inner.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        raise NotImplementedError


def instrument(reaper: Reaper) -> None:
    def factory(
        loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **kwargs: Any
    ) -> asyncio.Task[Any]:
        if getattr(coro, "__qualname__", "") in JOB_CARRIERS:
            coro = Carrier(coro, reaper)
        return asyncio.Task(coro, loop=loop, **kwargs)

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, reaper.arm)
    loop.set_task_factory(factory)  # type: ignore[arg-type] # Task takes any Coroutine
    commit = aiosqlite.Connection.commit

    async def commit_with_points(self: aiosqlite.Connection) -> None:
        carrying = reaper.carrying
        if carrying:
            reaper.point()
        await commit(self)
        if carrying:
            reaper.point()

    aiosqlite.Connection.commit = commit_with_points  # type: ignore[method-assign] # the point of it


async def bot(settings: Settings, reaper: Reaper) -> None:
    instrument(reaper)
    await run_until_signalled(settings)


def child(order: dict[str, Any]) -> None:
    run = root.run

    async def impatient(settings: Settings, stop: asyncio.Event) -> None:
        await run(settings, stop, timeouts=PATIENCE)

    root.run = impatient  # type: ignore[assignment] # the same, in a hurry
    root._log_to_stderr("ERROR")
    reaper = Reaper(order["die_at"], Path(order["armed"]))
    asyncio.run(bot(Settings(_env_file=None, **order["settings"]), reaper))


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                child(order)
                status = 0
            finally:
                os._exit(status)
        print(json.dumps({"pid": pid}), flush=True)
        _, status = os.waitpid(pid, 0)
        print(json.dumps({"status": status}), flush=True)


if __name__ == "__main__":
    main()
