from datetime import UTC, datetime, timedelta

import discord
import pytest

from playground.discord import ClientRefusal, DiscordStandIn, Permission
from tests.playground.conftest import SmallBot


async def test_only_the_newcomer_is_young(stand_in: DiscordStandIn) -> None:
    guild = stand_in.world.guild
    now = datetime.now(UTC)
    young = {
        member.user.username
        for member in guild.members.values()
        if not member.user.bot
        and max(discord.utils.snowflake_time(member.id), member.joined_at) > now - timedelta(days=7)
    }
    assert young == {"newcomer"}


@pytest.mark.parametrize(
    ("username", "rights"),
    [
        ("mia", (False, False)),
        ("vera", (False, False)),
        ("newcomer", (False, False)),
        ("helper", (True, False)),
        ("moderator", (True, True)),
        ("owner", (True, True)),
    ],
)
async def test_who_may_moderate(
    stand_in: DiscordStandIn, username: str, rights: tuple[bool, bool]
) -> None:
    guild = stand_in.world.guild
    member, clips = guild.member(username), guild.channel("clips")
    asked = (Permission.MANAGE_MESSAGES, Permission.MANAGE_GUILD)
    assert tuple(member.may(clips, one) for one in asked) == rights
    sees = [c.name for c in guild.channels.values() if member.may(c, Permission.VIEW_CHANNEL)]
    assert ("mod-log" in sees, "mod-review" in sees) == (rights[0], rights[0])


async def test_members_write_where_only_moderators_read(stand_in: DiscordStandIn) -> None:
    guild = stand_in.world.guild
    with pytest.raises(ClientRefusal):
        stand_in.say(guild.member("mia"), guild.channel("mod-log"), "hello")


async def test_the_bot_hears_of_roles(stand_in: DiscordStandIn, bot: SmallBot) -> None:
    guild = stand_in.world.guild
    seen = bot.get_guild(guild.id)
    assert seen is not None
    role = stand_in.add_role("Artists")
    mia = guild.member("mia")
    stand_in.set_roles(mia, [role])
    heard: list[list[str]] = []

    async def answer(interaction: discord.Interaction, _: discord.Attachment | None) -> None:
        assert isinstance(interaction.user, discord.Member)
        heard.append([one.name for one in interaction.user.roles])
        await interaction.response.defer()

    bot.answer = answer
    await stand_in.invoke(mia, guild.channel("clips"), "animate")
    stand_in.rename_role(role, "Painters")
    await stand_in.invoke(mia, guild.channel("clips"), "animate")
    stand_in.delete_role(role)
    await stand_in.invoke(mia, guild.channel("clips"), "animate")
    assert heard == [["@everyone", "Artists"], ["@everyone", "Painters"], ["@everyone"]]
    assert seen.get_role(role.id) is None
    assert bot.failures == []


async def test_who_leaves_is_gone_with_everything(stand_in: DiscordStandIn) -> None:
    guild = stand_in.world.guild
    noah = guild.member("noah")
    stand_in.remove_member(noah)
    assert noah.id not in guild.members
    assert guild.departed[noah.id] is noah.user
