"""`/quota report` and `/quota simulate` as moderators read them, held against the ledger."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from bot.base import Limit
from playground.discord import ClientRefusal
from tests.e2e.quota_play import quota

if TYPE_CHECKING:
    from playground.discord import Attachment, Member, Message
    from tests.house import House


async def report(house: House, **options: Any) -> Message:
    return await house.ask(house.member("moderator"), "quota report", **options)


async def simulate(house: House, **options: Any) -> str:
    return (await house.ask(house.member("moderator"), "quota simulate", **options)).content


async def made(house: House, member: Member, **options: Any) -> None:
    await house.delivered(await house.animate(member, **options))
    await house.settled()


async def refused(house: House, member: Member) -> None:
    """A clip that Pika's rules refuse; it is refunded."""
    house.pika.behaviour.outcome = "content_moderation"
    await house.told((await house.animate(member)).original, "content rules")
    await house.settled()
    house.pika.behaviour.outcome = "completed"


def picture_and_table(message: Message) -> tuple[Image.Image, list[dict[str, str]]]:
    png, rows = message.attachments
    image = Image.open(io.BytesIO(png.data))
    image.load()
    return image, read_table(rows)


def read_table(file: Attachment) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.data.decode("utf-8-sig"))))


async def test_a_report_says_what_the_ledger_says(house: House) -> None:
    noah = house.member("noah")
    async with house.bot():
        await made(house, house.mia, prompt="a *secret* wish")
        await made(house, house.mia, resolution="1080p")
        await made(house, noah)
        await refused(house, noah)
        house.pika.behaviour.render_seconds = 60
        await house.told((await house.animate(noah)).original, "Rendering")
        message = await report(house)
        assert house.paid() == (4, 1_050_000)
        house.pika.behaviour.render_seconds = 0
        await house.settled()
    text = message.content
    assert "**$0.85 charged**, 3 clips delivered" in text
    assert "$0.20 set aside for 1 clip in the making" in text
    assert "$0.20 refunded for 1 clip" in text
    assert "1 clip failed: Pika's content rules (1)" in text
    assert f"<@{house.mia.id}>: **$0.65**, 2 clips delivered\n" in text
    assert f"<@{noah.id}>: **$0.40**, 1 clip delivered, 1 in the making, 1 failed\n" in text
    assert text.index(str(house.mia.id)) < text.index(str(noah.id))

    image, rows = picture_and_table(message)
    assert (image.format, image.size) == ("PNG", (1000, 665 + 2 * 84))
    assert len(image.convert("RGB").getcolors(1_000_000) or ()) > 100
    assert message.attachments[0].description
    assert [row["job"] for row in rows] == ["5", "4", "3", "2", "1"]
    assert [row["member"] for row in rows] == [
        f"<@{it.id}>" for it in (noah, noah, noah, house.mia, house.mia)
    ]
    assert [row["charged_usd"] for row in rows] == ["", "0.00", "0.20", "0.45", "0.20"]
    assert rows[1] | {"when_utc": ""} == {
        "when_utc": "",
        "member": f"<@{noah.id}>",
        "name": "Noah",
        "job": "4",
        "state": "told",
        "resolution": "720p",
        "seconds": "5",
        "price_usd": "0.20",
        "charged_usd": "0.00",
        "refunded_usd": "0.20",
        "credited_usd": "0.00",
        "failure": "moderated",
    }
    shown = b"".join(it.data for it in message.attachments) + text.encode()
    assert b"secret" not in shown


async def test_the_table_names_who_is_here_and_runs_nothing(house: House) -> None:
    noah, vera = house.member("noah"), house.member("vera")
    async with house.bot():
        for member in (house.mia, noah, vera):
            await made(house, member)
        noah.nick = "=HYPERLINK(1); +2"
        del house.discord.world.guild.members[vera.id]
        _, rows = picture_and_table(await report(house))
    assert [(row["member"], row["name"]) for row in rows] == [
        (f"<@{vera.id}>", ""),
        (f"<@{noah.id}>", "'=HYPERLINK(1) +2"),
        (f"<@{house.mia.id}>", "Mia"),
    ]


async def test_what_the_server_paid_and_the_member_did_not(house: House) -> None:
    house.pika.behaviour.result = "garbage"
    async with house.bot():
        await house.told((await house.animate()).original, "not a playable video")
        await house.settled()
        message = await report(house, period="today")
    assert "**$0.20 charged**, 0 clips delivered" in message.content
    assert "$0.20 credited to members for 1 clip that the server paid" in message.content
    assert "refunded" not in message.content
    _, (row,) = picture_and_table(message)
    assert (row["charged_usd"], row["credited_usd"]) == ("0.20", "0.20")


async def test_without_clips_there_is_a_sentence_and_no_file(house: House) -> None:
    async with house.bot():
        for period in ("today", "this week", "this month", "last month", "last 30 days"):
            message = await report(house, period=period)
            assert f"**Spending, {period}**" in message.content
            assert "Nobody has asked for a clip in this time" in message.content
            assert message.attachments == ()


