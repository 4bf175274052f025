"""`python -m bot` with something wrong in its settings: one line, exit status 2, no secret."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import tomllib
from dataclasses import dataclass, fields
from shutil import which
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from bot.base import open_database
from bot.base.key_values import set_value
from bot.config import Settings
from playground.discord import DiscordStandIn
from playground.faults import Fault
from playground.pika import PikaStandIn
from tests.program_server import fork_process

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence
    from pathlib import Path

    from tests.program_server import ForkedProcess

pytestmark = pytest.mark.slow  # starts processes

TOKEN, KEY = "S3cr3t-discord-token", "S3cr3t-pika-key"
INTENTS = "Server Members Intent and Message Content Intent"
NOWHERE = "http://127.0.0.1:9"


@dataclass
class Ended:
    status: int
    told: str
    found: str


async def start(folder: Path, *arguments: str, **changes: str | None) -> Ended:
    """Run the program in a folder with both secrets set, and wait for its end."""
    return await end(await fork_process("bot", *arguments, env=environment(changes), cwd=folder))


async def start_and_stop(folder: Path, words: str, **changes: str | None) -> Ended:
    """The same, and tell it to stop once its log has the words."""
    running = await fork_process("bot", env=environment(changes), cwd=folder)
    return await end(running, words)


async def start_fresh(folder: Path, *arguments: str, **changes: str | None) -> Ended:
    """The same as `start` with an interpreter of its own, as its owner does."""
    return await execute(folder, [sys.executable, "-m", "bot", *arguments], changes)


async def start_as_anybody(folder: Path, *arguments: str, **changes: str | None) -> Ended:
    """The same so that files' modes hold for it, as they do for all but root."""
    prefix = []
    if os.geteuid() == 0:
        if which("setpriv") is None:
            pytest.skip("root passes by files' modes, and there is no setpriv")
        prefix = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
    return await execute(folder, [*prefix, sys.executable, "-m", "bot", *arguments], changes)


