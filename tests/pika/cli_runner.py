"""Runs `python -m pika` in this process over real sockets, or as a program of its own."""

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

from pika.cli import command
from playground.pika import PikaStandIn
from tests.pika.raw_server import raw_server
from tests.pika.samples import JPEG

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest

    from playground.pika import WireName

ROOT: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class CliResult:
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


class WatchedStream(io.StringIO):
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
            await asyncio.wait_for(self._news.wait(), 60)


@dataclass
class CliRunner:
    """A working folder with `photo.jpg` in it, and settings for a stand-in."""

    folder: Path
    stand_in: PikaStandIn
    provider: str = "pika"
    settings: dict[str, str] = field(default_factory=dict)
    ran: list[CliResult] = field(default_factory=list)
    died: list[int] = field(default_factory=list)
    err: WatchedStream = field(default_factory=WatchedStream)

    def __post_init__(self) -> None:
        (self.folder / "photo.jpg").write_bytes(JPEG)
        self.settings |= {
            "PIKA_PROVIDER": self.provider,
            "PIKA_API_KEY": self.stand_in.key,
            "PIKA_API_BASE": self.stand_in.origin,
            "PIKA_UPLOAD_BASE": self.stand_in.upload_origin,
        }

    async def run(self, *arguments: str, picture: str | None = "photo.jpg") -> CliResult:
        """Run in this process, with the folder as working directory."""
        out, self.err = io.StringIO(), WatchedStream()
        err = self.err
        argv = [*([] if picture is None else [picture]), *arguments]
        code = await command.run_command(argv, self.settings, out, err, die=self.died.append)
        self.ran.append(CliResult(code, out.getvalue(), err.getvalue()))
        return self.ran[-1]

    def begin(self, *arguments: str, picture: str | None = "photo.jpg") -> asyncio.Task[CliResult]:
        return asyncio.create_task(self.run(*arguments, picture=picture))

    async def program(
        self, *arguments: str, code: str | None = None, **streams: Any
    ) -> asyncio.subprocess.Process:
        """Start it as a process of its own, or this code in its place."""
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *(["-m", "pika"] if code is None else ["-c", code]),
            *arguments,
            cwd=self.folder,
            env={**os.environ, **self.settings, "PYTHONPATH": str(ROOT)},
            stdin=asyncio.subprocess.DEVNULL,
            **{"stdout": pipe, "stderr": pipe, **streams},
        )

    async def ended(self, process: asyncio.subprocess.Process) -> CliResult:
        out, err = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode is not None
        self.ran.append(CliResult(process.returncode, (out or b"").decode(), (err or b"").decode()))
        return self.ran[-1]


def ctrl_c() -> None:
    """Press it, for this process; only while a run has its hand on the signal."""
    assert inspect.isfunction(signal.getsignal(signal.SIGINT))
    os.kill(os.getpid(), signal.SIGINT)


@asynccontextmanager
async def open_cli(folder: Path, wire: WireName = "pika") -> AsyncIterator[CliRunner]:
    # Runs that overlap in one process put back each other's handlers; real ones never share one.
    # And whoever starts the suite in the background may have it ignore the signal.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    async with PikaStandIn(wire=wire) as stand_in:
        stand_in.behaviour.result = "garbage"
        stand_in.behaviour.queue_seconds = stand_in.behaviour.render_seconds = 0
        cli = CliRunner(folder, stand_in, wire)
        try:
            yield cli
        finally:
            signal.signal(signal.SIGINT, before)
        for ran in cli.ran:
            assert stand_in.key not in ran.out + ran.err
            assert "Traceback" not in ran.err


@asynccontextmanager
async def picture_for(cli: CliRunner) -> AsyncIterator[str]:
    """The picture in the form that this wire takes."""
    if cli.provider != "comfy":
        yield "photo.jpg"
        return
    async with raw_server() as server:
        server.says("/photo.jpg", JPEG)
        cli.stand_in.public_origins.add(server.origin)
        yield f"{server.origin}/photo.jpg?ex=1"


def shorten_waits(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let runs in this process work in the folder, and wait for next to nothing."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr("pika.client.next_gap", lambda *_: 0.01)
    monkeypatch.setattr("pika.submission.SUBMIT_PAUSES", (0.001,) * 3)
