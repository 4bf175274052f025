"""`/clips queue` and `cancel`, in each state of a clip's life."""

from __future__ import annotations

import asyncio
import dataclasses
import math
import signal
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.base import Timeouts
from playground.discord import ClientRefusal
from playground.faults import Fault
from tests.decided import decide
from tests.e2e.clips_play import CANCELLED, audit, clips, morgan, rendering, until_pika
from tests.e2e.test_process import process
from tests.house import House, open_house

if TYPE_CHECKING:
    from pathlib import Path

    from playground.discord import Interaction


async def test_a_waiting_clip_ends_at_once_and_costs_nothing(house: House) -> None:
    house.overrides["renders_at_once"] = 1
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        await rendering(house)
        waiting = await house.animate(house.member("noah"))
        await house.told(waiting.original, "in line")
        told = await clips(house, "cancel", job="2", reason="a *raid*")
        assert told == f"✅ I cancelled clip **#2** of <@{waiting.member.id}>. Nothing was charged."
        content = await house.told(waiting.original, CANCELLED)
        usage = await house.ask(waiting.member, "usage")
        await house.until("SELECT 1 FROM jobs WHERE id = 2 AND picture_file IS NULL")
    assert "this clip: a \\*raid\\*. Nothing was charged. (reference " in content
    assert "A moderator cancelled this clip: a" in usage.content
    assert house.pika.paid_submits == 1
    assert house.query("SELECT kind FROM ledger WHERE job_id = 2") == [("reserve",), ("refund",)]
    # It never was at Pika, so moderators are not to look for it on its bill.
    assert house.query("SELECT may_be_billed FROM jobs WHERE id = 2") == [(0,)]
    assert house.query("SELECT kind FROM log_messages") == []
    assert audit(house) == [("cancel", "job", 2, morgan(house).id, "a *raid*")]
    # The reason is between them.
    assert waiting.original is not None
    assert waiting.original.deleted
    assert CANCELLED not in shown_by(waiting)


def shown_by(interaction: Interaction) -> str:
    """All that the status message has said so far."""
    assert interaction.original is not None
    return "\n".join(revision.content for revision in interaction.original.revisions)


async def test_a_cancel_is_not_overwritten_by_a_late_acceptance(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Timeouts, "START_DELAY", timedelta(seconds=2))
    async with house.bot():
        # The bot knows of no answer, and says so again half a second later.
        house.discord.faults.add(Fault("discord.edit_original", "drop_after"))
        interaction = await house.animate()
        await house.discord.faults.wait_taken("discord.edit_original")
        assert "I cancelled" in await clips(house, "cancel", job="1")
        await house.settled()
        await house.discord.wait_for(lambda: shown_by(interaction).count("Accepted") > 1)
        await house.told(interaction.original, CANCELLED)
    assert house.kinds() == ["reserve", "refund"]


async def test_a_clip_on_its_way_to_pika_is_held_back(house: House) -> None:
    """Its picture is being uploaded: nothing was paid for, and nothing is shown after its end."""
    async with house.bot():
        house.pika.faults.add(Fault("pika.put", "hold"))
        interaction = await house.animate()
        await house.pika.faults.wait_taken("pika.put")
        assert "I cancelled" in await clips(house, "cancel", job="1")
        await house.told(interaction.original, CANCELLED)
        await house.settled()
        house.pika.faults.release("pika.put")
        async with asyncio.timeout(60):
            await house.pika.wait_requests("pika.put")
    # Its end has waited for every step, so that nothing more comes.
    assert house.pika.paid_submits == 0
    assert house.kinds() == ["reserve", "refund"]
    assert interaction.original is not None
    assert "There is no clip" in interaction.original.content


async def test_a_paid_request_on_its_way_is_not_disturbed(house: House) -> None:
    async with house.bot():
        house.pika.faults.add(Fault("pika.submit", "hold"))
        interaction = await house.animate()
        await house.pika.faults.wait_taken("pika.submit")
        assert "being sent to Pika" in await clips(house, "queue")
        assert "the server pays $0.20" in await clips(house, "cancel", job="1")
        assert "being cancelled" in await clips(house, "queue")
        house.pika.faults.release("pika.submit")
        await house.told(interaction.original, CANCELLED)
        await house.settled()
    assert house.pika.paid_submits == 1
    assert house.kinds() == ["reserve", "settle", "credit"]


async def test_a_request_that_pika_does_not_take_is_not_sent_again(house: House) -> None:
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        house.pika.faults.add(
            Fault("pika.submit", "reply", times=50, status=429, headers={"Retry-After": "0.1"})
        )
        interaction = await house.animate()
        await house.told(interaction.original, "Pika is busy")
        await clips(house, "cancel", job="1")
        await house.told(interaction.original, CANCELLED)
        await house.settled()
    assert house.pika.paid_submits == 0
    assert house.kinds() == ["reserve", "refund"]


