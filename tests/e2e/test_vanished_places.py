"""Clips whose channel is gone when they are finished: the second of a day counts for its member."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from playground.discord import Permission
from tests.decided import decide

if TYPE_CHECKING:
    from playground.discord import Channel, Interaction, Member
    from tests.house import House

FIRST, COUNTED = ["settle", "credit"], ["settle"]


async def rendering(house: House, channel: Channel, member: Member | None = None) -> Interaction:
    interaction = await house.animate(member, channel=channel)
    await house.told(interaction.original, "Rendering")
    return interaction


async def vanish(house: House, *names: str, member: Member | None = None) -> None:
    """Have clips rendered, each in a channel of its own, and delete all of these before the end."""
    house.pika.behaviour.render_seconds = math.inf
    places = [house.discord.add_channel(name) for name in names]
    for place in places:
        await rendering(house, place, member)
    for place in places:
        house.discord.delete_channel(place)
    house.pika.behaviour.render_seconds = 0
    await house.settled()


def endings(house: House, member: Member) -> list[list[str]]:
    """What the ledger has for each of a member's clips after its reserve, in order."""
    rows = house.query(
        "SELECT job_id, kind FROM ledger WHERE kind <> 'reserve' AND member_id ="
        f" {member.id} ORDER BY job_id, id"
    )
    jobs = dict.fromkeys(job for job, _ in rows)
    return [[kind for it, kind in rows if it == job] for job in jobs]


async def usage(house: House, member: Member | None = None) -> str:
    return (await house.ask(member or house.mia, "usage")).content


async def test_the_second_of_a_day_counts_and_its_member_reads_so(house: House) -> None:
    async with house.bot():
        await vanish(house, "one")
        first = await usage(house)
        assert "5 of 5 clips left today" in first
        assert "if that happens twice within a day, it counts. Nothing was charged." in first
        await vanish(house, "two")
        second = await usage(house)
        assert "4 of 5 clips left today" in second
        assert "and counts: its channel is gone or closed to me" in second
        assert "Please choose a channel that stays. (reference " in second
        assert second.count("Nothing was charged") == 1, "of the first one"
        await vanish(house, "three")
        assert "3 of 5 clips left today" in await usage(house)
    assert endings(house, house.mia) == [FIRST, COUNTED, COUNTED]
    assert house.spent() == (2, 400_000)
    assert house.paid() == (3, 600_000)
    failures = house.query("SELECT failure FROM jobs ORDER BY id")
    assert failures == [("no_place",), ("no_place_again",), ("no_place_again",)]


async def test_of_two_that_end_at_once_one_counts(house: House) -> None:
    house.overrides["renders_at_once"] = 4
    async with house.bot():
        await vanish(house, "one", "two", "three")
    assert sorted(endings(house, house.mia)) == [COUNTED, COUNTED, FIRST]
    assert house.spent() == (2, 400_000)


async def test_members_are_apart(house: House) -> None:
    noah = house.member("noah")
    async with house.bot():
        await vanish(house, "one")
        await vanish(house, "two", member=noah)
        assert "5 of 5 clips left today" in await usage(house, noah)
    assert endings(house, house.mia) == endings(house, noah) == [FIRST]
    assert house.spent() == (0, 0)


async def test_a_restart_in_between_forgets_nothing(house: House) -> None:
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        await vanish(house, "one")
        house.pika.behaviour.render_seconds = math.inf
        place = house.discord.add_channel("two")
        await rendering(house, place)
    house.discord.delete_channel(place)
    house.pika.behaviour.render_seconds = 0
    async with house.bot():
        await house.settled()
    assert endings(house, house.mia) == [FIRST, COUNTED]


async def test_a_day_later_the_first_is_given_back_again(house: House) -> None:
    async with house.bot():
        await vanish(house, "one")
        house.pass_time(hours=23)
        await vanish(house, "two")
        house.pass_time(hours=23)
        await vanish(house, "three")
        house.pass_time(hours=25)
        await vanish(house, "four")
    assert endings(house, house.mia) == [FIRST, COUNTED, COUNTED, FIRST]


async def test_a_channel_that_is_closed_to_the_bot_counts_as_gone(house: House) -> None:
    async with house.bot():
        await vanish(house, "one")
        house.pika.behaviour.render_seconds = math.inf
        place = house.discord.add_channel("two")
        interaction = await rendering(house, place)
        house.discord.remove_bot_permissions(place, Permission.VIEW_CHANNEL)
        house.discord.expire_interaction(interaction)
        house.pika.behaviour.render_seconds = 0
        await house.settled()
    assert endings(house, house.mia) == [FIRST, COUNTED]


async def test_other_failures_are_given_back_as_before(house: House) -> None:
    """Whether before a place that vanished, or after it."""
    async with house.bot():
        house.pika.behaviour.result = "garbage"
        broken = await house.animate()
        await house.told(broken.original, "not a playable video")
        house.pika.behaviour.result = "canned"
        await vanish(house, "one")
        house.pika.behaviour.result = "garbage"
        broken = await house.animate()
        content = await house.told(broken.original, "not a playable video")
        await house.settled()
    assert "Nothing was charged" in content
    assert endings(house, house.mia) == [FIRST] * 3


async def test_a_clip_that_a_moderator_cancelled_is_given_back(house: House) -> None:
    async with house.bot():
        await vanish(house, "one")
        house.pika.behaviour.render_seconds = math.inf
        place = house.discord.add_channel("two")
        await rendering(house, place)
        house.discord.delete_channel(place)
        await house.ask(house.member("moderator"), "clips cancel", job="2")
        # Pika's own API stops no render: its end is awaited.
        house.pika.behaviour.render_seconds = 0
        await house.settled()
    assert endings(house, house.mia) == [FIRST, FIRST]


async def test_moderators_read_who_paid(house: House) -> None:
    moderator = house.member("moderator")
    records = house.discord.add_channel("records")
    await decide(house, log_channel_id=records.id)
    async with house.bot():
        await vanish(house, "one")
        await vanish(house, "two")
        await house.discord.wait_for(lambda: len(house.discord.visible(records, moderator)) == 2)
        first, second = (it.content for it in house.discord.visible(records, moderator))
        assert "Its member was not charged." in first
        assert "It counts for its member, of whom another clip was not shown within a day" in second
        report = (await house.ask(moderator, "quota report")).content
    assert "**$0.40 charged**, 0 clips delivered" in report
    assert "$0.20 credited to members for 1 clip that the server paid" in report
    assert "channel gone or closed (1)" in report
    assert "channel gone or closed again, which counts (1)" in report
    assert "**$0.40**, 0 clips delivered, 2 failed, 1 credited" in report
