from typing import Any

import pytest

from playground.discord import ClientRefusal, DiscordStandIn, Upload
from tests.command_lint import misspelt_keys
from tests.playground.conftest import Api, Connect, SmallBot

TEXT = {"type": 3, "name": "text", "description": "Text"}


def slash(**changes: Any) -> dict[str, Any]:
    return {"name": "draw", "description": "Draw", "type": 1} | changes


def path(stand_in: DiscordStandIn) -> str:
    return f"/applications/{stand_in.world.application_id}/commands"


@pytest.mark.parametrize(
    ("command", "where"),
    [
        (slash(name="Draw"), "name"),
        (slash(name="draw it"), "name"),
        (slash(name="d" * 33), "name"),
        (slash(description=""), "description"),
        (slash(description="d" * 101), "description"),
        (slash(options=[TEXT | {"name": f"o{n}"} for n in range(26)]), "options"),
        (slash(options=[TEXT, TEXT]), "options"),
        (slash(options=[TEXT | {"choices": [{"name": "a", "value": 1}]}]), "options"),
        (
            slash(
                options=[TEXT | {"choices": [{"name": str(n), "value": str(n)} for n in range(26)]}]
            ),
            "options",
        ),
        (slash(options=[TEXT, TEXT | {"name": "needed", "required": True}]), "options"),
        (slash(options=[TEXT | {"min_value": 1}]), "options"),
        (slash(options=[TEXT, {"type": 1, "name": "sub", "description": "Sub"}]), "options"),
        (slash(type=2), "description"),
    ],
)
async def test_illegal_commands_are_refused(
    stand_in: DiscordStandIn, api: Api, command: dict[str, Any], where: str
) -> None:
    status, problem = await api("PUT", path(stand_in), [command])
    assert (status, problem["code"]) == (400, 50035)
    assert where in problem["errors"]["0"]
    assert stand_in.sync_count == 0


async def test_keys_that_discord_does_not_know_are_passed_over(
    stand_in: DiscordStandIn, api: Api
) -> None:
    choice = {"name": "a", "value": "a"}
    odd = TEXT | {"secret": True, "choices": [choice | {"weight": 1}]}
    command = slash(colour="red", options=[odd])
    _, (kept,) = await api("PUT", path(stand_in), [command])
    assert "colour" not in kept
    assert kept["options"] == [TEXT | {"choices": [choice]}]
    found = misspelt_keys(stand_in.exchanges)
    paths = ["options.0.secret", "options.0.choices.0.weight", "colour"]
    assert sorted(found) == sorted(f"draw: {path}" for path in paths)


async def test_a_command_has_8000_characters_at_most(stand_in: DiscordStandIn, api: Api) -> None:
    choices = [{"name": f"{n:03}" + "n" * 97, "value": f"{n:03}" + "v" * 97} for n in range(25)]
    option = TEXT | {"choices": choices}
    command = slash(options=[option | {"name": "a"}])
    assert (await api("PUT", path(stand_in), [command]))[0] == 200
    command = slash(options=[option | {"name": "a"}, option | {"name": "b"}])
    status, problem = await api("PUT", path(stand_in), [command])
    code = problem["errors"]["0"]["_errors"][0]["code"]
    assert (status, code) == (400, "APPLICATION_COMMAND_TOO_LARGE")


async def test_commands_keep_their_ids_and_change_their_version(
    stand_in: DiscordStandIn, api: Api
) -> None:
    base = path(stand_in)
    _, (first,) = await api("PUT", base, [slash()])
    _, (same,) = await api("PUT", base, [slash()])
    assert same == first
    _, (changed,) = await api("PUT", base, [slash(description="Paint")])
    assert changed["id"] == first["id"]
    assert changed["version"] != first["version"]
    status, other = await api("POST", base, slash(name="erase"))
    assert status == 201
    status, _ = await api("PATCH", f"{base}/{other['id']}", {"description": "Wipe"})
    assert status == 200
    _, listed = await api("GET", base)
    assert [c["description"] for c in listed] == ["Paint", "Wipe"]
    assert (await api("DELETE", f"{base}/{other['id']}"))[0] == 204
    status, problem = await api("GET", f"{base}/{other['id']}")
    assert (status, problem["code"]) == (404, 10063)


