"""Options that name people, roles and channels, also those that are gone; nested commands."""

from typing import Any

import discord
import pytest
from discord import app_commands

from playground.discord import ClientRefusal, DiscordStandIn, Permission
from tests.playground.conftest import Connect, SmallBot

GONE = "123456789012345678"
"""An id that nobody has (any more)."""

Heard = list[Any]


class Moderating(SmallBot):
    """A bot whose commands note what they were given."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.heard: Heard = []

    async def setup_hook(self) -> None:
        group = app_commands.Group(
            name="clips",
            description="Clips",
            guild_only=True,
            default_permissions=discord.Permissions(manage_messages=True),
        )
        words = app_commands.Group(name="words", description="Blocked words", parent=group)

        @words.command(name="add", description="Block a word")
        async def add(
            interaction: discord.Interaction, word: str, role: discord.Role | None = None
        ) -> None:
            self.heard.append((word, str(role)))
            await interaction.response.send_message("added", ephemeral=True)

        @add.autocomplete("word")
        async def suggest(
            interaction: discord.Interaction, current: str
        ) -> list[app_commands.Choice[str]]:
            self.heard.append(vars(interaction.namespace))
            return [app_commands.Choice(name=f"{current}!", value=current)]

        @group.command(name="limit", description="Set a limit")
        async def limit(
            interaction: discord.Interaction,
            who: discord.Member | discord.Role | None = None,
            member: discord.User | None = None,
            role: discord.Role | None = None,
            where: discord.TextChannel | None = None,
        ) -> None:
            raise AssertionError((interaction, who, member, role, where))

        self.tree.add_command(group)
        await self.tree.sync()
        self.tree.interaction_check = self._note  # type: ignore[method-assign] # the raw data, before discord.py insists on whom it finds

    async def _note(self, interaction: discord.Interaction) -> bool:
        if interaction.command is None or interaction.command.name != "limit":
            return True
        data: Any = interaction.data
        self.heard.append((vars(interaction.namespace), data.get("resolved")))
        await interaction.response.defer()
        return False


@pytest.fixture
async def moderating(connect: Connect) -> Moderating:
    bot = await connect(Moderating)
    assert isinstance(bot, Moderating)
    return bot


async def limit(stand_in: DiscordStandIn, **options: object) -> None:
    guild = stand_in.world.guild
    await stand_in.invoke(guild.member("moderator"), guild.channel("clips"), "clips limit", options)


async def test_people_roles_and_channels_come_with_their_data(
    stand_in: DiscordStandIn, moderating: Moderating
) -> None:
    guild = stand_in.world.guild
    vera, vip, log = guild.member("vera"), guild.role("VIP"), guild.channel("mod-log")
    await limit(stand_in, who=vip)
    assert str(moderating.heard[-1][0]["who"]) == "VIP"
    await limit(stand_in, who=vera, member=vera, role=vip, where=log)
    given, resolved = moderating.heard[-1]
    assert [str(value) for value in given.values()] == ["vera", "vera", "VIP", "mod-log"]
    may = Permission(int(resolved["members"][str(vera.id)]["permissions"]))
    assert may & Permission.SEND_MESSAGES
    assert not may & Permission.MANAGE_MESSAGES
    shown = Permission(int(resolved["channels"][str(log.id)]["permissions"]))
    assert shown & Permission.MANAGE_MESSAGES


async def test_who_left_comes_as_an_account_alone(
    stand_in: DiscordStandIn, moderating: Moderating
) -> None:
    noah = stand_in.world.guild.member("noah")
    stand_in.remove_member(noah)
    await limit(stand_in, who=noah.user, member=noah.user)
    given, resolved = moderating.heard[-1]
    assert isinstance(given["who"], discord.User)
    assert given["member"].id == noah.id
    assert "members" not in resolved


async def test_a_bare_id_comes_without_data(
    stand_in: DiscordStandIn, moderating: Moderating
) -> None:
    await limit(stand_in, who=GONE, member=GONE, role=GONE)
    given, resolved = moderating.heard[-1]
    assert given == dict.fromkeys(("who", "member", "role"), discord.Object(int(GONE)))
    assert resolved is None


@pytest.mark.parametrize(
    ("option", "value"),
    [("who", "7"), ("who", "mia"), ("member", "12345678901234567x"), ("where", GONE)],
)
async def test_what_is_no_id_is_refused(
    stand_in: DiscordStandIn, moderating: Moderating, option: str, value: str
) -> None:
    with pytest.raises(ClientRefusal, match="does not fit"):
        await limit(stand_in, **{option: value})
    assert moderating.heard == []


async def test_only_channels_that_one_sees_can_be_picked(
    stand_in: DiscordStandIn, moderating: Moderating
) -> None:
    guild = stand_in.world.guild
    mia, clips = guild.member("mia"), guild.channel("clips")
    guild.command_grants["clips"] = {mia.id: True}
    with pytest.raises(ClientRefusal, match="do not see"):
        await stand_in.invoke(mia, clips, "clips limit", {"where": guild.channel("mods")})
    await stand_in.invoke(mia, clips, "clips limit", {"where": clips})
    assert len(moderating.heard) == 1


async def test_commands_in_groups_of_groups_and_their_suggestions(
    stand_in: DiscordStandIn, moderating: Moderating
) -> None:
    guild = stand_in.world.guild
    helper, clips, vip = guild.member("helper"), guild.channel("clips"), guild.role("VIP")
    name = "clips words add"
    asked = await stand_in.autocomplete(
        helper, clips, name, {"word": "ra", "role": vip}, focused="word"
    )
    assert asked.choices == [{"name": "ra!", "value": "ra"}]
    # While one types, Discord names roles by their ids alone.
    assert moderating.heard == [{"word": "ra", "role": discord.Object(vip.id)}]
    await stand_in.invoke(helper, clips, name, {"word": "raid", "role": vip})
    assert moderating.heard[-1] == ("raid", "VIP")
    for short in ("clips", "clips words", "clips words list"):
        with pytest.raises(ClientRefusal):
            await stand_in.invoke(helper, clips, short, {})


@pytest.mark.parametrize("granted", ["member", "role", "everyone"])
async def test_a_server_may_show_commands_to_others(
    stand_in: DiscordStandIn, moderating: Moderating, granted: str
) -> None:
    assert moderating.is_ready()
    guild = stand_in.world.guild
    mia, clips = guild.member("mia"), guild.channel("clips")
    ids = {"member": mia.id, "role": guild.role("Member").id, "everyone": guild.everyone.id}
    assert stand_in.offered(mia, clips) == []
    guild.command_grants["clips"] = {ids[granted]: True}
    assert [command["name"] for command in stand_in.offered(mia, clips)] == ["clips"]
    interaction = await stand_in.invoke(mia, clips, "clips words add", {"word": "x"})
    shown = [e for e in stand_in.gateway.log.events if e.name == "INTERACTION_CREATE"][-1].data
    assert isinstance(shown, dict)
    may = Permission(int(shown["member"]["permissions"]))
    assert not may & Permission.MANAGE_MESSAGES
    assert interaction.acknowledged