async def test_a_render_that_cannot_be_stopped_is_paid_by_the_server_alone(house: House) -> None:
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        interaction = await rendering(house)
        assert "the server pays $0.20" in await clips(house, "cancel", job="#1")
        await checked_twice(house, "pika.check")
        house.pika.behaviour.render_seconds = 0
        await house.told(interaction.original, CANCELLED)
        await house.settled()
    assert house.kinds() == ["reserve", "settle", "credit"]
    assert (house.spent(), house.paid()) == ((0, 0), (1, 200_000))
    assert house.query("SELECT state, may_be_billed, failure FROM jobs") == [("notified", 1, None)]
    actors = house.query("SELECT actor_id FROM ledger WHERE kind = 'credit'")
    assert actors == [(morgan(house).id,)]


async def test_a_render_that_fails_by_itself_costs_nobody_anything(house: House) -> None:
    house.pika.behaviour.outcome = "provider_error"
    house.pika.behaviour.render_seconds = math.inf
    house.patience = dataclasses.replace(house.patience, gap_scale=100)
    async with house.bot():
        interaction = await rendering(house)
        house.pika.behaviour.render_seconds = 0
        async with asyncio.timeout(60):
            while {job.status for job in house.pika.jobs.values()} != {"failed"}:
                await asyncio.sleep(0.02)
        await clips(house, "cancel", job="1")
        await house.told(interaction.original, CANCELLED)
        await house.settled()
    assert house.kinds() == ["reserve", "refund"]


async def checked_twice(house: House, operation: str) -> None:
    """Wait for a check that was begun after now."""
    async with asyncio.timeout(60):
        await house.pika.wait_requests(operation, house.pika.counters.requests[operation] + 2)


@pytest.mark.parametrize(
    ("wire", "check"), [("pika", "pika.check"), ("comfy-proxy", "proxy.check")]
)
async def test_a_render_that_fails_after_it_could_not_be_stopped_costs_nobody_anything(
    tmp_path: Path, wire: Any, check: str
) -> None:
    async with open_house(tmp_path / "data", wire) as house:
        house.pika.behaviour.outcome = "provider_error"
        house.pika.behaviour.render_seconds = math.inf
        async with house.bot():
            interaction = await rendering(house)
            await clips(house, "cancel", job="1")
            await checked_twice(house, check)
            house.pika.behaviour.render_seconds = 0
            await house.told(interaction.original, CANCELLED)
            await house.settled()
        assert house.kinds() == ["reserve", "refund"]
        assert house.pika.counters.charged_micro_usd == 0


@pytest.mark.parametrize("wire", ["fal", "comfy"])
async def test_a_render_that_can_be_stopped_costs_nobody_anything(
    tmp_path: Path, wire: Any
) -> None:
    async with open_house(tmp_path / "data", wire) as house:
        house.pika.behaviour.queue_seconds = math.inf
        async with house.bot():
            interaction = await rendering(house)
            await clips(house, "cancel", job="1")
            await house.told(interaction.original, CANCELLED)
            await house.settled()
        assert house.kinds() == ["reserve", "refund"]
        assert house.query("SELECT may_be_billed FROM jobs") == [(0,)]


async def test_a_render_that_goes_on_after_all_is_waited_for(tmp_path: Path) -> None:
    """Asked to stop, Pika finishes what it had begun: the real bill is the server's."""
    async with open_house(tmp_path / "data", "fal") as house:
        house.pika.behaviour.queue_seconds = 0
        house.pika.behaviour.render_seconds = math.inf
        async with house.bot():
            interaction = await rendering(house)
            await clips(house, "cancel", job="1")
            await until_pika(house, "fal.cancel")
            assert house.kinds() == ["reserve"]
            house.pika.behaviour.render_seconds = 0
            await house.told(interaction.original, CANCELLED)
            await house.settled()
        assert house.kinds() == ["reserve", "settle", "credit"]
        assert (house.spent()[0], house.paid()[0]) == (0, 1)
        assert interaction.original is not None
        assert not interaction.original.attachments


