"""A raid of a hundred clips: paused, cancelled, listed and found."""

from __future__ import annotations

import asyncio
import json
import math
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.base import to_ms
from bot.base.database import open_database
from bot.jobs.animate_options import AnimateOptions
from bot.jobs.job import JobState
from tests.bot.rows import put_job, reserve
from tests.decided import decide
from tests.e2e.clips_play import CANCELLED, audit, clips, morgan, rendering
from tests.e2e.test_clips_status import text
from tests.e2e.test_notices import all_told, log_channel
from tests.e2e.test_rights_of_channels import let_manage
from tests.house import DATABASE

if TYPE_CHECKING:
    from bot.base.database import SqlValue, Transaction
    from playground.discord import Interaction, Member, Message
    from tests.house import House

FOR_AN_HOUR = {"for": "1h"}


@pytest.fixture
def busy(house: House) -> House:
    """One place at Pika, which never ends by itself."""
    house.overrides["renders_at_once"] = 1
    house.pika.behaviour.render_seconds = math.inf
    return house


async def put_waiting(house: House, count: int, members: int) -> None:
    """Have clips wait that no worker claims during the test; the bot is running."""
    now = house.clock()
    later = now + timedelta(days=1)
    guild_id, channel_id = house.discord.world.guild.id, house.clips.id

    def put(tx: Transaction) -> None:
        for number in range(count):
            prompt = f"a *kite* number {number} {'very ' * 30}tail{number}"
            options = AnimateOptions(prompt=prompt, seed=7, resolution="1080p", duration=5)
            columns: dict[str, SqlValue] = {
                "guild_id": guild_id,
                "channel_id": channel_id,
                "member_id": 10_000 + number % members,
                "options_json": options.model_dump_json(),
                "price_micro_usd": 450_000,
                "created_at": to_ms(now),
            }
            reserve(tx, put_job(tx, JobState.QUEUED, later, **columns), now=now)

    async with open_database(house.data_dir / DATABASE) as database:
        await database.write(put)


async def confirm(house: House, question: Message, who: Member | None = None) -> Interaction:
    (row,) = question.components
    (button,) = row["components"]
    return await house.discord.press(who or morgan(house), question, button["custom_id"])


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("patient_discord")
async def test_a_raid_of_a_hundred_is_stopped_by_one_command(busy: House) -> None:
    members = [busy.discord.add_member(f"raider{n}") for n in range(40)]
    asked: list[Interaction] = []
    async with busy.bot():
        first = await rendering(busy)
        # A few at a time: the bot reads the pictures of so many at once and refuses the rest.
        for turn in range(10):
            some = members[10 * (turn % 4) :][:10]
            asked += await asyncio.gather(*(busy.animate(one) for one in some))
            await busy.until(f"SELECT 1 WHERE (SELECT count(*) FROM jobs) > {10 * turn + 10}")
        told = await clips(busy, "pause", reason="a raid", waiting="cancel", **FOR_AN_HOUR)
        busy.pika.behaviour.render_seconds = 0
        await busy.delivered(first, 240)
        for interaction in asked:
            await busy.told(interaction.original, CANCELLED, 240)
        await busy.settled()
        late = await busy.animate(members[0])
        await busy.refused(late, "paused new clips here until <t:")
    assert "I cancelled 100 waiting clips ($20.00); what Pika has will be finished." in told
    # Pika's own bill, and the ledger.
    assert busy.pika.paid_submits == 1
    assert busy.paid() == busy.spent() == (1, 200_000)
    assert busy.kinds().count("refund") == 100
    assert [deed[:3] for deed in audit(busy)] == [("pause", "guild", 0), ("cancel", "guild", 0)]
    # Each was told alone, once, and nobody was called to it.
    told_alone = [busy.told_alone(it.original) for it in asked if it.original is not None]
    assert [len(it) for it in told_alone] == [1] * 100
    assert {note.user.username for note in busy.discord.notifications} == {"mia"}
    ((before, after),) = busy.query(
        "SELECT before_json, after_json FROM audit WHERE action = 'cancel'"
    )
    assert json.loads(before) == {"waiting": 100, "at_pika": 0}
    assert json.loads(after) == {"cancelled": 100, "members": 40, "saved": 20_000_000}


async def test_a_pause_ends_by_itself_over_a_restart_and_is_told(house: House) -> None:
    await decide(house, log_channel_id=log_channel(house).id)
    async with house.bot():
        told = await clips(house, "pause", reason="a *raid*", **FOR_AN_HOUR)
        assert "It ends by itself <t:" in told
        status = await house.ask(morgan(house), "clips status")
        assert ":f> or `/clips resume`: a \\*raid\\*" in text(status)
        refused = await house.animate()
        read = await house.refused(refused, "paused new clips here until <t:")
        assert ":f>: a \\*raid\\*." in read.content
        house.pass_time(minutes=59)
        await house.refused(await house.animate(), "paused new clips here until <t:")
    house.pass_time(minutes=2)
    async with house.bot():
        await house.delivered(await house.animate())
        await all_told(house)
        messages = [it.content for it in log_channel(house).messages.values()]
        (ended,) = [it for it in messages if "may start clips again" in it]
        assert "not paused here" in await clips(house, "resume")
    assert ended.startswith("▶️ **Members may start clips again.** The pause that began <t:")
    assert f"by itself, as <@{morgan(house).id}> had set it" in ended


