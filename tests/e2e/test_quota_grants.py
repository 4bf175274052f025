"""`/quota grant` to a role and with an end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tests.e2e.quota_play import quota

if TYPE_CHECKING:
    from tests.house import House

DAY: dict[str, Any] = {"unit": "clips", "window": "day"}


async def one_a_day(house: House) -> None:
    """One clip a day for everyone, and nothing left of it for mia and noah."""
    guild = house.discord.world.guild
    await quota(house, "limit", amount=1, who=guild.roles[guild.id], **DAY)
    for member in (house.mia, house.member("noah")):
        await house.delivered(await house.animate(member))
    await house.settled()


async def test_each_who_has_the_role_gets_its_grant_once_over_a_restart(house: House) -> None:
    role, noah = house.discord.add_role("Contest"), house.member("noah")
    async with house.bot():
        await one_a_day(house)
        for member in (house.mia, noah):
            house.discord.set_roles(member, [role])
        told = await quota(house, "grant", who=role, amount=1, unit="clips", reason="won")
        assert f"Each member with <@&{role.id}> gets **1 clip** on top" in told
        assert "each member once" in told
        assert "Each member who has it gets 1 clip on top" in await quota(house, "show", who=role)
        told = await quota(house, "show", who=noah)
        assert "Granted on top: 1 clip" in told
        assert f"1 clip on top for <@&{role.id}>" in told
        # Two at once: one of them gets it.
        asked = await asyncio.gather(house.animate(noah), house.animate(noah))
        await house.until("SELECT 1 WHERE (SELECT count(*) FROM jobs) = 3")
        await house.discord.wait_for(lambda: sum(refused(it) for it in asked) == 1)
        await house.settled()
    async with house.bot():
        # Nor for who takes the role off and gets it again; others have theirs.
        house.discord.set_roles(noah, [])
        house.discord.set_roles(noah, [role])
        await house.refused(await house.animate(noah), "the limit of 1 clip a day")
        await house.delivered(await house.animate(house.mia))
        # What grants paid for is not refused when it is tried again.
        told = await quota(house, "simulate", amount=1, **DAY)
        assert "**0 of 4 requests** would have been refused" in told
        told = await quota(house, "simulate", amount=0, **DAY)
        assert "**4 of 4 requests** would have been refused" in told
        assert "roles or with an end, I know only what was used: it may be fewer." in told
        house.discord.set_roles(house.member("vera"), [role])
        assert "Granted on top: 1 clip" in await quota(house, "show", who=house.member("vera"))
        told = await quota(house, "grant", who=role, amount=-1, unit="clips")
        assert "Took **1 clip** back from" in told
        assert "Granted on top: nothing" in await quota(house, "show", who=house.member("vera"))
        assert "cannot be taken back" in await quota(
            house, "grant", who=role, amount=-1, unit="clips"
        )
    assert house.query("SELECT action FROM audit ORDER BY id") == [
        ("limit",),
        ("grant",),
        ("grant",),
    ]
    assert house.query("SELECT sum(grant_clips), sum(grant_micro_usd) FROM ledger") == [(0, 0)]


def refused(asked: Any) -> bool:
    return any("the limit of 1 clip a day" in it.content for it in asked.followups)


async def test_a_grant_ends_and_what_comes_back_before_is_kept(house: House) -> None:
    noah = house.member("noah")
    async with house.bot():
        await one_a_day(house)
        told = await quota(house, "grant", who=noah, amount=2, unit="clips", **{"for": "2d"})
        assert f"✅ <@{noah.id}> gets **2 clips** on top until <t:" in told
        assert "-# of that 2 clips until <t:" in (await house.ask(noah, "usage")).content
        house.pika.behaviour.outcome = "content_moderation"
        stopped = await house.animate(noah)
        await house.told(stopped.original, "content rules")
        await house.settled()
        assert "Granted on top: 2 clips" in await quota(house, "show", who=noah)
        house.pika.behaviour.outcome = "completed"
        await house.delivered(await house.animate(noah))
        await house.settled()
        assert "1 clip on top for" in await quota(house, "limits")
    house.pass_time(days=2)
    async with house.bot():
        assert "Granted on top: nothing" in await quota(house, "show", who=noah)
        assert "until" not in (await house.ask(noah, "usage")).content
        assert "on top for" not in await quota(house, "limits")
        told = await quota(house, "grant", who=noah, amount=1, unit="clips", **{"for": "soon"})
        assert "Nothing was changed" in told
