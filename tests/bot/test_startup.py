"""`python -m bot` with something wrong in its settings: one line, exit status 2, no secret."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from bot.config import Settings
from playground.discord import DiscordStandIn
from playground.pika import PikaStandIn

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

pytestmark = pytest.mark.slow  # starts processes

TOKEN, KEY = "S3cr3t-discord-token", "S3cr3t-pika-key"
NOWHERE = "http://127.0.0.1:9"


@dataclass
class Ended:
    status: int
    told: str


async def start(folder: Path, **changes: str | None) -> Ended:
    """Run the program in an empty folder with both secrets set, and wait for its end."""
    clean = {k: v for k, v in os.environ.items() if k.lower() not in Settings.model_fields}
    chosen = {
        "DISCORD_TOKEN": TOKEN,
        "PIKA_API_KEY": KEY,
        "DISCORD_API_BASE": NOWHERE,
        "PIKA_API_BASE": NOWHERE,
        "PYTHONPATH": os.pathsep.join(sys.path),
        **changes,
    }
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot"),
        env=clean | {name: value for name, value in chosen.items() if value is not None},
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(running.communicate(), 30)
    finally:
        if running.returncode is None:
            running.kill()
            await running.communicate()
    assert out == b""
    return Ended(running.returncode or 0, err.decode())


def assert_told(ended: Ended, setting: str, words: str = "") -> None:
    """The last line names the setting; before it there may only be lines of the log."""
    *log, sentence = ended.told.splitlines()
    assert ended.status == 2, ended.told
    assert sentence.startswith(f"{setting} ")
    assert words in sentence
    assert sentence.endswith(".")
    assert "Traceback" not in ended.told
    assert "S3cr3t" not in ended.told
    assert all(" INFO " in line or " WARNING " in line for line in log), ended.told


@pytest.fixture
async def discord() -> AsyncGenerator[DiscordStandIn, None]:
    async with DiscordStandIn() as stand_in:
        yield stand_in


@pytest.fixture
async def pika() -> AsyncGenerator[PikaStandIn, None]:
    async with PikaStandIn() as stand_in:
        yield stand_in


async def test_a_missing_token(tmp_path: Path) -> None:
    ended = await start(tmp_path, DISCORD_TOKEN=None)
    assert_told(ended, "DISCORD_TOKEN", "missing")
    assert len(ended.told.splitlines()) == 1


async def test_an_empty_key(tmp_path: Path) -> None:
    assert_told(await start(tmp_path, PIKA_API_KEY=""), "PIKA_API_KEY", "missing")


async def test_a_limit_that_is_none(tmp_path: Path) -> None:
    assert_told(await start(tmp_path, DEFAULT_LIMIT="lots"), "DEFAULT_LIMIT", "5 clips a day")


async def test_a_provider_that_is_none(tmp_path: Path) -> None:
    assert_told(await start(tmp_path, PIKA_PROVIDER="nonsense"), "PIKA_PROVIDER", "pika")


@pytest.mark.parametrize("base", ["https://api.dev.pika.art/v1", "api.dev.pika.art"])
async def test_a_base_that_is_no_origin(tmp_path: Path, base: str) -> None:
    assert_told(await start(tmp_path, PIKA_API_BASE=base), "PIKA_API_BASE")


async def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert_told(await start(tmp_path, DATA_DIR="file"), "DATA_DIR")
    assert_told(await start(tmp_path, DATA_DIR="file/below"), "DATA_DIR")


async def test_a_folder_with_another_programs_database(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "animate-bot.sqlite3").write_bytes(b"no database " * 1000)
    assert_told(await start(tmp_path), "DATA_DIR", "database")


async def test_a_folder_with_a_folder_for_a_database(tmp_path: Path) -> None:
    (tmp_path / "data" / "animate-bot.sqlite3").mkdir(parents=True)
    assert_told(await start(tmp_path), "DATA_DIR", "database")


async def test_a_key_that_pika_refuses(tmp_path: Path, pika: PikaStandIn) -> None:
    ended = await start(tmp_path, PIKA_API_BASE=pika.origin)
    assert_told(ended, "PIKA_API_KEY", "refused by Pika")


async def test_a_token_that_discord_refuses(
    tmp_path: Path, discord: DiscordStandIn, pika: PikaStandIn
) -> None:
    ended = await start(
        tmp_path,
        PIKA_API_BASE=pika.origin,
        PIKA_API_KEY=pika.key,
        DISCORD_API_BASE=discord.api_base,
        DISCORD_GATEWAY_URL=discord.gateway_url,
    )
    assert_told(ended, "DISCORD_TOKEN", "refused by Discord")
    assert pika.key not in ended.told


async def test_a_discord_that_is_not_there(tmp_path: Path, pika: PikaStandIn) -> None:
    ended = await start(tmp_path, PIKA_API_BASE=pika.origin, PIKA_API_KEY=pika.key)
    assert_told(ended, "DISCORD_API_BASE", "cannot be reached")


async def test_an_address_that_is_not_discords(
    tmp_path: Path, discord: DiscordStandIn, pika: PikaStandIn
) -> None:
    ended = await start(
        tmp_path,
        PIKA_API_BASE=pika.origin,
        PIKA_API_KEY=pika.key,
        DISCORD_API_BASE=f"{discord.api_base}/nowhere",
        DISCORD_TOKEN=discord.token,
    )
    assert_told(ended, "DISCORD_API_BASE")
