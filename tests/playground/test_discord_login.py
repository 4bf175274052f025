from playground.discord import DiscordStandIn
from tests.contracts import discord_violations
from tests.playground.conftest import SmallBot


async def test_a_bot_logs_in_syncs_and_gets_its_guild(
    stand_in: DiscordStandIn, bot: SmallBot
) -> None:
    await bot.came_ready.wait()
    assert stand_in.commands_synced.is_set()
    assert stand_in.sync_count == 1
    guild = stand_in.world.guild
    assert [g.id for g in bot.guilds] == [guild.id]
    seen = bot.get_guild(guild.id)
    assert seen is not None
    assert {c.id for c in seen.channels} == guild.channels.keys()
    assert seen.me.guild_permissions.attach_files
    mods = seen.get_channel(guild.channel("mods").id)
    assert mods is not None
    assert mods.name == "___hidden___"
    assert not mods.permissions_for(seen.me).view_channel
    log = seen.get_channel(guild.channel("mod-log").id)
    assert log is not None
    assert log.permissions_for(seen.me).send_messages
    info = await bot.application_info()
    assert info.owner.name == "owner"
    assert discord_violations(stand_in.exchanges) == []
    assert stand_in.unknown_routes == []
