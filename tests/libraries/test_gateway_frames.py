"""Every frame that the stand-in sends is of the type that discord-api-types gives it."""

from __future__ import annotations

import asyncio
import io
import json
import os
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route
from PIL import Image

from playground.discord import ChannelKind, DiscordStandIn, Permission, Upload
from playground.discord.gateway.sessions import PRIVILEGED
from tests.contracts import discord_violations
from tests.libraries.frame_schemas import frame_violations
from tests.playground.showcase_bot import ShowcaseBot

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from playground.discord import Interaction

# The first run on a machine installs the types and makes schemas of them.
pytestmark = pytest.mark.timeout(300)

EVENTS = {
    "CHANNEL_CREATE",
    "CHANNEL_DELETE",
    "CHANNEL_UPDATE",
    "GUILD_CREATE",
    "GUILD_DELETE",
    "GUILD_MEMBERS_CHUNK",
    "GUILD_MEMBER_REMOVE",
    "GUILD_MEMBER_UPDATE",
    "GUILD_ROLE_CREATE",
    "GUILD_ROLE_DELETE",
    "GUILD_ROLE_UPDATE",
    "GUILD_UPDATE",
    "INTERACTION_CREATE",
    "MESSAGE_CREATE",
    "MESSAGE_DELETE",
    "MESSAGE_UPDATE",
    "READY",
    "RESUMED",
    "THREAD_CREATE",
    "THREAD_DELETE",
}
"""All that the stand-in ever sends."""


def picture() -> Upload:
    out = io.BytesIO()
    Image.new("RGB", (40, 30)).save(out, "PNG")
    return Upload("a.png", out.getvalue(), "image/png")


class Listener:
    """A second session of the bot: it keeps every frame and acknowledges nothing."""

    def __init__(self, discord: DiscordStandIn, session: aiohttp.ClientSession) -> None:
        self._discord = discord
        self._session = session
        self.frames: list[dict[str, Any]] = []

    @asynccontextmanager
    async def connected(self, op: int, **data: Any) -> AsyncGenerator[None, None]:
        """Listen inside, after saying this."""
        url = f"{self._discord.gateway_url}?v=10&encoding=json"
        async with self._session.ws_connect(url) as socket:
            self._socket = socket
            listening = asyncio.create_task(self._listen())
            await self.send(op, {"token": self._discord.token, **data})
            yield
            # Closed by another code than 1000, the session waits to be resumed.
            await socket.close(code=4000)
            await listening

    async def send(self, op: int, data: object) -> None:
        await self._socket.send_json({"op": op, "d": data})

    async def _listen(self) -> None:
        async for frame in self._socket:
            self.frames.append(json.loads(frame.data))

    async def told(self, event: str) -> dict[str, Any]:
        """The data of the first such event, once it is there."""
        async with asyncio.timeout(30):
            while True:
                for frame in self.frames:
                    if frame["t"] == event:
                        return dict(frame["d"] or {})
                await asyncio.sleep(0.01)


@pytest.fixture
async def discord(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[DiscordStandIn, None]:
    async with DiscordStandIn() as discord:
        monkeypatch.setattr(Route, "BASE", discord.api_base)
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(discord.gateway_url))
        discord.gateway.granted_intents = PRIVILEGED
        bot = ShowcaseBot()
        running = asyncio.create_task(bot.start(discord.token))
        await discord.wait_ready()
        await bot.wait_until_ready()
        yield discord
        await bot.close()
        await running
        if "CONTRACTS_DIR" in os.environ:
            assert discord_violations(discord.exchanges) == []


async def test_every_frame_is_of_its_type(discord: DiscordStandIn) -> None:
    async with aiohttp.ClientSession() as session:
        listener = Listener(discord, session)
        async with listener.connected(2, intents=(1 << 26) - 1, properties={}):
            ready = await listener.told("READY")
            await listener.send(1, None)
            members = {"guild_id": str(discord.world.guild.id), "query": "", "limit": 0}
            await listener.send(8, members)
            await listener.told("GUILD_MEMBERS_CHUNK")
            await people_use_commands(discord)
            guilds_change(discord)
            people_come_and_go(discord)
            await listener.told("GUILD_DELETE")
        seq = max(frame["s"] or 0 for frame in listener.frames)
        async with listener.connected(6, session_id=ready["session_id"], seq=seq):
            await listener.told("RESUMED")
        async with listener.connected(6, session_id="unknown", seq=0):
            async with asyncio.timeout(30):
                while listener.frames[-1]["op"] != 9:
                    await asyncio.sleep(0.01)
    assert {frame["t"] for frame in listener.frames if frame["t"]} == EVENTS
    assert {frame["op"] for frame in listener.frames} == {0, 9, 10, 11}
    violations = {violation for frame in listener.frames for violation in frame_violations(frame)}
    assert sorted(violations) == []