async def test_a_later_pause_has_its_own_end_and_a_resume_tells_of_none(house: House) -> None:
    await decide(house, log_channel_id=log_channel(house).id)
    async with house.bot():
        await clips(house, "pause", **FOR_AN_HOUR)
        assert "Reason and end changed. " in await clips(house, "pause")
        house.pass_time(hours=2)
        await house.refused(await house.animate(), "here. Please try again later.")
        await clips(house, "pause", **FOR_AN_HOUR)
        assert "may start clips again" in await clips(house, "resume")
    house.pass_time(hours=2)
    async with house.bot():
        await house.delivered(await house.animate())
        await house.settled()
        assert house.query("SELECT 1 FROM log_messages WHERE kind = 'pause_ended'") == []
        await all_told(house)
    told = [it.content for it in log_channel(house).messages.values()]
    assert not any("by itself" in it for it in told)


async def test_a_question_tells_what_a_cancel_saves_and_asks_over_a_restart(busy: House) -> None:
    noah = busy.member("noah")
    async with busy.bot():
        running = await rendering(busy)
        waiting = [await busy.animate(who) for who in (busy.mia, noah, noah)]
        await busy.until("SELECT 1 WHERE (SELECT count(*) FROM jobs) = 4")
        question = await busy.ask(morgan(busy), "clips cancel", all=True, reason="a *raid*")
        assert question.content.startswith(
            "Cancel **4 clips** of 2 members? Members pay nothing.\n"
            "- 3 waiting clips ($0.60): neither made nor paid.\n"
            "- 1 clip at Pika ($0.20): it cannot stop what it has; the server pays"
        )
        assert busy.kinds() == ["reserve"] * 4
    async with busy.bot():
        late = await busy.animate(noah)
        await busy.told(late.original, "in line")
        await confirm(busy, question)
        await busy.told(question, "✅ I cancelled **5 clips of 2 members**")
        assert question.components == []
        busy.pika.behaviour.render_seconds = 0
        for interaction in (*waiting, late, running):
            assert "a \\*raid\\*" in await busy.told(interaction.original, CANCELLED)
        await busy.settled()
    assert busy.pika.paid_submits == 1
    assert busy.kinds().count("refund") == 4
    assert audit(busy) == [("cancel", "guild", 0, morgan(busy).id, "a *raid*")]


async def test_two_who_press_at_once_cancel_once(busy: House) -> None:
    async with busy.bot():
        await rendering(busy)
        await busy.animate(busy.member("noah"))
        await busy.until("SELECT 1 WHERE (SELECT count(*) FROM jobs) = 2")
        mine = await busy.ask(morgan(busy), "clips cancel", who=busy.member("noah"))
        helpers = await busy.ask(busy.member("helper"), "clips cancel", who=busy.member("noah"))
        pressed = await asyncio.gather(
            confirm(busy, mine), confirm(busy, helpers, busy.member("helper"))
        )
        await busy.discord.wait_for(
            lambda: (
                sum("✅" in it.content for it in (mine, helpers))
                + sum("no such clip" in it.content for one in pressed for it in one.followups)
                == 2
            )
        )
        await busy.until("SELECT 1 FROM jobs WHERE id = 2 AND state = 'notified'")
    assert [deed[:3] for deed in audit(busy)] == [("cancel", "member", busy.member("noah").id)]
    assert busy.query("SELECT kind FROM ledger WHERE job_id = 2") == [("reserve",), ("refund",)]


async def test_the_right_is_asked_for_again_and_only_who_asked_may_press(busy: House) -> None:
    helper = busy.member("helper")
    async with busy.bot():
        await rendering(busy)
        question = await busy.ask(helper, "clips cancel", all=True)
        (row,) = question.components
        foreign = await busy.ask(morgan(busy), "clips cancel", since="10m")
        foreign.components[0]["components"][0]["custom_id"] = row["components"][0]["custom_id"]
        refused = await confirm(busy, foreign)
        await busy.discord.wait_for(lambda: said(refused, "Only who asked"))
        busy.discord.set_roles(helper, [])
        pressed = await confirm(busy, question, helper)
        await busy.discord.wait_for(lambda: said(pressed, "needs the permission"))
    assert audit(busy) == []


