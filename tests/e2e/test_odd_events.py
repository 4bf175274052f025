"""Events that discord.py cannot read: each is skipped, and nothing else happens."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from discord.state import ConnectionState

from cogs.gateway.events import READ_EVENTS
from playground.discord import ChannelKind, Permission
from playground.discord.payloads.place_payloads import channels_json
from playground.discord.payloads.state_payloads import (
    channel_json,
    guild_create_json,
    guild_json,
    me_json,
    member_with_user_json,
    role_json,
)
from playground.faults import Fault
from tests.e2e.quota_play import quota

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playground.discord import Channel, Guild
    from tests.house import House

HIDDEN = 1 << 17
AUTOMOD_RULE = {
    "id": "5",
    "name": "no swans",
    "creator_id": "1",
    "enabled": True,
    "event_type": 1,
    "trigger_type": 1,
    "exempt_roles": [],
    "exempt_channels": [],
    "trigger_metadata": {"keyword_filter": ["swan"], "regex_patterns": [], "allow_list": []},
    "actions": [{"type": 1, "metadata": {}}],
}
ALL_EVENTS = {it.removeprefix("parse_").upper() for it in dir(ConnectionState) if "parse_" in it}


def guild_as_told(house: House, guild: Guild) -> dict[str, Any]:
    bot = guild.members[house.discord.world.bot.id]
    return guild_create_json(guild, [bot]) | channels_json(guild, bot)


def hidden_channels(guild: Guild) -> list[dict[str, Any]]:
    """Channels that the bot may not view, as reduced as can be."""
    forms: list[dict[str, Any]] = [{}]
    forms.append(dict.fromkeys(("name", "topic", "bitrate", "user_limit", "rtc_region", "nsfw")))
    forms.append(dict.fromkeys(("name", "position", "available_tags", "permission_overwrites")))
    return [
        form | {"id": str(guild.id + 100 * kind + number), "type": int(kind), "flags": HIDDEN}
        for number, form in enumerate(forms)
        for kind in ChannelKind
        if not kind.is_thread
    ]


def well_formed(house: House, guild: Guild) -> Iterator[tuple[str, dict[str, Any]]]:
    """One of each event that is read, and is not of the session itself."""
    of_guild = {"guild_id": str(guild.id)}
    bot = guild.members[house.discord.world.bot.id]
    role = role_json(next(iter(guild.roles.values())))
    yield "GUILD_CREATE", guild_as_told(house, guild)
    yield "GUILD_UPDATE", guild_json(guild)
    for channel in guild.channels.values():
        yield "CHANNEL_UPDATE", channel_json(channel)
        yield "CHANNEL_CREATE", channel_json(channel)
    yield "GUILD_MEMBER_UPDATE", member_with_user_json(bot) | of_guild
    yield "GUILD_ROLE_CREATE", of_guild | {"role": role}
    yield "GUILD_ROLE_UPDATE", of_guild | {"role": role}
    yield "GUILD_ROLE_DELETE", of_guild | {"role_id": role["id"]}
    yield "CHANNEL_DELETE", of_guild | {"id": str(guild.id), "type": 0}
    for act in ("CREATE", "UPDATE", "DELETE"):
        yield f"AUTO_MODERATION_RULE_{act}", of_guild | AUTOMOD_RULE
    chunk = {"members": [member_with_user_json(bot)], "chunk_index": 0, "chunk_count": 1}
    yield "GUILD_MEMBERS_CHUNK", of_guild | chunk | {"not_found": [], "nonce": "7"}
    yield "USER_UPDATE", me_json(house.discord.world.bot)
    yield "GUILD_DELETE", {"id": str(guild.id), "unavailable": True}


def damaged(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The same event with one thing missing, null or of another type, at each of its places."""
    for key, value in data.items():
        yield {it: data[it] for it in data if it != key}
        for odd in (None, 7, "odd", [], [None], {}, {"odd": 1}, [{"id": "odd"}]):
            yield data | {key: odd}
        if isinstance(value, dict):
            yield from (data | {key: it} for it in damaged(value))
        if isinstance(value, list) and value and isinstance(value[0], dict):
            yield from (data | {key: [it, *value[1:]]} for it in damaged(value[0]))


def odd_interactions(house: House) -> Iterator[dict[str, Any]]:
    """A request that discord.py cannot read; what else is odd, commands meet in their own tasks."""
    events = house.discord.gateway.log.events
    (asked,) = (it.data for it in events if it.name == "INTERACTION_CREATE")
    assert isinstance(asked, dict)
    for key in ("id", "type", "token", "version", "application_id", "attachment_size_limit"):
        yield {it: asked[it] for it in asked if it != key}
    for key in ("channel", "entitlements", "authorizing_integration_owners"):
        yield asked | {key: None}


def send(house: House, event: str, data: object) -> None:
    (session,) = house.discord.gateway.sessions.values()
    session.dispatch(event, copy.deepcopy(data))


