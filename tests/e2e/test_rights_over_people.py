"""Nobody decides about their own clip, and nobody blocks whom they are not above."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from playground.discord import Permission
from playground.faults import Fault
from tests.e2e.clips_play import audit, on_message, read, rendering
from tests.reviewing import answer, board, everyone_is_reviewed, press, questions, waiting

if TYPE_CHECKING:
    from playground.discord import Member, User
    from tests.house import House

OWN = "That is your own clip"


async def said(house: House, by: Member, command: str, **options: Any) -> str:
    return (await house.ask(by, f"clips {command}", **options)).content


async def test_a_helper_does_not_decide_about_their_own_clip(house: House) -> None:
    await everyone_is_reviewed(house)
    helper = house.member("helper")
    async with house.bot():
        await waiting(house, helper)
        for label in ("Approve", "Refuse and refund", "Refuse and block"):
            assert OWN in await answer(house, await press(house, "helper", label))
        assert OWN in await said(house, helper, "cancel", job="1")
        assert house.query("SELECT verdict FROM reviews") == [(None,)]
        assert house.kinds() == ["reserve"]
        assert audit(house) == []
        await press(house, "moderator", "Refuse and refund")
        await house.settled()
    assert house.kinds() == ["reserve", "settle", "credit"]


async def test_who_manages_the_server_may(house: House) -> None:
    await everyone_is_reviewed(house)
    moderator = house.member("moderator")
    async with house.bot():
        interaction = await waiting(house, moderator)
        await press(house, "moderator", "Approve")
        await house.delivered(interaction)
        await house.settled()
        assert "I removed" in await said(house, moderator, "remove", clip="1", refund=True)
    assert house.kinds() == ["reserve", "settle", "credit"]


async def test_a_helper_removes_their_own_clip_without_a_refund(house: House) -> None:
    helper = house.member("helper")
    async with house.bot():
        message = await house.delivered(await house.animate(helper))
        await house.settled()
        assert OWN in await said(house, helper, "remove", clip="1", refund=True)
        form = await on_message(house, "Remove clip", message, helper)
        sent = await house.discord.submit_modal(form, {"refund": "yes", "remember": "no"})
        assert OWN in await read(house, sent)
        assert not message.deleted
        assert "I removed" in await said(house, helper, "remove", clip="1")
    assert house.kinds() == ["reserve", "settle"]


async def test_a_helper_cancels_their_own_clip_only_before_pika_has_it(house: House) -> None:
    house.overrides["renders_at_once"] = 1
    house.pika.behaviour.render_seconds = math.inf
    helper = house.member("helper")
    async with house.bot():
        await rendering(house, member=helper)
        queued = await house.animate(helper)
        await house.told(queued.original, "in line")
        assert OWN in await said(house, helper, "cancel", job="1")
        assert "I cancelled clip **#2**" in await said(house, helper, "cancel", job="2")
    assert [(deed[0], deed[2]) for deed in audit(house)] == [("cancel", 2)]


@pytest.mark.parametrize("command", ["block", "unblock"])
async def test_only_those_below_are_blocked_and_unblocked(house: House, command: str) -> None:
    """Helpers are below moderators, and the second helper is beside the first."""
    guild = house.discord.world.guild
    helper, owner = house.member("helper"), house.member("owner")
    beside = house.discord.add_member("beside", [guild.role("Helper")])
    both = house.discord.add_member("both", [guild.role("Moderator"), guild.role("Helper")])
    refused = {
        beside: "not below you",
        both: "not below you",
        house.member("moderator"): "not below you",
        owner: "That is the owner of this server",
        helper: "That is yourself",
    }
    async with house.bot():
        for member, words in refused.items():
            told = await said(house, helper, command, who=member)
            assert words in told
            assert "Nothing was changed" in told
        assert audit(house) == []
        for member in (house.mia, beside, helper, house.member("moderator")):
            await said(house, owner, "block", who=member)
        assert "not below you" in await said(house, house.member("moderator"), "unblock", who=both)
        assert "blocked" in await said(house, helper, command, who=house.mia)
        assert len(audit(house)) == 5
        for member in (beside, helper, house.member("moderator")):
            assert "may start clips again" in await said(house, owner, "unblock", who=member)


async def test_an_administrator_counts_by_their_role(house: House) -> None:
    """One below the moderators' role, in spite of all that it permits."""
    low = house.discord.add_role("Low admin")
    low.permissions, low.position = Permission.ADMINISTRATOR, 1
    for role in house.discord.world.guild.roles.values():
        role.position += role not in {low, house.discord.world.guild.everyone}
    noah = house.member("noah")
    async with house.bot():
        house.discord.set_roles(noah, [low])
        assert "not below you" in await said(house, noah, "block", who=house.member("helper"))
        assert "is blocked" in await said(house, noah, "block", who=house.member("newcomer"))


@pytest.mark.parametrize("named", ["account", "id"])
async def test_who_has_left_is_below_all_with_a_role(house: House, named: str) -> None:
    boss = house.member("moderator")
    async with house.bot():
        house.discord.remove_member(boss)
        who: User | str = boss.user if named == "account" else str(boss.id)
        options = {"who": who, "client_checks": named == "account"}
        helper = house.member("helper")
        assert "is blocked" in await said(house, helper, "block", **options)


async def test_a_bare_id_of_somebody_present_is_looked_up(house: House) -> None:
    boss = house.member("moderator")
    async with house.bot():
        options = {"who": str(boss.id), "client_checks": False}
        assert "not below you" in await said(house, house.member("helper"), "block", **options)
        no = {"code": 50001, "message": "Missing Access"}
        house.discord.faults.add(Fault("discord.get_member", "reply", status=403, body=no))
        told = await said(house, house.member("helper"), "block", **options)
        assert "cannot tell who may do this" in told
    assert audit(house) == []


async def test_refuse_and_block_looks_at_the_ranks_first(house: House) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        await waiting(house, house.member("moderator"))
        pressed = await press(house, "helper", "Refuse and block")
        assert "not below you" in await answer(house, pressed)
        assert house.query("SELECT verdict FROM reviews") == [(None,)]
        assert audit(house) == house.query("SELECT * FROM blocks") == []
        assert questions(board(house))[0].components