async def test_where_nothing_was_spent_there_is_a_table_and_no_picture(house: House) -> None:
    async with house.bot():
        await refused(house, house.mia)
        message = await report(house)
    assert "$0.00 charged" in message.content
    (file,) = message.attachments
    assert [row["failure"] for row in read_table(file)] == ["moderated"]


async def test_periods_are_apart(house: House) -> None:
    async with house.bot():
        await made(house, house.mia)
        today = house.clock()
        next_month = (today.replace(day=1) + timedelta(days=31)).replace(day=1)
        house.pass_time(seconds=(next_month - today).total_seconds() + 60)
        assert "Nobody has asked" in (await report(house, period="this month")).content
        last = await report(house, period="last month")
        assert "1 clip delivered" in last.content
        assert f"(<t:{midnight(today.replace(day=1))}:f> to " in last.content
        house.pass_time(days=30)
        assert "Nobody has asked" in (await report(house, period="last 30 days")).content


def midnight(day: datetime) -> int:
    return int(day.replace(hour=0, minute=0, second=0, microsecond=0).timestamp())


async def test_those_who_left_are_in_it_too(house: House) -> None:
    mia = house.mia
    async with house.bot():
        await made(house, mia)
        del house.discord.world.guild.members[mia.id]
        message = await report(house)
    assert f"<@{mia.id}>: **$0.20**" in message.content
    assert len(message.attachments) == 2


async def test_a_limit_is_tried_on_what_happened(house: House) -> None:
    noah = house.member("noah")
    async with house.bot():
        for _ in range(3):
            await made(house, house.mia)
        await made(house, noah)
        told = await simulate(house, amount=1, unit="clips", window="day")
        assert "**If it had been 1 clip a day for everyone** in the last 30 days" in told
        assert "**2 of 4 requests** would have been refused" in told
        assert "**$0.40** of $0.80 not been spent" in told
        assert f"• <@{house.mia.id}>: 2 of 3 requests" in told
        assert f"<@{noah.id}>" not in told
        assert "It has no budget that could end" in told
        role = house.discord.world.guild.role("Member")
        told = await simulate(house, amount=0.5, unit="usd", window="week", who=role)
        assert f"$0.50 a week for <@&{role.id}>" in told
        assert "**1 of 4 requests**" in told
        told = await simulate(house, amount=0, unit="clips", window="day", who=noah)
        assert "**1 of 4 requests**" in told
        assert f"• <@{noah.id}>: 1 of 1 request\n" in told
    assert house.query("SELECT * FROM rules") == house.query("SELECT * FROM audit") == []


async def test_the_forecast_says_when_the_budget_ends(house: House) -> None:
    mod = house.member("moderator")
    async with house.bot():
        # So early in a month that a day's pace does not end the budget before it renews.
        await house.ask(mod, "quota budget", amount=0.5, unit="usd", window="month")
        await made(house, house.mia)
        await made(house, house.mia)
        told = await simulate(house, amount=1, unit="clips", window="month")
        assert "the server spends $12.00 in 30 days, and $6.00 with this limit" in told
        assert "• The budget of $0.50 a month has $0.10 left and " in told
        await house.ask(mod, "quota budget", amount=0.4, unit="usd", window="month")
        told = await simulate(house, amount=1, unit="clips", window="month")
        assert "has $0.00 left and has ended; it renews <t:" in told


async def test_todays_rules_are_told_apart(house: House) -> None:
    async with house.bot():
        for _ in range(3):
            await made(house, house.mia)
        await quota(house, "limit", amount=2, unit="clips", window="day")
        told = await simulate(house, amount=1, unit="clips", window="week")
    assert "**2 of 3 requests**" in told
    assert "as they are now would have refused 1 of them anyway, and saved $0.20" in told


async def test_nothing_to_try_it_on(house: House) -> None:
    async with house.bot():
        told = await simulate(house, amount=1, unit="clips", window="day")
    assert "Nobody has made a clip in this time" in told
    assert "Nothing was changed." in told


async def test_what_is_no_amount_is_refused(house: House) -> None:
    async with house.bot():
        told = await simulate(house, amount=1.5, unit="clips", window="day")
    assert "Clips come whole" in told


@pytest.mark.parametrize("name", ["mia", "helper"])
async def test_without_the_right_both_are_refused(house: House, name: str) -> None:
    guild, member = house.discord.world.guild, house.member(name)
    async with house.bot():
        with pytest.raises(ClientRefusal):
            await house.ask(member, "quota report")
        guild.command_grants["quota"] = {member.id: True}
        limit: dict[str, Any] = {"amount": 1, "unit": "clips", "window": "day"}
        for command, options in {"report": {}, "simulate": limit}.items():
            answer = await house.ask(member, f"quota {command}", **options)
            assert "needs the permission **Manage Server**" in answer.content
            assert answer.attachments == ()


async def test_a_limit_that_holds_already_changes_nothing(house: House) -> None:
    house.overrides["default_limit"] = Limit.parse("2 clips a day")
    async with house.bot():
        await made(house, house.mia)
        await made(house, house.mia)
        told = await simulate(house, amount=2, unit="clips", window="day")
    assert "**0 of 2 requests** would have been refused, and **$0.00** of $0.40" in told
