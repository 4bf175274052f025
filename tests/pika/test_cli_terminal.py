"""What people see on a terminal, and what becomes of a run whose reader goes away."""

from __future__ import annotations

import asyncio
import io
import os
import pty
import re
import signal
from typing import TYPE_CHECKING

import pytest

from pika import Done, Pending
from pika.cli.console import Console
from pika.cli.progress import Progress, bar
from tests.pika.cli_runner import CliRunner, open_cli
from tests.pika.fake_clock import FakeClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def cli(tmp_path: Path) -> AsyncIterator[CliRunner]:
    async with open_cli(tmp_path, "fal") as cli:
        yield cli


class Screen:
    """The near end of a terminal, which keeps what was written to it."""

    def __init__(self, near: int) -> None:
        self._near = near
        self.text = ""
        self._news = asyncio.Event()
        asyncio.get_running_loop().add_reader(near, self._read)

    def _read(self) -> None:
        try:
            data = os.read(self._near, 65_536)
        except OSError:
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self._near)
        self.text += data.decode()
        self._news.set()

    async def shows(self, pattern: str) -> None:
        while not re.search(pattern, self.text):
            self._news.clear()
            await asyncio.wait_for(self._news.wait(), 60)


async def test_a_terminal_has_one_line_that_goes_with_the_time(cli: CliRunner) -> None:
    behaviour = cli.stand_in.behaviour
    behaviour.queue_seconds, behaviour.queue_ahead = 10_000, 12
    near, far = pty.openpty()
    try:
        screen = Screen(near)
        process = await cli.program("photo.jpg", stderr=far, stdout=far)
        os.close(far)
        await screen.shows(r"in the queue, 12 ahead, 0:01 \(usually 1:00 to 5:00\)")
        process.send_signal(signal.SIGINT)
        await screen.shows("Cancelled: the provider ended the job without a video")
        assert await asyncio.wait_for(process.wait(), 60) == 130
    finally:
        asyncio.get_running_loop().remove_reader(near)
        os.close(near)
    assert cli.stand_in.key not in screen.text
    assert "%" not in screen.text
    assert "\x1b" not in screen.text
    drawn = [part for part in screen.text.split("\r") if part.startswith("[")]
    assert {len(part.rstrip()) <= 79 for part in drawn} == {True}
    assert {part[:22] for part in drawn} == {f"[{'-' * 4}{'.' * 16}]"}
    between = screen.text[screen.text.index("[") : screen.text.rindex("usually")]
    assert "\n" not in between


async def test_a_reader_that_goes_away_costs_no_video(cli: CliRunner) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = await cli.program("photo.jpg", "--json", stdout=writing, stderr=writing)
    os.close(writing)
    ran = await cli.ended(process)
    assert (ran.code, ran.err) == (0, "")
    assert (cli.folder / "photo.mp4").stat().st_size > 0


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


async def test_time_is_compared_with_the_usual_and_never_a_share(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = FakeClock()
    monkeypatch.setattr("pika.cli.progress.time", clock)
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    progress = Progress(
        Console(io.StringIO(), terminal, "", as_json=False, verbose=False), fresh=True
    )
    for seconds, position in [(0, 3), (90, 0), (301, None)]:
        clock.now = seconds
        progress.update(Pending(started=position is None, position=position))
    clock.now = 3700
    progress.update(Done("https://pictures.example/v.mp4"))
    assert [line.strip() for line in terminal.getvalue().split("\r") if line.strip()] == [
        "[----................] in the queue, 3 ahead, 0:00 (usually 1:00 to 5:00)",
        "[======..............] in the queue, 0 ahead, 1:30 (usually 1:00 to 5:00)",
        "[====================] rendering, 5:01, longer than usual",
        "rendered, downloading, 61:40",
    ]


def test_the_bar_fills_with_the_time_up_to_the_usual_and_no_further() -> None:
    drawn = [bar(seconds) for seconds in range(0, 400, 5)]
    filled = [line.count("=") for line in drawn]
    assert filled == sorted(filled)
    assert (filled[0], filled[-1]) == (0, 20)
    assert {len(line) for line in drawn} == {22}
