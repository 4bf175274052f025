"""Servers that are not the owner's: every way in is closed, and nothing is spent there."""

from __future__ import annotations

import asyncio
import logging
import math
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from discord.state import ConnectionState

from bot.base import Timeouts
from playground.discord import Permission, Upload
from playground.discord.gateway.gateway import Gateway
from playground.faults import Fault
from tests.house import photo

if TYPE_CHECKING:
    from playground.discord import Guild, Interaction, Member, Message
    from playground.discord.gateway.sessions import Session
    from tests.house import House

CLOSED = "This server is not open to me yet"
OFTEN = timedelta(milliseconds=200)
UNTOLD = Fault(
    "discord.get_member",
    "reply",
    times=2,
    status=403,
    body={"message": "Missing Access", "code": 50001},
)
"""What happens to the next two questions about who manages a server."""


@pytest.fixture(autouse=True)
def ready_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let discord.py be ready after a moment without a new server, not after two seconds."""
    wait = ConnectionState._delay_ready

    async def wait_a_moment(state: ConnectionState[Any]) -> None:
        state.guild_ready_timeout = 0.3
        await wait(state)

    monkeypatch.setattr(ConnectionState, "_delay_ready", wait_a_moment)


@pytest.fixture
def foreign(house: House) -> Guild:
    """A server whose owner is a stranger, into which he has invited the bot."""
    return house.discord.add_guild("Foreign", house.discord.world.new_user("stranger"))


def boss(guild: Guild) -> Member:
    return guild.members[guild.owner_id]


async def use(house: House, guild: Guild, command: str, **options: Any) -> Message:
    """What somebody who may do everything there reads, alone."""
    who = boss(guild)
    asked = await house.discord.invoke(who, guild.channel("general"), command, options)
    return await read(house, asked, who)


async def read(house: House, asked: Interaction, who: Member) -> Message:
    message = asked.original
    assert message is not None
    await house.discord.wait_for(lambda: not message.loading)
    assert message.viewer is who.user
    return message


async def animate(house: House, guild: Guild) -> Interaction:
    return await house.animate(boss(guild), channel=guild.channel("general"))


async def answers(house: House, guild: Guild, words: str) -> None:
    """Ask until the answer to `/usage` has these words."""
    async with asyncio.timeout(60):
        while words not in (await use(house, guild, "usage")).content:
            await asyncio.sleep(0.05)


async def opens(house: House, guild: Guild) -> None:
    await answers(house, guild, "left today")


async def closes(house: House, guild: Guild) -> None:
    await answers(house, guild, CLOSED)


async def logged(caplog: pytest.LogCaptureFixture, words: str) -> None:
    async with asyncio.timeout(60):
        while not any(words in it for it in caplog.messages):
            await asyncio.sleep(0.02)


def nothing_happened(house: House) -> bool:
    tables = ("jobs", "ledger", "rules", "audit", "blocks", "unanswered_interactions", "offers")
    rows = [house.query(f"SELECT count(*) FROM {table}") for table in tables]
    fetched = [it.operation for it in house.pika.exchanges]
    return rows == [[(0,)]] * len(tables) and "pika.submit" not in fetched


async def test_every_command_is_refused_in_private_with_its_id(
    house: House, foreign: Guild
) -> None:
    picture = Upload("photo.jpg", photo(), "image/jpeg")
    waiting = Fault("discord.cdn", "drop_before")
    house.discord.faults.add(waiting)
    commands: dict[str, dict[str, Any]] = {
        "animate": {"image": picture},
        "usage": {},
        "quota limit": {"amount": 1_000_000, "unit": "clips", "window": "hour"},
        "quota grant": {"who": boss(foreign), "amount": 9, "unit": "usd"},
        "quota show": {},
        "clips pause": {},
        "clips settings": {},
        "clips block": {"who": boss(foreign)},
    }
    async with house.bot():
        for command, options in commands.items():
            message = await use(house, foreign, command, **options)
            assert CLOSED in message.content
            assert str(foreign.id) in message.content
            assert "ask whoever runs this bot" in message.content
            assert "\n" not in message.content
            assert message.components == []
        assert "left today" in (await house.ask(house.mia, "usage")).content
    assert nothing_happened(house)
    assert house.discord.faults.take("discord.cdn") is waiting


async def test_menus_of_messages_are_closed(house: House, foreign: Guild) -> None:
    general, who = foreign.channel("general"), boss(foreign)
    async with house.bot():
        said = house.discord.say(who, general, "hello")
        asked = await house.discord.invoke_menu(who, general, "Who made this?", said)
        assert CLOSED in (await read(house, asked, who)).content


async def test_nothing_is_suggested(house: House) -> None:
    house.patience = replace(house.patience, guild_look=OFTEN)
    guild = house.add_managed_guild(house.mia.user)
    owner = guild.members[house.discord.world.application_owner.id]
    typing = (boss(guild), guild.channel("general"), "clips words remove", {"words": ""}, "words")
    async with house.bot():
        await use(house, guild, "clips words add", words="cat")
        assert [it["value"] for it in (await house.discord.autocomplete(*typing)).choices or ()]
        house.discord.set_roles(owner, [])
        await closes(house, guild)
        assert (await house.discord.autocomplete(*typing)).choices == []


async def test_buttons_and_forms_of_before_are_closed(house: House) -> None:
    house.patience = replace(house.patience, guild_look=OFTEN)
    guild = house.add_managed_guild(house.mia.user)
    owner = guild.members[house.discord.world.application_owner.id]
    async with house.bot():
        panel = await use(house, guild, "clips settings")
        who = boss(guild)
        form = await house.discord.press(who, panel, "settings:ask:time_zone")
        house.discord.set_roles(owner, [])
        await closes(house, guild)
        pressed = await house.discord.press(who, panel, "settings:ask:time_zone")
        assert CLOSED in (await read(house, pressed, who)).content
        chosen = await house.discord.choose(who, panel, "settings:pick:language", ["de"])
        assert CLOSED in (await read(house, chosen, who)).content
        sent = await house.discord.submit_modal(form, {"time_zone": "Europe/Berlin"})
        assert CLOSED in (await read(house, sent, who)).content
    assert house.query("SELECT count(*) FROM audit") == [(0,)]


async def test_the_refusal_is_in_the_language_of_whoever_asks(house: House) -> None:
    house.patience = replace(house.patience, guild_look=OFTEN)
    guild = house.add_managed_guild(house.mia.user)
    owner = guild.members[house.discord.world.application_owner.id]
    async with house.bot():
        await use(house, guild, "clips settings")
        house.mia.user.locale = "de"
        house.discord.set_roles(owner, [])
        await answers(house, guild, "noch nicht freigegeben")


# Who opens a server


async def test_a_role_with_manage_server_opens_it_at_once(house: House, foreign: Guild) -> None:
    world = house.discord.world
    role = house.discord.add_role("Friends", guild=foreign)
    world.join(foreign, world.application_owner, [role])
    async with house.bot():
        assert CLOSED in (await use(house, foreign, "usage")).content
        house.discord.set_role_permissions(role, Permission.MANAGE_GUILD, foreign)
        await opens(house, foreign)
        await house.delivered(await animate(house, foreign))
        await house.settled()
        house.discord.set_role_permissions(role, Permission.MANAGE_MESSAGES, foreign)
        await closes(house, foreign)
        house.discord.set_role_permissions(role, Permission.ADMINISTRATOR, foreign)
        await opens(house, foreign)
        house.discord.delete_role(role, guild=foreign)
        await closes(house, foreign)


async def test_a_role_that_its_owner_is_given_opens_it_in_a_while(
    house: House, foreign: Guild
) -> None:
    house.patience = replace(house.patience, guild_look=OFTEN)
    world = house.discord.world
    role = house.discord.add_role("Staff", guild=foreign)
    role.permissions = Permission.MANAGE_GUILD
    member = world.join(foreign, world.application_owner)
    async with house.bot():
        assert CLOSED in (await use(house, foreign, "usage")).content
        house.discord.set_roles(member, [role])
        await opens(house, foreign)
        house.discord.remove_member(member)
        await closes(house, foreign)


async def test_a_server_given_to_its_owner_is_open(house: House, foreign: Guild) -> None:
    world = house.discord.world
    stranger = boss(foreign).user
    world.join(foreign, world.application_owner)
    async with house.bot():
        assert CLOSED in (await use(house, foreign, "usage")).content
        house.discord.give_guild(foreign, world.application_owner)
        await opens(house, foreign)
        house.discord.give_guild(foreign, stranger)
        await closes(house, foreign)


async def test_managers_who_do_not_own_the_application_open_nothing(
    house: House, foreign: Guild
) -> None:
    role = house.discord.add_role("Admin", guild=foreign)
    role.permissions = Permission.ADMINISTRATOR
    house.discord.world.join(foreign, house.member("moderator").user, [role])
    async with house.bot():
        assert CLOSED in (await use(house, foreign, "usage")).content


async def test_accepted_members_of_the_team_open_theirs_and_invited_ones_do_not(
    house: House, foreign: Guild
) -> None:
    world = house.discord.world
    theirs = house.discord.add_guild("Theirs", world.new_user("colleague"))
    # The owner of the application is then the team's own account, which manages nothing.
    world.application_team = {boss(theirs).user: True, boss(foreign).user: False}
    async with house.bot():
        assert CLOSED not in (await use(house, theirs, "usage")).content
        assert CLOSED in (await use(house, foreign, "usage")).content
        assert CLOSED in (await use(house, world.guild, "usage")).content


async def test_allowed_guilds_alone_are_open_where_they_are_named(
    house: House, foreign: Guild
) -> None:
    house.overrides["allowed_guilds"] = frozenset({foreign.id})
    async with house.bot():
        await house.delivered(await animate(house, foreign))
        await house.settled()
        assert CLOSED in (await use(house, house.discord.world.guild, "usage")).content
    # Nobody is looked up to find out who manages a server; the clip's own member is, later.
    asked = [it.path for it in house.discord.exchanges if it.operation == "discord.get_member"]
    assert {path.rpartition("/")[2] for path in asked} == {str(boss(foreign).id)}
    assert all(f"/guilds/{foreign.id}/" in path for path in asked)


# While it runs


async def test_joining_and_leaving_are_logged_with_name_id_and_size(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    world = house.discord.world
    async with house.bot():
        # Until it is ready, discord.py cannot tell a new server from one it was in.
        await logged(caplog, "servers: 1 open, 0 closed.")
        stranger = world.new_user("stranger")
        guild = house.discord.add_guild("New\nplace", stranger)
        name = f"server 'New\\nplace' (id {guild.id}, 2 members)"
        await logged(caplog, f"joined {name}.")
        await logged(caplog, f"{name} is closed: nobody who owns")
        house.discord.remove_bot(guild)
        await logged(caplog, f"left {name}.")


async def test_the_start_says_which_servers_are_open(
    house: House, foreign: Guild, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with house.bot():
        await logged(caplog, "servers: 1 open, 1 closed.")
    here = house.discord.world.guild
    is_open = f"server 'Playground' (id {here.id}, {len(here.members)} members) is open."
    assert is_open in caplog.messages
    assert any(str(foreign.id) in it and "is closed" in it for it in caplog.messages)


async def test_a_server_that_discord_has_only_announced_is_asked_about(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in an outage: of its owner and roles the gateway has told nothing."""
    late = house.add_managed_guild(house.mia.user)
    send = Gateway.send_guild_create

    def send_others(gateway: Gateway, guild: Guild, session: Session) -> None:
        if guild is not late:
            send(gateway, guild, session)

    monkeypatch.setattr(Gateway, "send_guild_create", send_others)
    async with house.bot():
        assert CLOSED not in (await use(house, late, "usage")).content
        assert "discord.get_guild" in {it.operation for it in house.discord.exchanges}


