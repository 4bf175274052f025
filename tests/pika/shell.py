"""A shell for `python -m pika`: run in this process over real sockets, or as a program."""

from __future__ import annotations

import asyncio
import inspect
import io
import json
import os
import shlex
import signal
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from pika.cli import command
from playground.pika import PikaStandIn
from tests.pika.bench import JPEG

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest

    from playground.pika import WireName

ROOT: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ran:
    """How a run ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def last(self) -> dict[str, Any]:
        return self.events[-1]

    @property
    def sentences(self) -> list[str]:
        return self.err.splitlines()

    def resume_arguments(self) -> list[str]:
        """What the printed command says after `python -m pika`."""
        told = {line.partition("python -m pika ")[2] for line in self.sentences} - {""}
        (command_line,) = told
        return shlex.split(command_line)


class Heard(io.StringIO):
    """A stream whose words can be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._news = asyncio.Event()

    def write(self, text: str) -> int:
        self._news.set()
        return super().write(text)

    async def says(self, words: str) -> None:
        while words not in self.getvalue():
            self._news.clear()
            await asyncio.wait_for(self._news.wait(), 10)


@dataclass
class Shell:
    """A working folder with `photo.jpg` in it, and settings for a stand-in."""

    folder: Path
    stand_in: PikaStandIn
    provider: str = "pika"
    settings: dict[str, str] = field(default_factory=dict)
    ran: list[Ran] = field(default_factory=list)
    died: list[int] = field(default_factory=list)
    err: Heard = field(default_factory=Heard)

    def __post_init__(self) -> None:
        (self.folder / "photo.jpg").write_bytes(JPEG)
        self.settings |= {
            "PIKA_PROVIDER": self.provider,
            "PIKA_API_KEY": self.stand_in.key,
            "PIKA_API_BASE": self.stand_in.origin,
            "PIKA_UPLOAD_BASE": self.stand_in.upload_origin,
        }

    async def run(self, *arguments: str, picture: str | None = "photo.jpg") -> Ran:
        """Run in this process, with the folder as working directory."""
        out, self.err = io.StringIO(), Heard()
        err = self.err
        argv = [*([] if picture is None else [picture]), *arguments]
        code = await command.run(argv, self.settings, out, err, die=self.died.append)
        self.ran.append(Ran(code, out.getvalue(), err.getvalue()))
        return self.ran[-1]

    def begin(self, *arguments: str, picture: str | None = "photo.jpg") -> asyncio.Task[Ran]:
        return asyncio.create_task(self.run(*arguments, picture=picture))

    async def program(self, *arguments: str, **streams: Any) -> asyncio.subprocess.Process:
        """Start it as a process of its own."""
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "pika",
            *arguments,
            cwd=self.folder,
            env={**os.environ, **self.settings, "PYTHONPATH": str(ROOT)},
            stdin=asyncio.subprocess.DEVNULL,
            **{"stdout": pipe, "stderr": pipe, **streams},
        )

    async def ended(self, process: asyncio.subprocess.Process) -> Ran:
        out, err = await asyncio.wait_for(process.communicate(), 30)
        assert process.returncode is not None
        self.ran.append(Ran(process.returncode, (out or b"").decode(), (err or b"").decode()))
        return self.ran[-1]


def ctrl_c() -> None:
    """Press it, for this process; only while a run has its hand on the signal."""
    assert inspect.isfunction(signal.getsignal(signal.SIGINT))
    os.kill(os.getpid(), signal.SIGINT)


@asynccontextmanager
async def a_shell(folder: Path, wire: WireName = "pika") -> AsyncIterator[Shell]:
    # Runs that overlap in one process put back each other's handlers; real ones never share one.
    # And whoever starts the suite in the background may have it ignore the signal.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    async with PikaStandIn(wire=wire) as stand_in:
        stand_in.behaviour.result = "garbage"
        stand_in.behaviour.queue_seconds = stand_in.behaviour.render_seconds = 0
        shell = Shell(folder, stand_in, wire)
        try:
            yield shell
        finally:
            signal.signal(signal.SIGINT, before)
        for ran in shell.ran:
            assert stand_in.key not in ran.out + ran.err
            assert "Traceback" not in ran.err


@asynccontextmanager
async def a_picture(shell: Shell) -> AsyncIterator[str]:
    """The picture in the form that the shell's wire takes."""
    if shell.provider != "comfy":
        yield "photo.jpg"
        return

    async def serve(_: web.Request) -> web.Response:
        return web.Response(body=JPEG, content_type="image/jpeg")

    app = web.Application()
    app.router.add_get("/photo.jpg", serve)
    async with TestServer(app, host="127.0.0.1") as server:
        origin = f"http://127.0.0.1:{server.port}"
        shell.stand_in.public_origins.add(origin)
        yield f"{origin}/photo.jpg?ex=1"


def impatient(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let runs in this process work in the folder, and wait for next to nothing."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr("pika.client.next_gap", lambda *_: 0.01)
    monkeypatch.setattr("pika.cli.errand.FIRST_PAUSE", 0.001)
    # Nothing here waits for a silent server, so a busy machine may take its time.
    monkeypatch.setattr("pika.transport.CALL_TIMEOUT", aiohttp.ClientTimeout(total=10))
    monkeypatch.setattr("pika.transport.TRANSFER_TIMEOUT", aiohttp.ClientTimeout(total=10))
