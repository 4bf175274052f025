"""Starts programs by forking a process that has imported them already.

`python -m bot` imports for half a second before it does anything; a fork of a process that has
done so begins at once, in the folder and the environment that a test gives it. It runs the
program's `__main__.py` from its first line. Tests of the start itself start a fresh interpreter.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import runpy
import signal
import socket
import struct
import subprocess
import sys
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import resolve_name
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from io import BufferedReader

ROOT: Final = Path(__file__).parents[1]
_NONE: Final[Mapping[str, object]] = MappingProxyType({})
_NUMBER: Final = struct.Struct("i")
# What programs import late, beside their `__main__`.
_IMPORTED: Final = {
    "bot": ("bot.__main__", "bot.maintenance.commands", "bot.monitoring.health_command"),
    "playground": ("playground.__main__",),
}


class ForkedProgram:
    """A program that was forked, with the attributes and methods of `subprocess.Popen`."""

    def __init__(self, server: socket.socket, out: int, err: int) -> None:
        self.pid = _number(server.recv(_NUMBER.size, socket.MSG_WAITALL))
        self.stdout = os.fdopen(out, "rb")
        self.stderr = os.fdopen(err, "rb")
        self.returncode: int | None = None
        self.server = server
        """Tells the exit status at the end."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stdout.close()
        self.stderr.close()
        self.wait()

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        """Wait for its end; return its exit status, or the negative number of a signal."""
        if self.returncode is None:
            with self.server:
                self.returncode = _number(self.server.recv(_NUMBER.size, socket.MSG_WAITALL))
        return self.returncode


class ForkedProcess:
    """The same with those of `asyncio.subprocess.Process`."""

    def __init__(
        self, program: ForkedProgram, stdout: asyncio.StreamReader, stderr: asyncio.StreamReader
    ) -> None:
        self.pid = program.pid
        self.stdout = stdout
        self.stderr = stderr
        self._program = program
        self._ended = asyncio.create_task(self._end())

    async def _end(self) -> int:
        reader, writer = await asyncio.open_connection(sock=self._program.server)
        self._program.returncode = status = _number(await reader.readexactly(_NUMBER.size))
        writer.close()
        return status

    @property
    def returncode(self) -> int | None:
        """The exit status once it has ended, or the negative number of a signal."""
        return self._program.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        self._program.send_signal(number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        """Wait for its end; return its exit status, or the negative number of a signal."""
        return await asyncio.shield(self._ended)

    async def communicate(self) -> tuple[bytes, bytes]:
        """Read the rest of what it writes, and wait for its end."""
        out, err, _ = await asyncio.gather(self.stdout.read(), self.stderr.read(), self.wait())
        return out, err


async def fork_process(
    module: str,
    *arguments: str,
    env: Mapping[str, str],
    cwd: Path = ROOT,
    changes: Mapping[str, object] = _NONE,
) -> ForkedProcess:
    """Run `python -OO -m` with this module and these arguments; its streams must be read.

    Changes are values that differ in it, by name, as `pytest.MonkeyPatch.setattr` takes them.
    """
    program = fork_program(module, *arguments, env=env, cwd=cwd, flags=("-OO",), changes=changes)
    return ForkedProcess(program, await _reader(program.stdout), await _reader(program.stderr))


async def _reader(pipe: BufferedReader) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), pipe
    )
    return reader


def fork_program(
    module: str,
    *arguments: str,
    env: Mapping[str, str],
    cwd: Path,
    flags: tuple[str, ...] = (),
    changes: Mapping[str, object] = _NONE,
) -> ForkedProgram:
    """Run `python -m` with this module and these arguments, and flags of the interpreter."""
    ours, theirs = socket.socketpair()
    (out, their_out), (err, their_err) = os.pipe(), os.pipe()
    with theirs:
        server = _server("bot" if module == "bot" else "playground", *flags)
        socket.send_fds(server, [b"\n"], [theirs.fileno(), their_out, their_err])
    os.close(their_out)
    os.close(their_err)
    order = {
        "module": module,
        "arguments": arguments,
        "env": dict(env),
        "cwd": str(cwd),
        "changes": dict(changes),
    }
    ours.sendall(json.dumps(order).encode() + b"\n")
    return ForkedProgram(ours, out, err)


def _number(data: bytes) -> int:
    (number,) = _NUMBER.unpack(data)
    return int(number)


@cache
def _server(package: str, *flags: str) -> socket.socket:
    """A server for this package's programs, which ends with this process."""
    ours, theirs = socket.socketpair()
    with theirs:
        server = subprocess.Popen(
            [sys.executable, *flags, "-m", __name__, str(theirs.fileno()), package],
            cwd=ROOT,
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def stop() -> None:
        ours.close()
        server.wait()

    atexit.register(stop)
    return ours


def _serve(control: socket.socket, package: str) -> None:
    """Fork a program for each message, until the other end of the socket is closed.

    Its parent is not the server but a process of its own, which waits for its end and tells it.
    """
    for name in _IMPORTED[package]:
        import_module(name)
    # As a module that was imported before it is run, Python would warn of it.
    del sys.modules[f"{package}.__main__"]
    while True:
        message, descriptors, *_ = socket.recv_fds(control, 1, 3)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not message:
            return
        if os.fork() == 0:
            control.close()
            _start(*descriptors)
            return
        for descriptor in descriptors:
            os.close(descriptor)


def _start(answers: int, out: int, err: int) -> None:
    with socket.socket(fileno=answers) as telling:
        with telling.makefile() as lines:
            order = json.loads(lines.readline())
        if pid := os.fork():
            # Their reader waits for the end of the program, not of this process.
            for descriptor in (out, err, 1, 2):
                os.close(descriptor)
            telling.sendall(_NUMBER.pack(pid))
            _, status = os.waitpid(pid, 0)
            telling.sendall(_NUMBER.pack(os.waitstatus_to_exitcode(status)))
            os._exit(0)
    for descriptor, place in ((out, 1), (err, 2)):
        os.dup2(descriptor, place)
        os.close(descriptor)
    # Those of the server know what kinds of files they were opened on.
    sys.stdout = os.fdopen(1, "w", encoding="utf-8")
    sys.stderr = os.fdopen(2, "w", 1, encoding="utf-8", errors="backslashreplace")
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["env"])
    for name, value in order["changes"].items():
        owner, _, attribute = name.rpartition(".")
        setattr(resolve_name(owner), attribute, value)
    module = order["module"]
    sys.argv = [module, *order["arguments"]]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])), sys.argv[2])
