"""The log channel hears what moderators do: each act once, in few messages, pinging one role."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from bot.base import Timeouts
from tests.decided import decide
from tests.e2e.quota_play import quota
from tests.e2e.test_clips_settings import opened, part, pick, told_off, words
from tests.e2e.test_notices import all_told, log_channel
from tests.reviewing import asked, board, everyone_is_reviewed, press, questions, review, waiting

if TYPE_CHECKING:
    import pytest

    from playground.discord import Member, Role
    from tests.house import House


def posted(house: House) -> list[str]:
    return [message.content for message in log_channel(house).messages.values()]


async def until_posted(house: House, said: str, times: int = 1) -> None:
    await house.discord.wait_for(lambda: "\n".join(posted(house)).count(said) >= times)


def team(house: House) -> Role:
    """A role that anyone may mention; the helper has it."""
    role = house.discord.world.guild.role("Helper")
    role.mentionable = True
    return role


async def block(house: House, who: Member, reason: str, length: str = "1w") -> None:
    """A block by the helper."""
    options: dict[str, Any] = {"who": who, "reason": reason, "for": length}
    await house.ask(house.member("helper"), "clips block", **options)


async def test_each_act_is_posted_once_in_a_sentence_also_over_a_restart(house: House) -> None:
    moderator, helper = house.member("moderator"), house.member("helper")
    await decide(house, log_channel_id=log_channel(house).id)
    async with house.bot():
        await block(house, house.mia, "spam *now*", length="2h")
        blocked = rf"<@{helper.id}> blocked <@{house.mia.id}> for 2 hours: spam \*now\*"
        await until_posted(house, blocked)
        await quota(house, "limit", amount=3, unit="clips", window="day")
        await house.ask(moderator, "clips words add", words="waves")
    # Neither was due yet when the process ended.
    assert len(posted(house)) == 1
    house.pass_time(minutes=1)
    async with house.bot():
        await until_posted(house, "blocked “waves” in prompts")
        await all_told(house)
    house.execute("UPDATE log_messages SET sent_at = NULL")
    async with house.bot():
        await all_told(house)
    first, second = posted(house)
    assert first == f"📋 {blocked}"
    assert second.splitlines() == [
        f"📋 <@{moderator.id}> set the limit of everyone to 3 clips a day (before: 5 clips a day)",
        f"📋 <@{moderator.id}> blocked “waves” in prompts",
    ]
    assert house.discord.notifications == []


async def test_two_moderators_at_once_are_both_told_of_and_once(house: House) -> None:
    await decide(house, log_channel_id=log_channel(house).id)
    async with house.bot():
        await asyncio.gather(
            house.ask(house.member("helper"), "clips pause", reason="one"),
            house.ask(house.member("moderator"), "clips pause", reason="two"),
        )
        await all_told(house)
        assert await house.discord.wait_for(lambda: len(posted(house)) == 1)
        (message,) = posted(house)
    assert message.count("paused clips") == 1
    assert message.count("changed the reason of the pause") == 1


async def test_a_raid_of_fifty_acts_becomes_a_few_messages(house: House) -> None:
    crowd = [house.discord.add_member(f"raider{number}") for number in range(50)]
    await decide(house, log_channel_id=log_channel(house).id)
    async with house.bot():
        for member in crowd:
            await block(house, member, "raid")
        house.pass_time(seconds=Timeouts.ACTS_APART.total_seconds() + 1)
        await all_told(house)
    messages = posted(house)
    assert len(messages) <= 1 + len(crowd) // 10
    assert all(len(it) <= 2000 for it in messages)
    summed_up = next(it for it in messages if "members (<@" in it)
    assert "more): raid" in summed_up
    assert "`/clips audit` has each of them." in summed_up
    assert house.query("SELECT count(*) FROM audit WHERE action = 'block'") == [(50,)]


async def test_what_the_reviewers_and_the_panel_decide_is_posted(house: House) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        panel = await opened(house)
        await pick(house, panel, "log_channel_id", log_channel(house))
        await until_posted(house, f"log channel <#{log_channel(house).id}> (it was none)")
        interaction = await waiting(house)
        await press(house, "helper", "Approve")
        await house.delivered(interaction)
        house.pass_time(seconds=30)
        await until_posted(house, f"approved clip #1 of <@{house.mia.id}>")


async def test_acts_can_be_switched_off_and_that_is_told_last(house: House) -> None:
    moderator, helper = house.member("moderator"), house.member("helper")
    await decide(house, log_channel_id=log_channel(house).id)
    async with house.bot():
        panel = await opened(house)
        assert "what moderators do" in words(panel)
        # A helper could hide what they do, or have it read elsewhere.
        theirs = await opened(house, helper)
        for menu in ("log_acts", "log_channel_id", "alert_role_id"):
            assert part(theirs, f"settings:pick:{menu}")["disabled"]
            part(theirs, f"settings:pick:{menu}")["disabled"] = False
        pressed = await house.discord.choose(helper, theirs, "settings:pick:log_acts", ["0"])
        assert pressed.original is not None
        await house.told(pressed.original, "Manage Server")
        await pick(house, panel, "log_acts", "0", who=moderator)
        await house.ask(helper, "clips pause")
        await house.ask(helper, "clips resume")
        house.pass_time(minutes=1)
        await until_posted(house, "moderators' acts in the log channel no (it was yes)")
        await pick(house, panel, "log_acts", "1", who=moderator)
        house.pass_time(minutes=1)
        await until_posted(house, "moderators' acts in the log channel yes (it was no)")
        await all_told(house)
    assert "pause" not in "".join(posted(house))


async def test_without_a_log_channel_no_acts_are_kept_for_one(house: House) -> None:
    helper = house.member("helper")
    async with house.bot():
        await house.ask(helper, "clips pause")
        await house.ask(helper, "clips resume")
        assert house.query("SELECT 1 FROM log_messages") == []


async def test_a_role_is_mentioned_for_alerts_and_for_the_first_of_many_reviews(
    house: House,
) -> None:
    role, helper = team(house), house.member("helper")
    await decide(
        house,
        "1 clip a day",
        log_channel_id=log_channel(house).id,
        review="everyone",
        review_channel_id=board(house).id,
    )
    async with house.bot():
        panel = await opened(house)
        await pick(house, panel, "alert_role_id", role)
        assert [
            it["id"] for it in part(panel, "settings:pick:alert_role_id")["default_values"]
        ] == [str(role.id)]
        await house.animate(house.member("noah"))
        await asked(house)
        await until_posted(house, "This server's budget is used up")
        house.pass_time(minutes=1)
        await all_told(house)
    (question,) = questions(board(house))
    assert question.content.startswith(f"<@&{role.id}> 🔎")
    pinged = [(it.user, it.message) for it in house.discord.notifications]
    alert = next(it for it in log_channel(house).messages.values() if "used up" in it.content)
    assert sorted(pinged, key=lambda it: it[1].id) == sorted(
        [(helper.user, question), (helper.user, alert)], key=lambda it: it[1].id
    )


async def test_of_reviews_that_come_together_only_the_first_mentions_the_role(
    house: House,
) -> None:
    role = team(house)
    await decide(house, review="everyone", review_channel_id=board(house).id, alert_role_id=role.id)
    async with house.bot():
        await waiting(house)
        await waiting(house, house.member("vera"))
        await house.discord.wait_for(lambda: len(questions(board(house))) == 2)
        assert len(house.discord.notifications) == 1
        house.pass_time(minutes=10)
        await house.animate(house.member("noah"))
        await house.discord.wait_for(lambda: len(questions(board(house))) == 3)
        assert len(house.discord.notifications) == 2
        # What is only asked elsewhere is no news.
        await review(house, "everyone", channel=log_channel(house))
        await house.discord.wait_for(lambda: len(questions(log_channel(house))) == 3)
        assert len(house.discord.notifications) == 2


async def test_nobody_has_everyone_mentioned(house: House) -> None:
    everyone = house.discord.world.guild.everyone
    async with house.bot():
        panel = await opened(house)
        pressed = await pick(house, panel, "alert_role_id", everyone)
        assert "never everyone" in await told_off(house, pressed)
        quiet = house.discord.world.guild.role("VIP")
        await pick(house, panel, "log_channel_id", log_channel(house))
        await pick(house, panel, "alert_role_id", quiet)
        assert f"I may not mention <@&{quiet.id}>" in words(panel)
        house.discord.delete_role(quiet)
        assert "The role that I mentioned is gone" in words(await opened(house))


async def test_decisions_of_moderators_are_no_errors_in_the_log(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        await waiting(house)
        await press(house, "moderator", "Refuse and refund")
        await house.settled()
        house.pika.behaviour.render_seconds = 60
        second = await house.animate()
        await house.told(second.original, "Rendering")
        await house.ask(house.member("moderator"), "clips cancel", job="2")
        house.pika.behaviour.render_seconds = 0
        await house.settled()
        await waiting(house)
        await house.ask(house.member("moderator"), "clips cancel", job="3")
        await house.settled()
    assert [
        (it.levelname, it.getMessage())
        for it in caplog.records
        # The stand-in's server complains where the bot breaks off an upload.
        if it.levelno > logging.WARNING and it.name != "aiohttp.server"
    ] == []
