"""`since` of `/clips block` and `unblock`: the members of a raid at once, and all of them back."""

from __future__ import annotations

import asyncio
import math
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.clips_play import CANCELLED, audit, clips, morgan, rendering
from tests.e2e.test_clips_block import refused
from tests.e2e.test_clips_status import text
from tests.e2e.test_raid import confirm, said

if TYPE_CHECKING:
    from playground.discord import Interaction, Member, Message
    from tests.house import House

HELD = "SELECT member_id, reason FROM blocks ORDER BY blocked_at, member_id"


@pytest.fixture
def busy(house: House) -> House:
    """One place at Pika, which never ends by itself."""
    house.overrides["renders_at_once"] = 1
    house.pika.behaviour.render_seconds = math.inf
    return house


async def raid(house: House, count: int = 3) -> tuple[list[Member], list[Interaction]]:
    """New members, each of whom has a clip that waits."""
    members = [house.discord.add_member(f"raider{number}") for number in range(count)]
    asked = await asyncio.gather(*(house.animate(one) for one in members))
    for one in asked:
        await house.told(one.original, "in line")
    return members, asked


async def ask(house: House, by: Member, command: str, **options: Any) -> Message:
    return await house.ask(by, f"clips {command}", **options)


async def test_a_raid_is_blocked_and_let_back_in_by_two_presses(busy: House) -> None:
    async with busy.bot():
        busy.pika.behaviour.render_seconds = 0
        await busy.delivered(await busy.animate(busy.mia))
        await clips(busy, "block", who=busy.member("newcomer"), reason="earlier")
        busy.pass_time(hours=1)
        busy.pika.behaviour.render_seconds = math.inf
        regular = await rendering(busy, member=busy.mia)
        members, asked = await raid(busy)
        question = await ask(busy, morgan(busy), "block", since="10m", reason="a *raid*")
        assert "Block **3 members** until somebody lifts it?" in question.content
        assert "3 waiting clips ($0.60): neither made nor paid" in question.content
        assert busy.query(HELD) == [(busy.member("newcomer").id, "earlier")]
    # The button outlives a restart, and finds who asked since the question.
    async with busy.bot():
        late, (latest,) = await raid(busy, 1)
        await confirm(busy, question)
        await busy.told(question, "⛔ I blocked **4 members** until somebody lifts it")
        assert question.components == []
        for one in (*asked, latest):
            await busy.told(one.original, f"{CANCELLED}: a \\*raid\\*")
        assert "blocked you" in await refused(busy, members[0].user.username)
        assert regular.original is not None
        assert "Rendering" in regular.original.content
        again = await ask(busy, morgan(busy), "block", since="10m")
        assert "There is nobody to block since then" in again.content
        assert again.components == []

        busy.pass_time(minutes=30)
        back = await ask(busy, morgan(busy), "unblock", since="45m", reason="over")
        assert "Let **4 members** start clips again" in back.content
        await confirm(busy, back)
        await busy.told(back, "✅ **4 members** may start clips again.")
        busy.pika.behaviour.render_seconds = 0
        await busy.delivered(await busy.animate(members[0]))
        # Who was blocked before stays out.
        assert "blocked you" in await refused(busy, "newcomer")
        found = text(await house_audit(busy, late[0]))
        others = text(await house_audit(busy, busy.mia))
    assert "blocked 4 members until somebody lifts it: a \\*raid\\*" in found
    assert "lifted the block of 4 members: over" in found
    assert "Nothing of the kind" in others
    by = morgan(busy).id
    assert audit(busy)[1:] == [
        ("block", "guild", 0, by, "a *raid*"),
        ("cancel", "guild", 0, by, "a *raid*"),
        ("unblock", "guild", 0, by, "over"),
    ]


async def house_audit(house: House, about: Member) -> Message:
    return await house.ask(house.member("owner"), "quota audit", who=about)


