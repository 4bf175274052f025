"""`/quota audit`: every deed is on record, page by page, also after a restart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from playground.discord import ClientRefusal

if TYPE_CHECKING:
    from playground.discord import Message
    from tests.house import House


def button(message: Message, label: str) -> str:
    """The custom id of the button with this label; asserts that it can be pressed."""
    (row,) = message.components
    (found,) = [one for one in row["components"] if one["label"] == label]
    assert not found.get("disabled"), f"{label} is disabled"
    return str(found["custom_id"])


def amounts(message: Message) -> list[int]:
    return [int(found) for found in re.findall(r"→ (\d+) clips a day", message.content)]


async def turn(house: House, message: Message, label: str) -> Message:
    before = message.content
    await house.discord.press(house.member("moderator"), message, button(message, label))
    await house.discord.wait_for(lambda: message.content != before)
    return message


async def set_limits(house: House, count: int) -> None:
    for amount in range(2, count + 2):
        await house.ask(
            house.member("moderator"),
            "quota limit",
            amount=amount,
            unit="clips",
            window="day",
            who=house.mia,
            reason=f"reason {amount}",
        )


async def test_pages_turn_both_ways_and_after_a_restart(house: House) -> None:
    moderator = house.member("moderator")
    async with house.bot():
        await set_limits(house, 11)
        page = await house.ask(moderator, "quota audit")
        assert "page 1 of 3" in page.content
        assert amounts(page) == [12, 11, 10, 9, 8]
        await turn(house, page, "▶")
        assert "page 2 of 3" in page.content
        assert amounts(page) == [7, 6, 5, 4, 3]
    async with house.bot():
        await turn(house, page, "▶")
        assert amounts(page) == [2]
        with pytest.raises(AssertionError, match="disabled"):
            button(page, "▶")
        await turn(house, page, "◀")
        await turn(house, page, "◀")
        assert amounts(page) == [12, 11, 10, 9, 8]
        with pytest.raises(AssertionError, match="disabled"):
            button(page, "◀")


async def test_an_entry_says_who_what_when_from_what_to_what_and_why(house: House) -> None:
    moderator = house.member("moderator")
    async with house.bot():
        await set_limits(house, 2)
        page = await house.ask(moderator, "quota audit")
        newest, why, oldest, _ = page.content.splitlines()[1:]
        assert re.match(rf"<t:\d+:f> <@{moderator.id}> \*\*Limit\*\* <@{house.mia.id}>: ", newest)
        assert newest.endswith("2 clips a day → 3 clips a day")
        assert oldest.endswith("nothing → 2 clips a day")
        assert why == "-# reason 3"
        assert page.components == []


async def test_every_deed_of_the_purse_is_on_record(house: House) -> None:
    moderator, mia = house.member("moderator"), house.mia
    guild = house.discord.world.guild
    async with house.bot():
        await house.delivered(await house.animate())
        await house.settled()
        deeds = (
            ("limit", {"amount": 0, "unit": "usd", "window": "week", "who": guild.role("VIP")}),
            ("budget", {"amount": 9.99, "unit": "usd", "window": "month"}),
            ("grant", {"who": mia, "amount": 2, "unit": "clips"}),
            ("reset", {"who": mia}),
            ("unlimit", {"budget": True}),
        )
        for command, options in deeds:
            await house.ask(moderator, f"quota {command}", **options)
        page = await house.ask(moderator, "quota audit")
    told = [line.split("**", 1)[1] for line in page.content.splitlines()[1:]]
    assert told == [
        "Budget**: $9.99 a month → nothing",
        f"Reset** <@{mia.id}>: 1 clip in the day → 0 clips in the day",
        f"Grant** <@{mia.id}>: nothing → 2 clips",
        "Budget**: nothing → $9.99 a month",
        f"Limit** <@&{guild.role('VIP').id}>: nothing → $0.00 a week",
    ]


async def test_the_record_is_searched_by_person_and_by_action(house: House) -> None:
    moderator, owner = house.member("moderator"), house.member("owner")
    vip = house.discord.world.guild.role("VIP")
    async with house.bot():
        await set_limits(house, 7)
        await house.ask(moderator, "quota grant", who=house.mia, amount=1, unit="clips")
        for who in (vip, house.member("noah")):
            await house.ask(owner, "quota limit", amount=99, unit="clips", window="day", who=who)
        about = await house.ask(moderator, "quota audit", who=vip)
        assert about.content.count(f"<@&{vip.id}>") == len(amounts(about)) == 1
        by = await house.ask(moderator, "quota audit", who=owner)
        assert amounts(by) == [99, 99]
        grants = await house.ask(moderator, "quota audit", action="grant")
        assert len(grants.content.splitlines()) == 2
        none = await house.ask(moderator, "quota audit", who=vip, action="grant")
        assert none.content == "Nothing of the kind is on record."
        page = await house.ask(moderator, "quota audit", who=house.mia, action="limit")
        await turn(house, page, "▶")
        assert amounts(page) == [3, 2]
        house.discord.delete_role(vip)
        gone = await house.ask(moderator, "quota audit", client_checks=False, who=str(vip.id))
        assert amounts(gone) == [99]


async def test_what_was_done_to_somebodys_clips_is_found_by_their_name(house: House) -> None:
    moderator, noah = house.member("moderator"), house.member("noah")
    async with house.bot():
        for member in (house.mia, noah):
            await house.delivered(await house.animate(member))
            await house.settled()
        for clip in ("1", "2"):
            await house.ask(moderator, "clips remove", clip=clip)
        mias = await house.ask(moderator, "quota audit", who=house.mia)
        noahs = await house.ask(moderator, "quota audit", who=noah, action="remove")
    for page, clip, other in ((mias, "#1", "#2"), (noahs, "#2", "#1")):
        assert f"**Clip removed** {clip}: " in page.content
        assert other not in page.content


async def test_who_lost_the_right_turns_no_page(house: House) -> None:
    moderator = house.member("moderator")
    async with house.bot():
        await set_limits(house, 6)
        page = await house.ask(moderator, "quota audit")
        before = page.content
        house.discord.set_roles(moderator, [])
        pressed = await house.discord.press(moderator, page, button(page, "▶"))
        assert pressed.original is not None
        await house.told(pressed.original, "Manage Server")
        assert page.content == before
        with pytest.raises(ClientRefusal):
            await house.discord.press(house.mia, page, button(page, "▶"))


async def test_words_of_moderators_do_nothing_in_the_record(house: House) -> None:
    moderator = house.member("moderator")
    evil = "**@everyone** <@1> [x](http://y.z)"
    async with house.bot():
        for _ in range(5):
            await house.ask(
                moderator, "quota grant", who=house.mia, amount=1, unit="usd", reason=evil
            )
        page = await house.ask(moderator, "quota audit")
        hidden = await house.ask(
            moderator, "quota reset", client_checks=False, who=house.mia, reason="a\u202eb"
        )
    assert "invisible characters" in hidden.content
    assert r"\*\*\@everyone\*\* \<\@1\>" in page.content
    assert house.discord.notifications == []
