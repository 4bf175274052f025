"""The log channel: each thing is told there once, and soon."""

from __future__ import annotations

import asyncio
import logging
import math
from typing import TYPE_CHECKING

from playground.faults import Fault
from tests.decided import decide

if TYPE_CHECKING:
    import pytest

    from playground.discord import Channel
    from tests.house import House

LOW = "Three quarters of this server's budget are used"
BACK = "Less of this server's budget is used than I said"
SPENT = "This server's budget is used up"
UNTOLD = "SELECT 1 FROM log_messages WHERE sent_at IS NULL"


def log_channel(house: House) -> Channel:
    return house.discord.world.guild.channel("mod-log")


def posted(channel: Channel) -> list[str]:
    """What each notice begins with, in order."""
    begun = [message.content.partition("**")[2] for message in channel.messages.values()]
    return [text.partition(".**")[0] for text in begun]


async def clip(house: House, times: int = 1) -> None:
    """So many clips by noah, whose own limits do not matter, to their ends."""
    for _ in range(times):
        interaction = await house.animate(house.member("noah"))
        await house.told(interaction.original, "<@")
        await house.settled()


async def all_told(house: House, *expected: str) -> None:
    """Wait until nothing is left to tell; for what is expected too, which follows a clip's end."""
    if expected:
        await house.discord.wait_for(lambda: posted(log_channel(house)) == [*expected])
    async with asyncio.timeout(60):
        while house.query(UNTOLD):
            await asyncio.sleep(0.02)


async def test_a_budget_is_told_of_at_three_quarters_and_at_its_end(house: House) -> None:
    await decide(house, "4 clips a day", log_channel_id=log_channel(house).id)
    async with house.bot():
        await clip(house, 2)
        assert posted(log_channel(house)) == []
        await clip(house)
        await all_told(house, LOW)
        assert posted(log_channel(house)) == [LOW]
    async with house.bot():
        await clip(house)
        await all_told(house)
        refused = await house.animate(house.member("noah"))
        await house.told(refused.original, "this server's budget")
        await all_told(house, LOW, SPENT)
    async with house.bot():
        assert posted(log_channel(house)) == [LOW, SPENT]
        house.pass_time(days=1)
        await clip(house, 3)
        await all_told(house, LOW, SPENT, LOW)
    assert posted(log_channel(house)) == [LOW, SPENT, LOW]
    low, spent, _ = log_channel(house).messages.values()
    assert "3 of 4 clips a day, renews <t:" in low.content
    assert "4 of 4 clips a day, renews <t:" in spent.content
    assert all("`/quota budget`" in message.content for message in (low, spent))


async def test_a_budget_that_is_too_small_for_what_was_asked_is_used_up(house: House) -> None:
    await decide(house, "$0.30 a day", log_channel_id=log_channel(house).id)
    async with house.bot():
        await clip(house)
        assert posted(log_channel(house)) == []
        refused = await house.animate()
        await house.told(refused.original, "this server's budget")
        await house.discord.wait_for(lambda: posted(log_channel(house)) == [SPENT])
        await all_told(house)
    (message,) = log_channel(house).messages.values()
    assert "$0.20 of $0.30 a day" in message.content


async def test_a_budget_in_which_something_smaller_fits_is_not_used_up(house: House) -> None:
    await decide(house, "$0.50 a day", log_channel_id=log_channel(house).id)
    async with house.bot():
        refused = await house.animate(resolution="1080p", duration=10)
        await house.told(refused.original, "This fits now")
        assert house.query("SELECT 1 FROM log_messages") == []
        await clip(house, 2)
        await all_told(house)
        refused = await house.animate()
        await house.told(refused.original, "there is only $0.10 left")
        await all_told(house, LOW, SPENT)
    assert posted(log_channel(house)) == [LOW, SPENT]


async def test_a_budget_that_is_set_below_what_is_used_is_told_at_once(house: House) -> None:
    await decide(house, log_channel_id=log_channel(house).id, log_acts=0)
    async with house.bot():
        await clip(house, 3)
        for amount, last in ((4, [LOW]), (3, [LOW, SPENT]), (100, [LOW, SPENT])):
            await house.ask(
                house.member("moderator"), "quota budget", amount=amount, unit="clips", window="day"
            )
            await house.until("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM budget_checks)")
            await all_told(house)
            assert posted(log_channel(house)) == last


async def test_what_was_told_is_not_told_again_by_the_next_process(house: House) -> None:
    await decide(house, "1 clip a day", log_channel_id=log_channel(house).id)
    async with house.bot():
        await clip(house)
        await all_told(house, SPENT)
    # As if it had died between the post and its mark.
    house.execute("UPDATE log_messages SET sent_at = NULL")
    async with house.bot():
        await all_told(house)
    assert posted(log_channel(house)) == [SPENT]


