"""`/clips status`: what holds and what goes on, in one look, with a way to what is many."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.base import Limit
from bot.base.database import open_database
from bot.quota.rule_store import RuleStore
from bot.quota.rules import LimitTarget, Rule, Scope
from playground.discord import Overwrite, Permission
from tests.decided import decide
from tests.house import DATABASE
from tests.reviewing import board

if TYPE_CHECKING:
    from bot.base.database import Transaction
    from playground.discord import Message
    from tests.house import House


NOBODY_BLOCKED = (
    "🚫 **Blocked**: 0 words and 0 patterns (`/clips words list`), 0 members (`/clips blocks`)."
)


def text(message: Message) -> str:
    return str(message.components[0]["content"])


async def status(house: House, who: str = "helper") -> Message:
    return await house.ask(house.member(who), "clips status")


async def turned(house: House, message: Message, before: str) -> None:
    await house.discord.wait_for(lambda: text(message) != before)


async def set_many_limits(house: House, count: int) -> None:
    """Limits of so many members, written straight into the database."""
    await decide(house)
    guild_id = house.discord.world.guild.id

    def put(tx: Transaction) -> None:
        store = RuleStore(Limit.parse("5 clips a day"))
        for number in range(count):
            target = LimitTarget(Scope.MEMBER, 10_000_000_000_000_000 + number)
            store.put(tx, guild_id, Rule(target, Limit.parse("7 clips a day")))

    async with open_database(house.data_dir / DATABASE) as database:
        await database.write(put)


async def test_a_quiet_server_says_so(house: House) -> None:
    async with house.bot():
        told = text(await status(house))
    assert told.splitlines() == [
        "### Clips on this server",
        "▶️ **Not paused**: members may ask for clips.",
        "🎬 **In the making**: nothing.",
        "⚠️ **Failed within the last hour**: nothing.",
        "🔎 **Review**: off: clips are shown at once.",
        NOBODY_BLOCKED,
        "💬 **Channels**: all.",
        "💰 **Budget**: none.",
        "📏 **Limits**:",
        "• 5 clips a day for everyone",
    ]


async def test_everything_that_holds_is_in_one_look(house: House) -> None:
    moderator, helper = house.member("moderator"), house.member("helper")
    vip = house.discord.world.guild.role("VIP")
    async with house.bot():
        await house.delivered(await house.animate())
        house.pika.behaviour.outcome = "content_moderation"
        await house.told((await house.animate()).original, "content rules")
        house.pika.behaviour.outcome = "completed"
        house.pika.behaviour.render_seconds = 60
        await house.told((await house.animate()).original, "Rendering")
        for word in ("waves", "storms"):
            await house.ask(helper, "clips words add", words=word)
        await house.ask(helper, "clips words add", words="/a+b/")
        await house.ask(helper, "clips channels allow", channel=house.clips)
        await house.ask(helper, "clips block", who=house.member("noah"))
        await house.ask(
            helper, "clips review", mode="newcomers", channel=board(house), newcomer_days=3
        )
        await house.ask(moderator, "quota limit", amount=9, unit="usd", window="week", who=vip)
        await house.ask(moderator, "quota budget", amount=0.4, unit="usd", window="month")
        await house.ask(helper, "clips pause", reason="a *raid*")
        told = text(await status(house))
        house.pass_time(hours=1, minutes=1)
        later = text(await status(house))
        house.pika.behaviour.render_seconds = 0
    lines = told.splitlines()
    assert re.fullmatch(
        rf"⏸️ \*\*Paused\*\* <t:\d+:R> by <@{helper.id}>, until `/clips resume`: a \\\*raid\\\*",
        lines[1],
    )
    assert lines[2] == "🎬 **In the making**: 1 rendering. See `/clips queue`."
    assert lines[3] == "⚠️ **Failed within the last hour**: 1 clip: Pika's content rules (1)."
    where = f"in <#{board(house).id}>."
    assert lines[4] == f"🔎 **Review**: clips of newcomers (up to 3 days), {where}"
    assert "2 words and 1 pattern (`/clips words list`), 1 member (`/clips blocks`)" in lines[5]
    assert lines[6] == f"💬 **Channels**: only <#{house.clips.id}>."
    assert lines[7].startswith("💰 **Budget**: $0.00 of $0.40 left this month of the server's")
    assert re.fullmatch(r"-# It has ended; it renews <t:\d+:f>\.", lines[8])
    assert lines[9:] == [
        "📏 **Limits**:",
        "• 5 clips a day for everyone",
        f"• $9.00 a week for <@&{vip.id}>",
    ]
    # The clip that was rendering may have timed out meanwhile.
    assert "content rules" not in later


async def test_five_hundred_limits_have_their_pages(house: House) -> None:
    await set_many_limits(house, 500)
    helper = house.member("helper")
    async with house.bot():
        message = await status(house)
        seen = re.findall(r"7 clips a day for <@(\d+)>", text(message))
        assert "and 493 more on the next page" in text(message)
        while True:
            row = message.components[1]["components"]
            if row[1].get("disabled"):
                break
            before = text(message)
            await house.discord.press(helper, message, row[1]["custom_id"])
            await turned(house, message, before)
            seen += re.findall(r"7 clips a day for <@(\d+)>", text(message))
    assert len(set(seen)) == len(seen) == 500


async def test_a_hundred_channels_name_the_way_to_the_rest(house: House) -> None:
    channels = [house.discord.add_channel(f"room-{number}") for number in range(12)]
    async with house.bot():
        for channel in channels:
            await house.ask(house.member("helper"), "clips channels allow", channel=channel)
        told = text(await status(house))
    assert "and 2 more (`/clips channels list`)" in told


async def test_the_owners_pause_and_stopped_orders_are_said(house: House) -> None:
    owner = house.member("owner")
    async with house.bot():
        await house.ask(owner, "owner pause", reason="bills")
        told = text(await status(house))
    assert "⏸️ **The bot's owner has paused clips everywhere**: bills" in told


async def test_it_takes_a_right_in_the_whole_server_at_each_press(house: House) -> None:
    await set_many_limits(house, 50)
    helper, noah = house.member("helper"), house.member("noah")
    house.clips.overwrites[noah.id] = Overwrite("member", allow=Permission.MANAGE_MESSAGES)
    async with house.bot():
        refused = await status(house, "noah")
        assert "in this channel alone" in refused.content
        message = await status(house)
        house.discord.set_roles(helper, [])
        turn = message.components[1]["components"][1]["custom_id"]
        pressed = await house.discord.press(helper, message, turn)
        assert pressed.original is not None
        await house.told(pressed.original, "Manage Messages")
