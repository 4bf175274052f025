"""Forks bots that kill themselves (SIGKILL) at a chosen point of a job's life.

Run as a process of its own, imported once and forked for every run, since a fresh
interpreter for each point would take minutes. Reads one JSON line a run:
`{"settings": {...}, "die_at": n, "armed": path, "patience": {...}, "log_level": name}`, answers
with the child's pid, and at its end with its wait status. `patience` has seconds by the fields
of `Timeouts`. Three more may be in it: `pauses`, seconds by its other names; `clock`, the path of
a `ClockOffset`; `migrations`, a folder of them in place of the bot's own.

A point is every suspension of the coroutines that carry a job (the command's handler and
the worker's steps), the moments right before and right after the commit of everything that they
write, and those before and after a picture is written or a file of pictures deleted. They count
from the moment the child gets SIGUSR1, which it confirms by making the file.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Generator
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from bot import __main__ as root
from bot.__main__ import _main as run_until_signalled
from bot.base import Timeouts, heap
from bot.base import database as database_module
from bot.base.database import Database, Transaction
from bot.config import Settings
from bot.jobs import picture_files
from bot.logs import log_to_stderr
from tests.children import fork_children, share_with_forks
from tests.crash.moved_clock import ClockOffset
from tests.timeouts import QUICK

if TYPE_CHECKING:
    import sqlite3

T = TypeVar("T")

JOB_CARRIERS = {"AnimateHandler._handle", "AnimateHandler._note", "Worker._step"}


class Reaper:
    """Counts points, once armed, and dies at one of them."""

    def __init__(self, die_at: int, armed: Path) -> None:
        self.left = die_at
        self.armed = armed
        self.running: Carrier | None = None
        """Whose code the loop runs at this moment."""
        self._lock = threading.Lock()

    def arm(self) -> None:
        self.armed.touch()

    def point(self) -> None:
        # One thread waits for the other: else it might get on, past a commit, while this dies.
        with self._lock:
            if self.armed.exists():
                self.left -= 1
                if self.left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)


class Carrier(Coroutine[Any, Any, Any]):
    """A coroutine that passes a point at each of its suspensions."""

    def __init__(self, inner: Coroutine[Any, Any, Any], reaper: Reaper) -> None:
        self.inner = inner
        self.reaper = reaper
        self.suspended = threading.Event()
        """Set after the point at the next suspension; what it waits for must not come first."""

    def send(self, value: Any) -> Any:
        suspended = self.suspended = threading.Event()
        self.reaper.running = self
        try:
            awaited = self.inner.send(value)
        finally:
            self.reaper.running = None
        self.reaper.point()
        suspended.set()
        return awaited

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
    add_commit_points(reaper)
    for name in ("write_pictures", "delete_pictures"):
        add_file_points(reaper, name)


def add_file_points(reaper: Reaper, name: str) -> None:
    """Make points of what is done to pictures' files, on the thread that does it."""
    change = getattr(picture_files, name)

    def change_with_points(*args: Any) -> Any:
        reaper.point()
        changed = change(*args)
        reaper.point()
        return changed

    setattr(picture_files, name, change_with_points)


def add_commit_points(reaper: Reaper) -> None:
    """Make points of the commits of what carriers write, on the thread that makes them."""
    write, commit = Database.write, database_module._commit
    local = threading.local()

    async def noted_write(self: Database, function: Callable[[Transaction], T]) -> T:
        suspended = reaper.running.suspended if reaper.running else None

        def noted(tx: Transaction) -> T:
            # Those before it in the same commit may be carried too.
            local.is_carried = suspended is not None or getattr(local, "is_carried", False)
            if suspended:
                suspended.wait()
            return function(tx)

        return await write(self, noted)

    def commit_with_points(connection: sqlite3.Connection) -> None:
        # The thread that reads has noted nothing.
        is_carried, local.is_carried = getattr(local, "is_carried", False), False
        if is_carried:
            reaper.point()
        commit(connection)
        if is_carried:
            reaper.point()

    Database.write = noted_write  # type: ignore[method-assign] # the point of it
    database_module._commit = commit_with_points


async def bot(settings: Settings, reaper: Reaper) -> None:
    instrument(reaper)
    await run_until_signalled(settings)


def child(order: dict[str, Any]) -> None:
    run = root.run

    differing = {name: timedelta(seconds=it) for name, it in order["patience"].items()}
    patience = dataclasses.replace(QUICK, **differing)  # type: ignore[arg-type] # not its scale

    clock = ClockOffset(Path(order["clock"])).clock() if "clock" in order else None

    async def impatient(settings: Settings, stop: asyncio.Event) -> None:
        await run(settings, stop, clock=clock, timeouts=patience)

    # A life lasts less than the pause between two sweeps.
    for name, seconds in {"PICTURE_SWEEP_SECONDS": 0.0, **order.get("pauses", {})}.items():
        setattr(Timeouts, name, seconds)
    if "migrations" in order:
        database_module.MIGRATIONS = Path(order["migrations"])  # type: ignore[misc] # a new version
    root.run = impatient  # type: ignore[assignment] # the same, in a hurry
    log_to_stderr(order["log_level"])
    reaper = Reaper(order["die_at"], Path(order["armed"]))
    asyncio.run(bot(Settings.of(order["settings"]), reaper))


def build_models(model: type[BaseModel] = BaseModel) -> None:
    """Build what pydantic would else build anew in each bot, when it is first used."""
    for each in model.__subclasses__():
        each.model_rebuild()
        build_models(each)


def main() -> None:
    heap.keep_small()
    build_models()
    # As for these, a bot imports it with its first picture.
    import_module("pebble")
    fork_children()
    share_with_forks()
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
