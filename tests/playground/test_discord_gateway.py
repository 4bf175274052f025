import asyncio
import json
from typing import Any

import aiohttp
import discord
import pytest

from playground.discord import DiscordStandIn
from playground.discord.gateway.sessions import PRIVILEGED
from tests.playground.conftest import Connect, SmallBot


@pytest.mark.parametrize("code", [None, 4000])
async def test_a_dropped_bot_resumes_and_gets_what_it_missed(
    stand_in: DiscordStandIn, bot: SmallBot, code: int | None
) -> None:
    await stand_in.drop_gateway(code)
    assert not stand_in.gateway.connected
    guild = stand_in.world.guild
    interaction = await stand_in.invoke(guild.member("mia"), guild.channel("clips"), "animate")
    await bot.came_back.wait()
    assert interaction.acknowledged
    assert (stand_in.gateway.identify_count, stand_in.gateway.resume_count) == (1, 1)


async def test_a_forgotten_session_is_identified_anew(
    stand_in: DiscordStandIn, bot: SmallBot
) -> None:
    bot.came_ready.clear()
    await stand_in.drop_gateway(4000, forget_sessions=True)
    async with asyncio.timeout(60):
        await bot.came_ready.wait()
    assert (stand_in.gateway.identify_count, stand_in.gateway.resume_count) == (2, 0)
    guild = stand_in.world.guild
    interaction = await stand_in.invoke(guild.member("mia"), guild.channel("clips"), "animate")
    assert interaction.acknowledged


async def test_privileged_intents_must_be_granted(
    stand_in: DiscordStandIn, connect: Connect
) -> None:
    greedy = SmallBot(intents=discord.Intents.all())
    with pytest.raises(discord.PrivilegedIntentsRequired):
        await greedy.start(stand_in.token)
    await greedy.close()
    stand_in.gateway.granted_intents = PRIVILEGED
    bot = await connect(intents=discord.Intents.all())
    guild = stand_in.world.guild
    seen = bot.get_guild(guild.id)
    assert seen is not None
    assert {member.id for member in seen.members} == set(guild.members)
    heard = bot.wait_for("message")
    stand_in.say(guild.member("mia"), guild.channel("clips"), "hello")
    assert (await heard).content == "hello"


async def test_without_the_intent_foreign_content_is_hidden(
    stand_in: DiscordStandIn, bot: SmallBot
) -> None:
    guild = stand_in.world.guild
    mia, clips = guild.member("mia"), guild.channel("clips")
    for said, heard in (("hello", ""), (f"{stand_in.world.bot.mention} hi", None)):
        waiting = asyncio.ensure_future(bot.wait_for("message"))
        await asyncio.sleep(0)
        stand_in.say(mia, clips, said)
        assert (await waiting).content == (said if heard is None else heard)


async def test_a_wrong_token_does_not_log_in(stand_in: DiscordStandIn) -> None:
    bot = SmallBot()
    with pytest.raises(discord.LoginFailure):
        await bot.start("wrong")
    await bot.close()
    assert stand_in.gateway.identify_count == 0


class Shards(discord.AutoShardedClient):
    async def before_identify_hook(self, _shard_id: int | None, *, initial: bool = False) -> None:
        """Skip the five seconds that discord.py waits between shards."""


async def test_each_guild_belongs_to_one_shard(stand_in: DiscordStandIn) -> None:
    guilds = [stand_in.world.guild] + [stand_in.add_guild(f"Guild {n}") for n in range(5)]
    client = Shards(intents=discord.Intents.default(), shard_count=2, guild_ready_timeout=0.05)
    running = asyncio.create_task(client.start(stand_in.token))
    await stand_in.wait_for(lambda: stand_in.gateway.identify_count == 2)
    await client.wait_until_ready()
    for guild in guilds:
        seen = client.get_guild(guild.id)
        assert seen is not None
        assert seen.shard_id == (guild.id >> 22) % 2
    await client.close()
    await running


async def read(socket: aiohttp.ClientWebSocketResponse) -> Any:
    return json.loads((await socket.receive(timeout=5)).data)


def identify(**changes: Any) -> dict[str, Any]:
    return {"op": 2, "d": {"token": "TOKEN", "intents": 513, "properties": {}} | changes}


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        (["nonsense"], 4002),
        ([{"op": 99}], 4001),
        ([{"op": 3, "d": {}}], 4003),
        ([identify(token="wrong")], 4004),
        ([identify(), identify()], 4005),
        ([identify(shard=[2, 2])], 4010),
        ([identify(intents=-1)], 4013),
        ([identify(intents=1 << 15)], 4014),
    ],
)
async def test_breaking_the_protocol_ends_the_connection(
    stand_in: DiscordStandIn, frames: list[Any], code: int
) -> None:
    async with aiohttp.ClientSession() as session:
        url = stand_in.gateway_url + "?v=10&encoding=json"
        async with session.ws_connect(url) as socket:
            assert (await read(socket))["op"] == 10
            await socket.send_json({"op": 1, "d": None})
            assert (await read(socket))["op"] == 11
            for frame in frames:
                text = frame if isinstance(frame, str) else json.dumps(frame)
                await socket.send_str(text.replace("TOKEN", stand_in.token))
            async for _ in socket:
                pass
            assert socket.close_code == code


async def test_members_can_be_asked_for_by_id(stand_in: DiscordStandIn, bot: SmallBot) -> None:
    guild = stand_in.world.guild
    seen = bot.get_guild(guild.id)
    assert seen is not None
    found = await seen.query_members(user_ids=[guild.member("mia").id])
    assert [member.name for member in found] == ["mia"]


async def test_frames_may_be_binary(stand_in: DiscordStandIn) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(stand_in.gateway_url + "?v=10&encoding=json") as socket,
    ):
        assert (await read(socket))["op"] == 10
        await socket.send_bytes(json.dumps(identify(token=stand_in.token)).encode())
        assert (await read(socket))["t"] == "READY"
