"""A systemd that is booted for one test, in namespaces and control groups of its own.

It runs on a copy in memory of this machine's file system, of which nothing is left, and nothing
comes back. With this machine it shares the network, so that it reaches the stand-ins.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import time
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.image.images import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

_BOOT: Final = Path(__file__).with_name("boot_systemd.sh")
_PACKAGES: Final = Path(sys.prefix).resolve()
_SYSTEMD: Final = Path("/lib/systemd/systemd")
_TOOLS: Final = ("dbus-daemon", "git", "make", "nsenter", "setpriv", "systemd-run", "unshare")
_UNIT: Final = "basic.target"
"""Sockets, among them those of D-Bus and of the journal, and nothing that this machine serves."""
_NAMESPACES: Final = ("--mount", "--uts", "--ipc", "--pid")
_GROUP: Final = "animate-bot-test-"
# What systemd 252 divides; of the second version of control groups the one tree has no name here.
_CONTROLLERS: Final = {"", "name=systemd", "blkio", "cpu", "cpuacct", "devices", "memory", "pids"}
_BOOT_SECONDS: Final = 30.0
_END_SECONDS: Final = 10.0
_ENVIRONMENT: Final = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "GIT_CONFIG_GLOBAL": "/dev/null",
}


@dataclass(frozen=True)
class SystemdMachine:
    """Runs commands beside a booted systemd, as root.

    Attributes:
        first_process: The process id of that systemd, for this machine.
    """

    first_process: int

    async def run(self, command: str, *statuses: int, given: bytes = b"") -> str:
        """Run a shell's command line, and return all that it writes.

        Args:
            command: It starts in the bot's folder if that is there, or else in `/`.
            statuses: The exit statuses that it may have; 0 unless some are named.
            given: Its standard input.
        """
        process = await asyncio.create_subprocess_exec(
            *self._enter(f"cd /opt/animate-bot 2>/dev/null || cd /; {command}"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=_ENVIRONMENT,
        )
        try:
            written, _ = await process.communicate(given)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        text = written.decode()
        assert process.returncode in (statuses or (0,)), f"{command}\n{process.returncode}: {text}"
        return text

    async def is_booted(self) -> bool:
        """Whether all that is started at boot is started, once systemd can be asked."""
        said = await self.run("systemctl is-system-running --wait", *range(256))
        return said.strip() in {"running", "degraded"}

    def _enter(self, command: str) -> list[str]:
        namespaces = (*_NAMESPACES, "--cgroup")
        entered = ("nsenter", "--target", str(self.first_process), *namespaces)
        return [*entered, "sh", "-c", command]


def skip_without_systemd() -> None:
    """Skip the test, with the reason, where no systemd can be booted."""
    lacking = [it for it in _TOOLS if not shutil.which(it)]
    if lacking or not _SYSTEMD.exists() or os.geteuid() != 0:
        what = ", ".join(lacking) or ("root" if os.geteuid() else str(_SYSTEMD))
        pytest.skip(f"No systemd can be booted here without {what}.")
    tried = ("unshare", *_NAMESPACES, "--cgroup", "--fork", "mount", "-t", "tmpfs", "tmpfs", "/mnt")
    done = subprocess.run(tried, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"No systemd can be booted here without namespaces: {done.stderr.strip()}")


@asynccontextmanager
async def booted_systemd(folder: Path) -> AsyncGenerator[SystemdMachine, None]:
    """A systemd that ends with all its processes, however the test ends.

    Args:
        folder: An empty one, which stays empty for everybody else.
    """
    with _control_groups() as groups:
        # The signal for the case that the tests are killed.
        alone = (
            "setpriv",
            "--pdeathsig",
            "KILL",
            "unshare",
            *_NAMESPACES,
            "--fork",
            "--kill-child",
        )
        given = (folder, _UNIT, REPOSITORY, _PACKAGES, sys.base_prefix, *groups)
        boot = await asyncio.create_subprocess_exec(
            *alone, "sh", _BOOT, *map(str, given), stderr=subprocess.PIPE
        )
        try:
            yield await _machine(boot)
        finally:
            if boot.returncode is None:
                boot.kill()
            _, told = await boot.communicate()
            print(told.decode())


async def _machine(boot: asyncio.subprocess.Process) -> SystemdMachine:
    async with asyncio.timeout(_BOOT_SECONDS):
        while boot.returncode is None:
            first = _first_process(boot.pid)
            if first is not None and await (machine := SystemdMachine(first)).is_booted():
                return machine
            await asyncio.sleep(0.02)
    raise AssertionError("systemd was not booted")


def _first_process(boot: int) -> int | None:
    """The process that `unshare` has started, once it is systemd."""
    for child in Path(f"/proc/{boot}/task/{boot}/children").read_text("ascii").split():
        # It is a shell until it has prepared what systemd finds.
        if Path(f"/proc/{child}/comm").read_text("ascii") == "systemd\n":
            return int(child)
    return None


@contextmanager
def _control_groups() -> Generator[list[Path], None, None]:
    """Groups below those of this process, one in each tree; they are gone at the end."""
    groups = [own / f"{_GROUP}{os.getpid()}" for own in _own_groups()]
    try:
        for group in groups:
            _remove_killed(group.parent)
            group.mkdir()
    except OSError as error:
        _remove(groups)
        pytest.skip(f"No systemd can be booted here without control groups: {error}")
    try:
        yield groups
    finally:
        until = time.monotonic() + _END_SECONDS
        # Its last process may be about to end.
        while (left := _remove(groups)) and time.monotonic() < until:
            time.sleep(0.02)
        assert not left, left


def _own_groups() -> list[Path]:
    mounts = [it.split() for it in Path("/proc/self/mountinfo").read_text("utf-8").splitlines()]
    found = []
    for line in Path("/proc/self/cgroup").read_text("utf-8").splitlines():
        _, controllers, path = line.split(":", 2)
        if not set(controllers.split(",")) <= _CONTROLLERS:
            continue
        for _, _, _, root, at, *_, kind, _, options in mounts:
            is_it = set(controllers.split(",")) <= set(options.split(","))
            if kind == ("cgroup" if controllers else "cgroup2") and (is_it or not controllers):
                found.append(Path(at, os.path.relpath(path, root)))
                break
    return found


def _remove(groups: list[Path]) -> list[Path]:
    """Remove what has no process any more; return what is left."""
    for group in groups:
        for folder, _, _ in os.walk(group, topdown=False):
            try:
                Path(folder).rmdir()
            except OSError:
                break
    return [it for it in groups if it.exists()]


def _remove_killed(own: Path) -> None:
    """Remove those of tests that were killed; what has processes stays."""
    _remove(list(own.glob(f"{_GROUP}*")))
