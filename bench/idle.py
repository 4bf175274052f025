"""How long the bot takes from its start until it is ready, and how much memory it takes then.

Held against a bare discord.py bot at the same stand-in, each in a process of its own. Linux alone
tells the memory of another process this way.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from bench.outcome import Outcome, table
from tests.e2e.test_process import environment
from tests.house import open_house

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator, Sequence

    from tests.house import House

STARTS: Final = 7
MOST_MEGABYTES: Final = 60.0
MOST_TIMES_BARE: Final = 2.0
"""The targets: the memory of the idle bot with all its processes, in units of 1,048,576 bytes,
and how many times as long as the bare bot it may take to be ready."""

# Without docstrings, as the README has owners start the bot.
_BARE: Final = ("-OO", "-m", "bench.bare_bot")
_OURS: Final = ("-OO", "-m", "bot")
# Nothing is left to do by then: what a start puts off takes milliseconds.
_IDLE_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class Start:
    """One start.

    Attributes:
        seconds: Until it was ready.
        processor: Seconds of processor time until then: the same where others keep it busy.
        own: Megabytes of its process.
        children: Megabytes of the processes that it has started.
    """

    seconds: float
    processor: float
    own: float
    children: float


def run() -> Outcome:
    """Start both programs by turns."""
    figures = asyncio.run(_measure())
    bare, ours = (_middle(figures[name]).seconds for name in ("bare bot", "animate-bot"))
    rows = [(name, *_columns(_middle(starts), bare)) for name, starts in figures.items()]
    idle = max(it.own + it.children for it in figures["animate-bot"])
    checks = {
        f"{ours / bare:.2f} times as long as the bare bot until ready, target"
        f" {MOST_TIMES_BARE:g}": ours <= bare * MOST_TIMES_BARE,
        f"{idle:.1f} MB idle, target {MOST_MEGABYTES:g}": idle <= MOST_MEGABYTES,
    }
    head = ("program", "ready/s", "times", "processor/s", "own memory/MB", "children/MB")
    return Outcome(
        f"Started {STARTS} times by turns; medians. The memory is what is resident (RSS),"
        f" {_IDLE_SECONDS:g} s later.\n"
        f"Targets: ready after at most {MOST_TIMES_BARE:g} times as long; at most"
        f" {MOST_MEGABYTES:g} MB with all children, at every start but the first.\n\n"
        f"{table(head, rows)}",
        tuple(sentence for sentence, is_met in checks.items() if not is_met),
    )


def _middle(starts: Sequence[Start]) -> Start:
    return Start(
        median(it.seconds for it in starts),
        median(it.processor for it in starts),
        median(it.own for it in starts),
        median(it.children for it in starts),
    )


def _columns(start: Start, bare: float) -> tuple[str, ...]:
    times = f"{start.seconds / bare:.2f}"
    processor = f"{start.processor:.2f}"
    return f"{start.seconds:.2f}", times, processor, f"{start.own:.1f}", f"{start.children:.1f}"


async def _measure() -> dict[str, list[Start]]:
    with TemporaryDirectory(prefix="bench-idle-") as folder:
        async with open_house(Path(folder) / "data") as house:
            first = [await _start(house, _OURS)]
            bare, ours = [], []
            for _ in range(STARTS):
                bare.append(await _start(house, _BARE))
                ours.append(await _start(house, _OURS))
            worked = [await _start(house, _OURS, works=True)]
    return {
        "bare bot": bare,
        "animate-bot": ours,
        "its first start, on an empty folder": first,
        "after a clip and a report": worked,
    }


async def _start(house: House, program: Sequence[str], *, works: bool = False) -> Start:
    began = time.perf_counter()
    async with _running(house, program) as pid:
        await house.discord.wait_ready()
        seconds, processor = time.perf_counter() - began, processor_seconds(pid)
        if works:
            await house.delivered(await house.animate())
            await house.settled()
            await house.ask(house.member("moderator"), "quota report")
        await asyncio.sleep(_IDLE_SECONDS)
        return Start(seconds, processor, megabytes(pid), sum(map(megabytes, _children(pid))))


@asynccontextmanager
async def _running(house: House, program: Sequence[str]) -> AsyncGenerator[int, None]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, *program, env=environment(house), stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        await process.wait()
        await house.discord.drop_gateway()


def processor_seconds(pid: int) -> float:
    """Return the seconds of processor time that a process has taken."""
    # Behind the name, which is in brackets and may hold blanks.
    _, _, fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")
    return sum(map(int, fields.split()[11:13])) / os.sysconf("SC_CLK_TCK")


def megabytes(pid: int) -> float:
    """Return what is resident of a process (RSS), in units of 1,048,576 bytes."""
    fields = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    return int(fields["VmRSS"].split()[0]) / 1024


def _children(parent: int) -> Iterator[int]:
    for tasks in Path(f"/proc/{parent}/task").glob("*/children"):
        for child in map(int, tasks.read_text().split()):
            yield child
            yield from _children(child)
