"""What the tests of `ChildProcess` have their children do."""

from __future__ import annotations

import os
import re
import resource
import signal
import sys
import time
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path


@dataclass(frozen=True)
class Surroundings:
    """What a process can see."""

    environment: dict[str, str]
    files: list[str]
    modules: set[str]


def surroundings() -> Surroundings:
    environment = {
        name: value
        for name, _, value in (
            it.partition("=") for it in Path("/proc/self/environ").read_text().split("\0")
        )
    }
    files = [str(it.readlink()) for it in Path("/proc/self/fd").iterdir() if it.is_symlink()]
    return Surroundings({**environment, **os.environ}, files, set(sys.modules))


def modules_with(*names: str) -> set[str]:
    """All that is loaded once these modules are."""
    for name in names:
        import_module(name)
    return set(sys.modules)


def pid() -> int:
    return os.getpid()


def double(number: int) -> int:
    return number * 2


def fail(error: Exception) -> None:
    raise error


def fill(size: int) -> int:
    return len(bytearray(size))


def hang(pid_file: Path | None = None) -> None:
    """Hold on in native code, which lets no signal handler and no other thread run."""
    if pid_file:
        pid_file.write_text(str(os.getpid()))
    re.match(r"(a+)+$", "a" * 60 + "b")


def crash(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


class Unreadable:
    """Pickled by the child; what receives it cannot make it anew."""

    def __reduce__(self) -> tuple[type[Unreadable], tuple[int]]:
        return Unreadable, (1,)


def unreadable() -> Unreadable:
    return Unreadable()


def slow(seconds: float) -> None:
    time.sleep(seconds)


def peak_bytes() -> int:
    """The most memory that the process had at once."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