async def test_a_render_that_never_ends_is_given_up(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data", "fal") as house:
        house.pika.behaviour.queue_seconds = 0
        house.pika.behaviour.render_seconds = math.inf
        async with house.bot():
            interaction = await rendering(house)
            await clips(house, "cancel", job="1")
            await until_pika(house, "fal.cancel")
            house.pass_time(minutes=31)
            await house.failed(interaction, CANCELLED)
            await house.settled()
        assert house.kinds() == ["reserve", "settle", "credit"]
        assert house.query("SELECT may_be_billed, doubt FROM jobs") == [(1, "open")]


async def test_a_long_wait_in_the_queue_is_no_time_at_pika(tmp_path: Path) -> None:
    """A render that goes on is waited for from its order on, not from the request on."""
    async with open_house(tmp_path / "data", "fal") as house:
        house.overrides["renders_at_once"] = 1
        # Between two looks passes a tenth of the time since the order.
        house.patience = dataclasses.replace(house.patience, gap_scale=0.005)
        house.pika.behaviour.queue_seconds = math.inf
        async with house.bot():
            await rendering(house)
            second = await house.animate(house.member("noah"))
            await house.told(second.original, "in line")
            house.pass_time(minutes=20)
            await clips(house, "cancel", job="1")
            await house.told(second.original, "Number 1 in Pika's queue")
            house.pika.behaviour.queue_seconds = 0
            house.pika.behaviour.render_seconds = math.inf
            house.pass_time(minutes=15)
            await clips(house, "cancel", job="2")
            # Twice for this one: asked to stop, it was looked at, and goes on.
            async with asyncio.timeout(60):
                await house.pika.wait_requests("fal.cancel", 3)
            assert house.query("SELECT ended_at FROM jobs WHERE id = 2") == [(None,)]
            house.pika.behaviour.render_seconds = 0
            await house.failed(second, CANCELLED)
            await house.settled()
        kinds = house.query("SELECT kind FROM ledger WHERE job_id = 2")
        assert kinds == [("reserve",), ("settle",), ("credit",)]


async def test_a_pika_that_does_not_answer_is_asked_again(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data", "fal") as house:
        house.pika.behaviour.queue_seconds = math.inf
        async with house.bot():
            interaction = await rendering(house)
            house.pika.faults.add(Fault("fal.cancel", "reply", times=2, status=503))
            await clips(house, "cancel", job="1")
            await house.told(interaction.original, CANCELLED)
            await house.settled()
        assert house.kinds() == ["reserve", "refund"]


async def test_a_clip_that_is_being_shown_is_taken_down_again(house: House) -> None:
    async with house.bot():
        house.discord.faults.add(Fault("discord.create_message", "hold"))
        interaction = await house.animate()
        message = await house.delivered(interaction)
        assert "being delivered" in await clips(house, "queue")
        assert "Pika has made it already" in await clips(house, "cancel", job="1")
        house.discord.faults.release("discord.create_message")
        await house.told(message, CANCELLED)
        await house.settled()
    assert not message.attachments
    assert house.kinds() == ["reserve", "settle", "credit"]
    assert list((house.data_dir / "clips").iterdir()) == []


async def test_a_clip_that_discord_does_not_take_yet_is_not_shown_any_more(house: House) -> None:
    house.patience = dataclasses.replace(
        house.patience, backoff=timedelta(seconds=2), longest_backoff=timedelta(seconds=2)
    )
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        interaction = await rendering(house)
        told = {"code": 40333, "message": "internal network error"}
        house.discord.faults.add(Fault("discord.edit_followup", "reply", status=403, body=told))
        house.pika.behaviour.render_seconds = 0
        await house.until("SELECT 1 FROM jobs WHERE state = 'rendered' AND attempts = 1")
        await clips(house, "cancel", job="1")
        house.pass_time(seconds=3)
        await house.told(interaction.original, CANCELLED)
        await house.settled()
    assert interaction.original is not None
    assert not interaction.original.attachments
    assert house.kinds() == ["reserve", "settle", "credit"]


async def test_a_clip_in_review_is_cancelled_at_once(house: House) -> None:
    board = house.discord.world.guild.channel("mod-review")
    await decide(house, review="everyone", review_channel_id=board.id)
    async with house.bot():
        interaction = await house.animate()
        await house.discord.wait_for(lambda: board.messages)
        await house.until("SELECT 1 FROM reviews")
        assert "in review" in await clips(house, "queue")
        await clips(house, "cancel", job="1")
        await house.told(interaction.original, CANCELLED)
        await house.settled()
    assert house.kinds() == ["reserve", "settle", "credit"]
    (asked,) = board.messages.values()
    assert asked.deleted or not asked.components


@pytest.mark.parametrize("when", ["submitting", "rendering"])
async def test_killed_in_the_middle_it_ends_the_clip_after_the_next_start(
    house: House, when: str
) -> None:
    if when == "submitting":
        house.pika.faults.add(Fault("pika.submit", "hold"))
    house.pika.behaviour.render_seconds = math.inf
    async with process(house) as first:
        interaction = await house.animate()
        await house.told(interaction.original, "starting now" if when == "submitting" else "Rend")
        if when == "submitting":
            await house.pika.faults.wait_taken("pika.submit")
        house.discord.faults.add(Fault("discord.edit_original", "hang", times=1))
        house.discord.faults.add(Fault("discord.edit_followup", "hang", times=1))
        asked = await house.discord.invoke(
            morgan(house), house.clips, "clips cancel", {"job": "1", "reason": "enough"}
        )
        async with asyncio.timeout(60):
            while not audit(house):
                await asyncio.sleep(0.02)
        first.send_signal(signal.SIGKILL)
        await first.wait()
    house.discord.faults.clear()
    house.pika.faults.clear()
    house.pika.behaviour.render_seconds = 0
    async with process(house):
        content = await house.told(interaction.original, f"{CANCELLED}: enough")
        await house.settled()
        again = await clips(house, "cancel", job="1")
    assert asked.acknowledged
    assert "Nothing was charged" in content
    assert "not in the making any more" in again
    assert house.kinds() == ["reserve", "settle", "credit"]
    assert len(audit(house)) == 1


async def test_twice_is_told_and_changes_nothing(house: House) -> None:
    async with house.bot():
        house.pika.faults.add(Fault("pika.submit", "hold"))
        await house.animate()
        await house.pika.faults.wait_taken("pika.submit")
        await clips(house, "cancel", job="1")
        assert "being cancelled already" in await clips(house, "cancel", job="1")
        house.pika.faults.release("pika.submit")
        await house.settled()
        assert "not in the making any more" in await clips(house, "cancel", job="1")
        for unknown in ("2", "Mia", "#", "9" * 30):
            assert "know no clip by that" in await clips(house, "cancel", job=unknown)
    assert len(audit(house)) == 1


async def test_the_queue_shows_who_waits_for_what(house: House) -> None:
    house.overrides["renders_at_once"] = 1
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        assert await clips(house, "queue") == "No clips are being made here."
        await rendering(house, prompt="a secret wish")
        waiting = await house.animate(house.member("noah"), resolution="1080p")
        await house.told(waiting.original, "in line")
        told = await clips(house, "queue")
    head, sums, first, prompt, second = told.splitlines()
    assert head == "**2 clips in the making**, the oldest first:"
    assert first.startswith(f"**#1** · <@{house.mia.id}> · rendering · <t:")
    assert second.startswith(f"**#2** · <@{house.member('noah').id}> · waiting · <t:")
    assert (first[-5:], second[-5:]) == ("$0.20", "$0.45")
    assert sums == "-# 1 waiting ($0.45) · 1 at Pika ($0.20)"
    assert prompt == "-# a secret wish"


async def test_suggestions_name_the_member_the_state_and_the_price(house: House) -> None:
    house.overrides["renders_at_once"] = 1
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        await rendering(house)
        waiting = await house.animate(house.member("noah"))
        await house.told(waiting.original, "in line")
        found = {
            typed: (
                await house.discord.autocomplete(
                    morgan(house), house.clips, "clips cancel", {"job": typed}, "job"
                )
            ).choices
            for typed in ("", "noa", "#1", "zzz")
        }
    mia = {"name": "#1 · Mia · rendering · 0 min · $0.20", "value": "1"}
    noah = {"name": "#2 · Noah · waiting · 0 min · $0.20", "value": "2"}
    assert found == {"": [mia, noah], "noa": [noah], "#1": [mia], "zzz": []}


async def test_after_a_restart_members_are_numbers_until_they_come_back(house: House) -> None:
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        await rendering(house)
    async with house.bot():
        asked = await house.discord.autocomplete(
            morgan(house), house.clips, "clips cancel", {}, "job"
        )
    assert asked.choices is not None
    assert asked.choices[0]["name"].startswith(f"#1 · {house.mia.id} · rendering")


async def test_a_member_to_whom_the_server_shows_it_is_refused(house: House) -> None:
    house.pika.behaviour.render_seconds = math.inf
    guild = house.discord.world.guild
    async with house.bot():
        await rendering(house)
        with pytest.raises(ClientRefusal):
            await house.ask(house.mia, "clips queue")
        guild.command_grants["clips"] = {guild.everyone.id: True}
        for told in (
            await house.ask(house.mia, "clips queue"),
            await house.ask(house.mia, "clips cancel", job="1"),
        ):
            assert "needs the permission **Manage Messages**" in told.content
        asked = await house.discord.autocomplete(house.mia, house.clips, "clips cancel", {}, "job")
        assert asked.choices == []
    assert audit(house) == []
    assert house.query("SELECT cancelled_by FROM jobs") == [(None,)]
