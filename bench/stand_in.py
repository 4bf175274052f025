"""What the stand-in Discord costs a crowd: a hundred people who send big photos at once.

Measured beside a bare server of the same requests, which checks nothing, remembers nothing and
tells no gateway. Server, bot and people share one event loop, in both.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import aiohttp
from aiohttp import web

from bench.outcome import Outcome, table
from playground.discord import DiscordStandIn, Upload

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

PEOPLE: Final = 100
PHOTO: Final = b"\xff\xd8" + bytes(8 * 1024 * 1024)
"""Never decoded; as large as phones make them."""

ROUNDS: Final = 3
"""The best round counts, as every disturbance from outside makes one slower."""

MOST_TIMES_ACKNOWLEDGED: Final = 8.0
MOST_TIMES_DONE: Final = 1.5
"""The targets: how many times as long as at the bare server it may take.

On two cores of a shared virtual machine it took 3.6 to 4.3 and 0.9 to 1.0 times as long.
"""

_COMMAND: Final = {
    "name": "animate",
    "description": "Make a clip",
    "options": [{"type": 11, "name": "image", "description": "The picture", "required": True}],
}


class Figures(NamedTuple):
    """Seconds until the last person was acknowledged, and until the last was done."""

    acknowledged: float
    done: float


@dataclass(slots=True)
class BareBot:
    """The three requests of every bot: acknowledge, fetch the picture, edit the answer."""

    http: aiohttp.ClientSession
    photo_bytes: int = len(PHOTO)
    acknowledged: list[float] = field(default_factory=list)

    async def answer(self, callback: str, photo: str, original: str) -> None:
        """Answer one interaction, at these addresses."""
        async with self.http.post(callback, json={"type": 5}) as response:
            await response.read()
        self.acknowledged.append(time.perf_counter())
        async with self.http.get(photo) as response:
            size = len(await response.read())
        if size != self.photo_bytes:
            raise RuntimeError(f"{size} bytes came of {self.photo_bytes}")
        async with self.http.patch(original, json={"content": "Done"}) as response:
            await response.read()


def run() -> Outcome:
    """Measure both servers in turns."""
    bare, stand_in = asyncio.run(_measure())
    rows = [
        (name, *(f"{seconds * 1000:.0f}" for seconds in figures))
        for name, figures in (("bare server", bare), ("stand-in Discord", stand_in))
    ]
    times = Figures(*(ours / theirs for ours, theirs in zip(stand_in, bare, strict=True)))
    rows.append(("times as long", f"{times.acknowledged:.2f}", f"{times.done:.2f}"))
    targets = {
        "acknowledged": (times.acknowledged, MOST_TIMES_ACKNOWLEDGED),
        "done": (times.done, MOST_TIMES_DONE),
    }
    return Outcome(
        f"{PEOPLE} people send {len(PHOTO) / 1e6:.1f} MB each at once; best of {ROUNDS} rounds.\n"
        f"Targets: acknowledged <= {MOST_TIMES_ACKNOWLEDGED:g} times as long,"
        f" done <= {MOST_TIMES_DONE:g} times.\n\n"
        f"{table(('server', 'all acknowledged/ms', 'all done/ms'), rows)}",
        tuple(
            f"{name}: {found:.2f} times as long as at a bare server, target {most:g}"
            for name, (found, most) in targets.items()
            if found > most
        ),
    )


async def _measure() -> tuple[Figures, Figures]:
    bare, stand_in = [], []
    for _ in range(ROUNDS):
        bare.append(await _at_bare_server())
        stand_in.append(await _at_stand_in())
    return _best(bare), _best(stand_in)


def _best(rounds: list[Figures]) -> Figures:
    return Figures(*(min(column) for column in zip(*rounds, strict=True)))


async def _at_bare_server() -> Figures:
    async with _bare_server() as url, _session() as http:
        bot = BareBot(http)
        began = time.perf_counter()
        await asyncio.gather(*(bot.answer(url, url, url) for _ in range(PEOPLE)))
        return Figures(bot.acknowledged[-1] - began, time.perf_counter() - began)


def _session(**headers: str) -> aiohttp.ClientSession:
    # By default a session has 100 connections: one bot would wait for the gateway's.
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), headers=headers)


@asynccontextmanager
async def _bare_server() -> AsyncGenerator[str, None]:
    async def take(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(status=204)

    async def give(_request: web.Request) -> web.Response:
        return web.Response(body=PHOTO)

    app = web.Application()
    app.add_routes([web.post("/", take), web.get("/", give), web.patch("/", take)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


async def _at_stand_in() -> Figures:
    async with DiscordStandIn() as discord, connected(discord) as bot:
        clips = discord.world.guild.channel("clips")
        people = [discord.add_member(f"person{number}") for number in range(PEOPLE)]
        options = {"image": Upload("photo.jpg", PHOTO, "image/jpeg")}
        began = time.perf_counter()
        asked = await asyncio.gather(
            *(discord.invoke(person, clips, "animate", options) for person in people)
        )
        await discord.wait_for(
            lambda: all(i.original and i.original.content == "Done" for i in asked), timeout=600
        )
        return Figures(bot.acknowledged[-1] - began, time.perf_counter() - began)


@asynccontextmanager
async def connected(
    discord: DiscordStandIn, photo_bytes: int = len(PHOTO)
) -> AsyncGenerator[BareBot, None]:
    """A bot without a library, so that the figures are the stand-in's alone."""
    async with (
        _session(Authorization=f"Bot {discord.token}") as http,
        http.ws_connect(f"{discord.gateway_url}?v=10&encoding=json", max_msg_size=0) as gateway,
        asyncio.TaskGroup() as tasks,
    ):
        application = discord.world.application_id
        commands = f"{discord.api_base}/applications/{application}/commands"
        async with http.put(commands, json=[_COMMAND]) as response:
            response.raise_for_status()
        await gateway.send_json({"op": 2, "d": {"token": discord.token, "intents": 1}})
        bot = BareBot(http, photo_bytes)
        listening = tasks.create_task(_listen(gateway, bot, discord))
        await discord.wait_ready()
        yield bot
        listening.cancel()


async def _listen(
    gateway: aiohttp.ClientWebSocketResponse, bot: BareBot, discord: DiscordStandIn
) -> None:
    async with asyncio.TaskGroup() as answers:
        async for frame in gateway:
            event: Mapping[str, Any] = frame.json()
            if event["t"] == "INTERACTION_CREATE":
                answers.create_task(bot.answer(*_addresses(event["d"], discord)))


def _addresses(asked: Mapping[str, Any], discord: DiscordStandIn) -> tuple[str, str, str]:
    """Where the interaction is acknowledged, its picture fetched and its answer edited."""
    (photo,) = asked["data"]["resolved"]["attachments"].values()
    webhook = f"{discord.api_base}/webhooks/{asked['application_id']}/{asked['token']}"
    return (
        f"{discord.api_base}/interactions/{asked['id']}/{asked['token']}/callback",
        photo["url"],
        f"{webhook}/messages/@original",
    )