async def test_once_one_of_the_team_manages_it_nobody_is_asked_about_the_others(
    house: House,
) -> None:
    world = house.discord.world
    guild = house.discord.add_guild("Theirs", world.new_user("somebody"))
    staff = house.discord.add_role("Staff", guild=guild)
    staff.permissions = Permission.MANAGE_GUILD
    first, second = sorted((world.new_user("one"), world.new_user("other")), key=lambda it: it.id)
    world.join(guild, first, [staff])
    world.application_team = {first: True, second: True}
    async with house.bot():
        assert CLOSED not in (await use(house, guild, "usage")).content
    asked = [it.path for it in house.discord.exchanges if str(guild.id) in it.path]
    assert any(path.endswith(f"/members/{first.id}") for path in asked)
    assert not any(path.endswith(f"/members/{second.id}") for path in asked)


async def test_what_is_in_the_making_in_a_server_that_is_closed_is_finished(house: House) -> None:
    house.patience = replace(house.patience, guild_look=OFTEN)
    house.overrides["renders_at_once"] = 1
    house.pika.behaviour.render_seconds = math.inf
    guild = house.add_managed_guild(house.mia.user)
    owner = guild.members[house.discord.world.application_owner.id]
    async with house.bot():
        rendering = await animate(house, guild)
        await house.told(rendering.original, "Rendering")
        queued = await animate(house, guild)
        await house.told(queued.original, "in line")
        house.discord.set_roles(owner, [])
        await closes(house, guild)
        assert house.query("SELECT count(*) FROM jobs WHERE ended_at IS NULL") != [(0,)]
        refused = await animate(house, guild)
        assert CLOSED in (await read(house, refused, boss(guild))).content
        house.pika.behaviour.render_seconds = 0
        await house.delivered(rendering)
        await house.delivered(queued)
        await house.settled()
    assert house.paid() == (2, 400_000)


