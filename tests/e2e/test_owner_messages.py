"""What the owner of the application is told: each thing once, and of a burst a few."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.base.database import open_database
from bot.guilds import owner_messages
from bot.guilds.log_messages import LogMessageKind
from playground.faults import Fault
from tests.decided import decide
from tests.house import DATABASE

if TYPE_CHECKING:
    from playground.discord import Guild, User
    from tests.house import House

PRICE = 200_000
LOW, SPENT = "Three quarters of your budget are used", "Your budget is used up"
UNSENT = "SELECT 1 FROM log_messages WHERE guild_id = 0 AND sent_at IS NULL"


async def all_told(house: House) -> None:
    async with asyncio.timeout(60):
        while house.query(f"{UNSENT} AND due_at = 0"):
            await asyncio.sleep(0.02)


async def clip(house: House) -> None:
    await house.delivered(await house.animate())
    await house.settled()


def stranger(house: House) -> User:
    return house.discord.world.new_user("stranger")


async def recorded(house: House, guild: Guild) -> None:
    await house.until(f"SELECT 1 FROM known_guilds WHERE guild_id = {guild.id}")


async def test_the_ceiling_is_told_of_at_three_quarters_and_at_its_end(house: House) -> None:
    house.overrides["owner_budget_usd_per_month"] = 4 * PRICE
    async with house.bot():
        await clip(house)
        await clip(house)
        await all_told(house)
        assert house.told_to_owner() == []
        await clip(house)
        assert "$0.60 of $0.80 a month, renews <t:" in await house.owner_told(LOW)
    async with house.bot():
        await clip(house)
        await house.owner_told(SPENT)
        for _ in range(2):
            refused = await house.animate()
            await house.told(refused.original, "that the bot's owner has set")
        await all_told(house)
        assert len(house.told_to_owner()) == 2


async def test_it_is_told_of_again_in_the_next_month(house: House) -> None:
    house.overrides["owner_budget_usd_per_month"] = PRICE
    async with house.bot():
        await clip(house)
        await house.owner_told(SPENT)
        house.pass_time(days=31)
        await clip(house)
        await house.discord.wait_for(lambda: len(house.told_to_owner()) == 2)


async def test_a_ceiling_that_pays_for_nothing_more_is_told_of_by_the_refusal(
    house: House,
) -> None:
    house.overrides["owner_budget_usd_per_month"] = 250_000
    async with house.bot():
        await clip(house)
        await house.owner_told(LOW)
        await house.told((await house.animate()).original, "that the bot's owner has set")
        assert "$0.20 of $0.25" in await house.owner_told(SPENT)


async def test_no_moderator_reads_of_it(house: House) -> None:
    house.overrides["owner_budget_usd_per_month"] = PRICE
    async with house.bot():
        await clip(house)
        await house.owner_told(SPENT)
    for channel in house.discord.world.guild.channels.values():
        assert not any(SPENT in it.content for it in channel.messages.values())


async def test_each_accepted_member_of_the_team_is_told_once(house: House) -> None:
    world = house.discord.world
    ada, invited = house.mia.user, house.member("noah").user
    world.application_team = {world.application_owner: True, ada: True, invited: False}
    house.overrides["owner_budget_usd_per_month"] = PRICE
    down = {"message": "no", "code": 0}
    house.discord.faults.add(Fault("discord.create_dm", "reply", times=1, status=403, body=down))
    async with house.bot():
        await clip(house)
        await house.owner_told(SPENT)
        await house.owner_told(SPENT, ada)
        await all_told(house)
    for user in (world.application_owner, ada):
        path = f"/channels/{world.direct_channel(user).id}/messages"
        sent = [it.path.endswith(path) for it in house.discord.exchanges].count(True)
        assert sent == 1, "whoever was reached is not written to again for another"
    assert [len(house.told_to_owner(it)) for it in world.application_team] == [1, 1, 0]


async def test_the_channel_is_written_in_instead(house: House) -> None:
    channel = house.discord.world.guild.channel("mod-log")
    house.overrides |= {"owner_budget_usd_per_month": PRICE, "owner_channel": channel.id}
    async with house.bot():
        await clip(house)
        await house.discord.wait_for(lambda: bool(channel.messages))
        await all_told(house)
    (message,) = channel.messages.values()
    assert SPENT in message.content
    assert house.told_to_owner() == []


async def test_each_owner_reads_the_language_that_they_chose_and_others_english(
    house: House,
) -> None:
    world = house.discord.world
    house.overrides["owner_budget_usd_per_month"] = PRICE
    world.application_team = {world.application_owner: True, house.mia.user: True}
    async with house.bot():
        await house.ask(house.mia, "defaults", language="de")
        await clip(house)
        german = await house.owner_told("**Dein Budget ist aufgebraucht.**", house.mia.user)
        assert "Auf allen Servern zusammen 0,20\N{NO-BREAK SPACE}$ von 0,20" in german
        await house.owner_told(SPENT)


async def test_the_channel_reads_the_language_of_its_server(house: House) -> None:
    channel = house.discord.world.guild.channel("mod-log")
    house.overrides |= {"owner_budget_usd_per_month": PRICE, "owner_channel": channel.id}
    await decide(house, language="fr")
    async with house.bot():
        await clip(house)
        await house.discord.wait_for(lambda: bool(channel.messages))
        await all_told(house)
    (message,) = channel.messages.values()
    assert "**Ton budget est épuisé.**" in message.content
    asked = [it.path for it in house.discord.exchanges if it.path.endswith(f"/{channel.id}")]
    assert len(asked) == 1


async def test_where_the_channel_is_gone_it_comes_by_direct_message(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    channel = house.discord.world.guild.channel("mod-log")
    house.overrides |= {"owner_budget_usd_per_month": PRICE, "owner_channel": channel.id}
    house.discord.delete_channel(channel)
    async with house.bot():
        await clip(house)
        await house.owner_told(SPENT)
    assert "OWNER_CHANNEL" in caplog.text


async def test_an_owner_who_takes_no_direct_messages_reads_it_in_the_log(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.discord.world.application_owner.takes_direct_messages = False
    house.overrides["owner_budget_usd_per_month"] = PRICE
    async with house.bot():
        await clip(house)
        await all_told(house)
        await clip_refused(house)
        await all_told(house)
    warned = [it.getMessage() for it in caplog.records if it.levelno == logging.WARNING]
    assert [SPENT in it for it in warned].count(True) == 1
    assert house.told_to_owner() == []


async def clip_refused(house: House) -> None:
    await house.told((await house.animate()).original, "that the bot's owner has set")


async def test_a_message_waits_for_discord(house: House) -> None:
    house.overrides["owner_budget_usd_per_month"] = PRICE
    down = Fault("discord.create_dm", "reply", status=403, body={"message": "no", "code": 0})
    house.discord.faults.add(replace(down, times=3))
    async with house.bot():
        await clip(house)
        await house.discord.faults.wait_taken("discord.create_dm")
    async with house.bot():
        await house.owner_told(SPENT)
        await all_told(house)
    assert len(house.told_to_owner()) == 1


async def test_orders_in_doubt_are_told_of_once_a_day(house: House) -> None:
    house.patience = replace(house.patience, pika=timedelta(seconds=0.7))
    house.overrides["default_limit"] = "9 clips a day"
    async with house.bot():
        for expected in (1, 1):
            await in_doubt(house)
            await all_told(house)
            assert len(house.told_to_owner()) == expected
        assert "1 order is in doubt" in house.told_to_owner()[0]
        house.pass_time(days=1)
        await in_doubt(house)
        assert "3 orders are in doubt" in await house.owner_told("3 orders")
        assert "orders came to be in doubt: 1 more" in await house.owner_told("1 more")
        assert len(house.told_to_owner()) == 3


async def in_doubt(house: House) -> None:
    house.pika.faults.add(Fault("pika.submit", "drop_after", times=None))
    try:
        await house.told((await house.animate()).original, "cannot tell whether Pika bills it")
    finally:
        house.pika.faults.clear("pika.submit")
    await house.settled()


async def test_a_new_server_is_told_of_with_its_name_as_it_is_written(house: House) -> None:
    async with house.bot():
        await recorded(house, house.discord.world.guild)
        assert house.told_to_owner() == []
        guild = house.discord.add_guild("@everyone **free** <@1>\nclips", stranger(house))
        joined = await house.owner_told("I am in a new server")
        assert "It is closed" in joined
        assert str(guild.id) in joined
        assert "2 members" in joined
        assert "@everyone **" not in joined.replace("\\", "\x00")
        assert "\n" not in joined
        house.discord.remove_bot(guild)
        assert str(guild.id) in await house.owner_told("no longer in a server")
        mine = house.discord.add_guild("Mine", house.discord.world.application_owner)
        await recorded(house, mine)
        assert "It is open" in await house.owner_told("Mine")
    (message, *_) = house.discord.world.direct_channel(
        house.discord.world.application_owner
    ).messages.values()
    assert not message.mentions.everyone


async def test_whoever_invites_and_removes_it_a_hundred_times_is_no_flood(house: House) -> None:
    async with house.bot():
        await recorded(house, house.discord.world.guild)
        for number in range(100):
            guild = house.discord.add_guild(f"Foreign {number}", stranger(house))
            await recorded(house, guild)
            house.discord.remove_bot(guild)
        await house.until(
            "SELECT 1 FROM log_messages WHERE dedup_key LIKE 'more-guild_left-%'"
            " AND json_extract(data_json, '$.count') = 97"
        )
        await all_told(house)
        assert len(house.told_to_owner()) == 6
        house.pass_time(days=1)
    async with house.bot():
        assert "97 more" in await house.owner_told("servers were joined")
        assert "97 more" in await house.owner_told("servers were left")
        await all_told(house)
    assert len(house.told_to_owner()) == 8


async def test_what_happened_to_servers_while_it_was_off_is_told(house: House) -> None:
    world = house.discord.world
    async with house.bot():
        old = house.discord.add_guild("Old", world.application_owner)
        await recorded(house, old)
        await all_told(house)
    before = len(house.told_to_owner())
    world.leave(old.members[world.bot.id])
    house.discord.add_guild("New", stranger(house))
    async with house.bot():
        assert str(old.id) in await house.owner_told("no longer in a server")
        assert "New" in await house.owner_told("'New'")
        await all_told(house)
    async with house.bot():
        await recorded(house, world.guild)
        await all_told(house)
    assert len(house.told_to_owner()) == before + 2


async def test_a_server_that_is_closed_is_told_of(house: House) -> None:
    house.patience = replace(house.patience, guild_look=timedelta(milliseconds=100))
    guild = house.add_managed_guild(house.mia.user)
    async with house.bot():
        await house.until(f"SELECT 1 FROM known_guilds WHERE guild_id = {guild.id} AND was_open")
        house.discord.set_roles(guild.members[house.discord.world.application_owner.id], [])
        assert "Elsewhere" in await house.owner_told("A server is closed now")


async def test_a_start_after_a_crash_says_what_it_found(house: House) -> None:
    house.pika.behaviour.render_seconds = 60
    async with house.bot():
        await house.told((await house.animate()).original, "Rendering")
        ((since,),) = house.query("SELECT running_since FROM owner_state")
        assert since is not None
    assert house.query("SELECT running_since FROM owner_state") == [(None,)]
    async with house.bot():
        await all_told(house)
        assert house.told_to_owner() == []
    # As a process that was killed leaves it.
    house.execute(f"UPDATE owner_state SET running_since = {since}")
    async with house.bot():
        told = await house.owner_told("the run before had not stopped in order")
        assert "1 clip, which I carry on; 0 orders in doubt" in told
    async with house.bot():
        await all_told(house)
    assert len(house.told_to_owner()) == 1


@pytest.mark.parametrize("reason", ["credit", "key", "cycle_limit"])
async def test_an_account_that_takes_no_orders(house: House, reason: str) -> None:
    house.data_dir.mkdir()
    async with open_database(house.data_dir / DATABASE) as database:
        for _ in range(5):
            await database.write(
                lambda tx: owner_messages.put(
                    tx,
                    LogMessageKind.ACCOUNT_REFUSED,
                    "once",
                    house.clock(),
                    reason=reason,
                    provider="comfy-proxy",
                )
            )
    async with house.bot():
        await house.owner_told("comfy\\-proxy takes no orders")
        await all_told(house)
    assert len(house.told_to_owner()) == 1