async def people_use_commands(discord: DiscordStandIn) -> None:
    """One interaction of every kind, with options, fields and components of every kind."""
    guild = discord.world.guild
    mia, noah, clips = guild.member("mia"), guild.member("noah"), guild.channel("clips")

    async def show(name: str, **options: Any) -> Interaction:
        return await discord.invoke(mia, clips, f"show {name}", options)

    asked = await show("buttons")
    assert asked.original is not None
    message = asked.original
    await discord.press(mia, message, "primary")
    await discord.choose(mia, message, "size", ["720p"])
    await discord.choose(mia, message, "who", [noah])
    await discord.choose(mia, message, "where", [clips])
    form = await discord.press(mia, message, "form")
    assert form.modal is not None
    await discord.submit_modal(form, filled(form.modal))
    await show("blocks", picture=picture(), clip=Upload("a.mp4", b"clip", "video/mp4"))
    await show("words")
    await show(
        "options", amount=3, unit="usd", who=noah, where=clips, role=guild.role("VIP"), share=0.5
    )
    await discord.autocomplete(mia, clips, "show options", {"job": "1"}, "job")
    await show("report")
    settings = await show("settings")
    chosen = {"log": [clips], "pace": "fast", "days": ["Mo"], "sure": True}
    await discord.submit_modal(settings, chosen)
    await show("deep add", word="deep")
    await discord.invoke_menu(mia, clips, "Who made this?", message)
    await discord.invoke_menu(mia, clips, "Block", noah)
    direct = discord.world.direct_channel(mia.user)
    (there,) = (it for it in direct.guild.members.values() if not it.user.bot)
    await discord.invoke(there, direct, "show words")


def filled(modal: dict[str, Any]) -> dict[str, Any]:
    """Something for each field of the form of the showcase."""
    answers: dict[str, Any] = {}
    for part in modal["components"]:
        for field in part.get("components") or [part.get("component")]:
            values: dict[int, Any] = {4: "text", 3: ["day"], 19: [picture()]}
            answers[field["custom_id"]] = values[field["type"]]
    return answers


def guilds_change(discord: DiscordStandIn) -> None:
    """Channels of every kind, roles and guilds come, change and go."""
    category = discord.add_channel("category", kind=ChannelKind.CATEGORY)
    for kind in ChannelKind:
        if not kind.is_thread and kind is not ChannelKind.CATEGORY:
            discord.add_channel(f"a-{kind.name.lower()}", kind=kind, parent=category)
    parent = discord.world.guild.channel("clips")
    for kind in ChannelKind:
        if kind.is_thread:
            discord.add_channel(f"a-{kind.name.lower()}", kind=kind, parent=parent)
    discord.delete_channel(category)
    discord.remove_bot_permissions(parent, Permission.ATTACH_FILES)
    role = discord.add_role("New")
    discord.rename_role(role, "Newer")
    discord.set_roles(discord.world.guild.member("vera"), [role])
    discord.delete_role(role)
    elsewhere = discord.add_guild("Elsewhere")
    discord.give_guild(elsewhere, discord.world.application_owner)
    discord.remove_bot(elsewhere)


def people_come_and_go(discord: DiscordStandIn) -> None:
    """They write, reply, forward, time one another out and leave."""
    guild = discord.world.guild
    noah, clips = guild.member("noah"), guild.channel("general")
    said = discord.say(noah, clips, f"hello {discord.world.bot.mention}", [picture()])
    reply = discord.say(guild.member("mia"), clips, "hi", reply_to=said)
    discord.forward(noah, guild.channel("clips"), said)
    discord.delete_message(said)
    discord.say(noah, clips, "gone?", reply_to=said)
    discord.delete_message(reply)
    discord.time_out(noah, datetime.now(UTC) + timedelta(hours=1))
    discord.delete_channel(guild.channel("a-public_thread"))
    discord.remove_member(guild.member("newcomer"))
