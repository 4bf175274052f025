"""Bots in processes of their own, forked one after the other from one that is warm."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import asynccontextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping
    from pathlib import Path

    from tests.house import House


class Bots:
    """Starts bots on one folder, one after the other.

    `patience` has waiting times in seconds, by the fields of `Timeouts`, that differ from the
    zygote's.
    """

    def __init__(
        self,
        house: House,
        zygote: asyncio.subprocess.Process,
        armed: Path,
        patience: Mapping[str, float],
        log_level: str,
    ) -> None:
        self.more: dict[str, Any] = {}
        """What else the next bot is told; `zygote.py` says what there is."""
        self.house = house
        self.zygote = zygote
        self.armed = armed
        self.patience = patience
        self.log_level = log_level
        self.pid = 0
        self.end: asyncio.Task[int] | None = None

    async def start(self, die_at: int = 0) -> None:
        """A bot that will die at a point once armed; ready for commands on return."""
        await self.spawn(die_at)
        await self.house.discord.wait_ready()

    async def spawn(self, die_at: int = 0) -> None:
        """A bot that has just begun to start."""
        self.armed.unlink(missing_ok=True)
        house = self.house
        settings = {
            "discord_token": house.discord.token,
            "discord_api_base": house.discord.api_base,
            "discord_gateway_url": house.discord.gateway_url,
            "pika_provider": house.pika.wire,
            "pika_api_key": house.pika.key,
            "pika_api_base": house.pika.origin,
            "pika_upload_base": house.pika.upload_origin,
            "data_dir": str(house.data_dir),
            "default_limit": "1000 clips a day",
            "retention_days": "0",
            "backups_kept": "0",
            **house.overrides,
        }
        order = {
            "settings": settings,
            "die_at": die_at,
            "armed": str(self.armed),
            "patience": self.patience,
            "log_level": self.log_level,
            **self.more,
        }
        assert self.zygote.stdin
        self.zygote.stdin.write(json.dumps(order).encode() + b"\n")
        self.pid = int((await self._line())["pid"])
        self.end = asyncio.create_task(self._end())

    async def arm(self) -> None:
        os.kill(self.pid, signal.SIGUSR1)
        async with asyncio.timeout(60):
            while not self.armed.exists():
                await asyncio.sleep(0.001)

    async def kill(self) -> int:
        """End the bot without a word; return its wait status."""
        return await self._send(signal.SIGKILL)

    async def stop(self) -> int:
        """Ask the bot to end, unless it is dead; return its wait status: 0 or SIGKILL."""
        status = await self._send(signal.SIGTERM)
        assert status in {0, signal.SIGKILL}, "it broke"
        return status

    async def _send(self, name: signal.Signals) -> int:
        with suppress(ProcessLookupError):
            os.kill(self.pid, name)
        assert self.end
        return await self.end

    async def _end(self) -> int:
        status = int((await self._line())["status"])
        await self.house.discord.drop_gateway()
        return status

    async def _line(self) -> dict[str, Any]:
        assert self.zygote.stdout
        line = await self.zygote.stdout.readline()
        assert line, "the zygote died"
        return dict(json.loads(line))


@asynccontextmanager
async def bots(
    house: House,
    folder: Path,
    *,
    patience: Mapping[str, float] | None = None,
    log: Path | None = None,
) -> AsyncGenerator[Bots, None]:
    """Bots for this house; none is left at the end. Without a log file, errors go to stderr."""
    with log.open("ab") if log else nullcontext() as stderr:
        zygote = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.crash.zygote"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=stderr,
        )
    bots = Bots(house, zygote, folder / "armed", patience or {}, "INFO" if log else "ERROR")
    try:
        yield bots
    finally:
        if bots.end and not bots.end.done():
            await bots.kill()
        assert zygote.stdin
        zygote.stdin.close()
        await zygote.wait()