def said(interaction: Interaction, words: str) -> bool:
    """Whether an answer to a press says so."""
    shown = [*interaction.followups, *filter(None, [interaction.original])]
    return any(words in it.content for it in shown)


async def test_a_helper_of_one_channel_reaches_others_clips_there_alone(busy: House) -> None:
    noah = let_manage(busy.clips, busy.member("noah"))
    general = busy.discord.world.guild.channel("general")
    async with busy.bot():
        own = await rendering(busy, member=noah)
        for channel in (busy.clips, general):
            await busy.animate(channel=channel)
        own_waiting = await busy.animate(noah)
        await busy.until("SELECT 1 WHERE (SELECT count(*) FROM jobs) = 4")
        question = await busy.ask(noah, "clips cancel", all=True)
        assert "Cancel **2 clips**" in question.content
        assert "1 clip of your own, which Pika has, stays" in question.content
        assert "1 clip in other channels stays" in question.content
        await confirm(busy, question, noah)
        await busy.told(question, "✅ I cancelled **2 clips of 2 members**")
        await busy.told(own_waiting.original, "You cancelled this clip")
        open_ones = busy.query("SELECT id FROM jobs WHERE cancelled_by IS NULL")
        left = await busy.ask(noah, "clips cancel", since="1h")
        assert "no such clip for you to cancel" in left.content
        assert own.original is not None
        assert "Rendering" in own.original.content
    assert open_ones == [(1,), (3,)]


async def test_since_spares_what_was_asked_for_earlier(busy: House) -> None:
    async with busy.bot():
        await rendering(busy)
        busy.pass_time(minutes=20)
        await busy.animate(busy.member("noah"))
        await busy.until("SELECT 1 WHERE (SELECT count(*) FROM jobs) = 2")
        question = await busy.ask(morgan(busy), "clips cancel", since="10m")
        assert "Cancel **1 clip** of 1 member, asked for since <t:" in question.content
        await confirm(busy, question)
        await busy.told(question, "✅ I cancelled **1 clip of 1 member**")
        for options in ({}, {"job": "1", "all": True}):
            told = await clips(busy, "cancel", **options)
            assert "either one clip with `job`, or several" in told
        assert "less than a minute" in await clips(busy, "cancel", since="0m")
    assert busy.query("SELECT id FROM jobs WHERE cancelled_by IS NOT NULL") == [(2,)]


async def test_the_audit_of_a_member_has_what_was_cancelled_with_others(busy: House) -> None:
    async with busy.bot():
        await rendering(busy)
        await busy.animate(busy.member("noah"))
        await busy.until("SELECT 1 WHERE (SELECT count(*) FROM jobs) = 2")
        await clips(busy, "pause", waiting="cancel")
        found = await busy.ask(busy.member("owner"), "quota audit", who=busy.member("noah"))
        others = await busy.ask(busy.member("owner"), "quota audit", who=busy.mia)
    assert "cancelled 1 clip of 1 member, which saves $0.20" in text(found)
    assert "Nothing of the kind" in text(others)


async def test_a_long_queue_is_listed_whole(busy: House) -> None:
    async with busy.bot():
        await put_waiting(busy, 200, 40)
        page = await busy.ask(morgan(busy), "clips queue")
        seen: list[str] = []
        while True:
            assert len(page.content) <= 2000
            seen += [line for line in page.content.splitlines() if line.startswith("**#")]
            (row,) = page.components
            before, after = row["components"]
            assert before["custom_id"] != after["custom_id"]
            if after.get("disabled"):
                break
            await busy.discord.press(morgan(busy), page, after["custom_id"])
            await busy.told(page, f"page {len(seen) // 8 + 1} of")
        numbers = [int(line[3:].partition("**")[0]) for line in seen]
        assert numbers == list(range(1, 201))
        assert "**200 clips in the making**" in page.content
        assert "-# a \\*kite\\* number" in page.content


async def test_a_long_queue_is_found_in(busy: House) -> None:
    count = 1000
    async with busy.bot():
        await put_waiting(busy, count, 40)
        page = await busy.ask(morgan(busy), "clips queue")
        assert f"**{count} clips in the making**" in page.content
        assert f"page 1 of {count // 8}" in page.content
        one = await busy.ask(morgan(busy), "clips queue", who=busy.mia)
        assert one.content == "No clips are being made here."
        typed = await busy.discord.autocomplete(
            morgan(busy), busy.clips, "clips cancel", {"job": ""}, "job"
        )
        assert typed.choices is not None
        assert len(typed.choices) == 25
        for words in (f"tail{count - 1}", f"KITE {10_000 + (count - 1) % 40} {count - 1}"):
            typed = await busy.discord.autocomplete(
                morgan(busy), busy.clips, "clips cancel", {"job": words}, "job"
            )
            assert typed.choices is not None
            assert [it["value"] for it in typed.choices] == [str(count)]
