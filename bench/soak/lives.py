"""Runs the lives of a soak on one provider: the bot, the stand-ins, and who asks."""

from __future__ import annotations

import asyncio
import signal
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

from bench.local_faults import fill_disk, locked_database
from bench.places import Place, add_places
from bench.soak.plan import GUILDS, MEMBERS
from playground.discord import Upload
from tests.crash.bots import bots
from tests.house import photo

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.soak.plan import Life, Request
    from playground.discord import Interaction
    from playground.pika.jobs.behaviour import OutputShape
    from tests.crash.bots import Bots
    from tests.house import House

PATIENCE: Final = {
    "pika": 8.0,
    "render": 4.0,
    "discord": 120.0,
    "read_back": 0.3,
    "guild_look": 5.0,
    "doubt_look": 0.5,
}
"""Waiting times of the bot, in seconds; `render` is shorter than a stall of Pika."""
END_SECONDS: Final = 120.0
"""How long the bot has, once nothing breaks any more, to bring everything to its end."""
_START_SECONDS: Final = 30.0
_PICTURE: Final = Upload("photo.jpg", photo(), "image/jpeg")


@dataclass(slots=True)
class Soak:
    """One provider's world, and what has been asked in it so far."""

    house: House
    places: Sequence[Place]
    asked: list[tuple[Request, asyncio.Task[Interaction]]] = field(default_factory=list)
    kills: int = 0

    async def run(self, lives: Sequence[Life], folder: Path) -> None:
        """Live all lives, then one without faults to the end of every job.

        Raises:
            TimeoutError: The bot did not start, not all jobs came to an end, or pictures are left.
            RuntimeError: It ended by itself.
        """
        log = folder / "bot.log"
        async with bots(self.house, folder, patience=PATIENCE, log=log) as processes:
            await processes.start()
            await processes.stop()
            for life in lives:
                await self._live(processes, life)
            self._calm()
            await processes.start()
            await asyncio.gather(*(task for _, task in self.asked))
            await self.house.settled(END_SECONDS)
            await self.house.swept(END_SECONDS)
            if status := await processes.stop():
                raise RuntimeError(f"the last bot ended with {status}")
        for job in self.house.pika.jobs.values():
            await job.made()

    async def _live(self, processes: Bots, life: Life) -> None:
        self._calm()
        house = self.house
        for fault in life.discord_faults:
            house.discord.faults.add(fault)
        for fault in life.pika_faults:
            house.pika.faults.add(fault)
        house.pika.behaviour.queue_seconds = life.queue_seconds
        house.pika.behaviour.output_shape = cast("OutputShape", life.output_shape)
        house.pika.behaviour.charge_micro_usd = life.charge_micro_usd
        await processes.spawn()
        if not life.dies_starting:
            await house.discord.wait_ready(_START_SECONDS)
            for request in life.requests:
                self.asked.append((request, asyncio.create_task(self._ask(request))))
        locking = locked_database(house) if life.locked else nullcontext()
        with locking:
            halfway = asyncio.create_task(self._be_halfway(life))
            filling = asyncio.create_task(_fill_disk(processes.pid, life))
            await asyncio.sleep(life.locked)
        await asyncio.sleep(life.seconds - life.locked)
        halfway.cancel()
        filling.cancel()
        await asyncio.gather(halfway, filling, return_exceptions=True)
        if (status := await processes.kill()) != signal.SIGKILL:
            raise RuntimeError(f"a bot ended by itself, with {status}")
        self.kills += 1

    def _calm(self) -> None:
        house = self.house
        house.discord.faults.clear()
        house.pika.faults.clear()
        house.pika.behaviour.queue_seconds = 0.05
        house.pika.behaviour.output_shape = "video_url"

    async def _be_halfway(self, life: Life) -> None:
        await asyncio.sleep(life.seconds / 2)
        house = self.house
        if life.drops_gateway:
            await house.discord.drop_gateway()
        if life.cancels:
            guild = house.discord.world.guild
            rows = house.query("SELECT id, guild_id FROM jobs WHERE ended_at IS NULL ORDER BY id")
            going_on = [job for job, whose in rows if whose == guild.id]
            if going_on:
                newest = {"job": str(going_on[-1])}
                await house.discord.invoke(
                    house.member("moderator"), house.clips, "clips cancel", newest
                )

    async def _ask(self, request: Request) -> Interaction:
        await asyncio.sleep(request.after)
        place = self.places[request.guild]
        options: dict[str, Any] = {
            "image": _PICTURE,
            "prompt": request.prompt,
            "resolution": request.resolution,
            "duration": request.duration,
        }
        member = place.members[request.member]
        return await self.house.discord.invoke(member, place.channel, "animate", options)


async def _fill_disk(pid: int, life: Life) -> None:
    if life.largest_file is None or life.dies_starting:
        return
    await asyncio.sleep(life.seconds / 3)
    await fill_disk(pid, life.largest_file, life.seconds / 3)


def furnish(house: House) -> Soak:
    """Bring people into the open guilds and a closed one, which is the last."""
    discord = house.discord
    owner = discord.add_member("who owns elsewhere").user
    guilds = [discord.world.guild]
    guilds += [house.add_managed_guild(owner) for _ in range(GUILDS - 1)]
    guilds.append(discord.add_guild("Closed"))
    places = add_places(house, guilds, MEMBERS)
    house.overrides |= {"renders_at_once": "8", "owner_budget_usd_per_month": "none"}
    return Soak(house, places)
