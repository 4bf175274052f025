"""`/clips block`, `unblock`, `blocks`, `pause` and `resume`: who may start clips."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import pytest

from tests.e2e.clips_play import CANCELLED, audit, clips, morgan, rendering

if TYPE_CHECKING:
    from tests.house import House


async def refused(house: House, name: str = "mia") -> str:
    """What the member alone reads who asks for a clip and gets none."""
    interaction = await house.animate(house.member(name))
    message = interaction.original
    assert message is not None
    await house.discord.wait_for(lambda: not message.loading)
    assert message.viewer is interaction.member.user
    return message.content


async def test_a_blocked_member_reads_why_and_until_when(house: House) -> None:
    async with house.bot():
        told = await clips(house, "block", who=house.mia, reason="spam *again*", **{"for": "2h"})
        until = int(house.clock().timestamp()) + 7200
        content = await refused(house)
        await house.delivered(await house.animate(house.member("noah")))
        listed = await clips(house, "blocks")
    assert told.startswith(f"⛔ <@{house.mia.id}> is blocked until <t:")
    assert abs(int(told.split("<t:")[1].split(":")[0]) - until) <= 2
    assert "The moderators have blocked you from making clips here until <t:" in content
    assert "spam \\*again\\*" in content
    assert listed.startswith(
        f"**1 member blocked**, the latest first:\n<@{house.mia.id}> until <t:"
    )
    assert listed.endswith(": spam \\*again\\*")
    assert audit(house) == [("block", "member", house.mia.id, morgan(house).id, "spam *again*")]


async def test_a_block_ends_by_itself(house: House) -> None:
    async with house.bot():
        await clips(house, "block", who=house.mia, **{"for": "2h"})
        house.pass_time(hours=1, minutes=59)
        assert "blocked you" in await refused(house)
        house.pass_time(minutes=2)
        await house.delivered(await house.animate())
        assert await clips(house, "blocks") == "Nobody is blocked here."
        assert "is not blocked" in await clips(house, "unblock", who=house.mia)


async def test_a_block_without_an_end_lasts_over_a_restart_until_it_is_lifted(
    house: House,
) -> None:
    async with house.bot():
        told = await clips(house, "block", who=house.mia)
        assert told == f"⛔ <@{house.mia.id}> is blocked until somebody lifts it."
    house.pass_time(days=400)
    async with house.bot():
        assert "blocked you" in await refused(house)
        told = await clips(house, "unblock", who=house.mia, reason="talked to them")
        assert told == (
            f"✅ <@{house.mia.id}> may start clips again. "
            "They were blocked until somebody lifts it."
        )
        await house.delivered(await house.animate())
    assert [deed[0] for deed in audit(house)] == ["block", "unblock"]
    assert audit(house)[1][-1] == "talked to them"


async def test_a_second_block_takes_the_place_of_the_first(house: House) -> None:
    async with house.bot():
        await clips(house, "block", who=house.mia)
        told = await clips(house, "block", who=house.mia, **{"for": "1d"})
        assert "Before, it was until somebody lifts it." in told
        house.pass_time(days=1, minutes=1)
        await house.delivered(await house.animate())
    first, second = house.query("SELECT before_json, after_json FROM audit ORDER BY id")
    assert first == (None, '{"until": null}')
    assert second[0] == '{"until": null}'


async def test_running_clips_are_finished_if_said_so(house: House) -> None:
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        interaction = await rendering(house)
        told = await clips(house, "block", who=house.mia, running="let finish")
        assert "1 clip of theirs in the making will be finished" in told
        house.pika.behaviour.render_seconds = 0
        await house.delivered(interaction)
        await house.settled()
    assert house.kinds() == ["reserve", "settle"]


async def test_running_clips_are_cancelled_unless_said_otherwise(house: House) -> None:
    house.overrides["renders_at_once"] = 2
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        others = await rendering(house, member=house.member("noah"))
        first = await rendering(house)
        second = await house.animate()
        await house.told(second.original, "in line")
        told = await clips(house, "block", who=house.mia, reason="a raid")
        await house.told(second.original, f"{CANCELLED}: a raid")
        # Pika's own API stops no render: its end is awaited.
        house.pika.behaviour.render_seconds = 0
        await house.told(first.original, f"{CANCELLED}: a raid")
        await house.delivered(others)
        await house.settled()
    assert "I am cancelling 2 clips of theirs." in told
    assert house.query("SELECT job_id, kind FROM ledger ORDER BY job_id, id") == [
        *((1, kind) for kind in ("reserve", "settle")),
        *((2, kind) for kind in ("reserve", "settle", "credit")),
        *((3, kind) for kind in ("reserve", "refund")),
    ]
    assert [deed[0] for deed in audit(house)] == ["block", "cancel"]


async def test_who_has_left_can_be_blocked_and_unblocked(house: House) -> None:
    noah = house.member("noah")
    async with house.bot():
        house.discord.remove_member(noah)
        told = await clips(house, "block", who=noah.user)
        assert f"<@{noah.id}> is blocked" in told
        assert f"<@{noah.id}>" in await clips(house, "blocks")
        gone = await clips(house, "unblock", who=str(noah.id), client_checks=False)
        assert "may start clips again" in gone


@pytest.mark.parametrize(
    ("span", "words"),
    [
        ("soon", "write it like 10m, 2h, 3d or 1w"),
        ("0m", "less than a minute"),
        ("9999w", "more than a year"),
    ],
)
async def test_what_says_no_time_blocks_nobody(house: House, span: str, words: str) -> None:
    async with house.bot():
        told = await clips(house, "block", who=house.mia, **{"for": span})
    assert words in told
    assert "Nothing was changed." in told
    assert house.query("SELECT * FROM blocks") == audit(house) == []


async def test_nobody_blocks_themselves_but_moderators_can_be_blocked(house: House) -> None:
    helper = house.member("helper")
    async with house.bot():
        assert "That is yourself" in await clips(house, "block", who=morgan(house))
        assert "is blocked" in await clips(house, "block", who=helper)
        assert "blocked you" in await refused(house, "helper")
    assert len(audit(house)) == 1


async def test_a_pause_holds_over_a_restart_and_members_read_why(house: House) -> None:
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        running = await rendering(house)
        told = await clips(house, "pause", reason="a *raid*")
        assert told.startswith("⏸️ Nobody may start a clip from now on.")
    house.pika.behaviour.render_seconds = 0
    async with house.bot():
        await house.delivered(running)
        content = await refused(house)
        assert "The moderators have paused new clips here: a \\*raid\\*." in content
        again = await clips(house, "pause", reason="still a raid")
        assert "Only the reason changed" in again
        assert "still a raid" in await refused(house, "noah")
        assert (await clips(house, "resume")).startswith("▶️ Members may start clips again.")
        await house.delivered(await house.animate())
        assert "not paused here" in await clips(house, "resume")
    assert [(deed[0], deed[-1]) for deed in audit(house)] == [
        ("pause", "a *raid*"),
        ("pause", "still a raid"),
        ("resume", ""),
    ]
    changed = house.query("SELECT before_json, after_json FROM audit WHERE action = 'pause'")[1]
    assert [json.loads(facts) for facts in changed] == [
        {"reason": "a *raid*", "until": None},
        {"reason": "still a raid", "until": None},
    ]


async def test_a_pause_needs_no_reason(house: House) -> None:
    async with house.bot():
        await clips(house, "pause")
        content = await refused(house)
    assert "The moderators have paused new clips here. Please try again later." in content


async def test_members_to_whom_a_server_shows_them_are_refused(house: House) -> None:
    guild = house.discord.world.guild
    guild.command_grants["clips"] = {guild.everyone.id: True}
    noah = house.member("noah")
    async with house.bot():
        for message in (
            await house.ask(house.mia, "clips block", who=noah),
            await house.ask(house.mia, "clips unblock", who=noah),
            await house.ask(house.mia, "clips blocks"),
            await house.ask(house.mia, "clips pause"),
            await house.ask(house.mia, "clips resume"),
        ):
            assert "needs the permission **Manage Messages**" in message.content
        helper = await house.ask(house.member("helper"), "clips pause")
        assert "Nobody may start" in helper.content
    assert [deed[0] for deed in audit(house)] == ["pause"]
    assert house.query("SELECT * FROM blocks") == []


async def test_the_list_of_blocks_has_pages_that_outlive_a_restart(house: House) -> None:
    async with house.bot():
        await clips(house, "block", who=house.mia, reason="*" * 200)
    house.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)"
        " INSERT INTO blocks SELECT guild_id, 1000000000000000000 + i, blocked_at - i,"
        f" blocked_at + 86400000, reason FROM blocks, n WHERE member_id = {house.mia.id}"
    )
    seen: list[str] = []
    async with house.bot():
        page = await house.ask(morgan(house), "clips blocks")
        assert "**201 members blocked**" in page.content
        while True:
            seen += [line.partition(" ")[0] for line in page.content.splitlines()[1:]]
            (row,) = page.components
            after = row["components"][1]
            if after.get("disabled"):
                break
            await house.discord.press(morgan(house), page, after["custom_id"])
            await house.told(page, f"<@{1_000_000_000_000_000_000 + len(seen)}>")
    assert len(set(seen)) == len(seen) == 201
