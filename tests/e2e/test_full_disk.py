"""A disk that is really full: the kernel lets no file of the bot grow, nor be written anew."""

from __future__ import annotations

import asyncio
import io
import math
import os
import resource
import sys
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from playground.discord import Upload
from playground.faults import Fault
from tests.e2e.test_process import environment
from tests.house import House, open_house
from tests.program_server import ForkedProcess, fork_process

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator
    from pathlib import Path

    from playground.pika import WireName

SUBMITS = {"pika": "pika.submit", "fal": "fal.submit", "comfy-proxy": "proxy.submit"}
PAUSES = {"bot.base.Timeouts.DATABASE_PAUSE_SECONDS": 0.5}


class Bot:
    """The real program, whose log goes to a pipe, which is never full."""

    def __init__(self, house: House, running: asyncio.subprocess.Process | ForkedProcess) -> None:
        self.house = house
        self.running = running

    async def logs(self, *words: str) -> None:
        """Read the log up to a line with one of these in it."""
        assert self.running.stderr
        async with asyncio.timeout(60):
            while True:
                line = (await self.running.stderr.readline()).decode()
                if any(it in line for it in words):
                    return
                assert line, f"it ended, and never logged {words!r}"

    @contextmanager
    def on_full_disk(self, room: int = 0) -> Generator[None, None, None]:
        """No file may be larger than the room, in bytes."""
        endless = resource.RLIM_INFINITY
        resource.prlimit(self.running.pid, resource.RLIMIT_FSIZE, (room, endless))
        yield
        resource.prlimit(self.running.pid, resource.RLIMIT_FSIZE, (endless, endless))


@asynccontextmanager
async def started(house: House, *prefix: str) -> AsyncGenerator[Bot, None]:
    env = environment(house) | {
        "PIKA_PROVIDER": house.pika.wire,
        "PIKA_UPLOAD_BASE": house.pika.upload_origin,
        "RETENTION_DAYS": "0",
    }
    running: asyncio.subprocess.Process | ForkedProcess
    if prefix:
        command = *prefix, sys.executable, "-m", "bot"
        pipe = asyncio.subprocess.PIPE
        running = await asyncio.create_subprocess_exec(*command, env=env, stderr=pipe)
    else:
        running = await fork_process("bot", env=env, changes=PAUSES)
    try:
        yield Bot(house, running)
    finally:
        if running.returncode is None:
            running.kill()
        await running.communicate()
        await house.discord.drop_gateway()


@asynccontextmanager
async def connected(tmp_path: Path, wire: WireName) -> AsyncGenerator[Bot, None]:
    async with open_house(tmp_path / "data", wire) as house, started(house) as bot:
        await house.discord.wait_ready()
        yield bot


@pytest.mark.parametrize("wire", list(SUBMITS))
async def test_a_ticket_that_finds_no_room_is_kept(tmp_path: Path, wire: WireName) -> None:
    async with connected(tmp_path, wire) as bot:
        house, operation = bot.house, SUBMITS[wire]
        house.pika.faults.add(Fault(operation, "hold"))
        interaction = await house.animate()
        await house.pika.faults.wait_taken(operation)
        with bot.on_full_disk():
            house.pika.faults.release(operation)
            await bot.logs("is not written yet: disk I/O error")
        await house.delivered(interaction)
        await house.settled()
    assert house.pika.paid_submits == 1
    assert house.kinds() == ["reserve", "settle"]


async def test_a_video_that_finds_no_room_is_fetched_once_there_is_some(tmp_path: Path) -> None:
    async with connected(tmp_path, "fal") as bot:
        house = bot.house
        house.pika.behaviour.render_seconds = math.inf
        interaction = await house.animate()
        await house.told(interaction.original, "Rendering")
        with bot.on_full_disk():
            house.pika.behaviour.render_seconds = 0
            # Within a check of the render, or at the next claim of one.
            await bot.logs("not set back yet: OperationalError(", "the database did not answer")
            assert interaction.original is not None
            assert not interaction.original.attachments
        await house.delivered(interaction)
        await house.settled()
    assert house.pika.paid_submits == 1
    assert house.kinds() == ["reserve", "settle"]


async def test_nothing_is_ordered_and_a_sentence_told_while_it_is_full(tmp_path: Path) -> None:
    async with connected(tmp_path, "fal") as bot:
        house = bot.house
        with bot.on_full_disk():
            interaction = await house.animate()
            await house.told(interaction.original, "went wrong on my side. Please try again.")
        await house.delivered(await house.animate())
        await house.settled()
    assert house.pika.paid_submits == 1
    assert house.kinds() == ["reserve", "settle"]


async def test_a_picture_that_finds_no_room_costs_nothing_and_leaves_nothing(
    tmp_path: Path,
) -> None:
    """There is room for the database's journal, and not for the file of the picture."""
    image = Upload("photo.jpg", noise(1600, 1200), "image/jpeg")
    async with connected(tmp_path, "pika") as bot:
        house = bot.house
        with bot.on_full_disk(1_800_000):
            await house.refused(
                await house.animate(image=image), "went wrong on my side. Please try again."
            )
            assert house.pictures() == []
            assert house.query("SELECT * FROM jobs") == house.query("SELECT * FROM ledger") == []
            await house.delivered(await house.animate(), 30)
        await house.delivered(await house.animate(image=image), 30)
        await house.settled(30)
        await house.swept(30)
    assert house.pika.paid_submits == 2
    assert house.query("SELECT * FROM unanswered_interactions") == []


def noise(width: int, height: int) -> bytes:
    """A picture that no encoder makes smaller than two megabytes."""
    out = io.BytesIO()
    size = width, height
    Image.frombytes("RGB", size, os.urandom(3 * width * height)).save(out, "JPEG", quality=90)
    return out.getvalue()


async def test_a_start_on_a_full_disk_says_so(house: House) -> None:
    house.data_dir.mkdir(parents=True)
    async with started(house, "sh", "-c", 'ulimit -f 0; exec "$@"', "sh") as bot:
        await bot.logs("DATA_DIR must be a folder that can be written to (File too large)")
        assert await bot.running.wait() == 2
    assert not house.discord.exchanges, "before the login"