async def test_without_a_log_channel_a_notice_waits_for_one(house: House) -> None:
    await decide(house, "1 clip a day")
    async with house.bot():
        await clip(house)
        await house.until(UNTOLD)
    assert posted(log_channel(house)) == []
    await decide(house, log_channel_id=log_channel(house).id)
    async with house.bot():
        await all_told(house, SPENT)
    assert posted(log_channel(house)) == [SPENT]


async def test_a_budget_that_has_renewed_is_no_news(house: House) -> None:
    await decide(house, "1 clip an hour")
    async with house.bot():
        await clip(house)
        await house.until(UNTOLD)
    await decide(house, log_channel_id=log_channel(house).id)
    house.pass_time(hours=1)
    async with house.bot():
        await all_told(house)
    assert posted(log_channel(house)) == []


async def test_a_log_channel_that_is_gone_is_given_up(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await decide(house, "1 clip a day", log_channel_id=log_channel(house).id)
    house.discord.delete_channel(log_channel(house))
    async with house.bot():
        with caplog.at_level(logging.WARNING):
            await clip(house)
            await house.until("SELECT 1 FROM log_messages")
            await all_told(house)
    assert "given up" in caplog.text


async def test_while_discord_is_down_a_notice_waits(house: House) -> None:
    await decide(house, "1 clip a day", log_channel_id=log_channel(house).id)
    house.discord.faults.add(Fault("discord.create_message", "reply", times=6))
    async with house.bot():
        await clip(house)
        await house.discord.faults.wait_taken("discord.create_message", 6)
        await all_told(house, SPENT)
    assert posted(log_channel(house)) == [SPENT]


async def test_what_pika_may_bill_without_a_clip_is_told(house: House) -> None:
    await decide(house, log_channel_id=log_channel(house).id)
    house.pika.behaviour.result = "garbage"
    async with house.bot():
        await clip(house)
        await house.until("SELECT 1 FROM log_messages")
        await all_told(house)
    (message,) = log_channel(house).messages.values()
    ((reference,),) = house.query("SELECT reference FROM jobs")
    assert "Pika may bill $0.20" in message.content
    assert f"reference {reference}" in message.content


async def test_what_only_waits_is_no_news_and_what_is_ordered_is(house: House) -> None:
    house.overrides["renders_at_once"] = 1
    house.pika.behaviour.render_seconds = math.inf
    await decide(house, "2 clips a day", log_channel_id=log_channel(house).id)
    moderator = house.member("moderator")
    async with house.bot():
        first = await house.animate(house.member("noah"))
        await house.told(first.original, "Rendering")
        await house.animate(house.mia)
        # Reserved to its end, and half of it waits.
        await house.refused(await house.animate(house.member("noah")), "this server's budget")
        await house.until("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM budget_checks)")
        assert house.query("SELECT 1 FROM log_messages WHERE kind LIKE 'budget%'") == []
        await house.ask(moderator, "clips cancel", job="2")
        await house.until("SELECT 1 FROM jobs WHERE id = 2 AND ended_at IS NOT NULL")
        await house.until("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM budget_checks)")
        assert house.query("SELECT 1 FROM log_messages WHERE kind LIKE 'budget%'") == []
        house.pika.behaviour.render_seconds = 0
        await house.settled()
        await clip(house)
        await house.discord.wait_for(lambda: posted(log_channel(house))[-1:] == [SPENT])


async def test_an_alert_is_taken_back_and_told_again_over_restarts(house: House) -> None:
    await decide(house, "1 clip a day", log_channel_id=log_channel(house).id)
    house.pika.behaviour.render_seconds = math.inf
    house.pika.behaviour.outcome = "content_moderation"
    async with house.bot():
        stopped = await house.animate(house.member("noah"))
        await house.told(stopped.original, "Rendering")
        await house.discord.wait_for(lambda: posted(log_channel(house)) == [SPENT])
    house.pika.behaviour.render_seconds = 0
    async with house.bot():
        await house.settled()
        await house.discord.wait_for(lambda: posted(log_channel(house)) == [SPENT, BACK])
        await all_told(house)
    assert "0 of 1 clip a day" in [*log_channel(house).messages.values()][1].content
    house.pika.behaviour.outcome = "completed"
    async with house.bot():
        done = await house.animate(house.member("noah"))
        await house.delivered(done)
        await house.discord.wait_for(lambda: posted(log_channel(house)) == [SPENT, BACK, SPENT])
