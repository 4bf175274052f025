"""`/usage`, as its member sees it through the life of their clips."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.base import Limit
from playground.faults import Fault

if TYPE_CHECKING:
    from playground.discord import Member
    from tests.house import House


async def usage(house: House, member: Member | None = None) -> str:
    """What the member reads; asserts that nobody else does."""
    who = member or house.mia
    interaction = await house.discord.invoke(who, house.clips, "usage")
    message = interaction.original
    assert message is not None
    await house.discord.wait_for(lambda: not message.loading)
    assert message.viewer is who.user
    assert message not in house.discord.visible(house.clips, house.member("moderator"))
    assert message in house.discord.visible(house.clips, who)
    return message.content


def renewal(text: str) -> datetime:
    found = re.search(r"renews <t:(\d+):R>", text)
    assert found is not None, text
    return datetime.fromtimestamp(int(found[1]), UTC)


def midnight_after(now: datetime) -> datetime:
    return (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


async def test_usage_follows_a_clip_from_before_to_after(house: House) -> None:
    house.pika.behaviour.render_seconds = 60
    async with house.bot():
        before = await usage(house)
        assert "5 of 5 clips left today" in before
        assert "made right now" not in before
        assert renewal(before) == midnight_after(house.clock())

        interaction = await house.animate(prompt="waves")
        await house.told(interaction.original, "Rendering")
        during = await usage(house)
        assert "4 of 5 clips left today" in during
        assert "1 clip being made right now" in during
        assert f"`{'█' * 16}{'░' * 4}`" in during
        assert interaction.original is not None
        (link,) = re.findall(r"-# \[rendering\]\(https://discord.com/channels/(\S+)\)", during)
        place = house.discord.world.guild.id, house.clips.id, interaction.original.id
        assert link == "/".join(map(str, place))
        assert "· $0.20 · waves" in during
        others = await usage(house, house.member("noah"))
        assert "5 of 5 clips left" in others
        assert "rendering" not in others

        house.pika.behaviour.render_seconds = 0
        await house.delivered(interaction)
        await house.settled()
        after = await usage(house)
        assert "4 of 5 clips left today" in after
        assert "made right now" not in after
        assert "reference" not in after
        assert "rendering" not in after


async def test_usage_shows_what_came_back_and_why(house: House) -> None:
    house.pika.behaviour.outcome = "content_moderation"
    async with house.bot():
        interaction = await house.animate(prompt="a *secret* wish")
        told = await house.told(interaction.original, "content rules")
        await house.settled()
        text = await usage(house)
    reference = re.search(r"reference (\w{5})", told)
    assert reference is not None
    assert "5 of 5 clips left today" in text
    assert reference[0] in text
    assert "content rules" in text
    assert "Nothing was charged" in text
    assert r"> a \*secret\* wish" in text
    assert house.kinds() == ["reserve", "refund"]


async def test_usage_at_the_limit_and_after_it_renewed(house: House) -> None:
    house.overrides["default_limit"] = Limit.parse("1 clip a day")
    async with house.bot():
        await house.delivered(await house.animate())
        await house.settled()
        assert "0 of 1 clip left today" in await usage(house)
        refused = await house.animate()
        sentence = await house.told(refused.original, "nothing left")
        assert renewal(sentence) == renewal(await usage(house))

        house.pass_time(days=1)
        renewed = await usage(house)
        assert "1 of 1 clip left today" in renewed
        assert renewal(renewed) == midnight_after(house.clock())
        await house.delivered(await house.animate())


async def test_a_failure_is_shown_for_a_day(house: House) -> None:
    house.pika.behaviour.outcome = "provider_error"
    async with house.bot():
        interaction = await house.animate()
        await house.told(interaction.original, "failed to render")
        await house.settled()
        assert "reference" in await usage(house)
        house.pass_time(hours=25)
        assert "reference" not in await usage(house)


async def test_a_failure_is_shown_before_its_member_was_told(house: House) -> None:
    """Discord takes no edit of the message, which is tried again and again."""
    house.pika.behaviour.outcome = "content_moderation"
    house.pika.behaviour.render_seconds = 3600
    refused = {"message": "internal network error", "code": 40333}
    async with house.bot():
        interaction = await house.animate()
        await house.told(interaction.original, "Rendering")
        fault = Fault("discord.edit_followup", "reply", times=None, status=403, body=refused)
        house.discord.faults.add(fault)
        house.pika.behaviour.render_seconds = 0
        await house.until("SELECT 1 FROM jobs WHERE state = 'failed'")
        text = await usage(house)
        house.discord.faults.clear()
        await house.told(interaction.original, "content rules")
        await house.settled()
    assert "content rules" in text
    assert "5 of 5 clips left today" in text
    assert "made right now" not in text


async def test_who_may_start_no_clip_reads_why_and_until_when(house: House) -> None:
    helper, owner = house.member("helper"), house.member("owner")
    length: dict[str, Any] = {"for": "2h"}
    async with house.bot():
        await house.ask(helper, "clips block", who=house.mia, reason="spam", **length)
        until = int((house.clock() + timedelta(hours=2)).timestamp())
        blocked = await usage(house)
        assert blocked.startswith("⛔ The moderators have blocked you from making clips here until")
        (told,) = re.findall(r"until <t:(\d+):f>: spam", blocked)
        assert abs(int(told) - until) < 60
        assert "Please ask them if you think that is wrong." in blocked
        assert "5 of 5 clips left today" in blocked
        assert "charged" not in blocked
        assert "⛔" not in await usage(house, house.member("noah"))
        # The widest goes first, as where a request is refused.
        await house.ask(helper, "clips pause", reason="a raid")
        both = (await usage(house)).splitlines()[:3]
        assert both[0].startswith("⛔ The moderators have paused new clips here: a raid")
        assert both[1].startswith("⛔ The moderators have blocked you from making clips here")
        assert "⛔" not in both[2]
        assert "⛔ The moderators have blocked you" in (await house.ask(house.mia, "help")).content
        await house.ask(owner, "owner pause", reason="bills")
        every = (await usage(house)).splitlines()
        assert every[0].startswith("⛔ The bot's owner has paused new clips: bills")
        assert every[1:3] == both[:2]
    house.mia.user.locale = "de"
    async with house.bot():
        german = await usage(house)
        assert german.startswith("⛔ ")
        assert "paused" not in german
        await house.ask(owner, "owner resume")
        await house.ask(helper, "clips resume")
        house.pass_time(hours=2)
        assert "⛔" not in await usage(house)


async def test_usage_counts_money_where_the_limit_does(house: House) -> None:
    house.overrides["default_limit"] = Limit.parse("$1 a week")
    house.pika.behaviour.charge_micro_usd = 190_000
    async with house.bot():
        assert "$1.00 of $1.00 left this week" in await usage(house)
        await house.delivered(await house.animate())
        await house.settled()
        assert "$0.81 of $1.00 left this week" in await usage(house)