async def test_nobody_reaches_those_above_them(busy: House) -> None:
    helper, moderator = busy.member("helper"), morgan(busy)
    async with busy.bot():
        await rendering(busy, member=helper)
        await busy.animate(moderator)
        await raid(busy, 1)
        question = await ask(busy, helper, "block", since="10m")
        assert "Block **1 member**" in question.content
        assert "2 members more I left alone" in question.content
        await confirm(busy, question, helper)
        await busy.told(question, "I blocked **1 member**")
        owner = busy.member("owner")
        await clips_by(busy, owner, "block", who=moderator)
        # Of whom no roles are known, since they have never asked for a clip.
        await clips_by(busy, owner, "block", who=busy.member("noah"))
        back = await ask(busy, helper, "unblock", since="1h")
        assert "Let **1 member** start clips again" in back.content
        assert "2 members more I left alone" in back.content
        await confirm(busy, back, helper)
        await busy.told(back, "✅ **1 member** may start clips again")
        all_back = await ask(busy, owner, "unblock", since="1h")
        await confirm(busy, all_back, owner)
        await busy.told(all_back, "✅ **2 members** may start clips again")
    assert busy.query(HELD) == []
    assert audit(busy)[0] == ("block", "guild", 0, helper.id, "")


def is_answered(question: Message) -> bool:
    return not question.components


async def clips_by(house: House, by: Member, command: str, **options: Any) -> None:
    await ask(house, by, command, **options)


async def test_two_who_press_at_once_block_once(busy: House) -> None:
    async with busy.bot():
        await rendering(busy)
        await raid(busy, 2)
        both = (morgan(busy), busy.member("owner"))
        questions = [await ask(busy, one, "block", since="10m", **{"for": "2h"}) for one in both]
        await asyncio.gather(
            *(confirm(busy, it, one) for it, one in zip(questions, both, strict=True))
        )
        for it in questions:
            await busy.discord.wait_for(partial(is_answered, it))
        # Mia's clip at Pika is her first.
        assert sorted("I blocked **3 members**" in it.content for it in questions) == [False, True]
        assert sorted("nobody to block" in it.content for it in questions) == [False, True]
    assert [deed[0] for deed in audit(busy)].count("block") == 1


async def test_what_names_nobody_or_too_many_is_refused(busy: House) -> None:
    async with busy.bot():
        for command in ("block", "unblock"):
            for options in ({}, {"who": busy.mia, "since": "10m"}):
                told = await clips(busy, command, **options)
                assert "either one member with `who`" in told
            assert "less than a minute" in await clips(busy, command, since="0m")
        await rendering(busy)
        question = await ask(busy, morgan(busy), "block", since="10m", running="let finish")
        assert "1 clip of theirs in the making will be finished" in question.content
        await confirm(busy, question)
        await busy.told(question, "I blocked **1 member**")
        # The right is looked for at the press too.
        back = await ask(busy, morgan(busy), "unblock", since="10m")
        busy.discord.set_roles(morgan(busy), [])
        pressed = await confirm(busy, back)
        await busy.discord.wait_for(lambda: said(pressed, "needs the permission"))
    assert busy.query(HELD) == [(busy.mia.id, "")]
    assert busy.query("SELECT cancelled_by FROM jobs") == [(None,)]


async def test_a_long_list_of_blocks_is_listed_whole(house: House) -> None:
    reason = "*" * 200
    async with house.bot():
        await clips(house, "block", who=house.mia, reason=reason)
    house.execute(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)"
        " INSERT INTO blocks SELECT guild_id, member_id - i, blocked_at - i, blocked_until, reason"
        " FROM blocks, n"
    )
    async with house.bot():
        page = await ask(house, morgan(house), "blocks")
        seen: list[str] = []
        while True:
            assert len(page.content) <= 2000
            assert "**201 members blocked**" in page.content
            seen += [it for it in page.content.splitlines() if it.startswith("<@")]
            (row,) = page.components
            after = row["components"][1]
            if after.get("disabled"):
                break
            await house.discord.press(morgan(house), page, after["custom_id"])
            await house.told(page, f"page {len(seen) // 7 + 1} of 29")
    assert len(seen) == len(set(seen)) == 201
