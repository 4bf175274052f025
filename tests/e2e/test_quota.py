"""`/quota` as moderators use it, and as members feel it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bot.base import Limit
from tests.e2e.quota_play import quota

if TYPE_CHECKING:
    from playground.discord import Member
    from tests.house import House


async def usage(house: House, member: Member) -> str:
    return (await house.ask(member, "usage")).content


async def made(house: House, member: Member, **options: Any) -> None:
    """A clip from start to end."""
    await house.delivered(await house.animate(member, **options))
    await house.settled()


async def refused(house: House, member: Member, words: str, **options: Any) -> str:
    return await house.told((await house.animate(member, **options)).original, words)


async def test_a_limit_for_everyone_holds_at_once_and_after_a_restart(house: House) -> None:
    async with house.bot():
        await made(house, house.mia)
        told = await quota(house, "limit", amount=1, unit="clips", window="day")
        assert "1 clip a day for everyone" in told
        assert "the bot's owner had set 5 clips a day" in told
        await refused(house, house.mia, "nothing left")
        await made(house, house.member("noah"))
    async with house.bot():
        sentence = await refused(house, house.mia, "nothing left")
    assert "the limit of 1 clip a day for everyone" in sentence
    assert house.paid() == (2, 400_000)


async def test_the_owners_default_stays_beside_a_limit_of_another_kind(house: House) -> None:
    house.overrides["default_limit"] = Limit.parse("2 clips a day")
    async with house.bot():
        told = await quota(house, "limit", amount=10, unit="usd", window="week")
        assert "The bot owner's 2 clips a day for everyone stays beside it" in told
        assert told.count("2 clips a day") == 1
        again = await quota(house, "limit", amount=11, unit="usd", window="week")
        assert "owner" not in again
        assert "Before, it was $10.00 a week" in again
    house.overrides["default_limit"] = Limit.parse("1 clip a day")
    async with house.bot():
        text = await usage(house, house.mia)
        assert "2 of 2 clips left today" in text
        assert "$11.00 of $11.00 left this week" in text


async def test_the_nearest_limit_holds(house: House) -> None:
    vera, noah = house.member("vera"), house.member("noah")
    guild = house.discord.world.guild
    async with house.bot():
        await quota(house, "limit", amount=1, unit="clips", window="day")
        await quota(house, "limit", amount=2, unit="clips", window="day", who=guild.role("Member"))
        told = await quota(
            house, "limit", amount=4, unit="clips", window="day", who=guild.role("VIP")
        )
        assert f"4 clips a day for <@&{guild.role('VIP').id}>" in told
        assert "instead of 1 clip a day for everyone" in told
        told = await quota(house, "limit", amount=3, unit="clips", window="day", who=noah)
        assert "3 of 3 clips left today" in told
        assert "1 of 1 clip left" in await usage(house, house.member("newcomer"))
        assert "2 of 2 clips left" in await usage(house, house.mia)
        assert "4 of 4 clips left" in await usage(house, vera)
        text = await usage(house, noah)
        assert "3 of 3 clips left" in text
        assert "by your own limit of 3 clips a day" in text
        told = await quota(house, "limit", amount=2, unit="clips", window="day")
        assert "These go before it: " in told
        assert told.count("clips a day for <@") == 3


async def test_several_limits_hold_together(house: House) -> None:
    async with house.bot():
        told = await quota(house, "limit", amount=0.5, unit="usd", window="hour", who=house.mia)
        assert "Beside it, this holds: 5 clips a day for everyone" in told
        assert "$0.50 of $0.50 left this hour" in told
        await made(house, house.mia)
        await made(house, house.mia)
        sentence = await refused(house, house.mia, "$0.10 left")
        assert "your own limit of $0.50 an hour" in sentence
        house.pass_time(hours=1)
        await made(house, house.mia)


async def test_zero_forbids_and_no_grant_lifts_it(house: House) -> None:
    noah = house.member("noah")
    async with house.bot():
        told = await quota(house, "limit", amount=0, unit="clips", window="month", who=noah)
        assert "Zero forbids" in told
        told = await quota(house, "grant", who=noah, amount=3, unit="clips")
        assert "It does not lift 0 clips a month" in told
        await refused(house, noah, "none is allowed")
        told = await quota(house, "limit", amount=9, unit="clips", window="day", who=noah)
        assert "still cannot make clips: 0 clips a month" in told
        await quota(house, "unlimit", who=noah, window="month")
        await made(house, noah)


async def test_limits_are_removed_one_by_one_and_all_at_once(house: House) -> None:
    noah = house.member("noah")
    async with house.bot():
        for unit, window in (("clips", "day"), ("clips", "week"), ("usd", "week")):
            await quota(house, "limit", amount=1, unit=unit, window=window, who=noah)
        told = await quota(house, "unlimit", who=noah, unit="clips", window="week")
        assert f"1 clip a week for <@{noah.id}>" in told
        assert "1 clip a day" in told.split("Now for", 1)[1]
        told = await quota(house, "unlimit", who=noah, unit="clips", window="week")
        assert "no such limit, only 1 clip a day; $1.00 a week" in told
        told = await quota(house, "unlimit", who=noah)
        assert "5 clips a day for everyone" in told
        assert "5 of 5 clips left" in await usage(house, noah)
        told = await quota(house, "unlimit")
        assert "That one was the bot owner's" in told
        assert "Nothing limits everyone any more." in told
        for _ in range(6):
            await made(house, noah)
        assert await usage(house, noah) == "No limit is set for you here."
        assert "no such limit" in await quota(house, "unlimit")


async def test_a_grant_is_used_after_the_window_and_kept(house: House) -> None:
    async with house.bot():
        await quota(house, "limit", amount=1, unit="clips", window="day")
        told = await quota(house, "grant", who=house.mia, amount=2, unit="clips", reason="contest")
        assert "2 clips" in told
        await made(house, house.mia)
        assert "2 clips granted on top" in await usage(house, house.mia)
        await made(house, house.mia)
        assert "1 clip granted on top" in await usage(house, house.mia)
    house.pass_time(days=40)
    async with house.bot():
        await made(house, house.mia)
        assert "1 clip granted on top" in await usage(house, house.mia)
        await made(house, house.mia)
        assert "granted" not in await usage(house, house.mia)
        await refused(house, house.mia, "nothing left")


async def test_what_is_unspent_of_a_grant_can_be_taken_back(house: House) -> None:
    async with house.bot():
        await quota(house, "grant", who=house.mia, amount=0.75, unit="usd")
        told = await quota(house, "grant", who=house.mia, amount=-0.8, unit="usd")
        assert "Their grants hold $0.75, so $0.80 cannot be taken back" in told
        told = await quota(house, "grant", who=house.mia, amount=-0.5, unit="usd")
        assert "hold $0.25 now; before, $0.75" in told
        assert "$0.25 granted on top" in await usage(house, house.mia)
        told = await quota(house, "grant", who=house.mia, amount=0.25, unit="usd")
        assert "does not widen 5 clips a day for everyone: these count clips" in told


async def test_a_reset_starts_the_window_afresh(house: House) -> None:
    async with house.bot():
        await quota(house, "limit", amount=1, unit="clips", window="month")
        await quota(house, "budget", amount=10, unit="clips", window="month")
        await made(house, house.mia)
        await refused(house, house.mia, "nothing left")
        told = await quota(house, "reset", who=house.mia, reason="a bad clip")
        assert "1 of 1 clip left this month" in told
        await made(house, house.mia)
        await refused(house, house.mia, "nothing left")
        assert "8 of 10 clips left this month of the server's budget" in await usage(
            house, house.mia
        )


async def test_the_budget_holds_for_all_together(house: House) -> None:
    noah = house.member("noah")
    async with house.bot():
        told = await quota(house, "budget", amount=0.5, unit="usd", window="month")
        assert "$0.50 of $0.50 left this month" in told
        await quota(house, "grant", who=house.mia, amount=9, unit="usd")
        await made(house, house.mia)
        await made(house, noah)
        for member in (house.mia, noah):
            sentence = await refused(house, member, "$0.10 left")
            assert "this server's budget of $0.50 a month" in sentence
        told = await quota(house, "budget", amount=0, unit="clips", window="day")
        assert "nobody can make clips" in told
        await refused(house, noah, "none is allowed")
    async with house.bot():
        await refused(house, noah, "none is allowed")
        told = await quota(house, "unlimit", budget=True, unit="clips")
        assert "What is left: the server's budget of $0.50 a month" in told
        told = await quota(house, "unlimit", budget=True)
        assert "has no budget now" in told
        await made(house, noah)
        assert "no such budget" in await quota(house, "unlimit", budget=True)
        told = await quota(house, "unlimit", budget=True, who=noah)
        assert "leave out either" in told


async def test_no_moderator_raises_the_owners_ceiling(house: House) -> None:
    house.overrides["owner_budget_usd_per_month"] = 300_000
    async with house.bot():
        await made(house, house.mia)
        assert "0.30" not in await usage(house, house.mia)
        await quota(house, "limit", amount=1000, unit="clips", window="day")
        await quota(house, "unlimit")
        await quota(house, "budget", amount=1000, unit="usd", window="month")
        await quota(house, "grant", who=house.mia, amount=1000, unit="usd")
        await quota(house, "reset", who=house.mia)
        sentence = await refused(house, house.mia, "used up or too small")
        assert "that the bot's owner has set" in sentence
        shown = await quota(house, "show")
        assert "The budget of the bot's owner ends before another clip of the usual size" in shown
        assert "0.30" not in shown
    assert house.paid() == (1, 200_000)


async def test_an_empty_ceiling_is_told_without_its_amount(house: House) -> None:
    house.overrides["owner_budget_usd_per_month"] = 200_000
    async with house.bot():
        await made(house, house.mia)
        text = await usage(house, house.mia)
        assert "The budget of the bot's owner is used up" in text
        assert "$" not in text


async def test_show_tells_what_holds_and_why(house: House) -> None:
    guild, vera = house.discord.world.guild, house.member("vera")
    vip, member = guild.role("VIP"), guild.role("Member")
    house.overrides["owner_budget_usd_per_month"] = 90_000_000
    house.pika.behaviour.render_seconds = 60
    async with house.bot():
        first = await quota(house, "show")
        assert "5 clips a day** (the bot owner's, until you set one)" in first
        assert "no budget" not in first
        for who, amount in ((vip, 4), (member, 2)):
            await quota(house, "limit", amount=amount, unit="clips", window="day", who=who)
        await quota(house, "budget", amount=5, unit="usd", window="week")
        await quota(house, "grant", who=vera, amount=3, unit="clips")
        waiting = await house.animate(vera)
        await house.told(waiting.original, "Rendering")
        shown = await quota(house, "show", who=vera)
        assert "3 of 4 clips left today" in shown
        assert re.search(r"renews <t:\d+:R>", shown)
        assert "0 clips spent, 1 clip reserved" in shown
        assert (
            f"the limit is 4 clips a day for <@&{vip.id}>, instead of "
            f"2 clips a day for <@&{member.id}>; 5 clips a day for everyone"
        ) in shown
        assert "Granted on top: 3 clips" in shown
        assert "$4.80 of $5.00 left this week of the server's budget" in shown
        assert "$0.00 spent, $0.20 reserved" in shown
        assert "The budget of the bot's owner is not used up, renews <t:" in shown
        assert "9.80" not in shown
        assert "$90" not in shown
        house.pika.behaviour.render_seconds = 0
        await house.delivered(waiting)
        await house.settled()
        assert "1 clip spent, 0 clips reserved" in await quota(house, "show", who=vera)

        of_role = await quota(house, "show", who=vip)
        assert "4 clips a day" in of_role
        assert "spent, 1" not in of_role
        of_all = await quota(house, "show", who=guild.everyone)
        assert "5 clips a day" in of_all
        assert f"• 2 clips a day for <@&{member.id}>" in of_all
        assert await quota(house, "show") == of_all


async def test_the_departed_and_the_deleted_still_have_rules(house: House) -> None:
    guild, noah = house.discord.world.guild, house.member("noah")
    vip = guild.role("VIP")
    async with house.bot():
        for who in (noah, vip):
            await quota(house, "limit", amount=3, unit="clips", window="day", who=who)
        house.discord.remove_member(noah)
        house.discord.delete_role(vip)
        for gone in (noah, vip):
            ident: dict[str, Any] = {"who": str(gone.id), "client_checks": False}
            assert "3" in await quota(house, "show", **ident)
            told = await quota(house, "unlimit", **ident)
            assert "3 clips a day for" in told
            assert "no such limit" in await quota(house, "unlimit", **ident)
        told = await quota(house, "grant", who=noah.user, amount=2, unit="clips")
        assert f"<@{noah.id}> gets **2 clips** on top" in told
        told = await quota(house, "limit", amount=1, unit="clips", window="day", who=noah.user)
        assert f"1 clip a day for <@{noah.id}>" in told
        assert "afresh" in await quota(house, "reset", who=noah.user)
