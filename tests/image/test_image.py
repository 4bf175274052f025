"""The image of the `Dockerfile`, built and run with the limits of `compose.yaml`."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.image.images import REPOSITORY, Image, built_image, skip_without_builder

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

    from tests.house import House

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

LARGEST: Final = 350_000_000


@pytest.fixture(scope="module")
def image() -> Generator[Image, None, None]:
    skip_without_builder()
    with built_image() as image:
        yield image


def started(image: Image, data: Path, *arguments: str, **settings: str) -> list[str]:
    said = [*image.config["Env"], *(f"{name}={value}" for name, value in settings.items())]
    return image.command(data, 64, "env", "-i", *said, *arguments)


@asynccontextmanager
async def running(image: Image, house: House) -> AsyncGenerator[asyncio.subprocess.Process, None]:
    house.data_dir.mkdir()
    os.chown(house.data_dir, int(image.config["User"]), -1)
    given = {
        "DISCORD_TOKEN": house.discord.token,
        "DISCORD_API_BASE": house.discord.api_base,
        "DISCORD_GATEWAY_URL": house.discord.gateway_url,
        "PIKA_API_KEY": house.pika.key,
        "PIKA_API_BASE": house.pika.origin,
    }
    entrypoint = image.config["Entrypoint"]
    bot = await asyncio.create_subprocess_exec(
        *started(image, house.data_dir, *entrypoint, **given), stderr=asyncio.subprocess.PIPE
    )
    try:
        await house.discord.wait_ready()
        yield bot
    finally:
        if bot.returncode is None:
            bot.kill()
        _, log = await bot.communicate()
        print(log.decode())


def first_process(bot: asyncio.subprocess.Process) -> int:
    """The program inside; `unshare` itself passes no signal on."""
    (child,) = Path(f"/proc/{bot.pid}/task/{bot.pid}/children").read_text("ascii").split()
    return int(child)


def test_it_is_small_and_holds_the_bot_alone(image: Image) -> None:
    assert image.size < LARGEST, image.size
    inside = {it.name for it in (image.root / "app").iterdir()}
    documents = {"PRIVACY.md", "TERMS.md"}
    program = {".venv", "bot", "cogs", "pika", "pyproject.toml", "tools", "uv.lock"}
    assert inside == program | documents
    assert not list((image.root / "app").glob("**/.env*"))


def test_it_is_run_by_nobody_in_particular(image: Image) -> None:
    assert int(image.config["User"]) > 0
    assert image.config["Volumes"] == {"/data": {}}
    assert (image.root / "data").stat().st_uid == int(image.config["User"])
    assert (image.root / "data").stat().st_mode & 0o777 == 0o700


def test_nothing_is_left_to_be_compiled(image: Image) -> None:
    for source in (image.root / "app" / "bot").glob("**/*.py"):
        assert list((source.parent / "__pycache__").glob(f"{source.stem}.*.opt-2.pyc")), source


async def test_a_clip_is_delivered_from_a_read_only_image(image: Image, house: House) -> None:
    async with running(image, house) as bot:
        message = await house.delivered(await house.animate())
        await house.settled()
        # The first process of its kind gets no signal that it does not handle.
        os.kill(first_process(bot), signal.SIGTERM)
        assert await bot.wait() == 0
    assert len(message.attachments) == 1
    assert house.kinds() == ["reserve", "settle"]


def test_every_file_that_the_image_copies_is_let_through() -> None:
    """What `.dockerignore` holds back would fail the build with a path and no reason."""
    allowed = {
        line.removeprefix("!")
        for line in (REPOSITORY / ".dockerignore").read_text("utf-8").splitlines()
        if line.startswith("!")
    }
    copied = {
        source
        for line in (REPOSITORY / "Dockerfile").read_text("utf-8").splitlines()
        if line.startswith("COPY ") and not line.startswith("COPY --from")
        for source in line.split()[1:-1]
    }
    assert copied == allowed


def test_the_image_without_settings_says_which_are_missing(image: Image, tmp_path: Path) -> None:
    os.chown(tmp_path, int(image.config["User"]), -1)
    done = subprocess.run(
        started(image, tmp_path, *image.config["Entrypoint"]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "DISCORD_TOKEN" in done.stderr
