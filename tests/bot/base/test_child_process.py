from __future__ import annotations

import asyncio
import os
import signal
import sys
import textwrap
from contextlib import asynccontextmanager
from multiprocessing import active_children
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pebble.pool.process import WORKERS_NAME

from bot.base import child_process
from bot.base.child_process import (
    ChildKilledError,
    ChildProcess,
    ChildTimedOutError,
    child_processes,
)
from tests.bot.base import child_work

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

pytestmark = pytest.mark.slow  # starts processes

MEMORY_BYTES = 500_000_000
SECONDS = 30.0


@asynccontextmanager
async def a_child(idle_seconds: float = 60) -> AsyncGenerator[ChildProcess, None]:
    child = ChildProcess(MEMORY_BYTES, idle_seconds)
    try:
        yield child
    finally:
        await child.end()


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def text_of(path: Path) -> str:
    return path.read_text() if path.exists() else ""


async def gone(pid: int) -> None:
    async with asyncio.timeout(60):
        while is_alive(pid):
            await asyncio.sleep(0.02)


async def test_it_works_in_another_process_and_stays_there() -> None:
    async with a_child() as child:
        assert await child.run(SECONDS, child_work.double, 21) == 42
        pids = {await child.run(SECONDS, child_work.pid) for _ in range(3)}
    assert len(pids) == 1
    assert os.getpid() not in pids
    await gone(*pids)


async def test_it_stands_back_for_the_bot_itself() -> None:
    own = os.getpriority(os.PRIO_PROCESS, 0)
    async with a_child() as child:
        assert await child.run(SECONDS, os.getpriority, os.PRIO_PROCESS, 0) > own


async def test_it_stands_back_from_its_start_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process, "START_METHOD", "spawn")
    own = os.getpriority(os.PRIO_PROCESS, 0)
    async with a_child() as child:
        child._schedule(SECONDS, child_work.pid, ())
        # Python itself takes longer to start there than these lines do here.
        pids = [it.pid for it in active_children() if it.pid]
        assert pids
        assert min(os.getpriority(os.PRIO_PROCESS, it) for it in pids) > own


@pytest.mark.parametrize(
    "names",
    [
        ("bot.media.picture_decoder", "bot.media.pictures"),
        ("bot.media.video_processor", "bot.media.videos"),
        ("bot.reports.chart_renderer", "bot.reports.chart_drawing"),
    ],
)
async def test_it_loads_nothing_of_what_only_the_bot_needs(
    names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_process, "START_METHOD", "spawn")
    async with a_child() as child:
        loaded = await child.run(SECONDS, child_work.modules_with, *names)
    assert loaded >= set(names)
    assert loaded & {"aiohttp", "aiosqlite", "discord", "pika", "pydantic", "sqlite3"} == set()


async def test_what_a_function_raises_is_raised_here() -> None:
    async with a_child() as child:
        before = await child.run(SECONDS, child_work.pid)
        # An error of its own, of the kinds that the pool itself has too.
        for error in (TimeoutError("mine"), OSError(28, "full"), RuntimeError("odd"), KeyError(1)):
            with pytest.raises(type(error), match=str(error.args[-1])) as raised:
                await child.run(SECONDS, child_work.fail, error)
            assert "child_work.py" in raised.value.__notes__[0], "where it happened"
        assert await child.run(SECONDS, child_work.pid) == before


async def test_what_needs_too_much_memory_fails_and_the_next_works() -> None:
    async with a_child() as child:
        # As one kind, whether the limit refused it memory or the system ended it: a report then
        # comes without its chart, and a video is not made smaller.
        with pytest.raises(ChildKilledError, match="MemoryError"):
            await child.run(SECONDS, child_work.fill, MEMORY_BYTES)
        assert await child.run(SECONDS, child_work.double, 1) == 2


async def test_what_hangs_in_native_code_is_killed_and_the_next_works() -> None:
    async with a_child() as child:
        hung = await child.run(SECONDS, child_work.pid)
        with pytest.raises(ChildTimedOutError, match=str(-signal.SIGALRM.value)):
            await child.run(0.2, child_work.hang)
        await gone(hung)
        assert await child.run(SECONDS, child_work.double, 1) == 2


