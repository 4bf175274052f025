"""`/quota limits` and `exempt`, a role's zero, and the questions before everyone is hit."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from bot.base import Limit
from bot.base.database import open_database
from bot.quota.rule_store import RuleStore
from bot.quota.rules import LimitTarget, Rule, Scope
from tests.decided import decide
from tests.e2e.quota_play import button_ids, confirmed, quota
from tests.e2e.test_raid import said
from tests.house import DATABASE

if TYPE_CHECKING:
    from bot.base.database import Transaction
    from playground.discord import Message, Role
    from tests.house import House

DAY: dict[str, Any] = {"unit": "clips", "window": "day"}
MANY = 500


def everyone_of(house: House) -> Role:
    """The role that all members have."""
    guild = house.discord.world.guild
    return guild.roles[guild.id]


def shows(message: Message, page: int) -> bool:
    return f"page {page} of 26" in message.content


async def put_limits(house: House) -> None:
    """Many members with limits of their own."""
    guild_id, store = house.discord.world.guild.id, RuleStore(Limit.parse("5 clips a day"))

    def put(tx: Transaction) -> None:
        for number in range(1, MANY + 1):
            target = LimitTarget(Scope.MEMBER, 10_000 + number)
            store.put(tx, guild_id, Rule(target, Limit.parse(f"{number} clips a week")))

    async with open_database(house.data_dir / DATABASE) as database:
        await database.write(put)


async def test_five_hundred_limits_are_listed_page_by_page_over_a_restart(house: House) -> None:
    moderator, vip = house.member("moderator"), house.discord.world.guild.role("VIP")
    await decide(house, "$9 a month")
    await put_limits(house)
    read: set[str] = set()
    async with house.bot():
        await quota(house, "exempt", who=vip)
        shown = await house.ask(moderator, "quota show")
        assert "of $9.00 left this month of the server's budget" in shown.content
        assert shown.content.endswith("more: `/quota limits`")
        page = await house.ask(moderator, "quota limits")
        head, budget, everyone, exempt, *_ = page.content.splitlines()
        assert head == f"**{MANY + 3} limits**, page 1 of 26"
        assert "of $9.00 left this month of the server's budget" in budget
        assert everyone == "• 5 clips a day for everyone (the bot owner's, until you set one)"
        assert exempt == f"• no limit for <@&{vip.id}>"
        (table,) = page.attachments
        rows = table.data.decode("utf-8-sig").splitlines()
        assert rows[0] == "for,id,name,amount,unit,window"
        assert rows[1:4] == [
            "guild,,,9.000000,usd,month",
            "everyone,,,5,clips,day",
            f"role,<@&{vip.id}>,VIP,exempt,,",
        ]
        assert len(rows) == MANY + 4
    async with house.bot():
        for number in range(2, 27):
            read |= set(page.content.splitlines()[1:])
            await house.discord.press(moderator, page, button_ids(page, "limits:")[-1])
            await house.discord.wait_for(partial(shows, page, number))
        read |= set(page.content.splitlines()[1:])
        assert (
            sum("clips a week for <@" in line or "1 clip a week" in line for line in read) == MANY
        )
        house.discord.set_roles(moderator, [])
        pressed = await house.discord.press(moderator, page, button_ids(page, "limits:")[0])
        await house.discord.wait_for(lambda: said(pressed, "needs the permission"))


async def test_everyone_is_hit_only_by_a_press_over_a_restart(house: House) -> None:
    moderator = house.member("moderator")
    async with house.bot():
        await quota(house, "limit", amount=9, who=house.mia, **DAY)
        set_ = await house.ask(moderator, "quota limit", amount=2, reason="too *many*", **DAY)
        assert "Set **2 clips a day for everyone**? It hits all" in set_.content
        assert "members but 1 member, who have their own" in set_.content
        assert "It replaces 5 clips a day." in set_.content
        removed = await house.ask(moderator, "quota unlimit")
        assert "Remove **5 clips a day for everyone**?" in removed.content
        assert "nothing limits members who have no limit of their own" in removed.content
        assert "The limits of 1 member stay." in removed.content
        assert house.query("SELECT action FROM audit") == [("limit",)]
    async with house.bot():
        assert "✅ **2 clips a day for everyone**" in await confirmed(house, moderator, set_)
        # It removes what there is at the press.
        told = await confirmed(house, moderator, removed)
        assert "✅ Removed: **2 clips a day for everyone**." in told
        assert "no such limit" in await quota(house, "unlimit")
    assert house.query("SELECT action, reason FROM audit ORDER BY id") == [
        ("limit", ""),
        ("limit", "too *many*"),
        ("unlimit", ""),
    ]


async def test_the_right_is_asked_for_at_the_press_and_of_two_presses_one_counts(
    house: House,
) -> None:
    moderator = house.member("moderator")
    roles = list(moderator.roles)
    async with house.bot():
        question = await house.ask(moderator, "quota unlimit")
        (button,) = button_ids(question, "limit:")
        house.discord.set_roles(moderator, [])
        refused = await house.discord.press(moderator, question, button)
        await house.discord.wait_for(lambda: said(refused, "needs the permission"))
        assert house.query("SELECT action FROM audit") == []
        house.discord.set_roles(moderator, roles)
        presses = await asyncio.gather(
            *(house.discord.press(moderator, question, button) for _ in range(2)),
            return_exceptions=True,
        )
        await house.discord.wait_for(lambda: not question.components)
        # Where the button was there for both, one of them is told that it has been pressed.
        taken = [it for it in presses if not isinstance(it, BaseException)]
        await house.discord.wait_for(
            lambda: sum(bool(it.followups) for it in taken) == len(taken) - 1
        )
    assert house.query("SELECT action FROM audit") == [("unlimit",)]


async def test_a_roles_zero_forbids_whatever_other_roles_have(house: House) -> None:
    guild, noah = house.discord.world.guild, house.member("noah")
    vip, muted = guild.role("VIP"), house.discord.add_role("Muted")
    async with house.bot():
        await quota(house, "exempt", who=vip)
        await quota(house, "limit", amount=0, who=muted, **DAY)
        house.discord.set_roles(noah, [vip, muted])
        await house.refused(await house.animate(noah), f"0 clips a day for <@&{muted.id}>")
        told = await quota(house, "show", who=noah)
        assert f"0 clips a day for <@&{muted.id}>, instead of no limit for <@&{vip.id}>" in told
        assert "a role's zero forbids, whatever other roles have" in told
        # Only who is named goes before it.
        told = await quota(house, "exempt", who=noah)
        assert f"✅ **No limit for <@{noah.id}>**" in told
        await house.delivered(await house.animate(noah))
        assert f"Exempt: **no limit for <@{noah.id}>**" in await quota(house, "show", who=noah)


async def test_an_exemption_lifts_limits_and_no_budget_and_is_undone(house: House) -> None:
    noah = house.member("noah")
    async with house.bot():
        await quota(house, "limit", amount=1, who=noah, **DAY)
        told = await quota(house, "exempt", who=noah, reason="contest")
        assert "It replaces 1 clip a day for" in told
        await quota(house, "limit", amount=0, who=everyone_of(house), **DAY)
        await house.delivered(await house.animate(noah))
        await house.delivered(await house.animate(noah))
        await quota(house, "budget", amount=2, **DAY)
        await house.refused(await house.animate(noah), "this server's budget of 2 clips a day")
        told = await quota(house, "unlimit", who=noah)
        assert f"✅ Removed: **no limit for <@{noah.id}>**." in told
        await house.refused(await house.animate(noah), "0 clips a day for everyone")
        await quota(house, "exempt", who=noah)
        told = await quota(house, "limit", amount=3, who=noah, **DAY)
        assert "Before, they were exempt from limits; that has ended." in told
        assert "Only a member or a role" in await quota(house, "exempt", who=everyone_of(house))
    acts = house.query("SELECT action, before_json, after_json FROM audit ORDER BY id")
    one = '{"amount": 1, "unit": "clips", "window": "day"}'
    assert acts[1:3] == [("unlimit", one, None), ("exempt", None, '{"exempt": true}')]
    assert acts[5] == ("unlimit", '{"exempt": true}', None)


@pytest.mark.parametrize("amount", [0, 4])
async def test_who_names_everyone_is_not_asked(house: House, amount: int) -> None:
    everyone = everyone_of(house)
    async with house.bot():
        answer = await house.ask(
            house.member("moderator"), "quota limit", amount=amount, who=everyone, **DAY
        )
    assert answer.content.startswith("✅")
    assert not answer.components