async def test_guild_commands_are_found_in_their_guild_only(
    stand_in: DiscordStandIn, api: Api
) -> None:
    guild, other = stand_in.world.guild, stand_in.add_guild("Elsewhere")
    base = f"/applications/{stand_in.world.application_id}/guilds/{guild.id}/commands"
    assert (await api("PUT", base, [slash()]))[0] == 200
    assert [c["name"] for c in stand_in.commands.in_guild(guild.id)] == ["draw"]
    assert stand_in.commands.in_guild(other.id) == []


async def test_the_client_offers_what_the_person_may_use(
    stand_in: DiscordStandIn, bot: SmallBot
) -> None:
    assert bot.is_ready()
    guild = stand_in.world.guild
    clips, mia = guild.channel("clips"), guild.member("mia")

    def names(who: str) -> set[str]:
        return {command["name"] for command in stand_in.offered(guild.member(who), clips)}

    assert names("mia") == {"animate"}
    assert names("moderator") == names("owner") == {"animate", "quota"}
    assert stand_in.offered(mia, guild.channel("mods")) == []
    with pytest.raises(ClientRefusal, match="may not use"):
        await stand_in.invoke(mia, clips, "quota show", {"who": mia})
    guild.command_grants["quota"] = {guild.role("Member").id: True}
    guild.command_grants["animate"] = {guild.everyone.id: False}
    assert names("mia") == {"quota"}


async def test_members_are_options(stand_in: DiscordStandIn, bot: SmallBot) -> None:
    assert bot.is_ready()
    guild = stand_in.world.guild
    noah = guild.member("noah")
    interaction = await stand_in.invoke(
        guild.member("moderator"), guild.channel("clips"), "quota show", {"who": noah}
    )
    assert interaction.original is not None
    assert interaction.original.content == f"{noah.id} noah"
    assert interaction.original.ephemeral


@pytest.mark.parametrize(
    ("name", "options", "sentence"),
    [
        ("nonsense", {}, "no command"),
        ("quota", {}, "only the beginning"),
        ("animate", {"colour": "red"}, "no option"),
        ("animate", {"image": "https://example.org/cat.jpg"}, "does not fit"),
        ("animate", {"image": Upload("big.png", b"x" * (10 * 1024 * 1024 + 1))}, "too powerful"),
        ("animate", {"prompt": "x" * 101}, "between 0 and 100"),
        ("animate", {"seed": 10}, "between 0 and 9"),
        ("animate", {"seed": "1"}, "does not fit"),
        ("animate", {"seed": True}, "does not fit"),
        ("animate", {"resolution": "4k"}, "choices"),
    ],
)
async def test_the_client_refuses_what_does_not_fit(
    stand_in: DiscordStandIn,
    bot: SmallBot,
    name: str,
    options: dict[str, Any],
    sentence: str,
) -> None:
    guild = stand_in.world.guild
    owner, clips = guild.member("owner"), guild.channel("clips")
    with pytest.raises(ClientRefusal, match=sentence):
        await stand_in.invoke(owner, clips, name, options)
    assert stand_in.interactions == []
    assert bot.failures == []


async def test_a_modified_client_sends_it_anyway(stand_in: DiscordStandIn, bot: SmallBot) -> None:
    guild = stand_in.world.guild
    interaction = await stand_in.invoke(
        guild.member("mia"),
        guild.channel("clips"),
        "animate",
        {"image": Upload("big.png", b"x" * (10 * 1024 * 1024 + 1))},
        client_checks=False,
    )
    assert interaction.acknowledged
    assert bot.failures == []


async def test_a_bot_with_unchanged_commands_need_not_sync(
    stand_in: DiscordStandIn, connect: Connect
) -> None:
    first = await connect()
    await first.close()
    await stand_in.wait_for(lambda: not stand_in.gateway.connected)
    await connect(sync=False)
    assert stand_in.sync_count == 1
    guild = stand_in.world.guild
    interaction = await stand_in.invoke(guild.member("mia"), guild.channel("clips"), "animate")
    assert interaction.acknowledged