async def execute(folder: Path, command: Sequence[str], changes: Mapping[str, str | None]) -> Ended:
    running = await asyncio.create_subprocess_exec(
        *command,
        env=environment(changes),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    return await end(running)


def environment(changes: Mapping[str, str | None]) -> dict[str, str]:
    settings = {it.name for it in fields(Settings)}
    clean = {k: v for k, v in os.environ.items() if k.lower() not in settings}
    chosen = {
        "DISCORD_TOKEN": TOKEN,
        "PIKA_API_KEY": KEY,
        "DISCORD_API_BASE": NOWHERE,
        "PIKA_API_BASE": NOWHERE,
        "PYTHONPATH": os.pathsep.join(sys.path),
        **changes,
    }
    return clean | {name: value for name, value in chosen.items() if value is not None}


async def end(running: asyncio.subprocess.Process | ForkedProcess, stop_at: str = "") -> Ended:
    said = b""
    try:
        async with asyncio.timeout(60):
            if stop_at:
                assert running.stderr
                while stop_at.encode() not in said:
                    said += (line := await running.stderr.readline())
                    assert line, said
                running.terminate()
            out, err = await running.communicate()
    finally:
        if running.returncode is None:
            running.kill()
            await running.communicate()
    return Ended(running.returncode or 0, (said + err).decode(), out.decode())


def assert_told(ended: Ended, setting: str, words: str = "") -> None:
    """The last line names the setting; before it there may only be lines of the log."""
    *log, sentence = ended.told.splitlines()
    assert ended.status == 2, ended.told
    assert sentence.startswith(f"{setting} ")
    assert words in sentence
    assert sentence.endswith(".")
    assert ended.found == ""
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
    ended = await start_fresh(tmp_path, DISCORD_TOKEN=None)
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


async def test_a_discord_that_is_not_there_is_waited_for(tmp_path: Path, pika: PikaStandIn) -> None:
    settings = {"PIKA_API_BASE": pika.origin, "PIKA_API_KEY": pika.key}
    checked = await start(tmp_path, "--check", **settings)
    assert checked.status == 1
    assert "?     Discord cannot be reached at http://127.0.0.1:9" in checked.found
    # Told to stop as soon as it has said so.
    ended = await start_and_stop(tmp_path, "cannot be reached", **settings)
    assert ended.status == 0
    assert "WARNING cogs.login: Discord cannot be reached at http://127.0.0.1:9" in ended.told


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


# What is written in `.env`


async def test_a_misspelt_name_in_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OWNER_BUDGET_USD_PR_MONTH=20\n")
    ended = await start(tmp_path)
    assert_told(ended, "OWNER_BUDGET_USD_PR_MONTH", "the nearest one is OWNER_BUDGET_USD_PER_MONTH")


async def test_a_file_in_utf_16(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(f"DISCORD_TOKEN={TOKEN}\n".encode("utf-16"))
    assert_told(await start(tmp_path), ".env", "UTF-8")


async def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"DISCORD_TOKEN={TOKEN}\n")
    (tmp_path / ".env").chmod(0)
    assert_told(await start_as_anybody(tmp_path), ".env", "Permission denied")


async def test_keys_without_a_provider(tmp_path: Path) -> None:
    ended = await start(tmp_path, PIKA_API_KEYS="x")
    assert_told(ended, "PIKA_API_KEYS", "PIKA_API_KEYS__FAL")


@pytest.mark.parametrize(
    ("entries", "named"),
    [
        ({"PIKA_API_KEYS__COMFY_PROXY": "kéy"}, "PIKA_API_KEYS__COMFY_PROXY"),
        ({"PIKA_API_KEYS__FAL": "k", "PIKA_API_BASES__FAL": "fal.ai"}, "PIKA_API_BASES__FAL"),
    ],
)
async def test_an_earlier_providers_account_is_named(
    tmp_path: Path, entries: dict[str, str], named: str
) -> None:
    ended = await start(tmp_path, **entries)
    assert_told(ended, named, "must be")


async def test_a_variable_that_is_nearly_a_setting_is_warned_of(tmp_path: Path) -> None:
    ended = await start(tmp_path, OWNER_BUDGET_USD_PR_MONTH="S3cr3t", PIKA_PROVIDER="nonsense")
    assert_told(ended, "PIKA_PROVIDER")
    assert "OWNER_BUDGET_USD_PR_MONTH is set and is no setting" in ended.told


# The data folder


async def test_a_database_that_can_only_be_read_ends_the_start_before_the_login(
    tmp_path: Path, discord: DiscordStandIn, pika: PikaStandIn
) -> None:
    async with open_database(tmp_path / "animate-bot.sqlite3"):
        pass
    (tmp_path / "animate-bot.sqlite3").chmod(0o400)
    settings = connected(discord, pika) | {"DATA_DIR": str(tmp_path)}
    ended = await start_as_anybody(tmp_path, **settings)
    assert_told(ended, "DATA_DIR", "cannot be written to")
    assert not discord.exchanges
    checked = await start_as_anybody(tmp_path, "--check", **settings)
    assert checked.status == 2
    assert "WRONG DATA_DIR holds a database that cannot be used: it cannot" in checked.found


async def test_a_home_in_the_folders_name(tmp_path: Path) -> None:
    ended = await start(tmp_path, HOME=str(tmp_path), DATA_DIR="~/x", PIKA_PROVIDER="nonsense")
    assert_told(ended, "PIKA_PROVIDER")
    assert (tmp_path / "x" / "animate-bot.sqlite3").exists()


# `--help`, `--version`, `--check`


def connected(discord: DiscordStandIn, pika: PikaStandIn) -> dict[str, str | None]:
    return {
        "PIKA_API_BASE": pika.origin,
        "PIKA_API_KEY": pika.key,
        "DISCORD_API_BASE": discord.api_base,
        "DISCORD_GATEWAY_URL": discord.gateway_url,
        "DISCORD_TOKEN": discord.token,
    }


def is_empty(folder: Path) -> bool:
    return not list(folder.iterdir())


async def test_a_python_without_packages_is_told_which_one_has_them(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    for argument in ("--check", "health", "backup"):
        command = [sys.executable, "-S", "-m", "bot", argument]
        root = str(request.config.rootpath)
        ended = await execute(tmp_path, command, {"PYTHONPATH": root})
        assert ended.status == 2
        assert "run `make install`, and start the bot with .venv/bin/python." in ended.told
        assert len(ended.told.splitlines()) == 1


async def test_help_and_version_need_no_settings(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    nothing = {"DISCORD_TOKEN": None, "PIKA_API_KEY": None}
    ended = await start(tmp_path, "--help", **nothing)
    assert (ended.status, ended.told) == (0, "")
    assert "--check" in ended.found
    assert "    health " in ended.found
    ended = await start(tmp_path, "--version", **nothing)
    project = tomllib.loads((request.config.rootpath / "pyproject.toml").read_text("utf-8"))
    version = project["project"]["version"]
    assert ended.found == f"animate-bot {version}\n"
    changes = (request.config.rootpath / "CHANGELOG.md").read_text("utf-8")
    assert re.findall(r"^## \[([\d.]+)\] - \d{4}-\d\d-\d\d$", changes, re.MULTILINE)[0] == version
    ended = await start(tmp_path, "--check", "health", HEALTH_ADDRESS="off", **nothing)
    assert (ended.status, ended.told) == (1, "HEALTH_ADDRESS is off: nobody can be asked.\n")
    ended = await start(tmp_path, "--nonsense", **nothing)
    assert ended.status == 2


async def test_a_check_says_what_it_finds_and_starts_nothing(
    tmp_path: Path, discord: DiscordStandIn, pika: PikaStandIn
) -> None:
    ended = await start_fresh(tmp_path, "--check", **connected(discord, pika))
    assert (ended.status, ended.told) == (0, ""), ended.found
    for line in (
        "ok    the ceiling is $50.00 a month.",
        "ok    DISCORD_TOKEN is that of animate#0000.",
        "ok    PIKA_API_KEY is taken by pika.",
        "ok    DATA_DIR will be made at the first start.",
        "ok    the clock is right.",
        "ok    no privileged intent is switched on, and none is needed.",
        "ok    Discord has none of its commands yet: the next start syncs them.",
        "ok    pika tells no credit before an order; when it runs out, you are told.",
    ):
        assert line in ended.found.splitlines()
    assert is_empty(tmp_path)
    assert discord.gateway.identify_count == discord.sync_count == 0
    for secret in (discord.token, pika.key):
        assert secret not in ended.found


async def test_a_check_says_what_would_better_be_mended(
    tmp_path: Path, discord: DiscordStandIn, pika: PikaStandIn
) -> None:
    discord.world.application_flags = 1 << 15 | 1 << 18
    discord.commands.create(None, {"name": "clip", "description": "Clip", "type": 1})
    settings = connected(discord, pika) | {"DATA_DIR": str(tmp_path)}
    async with open_database(tmp_path / "animate-bot.sqlite3") as database:
        stop = {"reason": "credit", "since": 0, "is_seen_by_probe": False}
        await set_value(database, "order_stops", json.dumps({"pika": stop}))
    ended = await start(tmp_path, "--check", **settings)
    assert ended.status == 0, ended.found
    for line in (
        f"!     {INTENTS}: switched on and not needed. Switch that off on its Bot page.",
        "ok    Discord has 1 of its commands; a start syncs what lacks or has changed.",
        "!     pika took no orders when the bot last ran: there was no credit left, add some.",
    ):
        assert line in ended.found.splitlines()
    assert re.search(r"^ok    [0-9,.]+ GB are free there\.$", ended.found, re.MULTILINE)


async def test_a_check_tells_of_credit_where_the_wire_does(
    tmp_path: Path, discord: DiscordStandIn, pika: PikaStandIn
) -> None:
    refusal = {"error": {"code": "insufficient_balance", "message": "no credit"}}
    pika.faults.add(Fault("pika.check", "reply", None, 402, body=refusal))
    ended = await start(tmp_path, "--check", **connected(discord, pika))
    assert ended.status == 2
    assert "WRONG pika says that the account has no credit: add some." in ended.found


async def test_a_check_goes_on_where_discord_does_not_say_which_commands_it_has(
    tmp_path: Path, discord: DiscordStandIn, pika: PikaStandIn
) -> None:
    refusal = {"message": "Missing Access", "code": 50001}
    discord.faults.add(Fault("discord.list_commands", "reply", 9, 403, body=refusal))
    ended = await start(tmp_path, "--check", **connected(discord, pika))
    assert ended.status == 1
    assert "?     Discord did not say which commands it has." in ended.found.splitlines()
    assert "ok    the clock is right." in ended.found.splitlines()


async def test_a_check_names_the_channel_for_the_owner(
    tmp_path: Path, discord: DiscordStandIn, pika: PikaStandIn
) -> None:
    channel = str(discord.world.guild.channel("mod-log").id)
    ended = await start(tmp_path, "--check", **connected(discord, pika), OWNER_CHANNEL=channel)
    assert "ok    OWNER_CHANNEL is #mod-log." in ended.found.splitlines()
    for wrong in ("1", "mod-log"):
        ended = await start(tmp_path, "--check", **connected(discord, pika), OWNER_CHANNEL=wrong)
        assert ended.status == 2
        assert "WRONG OWNER_CHANNEL" in ended.found


async def test_a_check_tells_all_that_is_wrong_at_once(
    tmp_path: Path, discord: DiscordStandIn, pika: PikaStandIn
) -> None:
    (tmp_path / "file").touch()
    discord.world.bot_public = True
    changed = {"PIKA_API_KEY": KEY, "DATA_DIR": "file"}
    ended = await start(tmp_path, "--check", **connected(discord, pika) | changed)
    wrong = [line.split()[1] for line in ended.found.splitlines() if line.startswith("WRONG")]
    assert (ended.status, wrong) == (2, ["PIKA_API_KEY", "DATA_DIR"])
    assert "!     anybody may invite it: untick Public Bot" in ended.found
    assert KEY not in ended.found
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "clips").touch()
    ended = await start(tmp_path, "--check", **connected(discord, pika))
    wrong = [line.split()[1] for line in ended.found.splitlines() if line.startswith("WRONG")]
    assert (ended.status, wrong) == (2, ["DATA_DIR"])
    ended = await start(tmp_path, "--check", DISCORD_TOKEN=None, TIME_ZONE="x", LOG_LEVEL="LOUD")
    wrong = [line.split()[1] for line in ended.found.splitlines() if line.startswith("WRONG")]
    assert (ended.status, wrong) == (2, ["DISCORD_TOKEN", "TIME_ZONE", "LOG_LEVEL"])


async def test_a_check_finds_a_token_that_is_refused(
    tmp_path: Path, discord: DiscordStandIn, pika: PikaStandIn
) -> None:
    changed = connected(discord, pika) | {"DISCORD_TOKEN": TOKEN}
    ended = await start(tmp_path, "--check", **changed)
    assert ended.status == 2
    assert "WRONG DISCORD_TOKEN was refused by Discord" in ended.found
    assert TOKEN not in ended.found


async def test_a_check_finds_a_clock_that_is_wrong(
    tmp_path: Path, discord: DiscordStandIn, pika: PikaStandIn
) -> None:
    headers = {"Date": "Thu, 01 Jan 2026 00:00:00 GMT"}
    body = {"url": discord.gateway_url}
    discord.faults.add(
        Fault("discord.gateway_url", "reply", status=200, headers=headers, body=body)
    )
    ended = await start(tmp_path, "--check", **connected(discord, pika))
    assert ended.status == 2
    assert "WRONG the clock of this machine is" in ended.found
    assert "seconds ahead of Discord's" in ended.found


async def test_a_check_beside_a_running_bot_disturbs_nobody(
    tmp_path: Path, discord: DiscordStandIn, pika: PikaStandIn
) -> None:
    with FileLock(tmp_path / "lock"):
        settings = connected(discord, pika) | {"DATA_DIR": str(tmp_path)}
        ended = await start(tmp_path, "--check", **settings)
    assert ended.status == 0
    assert "DATA_DIR is in use by an animate-bot that runs now." in ended.found
