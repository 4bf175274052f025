"""`python -m playground` as a person runs it: a process with a temporary folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import signal
    from collections.abc import Generator, Mapping

ROOT = Path(__file__).resolve().parents[2]


class Program:
    """A running playground; what it leaves behind is looked for in its own TMPDIR."""

    def __init__(self, process: subprocess.Popen[str], temp: Path) -> None:
        self._process = process
        self._temp = temp

    def line(self) -> str:
        """The next line that it prints."""
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def stop_reading(self) -> None:
        assert self._process.stdout is not None
        self._process.stdout.close()

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def finish(self) -> tuple[int, str, str]:
        """Exit status and what else it said on standard output and standard error."""
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        if self._process.stdout.closed:
            out, err = "", self._process.stderr.read()
        else:
            out, err = self._process.communicate()
        return self._process.wait(), out, err

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
) -> Generator[Program, None, None]:
    """Run it with this folder as working directory and, in it, its temporary folder."""
    (temp / "tmp").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=temp,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(temp / "tmp"), **(env or {})},
        text=True,
        encoding="utf-8",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        try:
            yield Program(process, temp / "tmp")
        finally:
            process.terminate()