async def test_no_odd_event_ends_anything(house: House, caplog: pytest.LogCaptureFixture) -> None:
    elsewhere = house.add_managed_guild(house.mia.user)
    for kind in ChannelKind:
        if not kind.is_thread:
            house.discord.add_channel(f"a {kind.name}", guild=elsewhere, kind=kind)
    async with house.bot():
        await house.delivered(await house.animate())
        sent = dict.fromkeys(ALL_EVENTS - {"READY", "RESUMED"}, 0)
        rough: list[object] = [{}, {"guild_id": str(elsewhere.id)}, {"id": None}, None, []]
        for event in sent:
            for data in rough:
                send(house, event, data)
        for event, whole in well_formed(house, elsewhere):
            for part in damaged(whole):
                send(house, event, part)
                sent[event] += 1
        for channel in hidden_channels(elsewhere):
            for event in ("CHANNEL_CREATE", "CHANNEL_UPDATE"):
                send(house, event, channel | {"guild_id": str(elsewhere.id)})
        for interaction in odd_interactions(house):
            send(house, "INTERACTION_CREATE", interaction)
            sent["INTERACTION_CREATE"] += 1
        assert all(sent[event] for event in READ_EVENTS - {"READY", "RESUMED"})
        # What is whole again is read again, and the first server never noticed.
        send(house, "GUILD_CREATE", guild_as_told(house, elsewhere))
        await house.delivered(await house.animate())
        await house.delivered(await house.animate(channel=next(iter(elsewhere.channels.values()))))
    assert (house.discord.gateway.identify_count, house.discord.gateway.resume_count) == (1, 0)
    told = [it.args for it in caplog.records if "cannot be read" in it.msg]
    assert len({it[0] for it in told if isinstance(it, tuple)}) == len(told) > 5


async def test_a_server_that_is_odd_at_the_start_is_known_all_the_same(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    guild = house.discord.world.guild
    whole = guild_as_told(house, guild)
    odd = {"id": "1", "privacy_level": "unknown"}
    house.discord.gateway.guild_fields[guild.id] = {
        "roles": [*whole["roles"], {"name": "no id"}, None],
        "channels": [*hidden_channels(guild), *whole["channels"], {"id": "1"}, odd],
        "member_count": "many",
        **{it: [odd] for it in ("stage_instances", "threads", "voice_states", "presences")},
    }
    elsewhere = house.add_managed_guild(house.mia.user)
    hidden = hidden_channels(elsewhere) + guild_as_told(house, elsewhere)["channels"]
    house.discord.gateway.guild_fields[elsewhere.id] = {"channels": hidden}
    for _start in range(2):
        async with house.bot():
            for channel in (house.clips, next(iter(elsewhere.channels.values()))):
                await house.delivered(await house.animate(channel=channel))
            # What a moderator may do is known from the roles, and what the bot may from channels.
            told = await house.ask(
                house.member("moderator"), "clips review", mode="everyone", channel=house.clips
            )
            assert "Everyone's clips go to" in told.content
            await house.ask(house.member("moderator"), "clips review", mode="off")
    (told_once, _) = [it for it in caplog.messages if "GUILD_CREATE cannot be read" in it]
    assert "and is read in parts" in told_once


@pytest.mark.usefixtures("quick_gateway")
@pytest.mark.parametrize(
    "frame",
    [
        "nonsense",
        '{"op": 0, "t": "READY", "s": 9, "d": {}}',
        '{"op": 0, "t": "READY", "s": 9, "d": null}',
        '{"op": 0, "t": "RESUMED", "s": 9, "d": null}',
        '{"op": 10, "d": null}',
        "[]",
    ],
)
async def test_a_frame_that_cannot_be_read_costs_a_connection(house: House, frame: str) -> None:
    house.pika.behaviour.render_seconds = 0.5
    async with house.bot():
        asked = await house.animate()
        (session,) = house.discord.gateway.sessions.values()
        assert session.sender is not None
        session.sender._outgoing.put_nowait(frame)
        await house.discord.wait_for(lambda: house.discord.gateway.identify_count == 2)
        await house.delivered(asked)
        await house.delivered(await house.animate())


@pytest.mark.usefixtures("quick_gateway")
async def test_clips_are_delivered_while_the_gateway_turns_the_bot_away(house: House) -> None:
    house.pika.behaviour.render_seconds = 0.3
    async with house.bot():
        asked = await house.animate()
        house.discord.faults.add(Fault("discord.gateway", "reply", status=503, times=1000))
        for code in (4012, 4013, 4014, 1000):
            await house.discord.drop_gateway(code, forget_sessions=True)
        await house.delivered(asked)
        await house.settled()
        house.discord.faults.clear()
        await house.discord.wait_ready()
        await house.delivered(await house.animate())


async def test_permissions_in_a_channel_that_was_not_shown_are_those_of_the_interaction(
    house: House,
) -> None:
    guild, moderator = house.discord.world.guild, house.member("moderator")
    house.discord.gateway.guild_fields[guild.id] = {"channels": None}
    thread = house.discord.add_channel(
        "a thread", kind=ChannelKind.PUBLIC_THREAD, parent=house.clips
    )
    async with house.bot():

        async def review(here: Channel, channel: Channel) -> str:
            given = {"mode": "everyone", "channel": channel}
            asked = await house.discord.invoke(moderator, here, "clips review", given)
            return await house.told(asked.original, "lips")

        assert "clips go to" in await review(house.clips, house.clips)
        assert "clips go to" in await review(thread, house.clips)
        assert "there I need **View Channel**" in await review(
            house.clips, guild.channel("general")
        )
        house.discord.remove_bot_permissions(house.clips, Permission.ATTACH_FILES)
        assert "there I need **Attach Files**" in await review(house.clips, house.clips)


async def test_a_limit_on_a_role_of_which_the_gateway_told_nothing_holds(house: House) -> None:
    guild, noah = house.discord.world.guild, house.member("noah")
    muted = house.discord.add_role("Muted")
    house.discord.set_roles(noah, [*noah.roles, muted])
    async with house.bot():
        await quota(house, "limit", amount=0, unit="clips", window="day", who=muted)
    told = [it for it in guild_as_told(house, guild)["roles"] if it["id"] != str(muted.id)]
    house.discord.gateway.guild_fields[guild.id] = {"roles": told}
    async with house.bot():
        await house.refused(await house.animate(noah), "Nothing was charged")
        shown = await quota(house, "show", who=noah)
        assert "0 clips a day" in shown
    assert house.kinds() == []
