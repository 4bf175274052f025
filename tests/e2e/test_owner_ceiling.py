"""The owner's ceiling over all guilds: OWNER_BUDGET_USD_PER_MONTH."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.base import Limit
from bot.requests import open_requests
from tests.e2e.quota_play import confirmed

if TYPE_CHECKING:
    from playground.discord import Channel, Guild, Interaction, Member, Message
    from tests.house import House

PRICE = 200_000


@pytest.fixture
def there(house: House) -> Guild:
    """A second guild, in which Mia owns everything."""
    house.overrides["default_limit"] = Limit.parse("100 clips a day")
    return house.add_managed_guild(house.mia.user)


def place(house: House, guild: Guild) -> tuple[Member, Channel]:
    return guild.members[house.mia.id], guild.channel("general")


async def animate_there(house: House, guild: Guild, **options: object) -> Interaction:
    member, channel = place(house, guild)
    return await house.animate(member, channel=channel, **options)


async def moderate_there(house: House, guild: Guild, command: str, **options: object) -> None:
    member, channel = place(house, guild)
    asked = await house.discord.invoke(member, channel, command, options)
    message = asked.original
    assert message is not None
    await house.discord.wait_for(lambda: bool(message.content) and not message.loading)
    await confirmed(house, member, message)


async def refused(house: House, interaction: Interaction) -> Message:
    return await house.refused(interaction, "that the bot's owner has set")


def buttons(message: Message) -> dict[str, str]:
    found = [one for row in message.components for one in row["components"]]
    return {one["label"]: str(one["custom_id"]) for one in found}


async def test_it_holds_over_both_guilds_together(house: House, there: Guild) -> None:
    house.overrides["owner_budget_usd_per_month"] = 2 * PRICE
    async with house.bot():
        await house.delivered(await house.animate())
        await house.delivered(await animate_there(house, there))
        await house.settled()
        for asked in (await house.animate(), await animate_there(house, there)):
            message = await refused(house, asked)
            assert "is used up or too small for it" in message.content
            assert "Nothing was charged" in message.content
            assert buttons(message) == {}
    assert house.paid() == (2, 2 * PRICE)
    assert house.pika.paid_submits == 2
    per_guild = house.query("SELECT sum(micro_usd) FROM ledger GROUP BY guild_id")
    assert per_guild == [(PRICE,), (PRICE,)]


async def test_requests_of_both_guilds_at_once_do_not_pass_it(
    house: House, there: Guild, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_requests, "MEMBER_AT_ONCE", 5)
    house.overrides["owner_budget_usd_per_month"] = 3 * PRICE
    async with house.bot():
        asked = await asyncio.gather(
            *(house.animate() for _ in range(5)),
            *(animate_there(house, there) for _ in range(5)),
        )
        await house.discord.wait_for(lambda: all(one.original for one in asked))
        await house.discord.wait_for(lambda: sum(turned_away(one) for one in asked) == 7)
        await house.settled()
    assert house.paid() == (3, 3 * PRICE)
    assert house.pika.paid_submits == 3


def turned_away(interaction: Interaction) -> bool:
    said = [*interaction.followups, interaction.original]
    return any(it is not None and "that the bot's owner has set" in it.content for it in said)


async def test_the_refusal_names_it_and_offers_what_fits(house: House, there: Guild) -> None:
    house.overrides["owner_budget_usd_per_month"] = 450_000
    async with house.bot():
        await house.delivered(await house.animate())
        await house.settled()
        asked = await animate_there(house, there, resolution="1080p", prompt="waves")
        message = await refused(house, asked)
        assert "This clip would cost $0.45" in message.content
        # What the owner pays, and what is left of it, is not for a server's members.
        assert "0.25" not in message.content
        assert message.content.count("$") == 1
        assert "renews <t:" in message.content
        offered = buttons(message)
        assert list(offered) == ["720p, 5 s for $0.20"]
        member, _ = place(house, there)
        pressed = await house.discord.press(member, message, offered["720p, 5 s for $0.20"])
        await house.delivered(pressed)
        await house.settled()
    assert house.paid() == (2, 2 * PRICE)


async def test_whose_own_limits_reach_beyond_it_reads_so(house: House, there: Guild) -> None:
    house.overrides["owner_budget_usd_per_month"] = 3 * PRICE
    house.pika.behaviour.render_seconds = 60
    async with house.bot():
        first = await house.told((await house.animate()).original, "left today")
        await house.animate()
        last = await house.told((await animate_there(house, there)).original, "left today")
    assert "The budget of the bot's owner" not in first
    assert "The budget of the bot's owner ends before that, renews <t:" in last
    assert "$" not in last.replace("$0.20", "")


async def test_no_moderator_of_either_guild_raises_it(house: House, there: Guild) -> None:
    house.overrides["owner_budget_usd_per_month"] = PRICE
    async with house.bot():
        await house.delivered(await house.animate())
        await house.settled()
        await moderate_there(house, there, "quota budget", amount=500, unit="usd", window="month")
        await moderate_there(house, there, "quota limit", amount=500, unit="usd", window="day")
        member, _ = place(house, there)
        await moderate_there(house, there, "quota grant", who=member, amount=500, unit="usd")
        await moderate_there(house, there, "quota reset", who=member)
        await refused(house, await animate_there(house, there))
    assert house.query("SELECT count(*) FROM rules") == [(3,)]
    assert house.paid() == (1, PRICE)


async def test_a_refund_frees_it_for_the_other_guild(house: House, there: Guild) -> None:
    house.overrides["owner_budget_usd_per_month"] = PRICE
    house.pika.behaviour.outcome = "content_moderation"
    async with house.bot():
        await house.told((await house.animate()).original, "content rules")
        await house.settled()
        house.pika.behaviour.outcome = "completed"
        await house.delivered(await animate_there(house, there))
        await house.settled()
    assert house.paid() == (1, PRICE)


async def test_it_survives_a_restart_and_ends_with_the_month(house: House, there: Guild) -> None:
    house.overrides["owner_budget_usd_per_month"] = PRICE
    async with house.bot():
        await house.delivered(await house.animate())
        await house.settled()
    async with house.bot():
        await refused(house, await animate_there(house, there))
        house.pass_time(days=31)
        await house.delivered(await animate_there(house, there))
        await house.settled()


async def test_without_one_nothing_is_held_back(house: House, there: Guild) -> None:
    async with house.bot():
        await house.delivered(await house.animate())
        await house.delivered(await animate_there(house, there))
        await house.settled()
    assert house.paid() == (2, 2 * PRICE)


async def test_usage_tells_where_it_ends_before_the_servers_limits(
    house: House, there: Guild
) -> None:
    """By clips of the usual size, and never by amounts, to members and moderators alike."""
    usual, moderator = 450_000, house.member("moderator")
    house.overrides["owner_budget_usd_per_month"] = 2 * usual + 3 * PRICE

    async def told() -> list[str]:
        seen = [await house.ask(house.mia, "usage"), await house.ask(moderator, "quota show")]
        member = await house.ask(moderator, "quota show", who=house.mia)
        return [it.content for it in (*seen, member)]

    async with house.bot():
        for text in await told():
            assert "enough for 3 more clips of the usual size, renews <t:" in text
            assert "$" not in text
        await house.delivered(await animate_there(house, there, resolution="1080p"))
        await house.delivered(await house.animate())
        for text in await told():
            assert "enough for 1 more clip of the usual size" in text
        for _ in range(2):
            await house.delivered(await house.animate())
        await house.delivered(await house.animate())
        await house.settled()
        for text in await told():
            assert "ends before another clip of the usual size" in text
            assert "0.25" not in text
            assert "$" not in text


async def test_usage_is_silent_of_it_where_the_servers_limits_end_first(house: House) -> None:
    house.overrides["owner_budget_usd_per_month"] = 5 * 450_000
    house.overrides["default_limit"] = Limit.parse("5 clips a day")
    async with house.bot():
        text = (await house.ask(house.mia, "usage")).content
        assert "5 of 5 clips left today" in text
        assert "owner" not in text
        shown = (await house.ask(house.member("moderator"), "quota show")).content
        assert "The budget of the bot's owner is not used up" in shown
    house.overrides["owner_budget_usd_per_month"] = 5 * 450_000 - 1
    async with house.bot():
        text = (await house.ask(house.mia, "usage")).content
        assert "The budget of the bot's owner is enough for 4 more clips" in text


async def test_usage_says_that_it_is_used_up(house: House) -> None:
    house.overrides["owner_budget_usd_per_month"] = PRICE
    async with house.bot():
        await house.delivered(await house.animate())
        await house.settled()
        text = (await house.ask(house.mia, "usage")).content
    assert "The budget of the bot's owner is used up, renews <t:" in text