async def test_a_crash_ends_the_work_and_the_next_works() -> None:
    async with a_child() as child:
        for _ in range(2):
            with pytest.raises(ChildKilledError, match=str(-signal.SIGSEGV.value)) as raised:
                await child.run(SECONDS, child_work.crash)
            assert not isinstance(raised.value, ChildTimedOutError)
        assert await child.run(SECONDS, child_work.double, 1) == 2


async def test_an_answer_that_cannot_be_read_ends_the_work_and_the_next_works() -> None:
    async with a_child() as child:
        with pytest.raises(ChildKilledError):
            await child.run(SECONDS, child_work.unreadable)
        assert await child.run(SECONDS, child_work.double, 1) == 2


async def test_a_time_limit_is_for_each_piece_of_work() -> None:
    async with a_child() as child:
        await child.run(SECONDS, child_work.pid)
        await asyncio.gather(*(child.run(1.0, child_work.slow, 0.3) for _ in range(5)))


async def test_what_nobody_waits_for_any_more_is_killed() -> None:
    async with a_child() as child:
        hung = await child.run(SECONDS, child_work.pid)
        work = asyncio.create_task(child.run(SECONDS, child_work.hang))
        await asyncio.sleep(0.1)
        work.cancel()
        await gone(hung)
        assert await child.run(SECONDS, child_work.double, 1) == 2


async def test_an_idle_child_ends_and_is_started_again() -> None:
    async with a_child(idle_seconds=0.2) as child:
        first = await child.run(SECONDS, child_work.pid)
        await gone(first)
        assert await child.run(SECONDS, child_work.pid) != first


async def test_the_end_waits_for_no_work() -> None:
    async with child_processes(MEMORY_BYTES, MEMORY_BYTES) as (child, unused):
        hung = await child.run(SECONDS, child_work.pid)
        work = asyncio.create_task(child.run(SECONDS, child_work.hang))
        await asyncio.sleep(0.1)
    await gone(hung)
    with pytest.raises(asyncio.CancelledError):
        await work
    assert unused is not child


PROGRAM = textwrap.dedent("""
    import asyncio, sys
    from pathlib import Path
    from bot.base.child_process import child_processes
    from tests.bot.base import child_work

    async def main() -> None:
        async with child_processes(500_000_000) as (child,):
            await child.run(float(sys.argv[1]), child_work.hang, Path(sys.argv[2]))

    if __name__ == "__main__":
        asyncio.run(main())
""")


async def test_a_child_that_hangs_does_not_outlive_its_parent_for_long(tmp_path: Path) -> None:
    program, pid_file = tmp_path / "program.py", tmp_path / "pid"
    program.write_text(PROGRAM)
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, program, "3", pid_file), env={"PYTHONPATH": "."}
    )
    async with asyncio.timeout(60):
        while not (pid := text_of(pid_file)):
            await asyncio.sleep(0.02)
    hung = int(pid)
    assert is_alive(hung)
    parent.kill()
    await parent.wait()
    await gone(hung)


async def test_a_child_killed_while_idle_costs_nobody_their_work() -> None:
    async with a_child() as child:
        idle = await child.run(SECONDS, child_work.pid)
        os.kill(idle, signal.SIGKILL)
        await gone(idle)
        assert await child.run(SECONDS, child_work.double, 1) == 2


async def test_after_the_end_nothing_starts_that_had_waited() -> None:
    child = ChildProcess(MEMORY_BYTES)
    work = [asyncio.create_task(child.run(SECONDS, child_work.pid)) for _ in range(3)]
    await asyncio.sleep(0)
    await child.end()
    answers = await asyncio.gather(*work, return_exceptions=True)
    assert [type(it) for it in answers] == [asyncio.CancelledError] * 3
    assert not [it for it in active_children() if it.name == WORKERS_NAME]


CRASHES = textwrap.dedent("""
    import asyncio
    from contextlib import suppress
    from bot.base.child_process import ChildKilledError, child_processes
    from tests.bot.base import child_work

    async def main():
        async with child_processes(500_000_000) as (child,):
            for _ in range(2):
                with suppress(ChildKilledError):
                    await child.run(30.0, child_work.crash)
                print(await child.run(30.0, child_work.double, 1))

    if __name__ == "__main__":
        asyncio.run(main())
""")


async def test_a_crash_leaves_no_traceback_of_the_next_child(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(CRASHES)
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, program),
        env={"PYTHONPATH": "."},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complaints = await asyncio.wait_for(parent.communicate(), 60)
    assert said.split() == [b"2", b"2"]
    assert complaints == b""
