"""`/defaults`, and what `/animate` makes of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bot.base import Timeouts
from playground.discord import Upload
from tests.decided import decide
from tests.house import photo

if TYPE_CHECKING:
    import pytest

    from playground.discord import Channel, Interaction, Member
    from tests.house import House


async def defaults(house: House, member: Member | None = None, **options: Any) -> str:
    who = member or house.mia
    message = await house.ask(who, "defaults", **options)
    assert message not in house.discord.visible(house.clips, house.member("moderator"))
    return message.content


async def bare(
    house: House, member: Member | None = None, channel: Channel | None = None, **options: Any
) -> Interaction:
    """An `/animate` with nothing but a picture and these options, until its clip is there."""
    options["image"] = Upload("photo.jpg", photo(), "image/jpeg")
    who = member or house.mia
    asked = await house.discord.invoke(who, channel or house.clips, "animate", options)
    await house.delivered(asked)
    return asked


def asked_for(house: House) -> list[tuple[str, int, str]]:
    rows = house.query("SELECT options_json FROM jobs ORDER BY id")
    found = [json.loads(row) for (row,) in rows]
    return [(it["resolution"], it["duration"], it["negative_prompt"]) for it in found]


def notices(house: House) -> list[str]:
    found = [it for it in house.clips.messages.values() if it.viewer is None]
    return [it.content for it in found if it.reference is not None and not it.deleted]


async def test_what_is_left_out_comes_from_the_members_defaults(house: House) -> None:
    there = house.add_managed_guild(house.mia.user)
    chosen: dict[str, Any] = {
        "resolution": "720p",
        "duration": "10",
        "negative_prompt": "text,  blur",
    }
    async with house.bot():
        before = await defaults(house)
        assert "- 1080p, as the server has it\n- 5 s, as the server has it\n" in before
        after = await defaults(house, **chosen)
        assert "- 720p, as you chose\n- 10 s, as you chose\n" in after
        assert "> text, blur" in after

    # They outlive a restart.
    async with house.bot():
        await bare(house)
        await bare(house, resolution="1080p", duration=5, negative_prompt="hats")
        await bare(house, negative_prompt="None")
        await bare(house, house.member("noah"))
        await bare(house, there.members[house.mia.id], there.channel("general"))
        changed = await defaults(house, resolution="server", negative_prompt="none")
        assert "- 1080p, as the server has it\n- 10 s, as you chose\n" in changed
        assert "avoid" not in changed
        await bare(house)
        await house.settled()
    assert asked_for(house) == [
        ("720p", 10, "text, blur"),
        ("1080p", 5, "hats"),
        ("720p", 10, ""),
        ("1080p", 5, ""),
        ("1080p", 5, ""),
        ("1080p", 10, ""),
    ]


async def test_moderators_bounds_hold_for_defaults(house: House) -> None:
    async with house.bot():
        await defaults(house, resolution="1080p", duration="10")
    await decide(house, highest_resolution="720p", longest_duration=5)
    async with house.bot():
        refused = await defaults(house, duration="10")
        assert "at most 720p and 5 seconds" in refused
        # Chosen before: bounded, and no reason to refuse each clip.
        await bare(house)
        await house.settled()
    assert asked_for(house) == [("720p", 5, "")]


async def test_words_that_became_blocked_are_found_in_defaults_too(house: House) -> None:
    async with house.bot():
        await defaults(house, negative_prompt="poodle")
        await house.ask(house.member("helper"), "clips words add", words="poodle")
        refused = await house.animate()
        await house.refused(refused, "words in it that this server does not allow")
    assert house.query("SELECT 1 FROM jobs") == []


async def test_defaults_hold_where_the_precheck_took_too_long(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Even the first of its reads does not come back in time.
    monkeypatch.setattr(Timeouts, "PRECHECK_SECONDS", 0.0)
    async with house.bot():
        await defaults(house, duration="10", negative_prompt="blur")
        await house.delivered(await house.animate())
        await house.settled()
    assert asked_for(house) == [("720p", 10, "blur")]


async def test_an_offer_keeps_what_the_defaults_filled_in(house: House) -> None:
    moderator = house.member("moderator")
    async with house.bot():
        await defaults(house, negative_prompt="blur", duration="10")
        await house.ask(moderator, "quota budget", amount=0.3, unit="usd", window="month")
        refused = await house.animate()
        assert refused.original is not None
        await house.told(refused.original, "This fits now:")
        await defaults(house, negative_prompt="other")
        custom_id = refused.original.components[0]["components"][0]["custom_id"]
        taken = await house.discord.press(house.mia, refused.original, custom_id)
        await house.delivered(taken)
        await house.settled()
    assert asked_for(house) == [("720p", 5, "blur")]


async def test_who_wants_no_message_gets_none(house: House) -> None:
    async with house.bot():
        assert "A message calls you" in await defaults(house)
        assert "No message calls you" in await defaults(house, tell="none")
        await bare(house)
        house.pika.behaviour.outcome = "content_moderation"
        failed = await house.animate()
        await house.told(failed.original, "content rules")
        await house.settled()
        assert notices(house) == []
        # Others are called as before, and so is who changes their mind.
        house.pika.behaviour.outcome = "completed"
        await bare(house, house.member("noah"))
        await defaults(house, tell="mention")
        await bare(house)
        await house.settled()
    assert notices(house) == [
        f"<@{house.member('noah').id}>, your clip is ready.",
        f"<@{house.mia.id}>, your clip is ready.",
    ]
