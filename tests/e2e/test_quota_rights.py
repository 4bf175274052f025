"""Who may use `/quota`, and what it does not take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from playground.discord import ClientRefusal, Permission
from tests.e2e.quota_play import confirmed, quota

if TYPE_CHECKING:
    from tests.house import House


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"amount": -1, "unit": "clips"}, "cannot be less than zero"),
        ({"amount": 1.5, "unit": "clips"}, "Clips come whole"),
        ({"amount": 0.0000001, "unit": "usd"}, "at most six digits"),
        ({"amount": 1e300, "unit": "usd"}, "too large"),
        ({"amount": None, "unit": "usd"}, "not a number"),
    ],
)
async def test_what_is_no_amount_is_refused(
    house: House, options: dict[str, Any], words: str
) -> None:
    async with house.bot():
        told = await quota(house, "limit", window="day", client_checks=False, **options)
    assert words in told
    assert "Nothing was changed" in told
    assert house.query("SELECT * FROM rules") == house.query("SELECT * FROM audit") == []


async def test_discords_client_knows_the_bounds(house: House) -> None:
    async with house.bot():
        for amount in (-1, 1_000_001):
            with pytest.raises(ClientRefusal):
                await quota(house, "limit", amount=amount, unit="clips", window="day")
        assert "nothing changes nothing" in await quota(
            house, "grant", who=house.mia, amount=0, unit="usd"
        )


COMMANDS: dict[str, dict[str, Any]] = {
    "limit": {"amount": 1, "unit": "clips", "window": "day"},
    "unlimit": {},
    "budget": {"amount": 1, "unit": "usd", "window": "day"},
    "show": {},
    "limits": {},
    "audit": {},
}


@pytest.mark.parametrize("name", ["mia", "helper"])
async def test_without_the_right_all_is_refused_where_it_is_shown(house: House, name: str) -> None:
    guild, member = house.discord.world.guild, house.member(name)
    async with house.bot():
        with pytest.raises(ClientRefusal):
            await house.ask(member, "quota show")
        guild.command_grants["quota"] = {member.id: True}
        people: dict[str, dict[str, Any]] = {
            "grant": {"who": member, "amount": 9, "unit": "usd"},
            "reset": {"who": member},
        }
        for command, options in (COMMANDS | people).items():
            answer = await house.ask(member, f"quota {command}", **options)
            assert "needs the permission **Manage Server**" in answer.content
    assert house.query("SELECT * FROM rules") == house.query("SELECT * FROM audit") == []
    assert house.kinds() == []


@pytest.mark.parametrize("name", ["moderator", "owner"])
async def test_with_the_right_all_is_done(house: House, name: str) -> None:
    async with house.bot():
        member = house.member(name)
        people: dict[str, dict[str, Any]] = {
            "grant": {"who": member, "amount": 9, "unit": "usd"},
            "reset": {"who": member},
        }
        for command, options in (people | COMMANDS).items():
            answer = await house.ask(member, f"quota {command}", **options)
            assert "permission" not in await confirmed(house, member, answer)
    assert house.query("SELECT action FROM audit ORDER BY id") == [
        ("grant",),
        ("reset",),
        ("limit",),
        ("unlimit",),
        ("budget",),
    ]


async def test_an_administrator_without_other_rights_may(house: House) -> None:
    role = house.discord.add_role("Admin")
    role.permissions = Permission.ADMINISTRATOR
    async with house.bot():
        house.discord.set_roles(house.mia, [role])
        answer = await house.ask(house.mia, "quota show")
        assert "What holds for everyone" in answer.content


async def test_guilds_do_not_touch_each_other(house: House) -> None:
    there = house.add_managed_guild(house.member("moderator").user)
    async with house.bot():
        channel = there.channel("general")
        boss = there.members[house.member("moderator").id]
        asked = await house.discord.invoke(
            boss, channel, "quota limit", {"amount": 0, "unit": "clips", "window": "day"}
        )
        question = await house.told(asked.original, "Zero forbids")
        assert "before you press" in question
        assert asked.original is not None
        assert "cannot make clips" in await confirmed(house, boss, asked.original)
        await house.delivered(await house.animate())
        assert "5 clips a day" in await quota(house, "show")