async def test_a_start_finishes_what_waits_in_a_server_closed_meanwhile(house: House) -> None:
    house.pika.behaviour.render_seconds = 60
    guild = house.add_managed_guild(house.mia.user)
    async with house.bot():
        asked = await animate(house, guild)
        await house.told(asked.original, "Rendering")
    house.overrides["allowed_guilds"] = frozenset({1})
    house.pika.behaviour.render_seconds = 0
    async with house.bot():
        await house.delivered(asked)
        assert CLOSED in (await use(house, guild, "usage")).content
        await house.settled()


# When Discord does not answer


async def test_while_nobody_can_tell_it_is_closed_and_looked_at_again(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    guild = house.add_managed_guild(house.mia.user)
    house.discord.faults.add(UNTOLD)
    async with house.bot():
        told = (await use(house, guild, "usage")).content
        assert "I do not know yet whether this server is open to me" in told
        assert "try again in a minute" in told
        await answers(house, guild, "left today")
    assert any("could not find out who manages server 'Elsewhere'" in it for it in caplog.messages)


async def test_an_open_server_stays_open_while_nobody_can_tell(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.patience = replace(house.patience, guild_look=OFTEN)
    guild = house.add_managed_guild(house.mia.user)
    async with house.bot():
        assert "left today" in (await use(house, guild, "usage")).content
        house.discord.faults.add(UNTOLD)
        await logged(caplog, "stays open")
        assert "left today" in (await use(house, guild, "usage")).content


async def test_an_interaction_before_the_first_look_waits_for_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a busy machine the look takes longer than an interaction may wait.
    monkeypatch.setattr(Timeouts, "FIRST_LOOK_SECONDS", 60.0)
    guild = house.add_managed_guild(house.mia.user)
    house.discord.faults.add(Fault("discord.get_member", "delay", seconds=0.7))
    async with house.bot():
        assert "left today" in (await use(house, guild, "usage")).content


# The application


@pytest.mark.parametrize("public", [True, False])
async def test_a_public_bot_is_warned_of(
    house: House, caplog: pytest.LogCaptureFixture, *, public: bool
) -> None:
    house.discord.world.bot_public = public
    async with house.bot():
        pass
    warned = [it.getMessage() for it in caplog.records if it.levelno == logging.WARNING]
    assert any("Public Bot" in it for it in warned) is public
