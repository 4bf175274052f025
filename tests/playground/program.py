"""`python -m playground` as a person runs it: a process with a temporary folder of its own."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.program_server import ROOT, ForkedProgram, fork_program

if TYPE_CHECKING:
    import signal
    from collections.abc import Generator, Mapping


class Program:
    """A running playground; what it leaves behind is looked for in its own TMPDIR."""

    def __init__(self, process: subprocess.Popen[bytes] | ForkedProgram, temp: Path) -> None:
        assert process.stdout
        assert process.stderr
        self._process = process
        self._out = io.TextIOWrapper(process.stdout, "utf-8")
        self._err = io.TextIOWrapper(process.stderr, "utf-8")
        self._temp = temp

    def line(self) -> str:
        """The next line that it prints."""
        return self._out.readline()

    def stop_reading(self) -> None:
        self._out.close()

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def finish(self) -> tuple[int, str, str]:
        """Exit status and what else it said on standard output and standard error."""
        with ThreadPoolExecutor() as reading:
            err = reading.submit(self._err.read)
            out = "" if self._out.closed else self._out.read()
        return self._process.wait(), out, err.result()

    def bots(self) -> list[int]:
        """Ids of living bots that were given a folder within our temporary one."""
        found = self._processes(f"{self._temp}/")
        # They have child processes, which get their environment.
        return [it for it in found if b"multiprocessing" not in _read(Path(f"/proc/{it}/cmdline"))]

    def left_behind(self) -> list[object]:
        """What is in the temporary folder, and the processes that know of it."""
        return [*self._temp.iterdir(), *self._processes(str(self._temp))]

    def _processes(self, in_environment: str) -> list[int]:
        return [
            int(process.parent.name)
            for process in Path("/proc").glob("[0-9]*/environ")
            if int(process.parent.name) != self._process.pid
            and in_environment.encode() in _read(process)
        ]


def _read(environ: Path) -> bytes:
    try:
        return environ.read_bytes()
    except OSError:
        return b""


@contextmanager
def playground(
    *arguments: str | Path,
    temp: Path,
    env: Mapping[str, str] | None = None,
    module: str = "playground",
    is_fresh: bool = False,
) -> Generator[Program, None, None]:
    """Run it with this folder as working directory and, in it, its temporary folder.

    Where it is fresh, it has an interpreter of its own; else it is forked.
    """
    folder = temp / "tmp"
    folder.mkdir()
    given = [str(it) for it in arguments]
    whole_env = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(folder), **(env or {})}
    process: subprocess.Popen[bytes] | ForkedProgram
    if is_fresh:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *given],
            cwd=temp,
            env=whole_env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    else:
        process = fork_program(module, *given, env=whole_env, cwd=temp)
    with process:
        try:
            yield Program(process, folder)
        finally:
            process.terminate()
