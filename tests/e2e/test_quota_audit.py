"""`/quota audit`: every deed is on record, page by page, also after a restart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from playground.discord import ClientRefusal, Overwrite, Permission

if TYPE_CHECKING:
    from playground.discord import Interaction, Member, Message
    from tests.house import House


NOTHING = "Nothing of the kind is on record."


def button(message: Message, label: str) -> str:
    """The custom id of the button with this label; asserts that it can be pressed."""
    _, row = message.components
    (found,) = [one for one in row["components"] if one["label"] == label]
    assert not found.get("disabled"), f"{label} is disabled"
    return str(found["custom_id"])


def text(message: Message) -> str:
    """What a page says, above its buttons."""
    return str(message.components[0]["content"])


def amounts(message: Message) -> list[int]:
    return [int(found) for found in re.findall(r"to (\d+) clips a day", text(message))]


async def turn(house: House, message: Message, label: str) -> Message:
    before = text(message)
    await house.discord.press(house.member("moderator"), message, button(message, label))
    await house.discord.wait_for(lambda: text(message) != before)
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
        await set_limits(house, 22)
        page = await house.ask(moderator, "quota audit")
        assert "page 1 of 3" in text(page)
        assert amounts(page) == list(range(23, 13, -1))
        await turn(house, page, "▶")
        assert "page 2 of 3" in text(page)
        assert amounts(page) == list(range(13, 3, -1))
    async with house.bot():
        await turn(house, page, "▶")
        assert amounts(page) == [3, 2]
        with pytest.raises(AssertionError, match="disabled"):
            button(page, "▶")
        await turn(house, page, "◀")
        await turn(house, page, "◀")
        assert amounts(page) == list(range(23, 13, -1))
        with pytest.raises(AssertionError, match="disabled"):
            button(page, "◀")


async def test_an_entry_says_who_what_when_from_what_to_what_and_why(house: House) -> None:
    moderator = house.member("moderator")
    async with house.bot():
        await set_limits(house, 2)
        page = await house.ask(moderator, "quota audit")
        newest, oldest = text(page).splitlines()[1:]
        did = f"<@{moderator.id}> set the limit of <@{house.mia.id}> to"
        assert re.match(rf"<t:\d+:f> {did} 3 clips a day", newest)
        assert newest.endswith("(before: 2 clips a day): reason 3")
        assert oldest.endswith(f"{did} 2 clips a day: reason 2")
        assert len(page.components) == 1


async def test_each_moderator_reads_it_in_their_own_language(house: House) -> None:
    """A moderator whose Discord is German, another whose is English; the record is one."""
    german, english, mia = house.member("moderator"), house.member("owner"), house.mia
    german.user.locale = "de"
    async with house.bot():
        limit: dict[str, Any] = {"amount": 1500, "unit": "usd", "window": "week", "who": mia}
        await house.ask(english, "quota limit", reason="new *here*", **limit)
        length: dict[str, Any] = {"for": "2h"}
        await house.ask(english, "clips pause", **length)
        reads = [await house.ask(it, "quota audit") for it in (german, english)]
        head, pause, set_limit = text(reads[0]).splitlines()
        assert head == "**Audit-Log**, Seite 1 von 1"
        assert re.fullmatch(
            rf"<t:\d+:f> <@{english.id}> hat Clips pausiert \(bis <t:\d+:f>\)", pause
        )
        did = f"<@{english.id}> hat das Limit für <@{mia.id}> auf 1500,00\u00a0$ pro Woche gesetzt"
        assert set_limit.endswith(f"{did}: new \\*here\\*")
        assert "**Audit log**, page 1 of 1" in text(reads[1])
        assert "paused clips (until <t:" in text(reads[1])
        nothing = await house.ask(german, "clips audit", action="grant")
        assert text(nothing) == "Dazu ist nichts verzeichnet."


async def test_every_deed_of_the_purse_is_on_record(house: House) -> None:
    moderator, mia = house.member("moderator"), house.mia
    vip = house.discord.world.guild.role("VIP")
    async with house.bot():
        await house.delivered(await house.animate())
        await house.settled()
        deeds = (
            ("limit", {"amount": 0, "unit": "usd", "window": "week", "who": vip}),
            ("budget", {"amount": 9.99, "unit": "usd", "window": "month"}),
            ("grant", {"who": mia, "amount": 2, "unit": "clips"}),
            ("reset", {"who": mia}),
            ("unlimit", {"budget": True}),
        )
        for command, options in deeds:
            await house.ask(moderator, f"quota {command}", **options)
        page = await house.ask(moderator, "quota audit")
    told = [line.split(f"<@{moderator.id}> ", 1)[1] for line in text(page).splitlines()[1:]]
    assert told == [
        "removed the budget of $9.99 a month",
        f"reset the limits of <@{mia.id}>, who had used 1 clip in the day",
        f"granted <@{mia.id}> 2 clips, who has 2 clips on top now",
        "set the server's budget to $9.99 a month",
        f"set the limit of <@&{vip.id}> to $0.00 a week",
    ]


async def test_the_record_is_searched_by_whom_it_is_about_who_did_it_and_what(
    house: House,
) -> None:
    moderator, owner = house.member("moderator"), house.member("owner")
    vip = house.discord.world.guild.role("VIP")
    async with house.bot():
        await set_limits(house, 11)
        await house.ask(moderator, "quota grant", who=house.mia, amount=1, unit="clips")
        for who in (vip, house.member("noah")):
            await house.ask(owner, "quota limit", amount=99, unit="clips", window="day", who=who)
        about = await house.ask(moderator, "quota audit", who=vip)
        assert amounts(about) == [99]
        assert f"<@&{vip.id}>" in text(about)
        by = await house.ask(moderator, "quota audit", by=owner)
        assert amounts(by) == [99, 99]
        # Nothing was done to the owner.
        assert text(await house.ask(moderator, "quota audit", who=owner)) == NOTHING
        grants = await house.ask(moderator, "quota audit", action="grant")
        assert len(text(grants).splitlines()) == 2
        none = await house.ask(moderator, "quota audit", who=house.mia, by=owner)
        assert text(none) == NOTHING
        page = await house.ask(moderator, "quota audit", who=house.mia, action="limit")
        await turn(house, page, "▶")
        assert amounts(page) == [2]
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
    for page, member, clip, other in ((mias, house.mia, "#1", "#2"), (noahs, noah, "#2", "#1")):
        assert f"removed clip {clip} of <@{member.id}>" in text(page)
        assert other not in text(page)


async def test_helpers_read_what_they_did_themselves_and_nothing_else(house: House) -> None:
    helper, moderator = house.member("helper"), house.member("moderator")
    async with house.bot():
        for number in range(12):
            await house.ask(helper, "clips words add", words=f"word{number}")
        await house.ask(moderator, "clips pause", reason="a secret")
        own = await house.ask(helper, "clips audit")
        assert "page 1 of 2" in text(own)
        assert text(own).count(f"<@{helper.id}> blocked “word") == 10
        everything = await house.ask(moderator, "clips audit")
        assert "a secret" in text(everything)
        # A button with another page's custom id is no way round.
        pressed = await forge(house, helper, own, f"audit:0::{moderator.id}:")
        await house.discord.wait_for(lambda: bool(pressed.followups))
        assert "Manage Server" in pressed.followups[0].content
        await forge(house, helper, own, "audit:1:::")
        await house.discord.wait_for(lambda: "page 2 of 2" in text(own))
        assert text(own).count(f"<@{helper.id}> blocked “word") == 2
        house.discord.world.guild.command_grants["quota"] = {helper.id: True}
        refused = await house.ask(helper, "quota audit")
        assert "Manage Server" in refused.content


async def forge(house: House, who: Member, message: Message, custom_id: str) -> Interaction:
    """Press a button that the bot did not put there, as no client of Discord's own can."""
    message.components[1]["components"][1]["custom_id"] = custom_id
    return await house.discord.press(who, message, custom_id)


