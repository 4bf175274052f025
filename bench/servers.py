"""How long a bot in very many servers takes until it knows all of them, and how much memory then.

It names none of them in its settings but one, so that Discord is asked about no member: what counts
is what the gateway sends. Linux alone tells the memory of another process this way.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from bench.idle import megabytes, processor_seconds
from bench.outcome import Outcome, table
from playground.discord import ChannelKind
from tests.e2e.test_process import environment
from tests.house import open_house

if TYPE_CHECKING:
    from tests.house import House

SERVERS: Final = 2_000
MOST_SECONDS: Final = 6.0
MOST_MEGABYTES: Final = 95.0
"""The targets. Two of the seconds are discord.py's, which waits so long for a further server."""

_CHANNELS: Final = 20
_ROLES: Final = 10
_STARTS: Final = 3


def run() -> Outcome:
    """Start the bot some times among many servers."""
    starts = asyncio.run(_measure())
    rows = [(f"{known:.1f}", f"{worked:.2f}", f"{memory:.0f}") for known, worked, memory in starts]
    seconds, memory = min(it[0] for it in starts), max(it[2] for it in starts)
    checks = {
        f"{seconds:.1f} s until all are known, target {MOST_SECONDS:g}": seconds <= MOST_SECONDS,
        f"{memory:.0f} MB, target {MOST_MEGABYTES:g}": memory <= MOST_MEGABYTES,
    }
    head = ("known/s", "processor/s", "memory/MB")
    return Outcome(
        f"{SERVERS:,} servers with {_CHANNELS} channels and {_ROLES} roles each, one shard.\n"
        f"Targets: all known within {MOST_SECONDS:g} s at best;"
        f" at most {MOST_MEGABYTES:g} MB.\n\n{table(head, rows)}",
        tuple(sentence for sentence, is_met in checks.items() if not is_met),
    )


async def _measure() -> list[tuple[float, float, float]]:
    with TemporaryDirectory(prefix="bench-servers-") as folder:
        async with open_house(Path(folder) / "data") as house:
            _found_servers(house)
            return [await _start(house) for _ in range(_STARTS)]


def _found_servers(house: House) -> None:
    owner = house.discord.world.application_owner
    for number in range(SERVERS - 1):
        guild = house.discord.add_guild(f"Server {number}", owner)
        for role in range(_ROLES - 1):
            house.discord.add_role(f"Role {role}", guild=guild)
        for channel in range(_CHANNELS - 1):
            kind = (ChannelKind.TEXT, ChannelKind.VOICE, ChannelKind.FORUM)[channel % 3]
            house.discord.add_channel(f"channel-{channel}", guild=guild, kind=kind)


async def _start(house: House) -> tuple[float, float, float]:
    """Return the seconds until the bot counts its servers; how long it worked; its megabytes."""
    allowed = {"ALLOWED_GUILDS": str(house.discord.world.guild.id), "LOG_LEVEL": "INFO"}
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot"),
        env=environment(house) | allowed,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        while line := await process.stderr.readline() if process.stderr else b"":
            if b"servers: " in line and b" open, " in line:
                seconds, pid = time.perf_counter() - began, process.pid
                return seconds, processor_seconds(pid), megabytes(pid)
    finally:
        process.terminate()
        await process.communicate()
        await house.discord.drop_gateway()
    raise RuntimeError(f"the bot ended with status {process.returncode}")