async def test_a_moderator_of_one_channel_reads_what_they_did_there(house: House) -> None:
    noah = house.member("noah")
    house.clips.overwrites[noah.id] = Overwrite("member", allow=Permission.MANAGE_MESSAGES)
    async with house.bot():
        await house.delivered(await house.animate())
        await house.settled()
        await house.ask(noah, "clips remove", clip="1", reason="off topic")
        own = await house.ask(noah, "clips audit")
        assert f"<@{noah.id}> removed clip #1 of <@{house.mia.id}>: off topic" in text(own)
        house.discord.world.guild.command_grants["clips"] = {house.mia.id: True}
        refused = await house.ask(house.mia, "clips audit")
    assert "Manage Messages" in refused.content


async def test_who_lost_the_right_turns_no_page(house: House) -> None:
    moderator = house.member("moderator")
    async with house.bot():
        await set_limits(house, 11)
        page = await house.ask(moderator, "quota audit")
        before = text(page)
        house.discord.set_roles(moderator, [])
        pressed = await house.discord.press(moderator, page, button(page, "▶"))
        assert pressed.original is not None
        await house.told(pressed.original, "Manage Messages")
        # Who may still moderate reads their own acts alone.
        house.discord.set_roles(moderator, [house.discord.world.guild.role("Helper")])
        await house.ask(house.member("owner"), "quota reset", who=house.mia)
        await turn(house, page, "▶")
        assert amounts(page) == [2]
        assert text(page) != before
        with pytest.raises(ClientRefusal):
            await house.discord.press(house.mia, page, button(page, "◀"))


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
    assert r"\*\*\@everyone\*\* \<\@1\>" in text(page)
    assert house.discord.notifications == []
