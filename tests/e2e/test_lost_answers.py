"""Discord did what the bot asked for, and its answer was lost: nobody is left waiting."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from playground.discord import Upload
from playground.faults import Fault
from tests.e2e.test_process import process

if TYPE_CHECKING:
    from playground.faults import Kind
    from tests.house import House

NO_PICTURE = Upload("photo.jpg", b"no picture", "image/jpeg")


@pytest.mark.parametrize(
    "lost",
    [{"kind": "drop_after"}, {"kind": "half_body"}, {"kind": "reply_after", "status": 502}],
    ids=["no answer", "half an answer", "an error of a gateway"],
)
async def test_an_acknowledgement_whose_answer_is_lost_counts(
    house: House, lost: dict[str, Any]
) -> None:
    async with house.bot():
        house.discord.faults.add(Fault("discord.callback", **lost))
        await house.delivered(await house.animate())
        await house.settled()
    assert house.kinds() == ["reserve", "settle"]


async def test_an_acknowledgement_that_never_arrived_is_repeated(house: House) -> None:
    async with house.bot():
        house.discord.faults.add(Fault("discord.callback", "drop_before", times=2))
        await house.delivered(await house.animate())
        await house.settled()
    assert house.kinds() == ["reserve", "settle"]


async def test_an_acknowledgement_whose_message_is_read_late_counts(house: House) -> None:
    async with house.bot():
        house.discord.faults.add(Fault("discord.callback", "drop_after"))
        house.discord.faults.add(Fault("discord.get_original", "drop_before", times=2))
        await house.delivered(await house.animate())
        await house.settled()
    assert house.kinds() == ["reserve", "settle"]


@pytest.mark.parametrize(("kind", "told"), [("drop_before", False), ("drop_after", True)])
async def test_a_kill_while_it_is_acknowledged_is_apologised_for(
    house: House, kind: Kind, *, told: bool
) -> None:
    """Nobody knows then whether Discord took it; who is shown "thinking" reads why it ends."""
    async with process(house) as first:
        house.discord.faults.add(Fault("discord.callback", kind))
        house.discord.faults.add(Fault("discord.callback", "hang"))
        asking = asyncio.create_task(house.animate())
        await house.discord.faults.wait_taken("discord.callback", 2)
        await house.until("SELECT 1 FROM unanswered_interactions")
        first.kill()
        await first.wait()
    interaction = await asking
    assert (interaction.original is not None) is told
    async with house.bot():
        if told:
            await house.told(interaction.original, "interrupted me before I had decided")
        await house.all_answered()
    assert house.kinds() == []


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "half_body"])
async def test_a_notice_that_got_lost_is_sent_again(house: House, kind: Kind) -> None:
    async with house.bot():
        house.discord.faults.add(Fault("discord.create_message", kind, times=2))
        interaction = await house.animate()
        await house.delivered(interaction)
        await house.settled()
    notices = [m for m in house.clips.messages.values() if m.nonce == f"{interaction.id}-done"]
    assert len(notices) == 1
    assert house.query("SELECT notice_message_id FROM jobs") == [(notices[0].id,)]


async def test_a_refusal_that_cannot_be_said_ends_quietly(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    stranger = house.discord.add_member("stranger", guild=house.discord.add_guild("Closed"))
    channel = stranger.guild.channel("general")
    async with house.bot():
        house.discord.faults.add(Fault("discord.callback", "drop_before"))
        interaction = await house.animate(stranger, channel=channel)
        assert interaction.failed
    assert f"interaction {interaction.id} got no answer: ServerDisconnectedError" in caplog.text


async def test_a_refusal_whose_connection_broke_is_said_again(house: House) -> None:
    async with house.bot():
        house.discord.faults.add(Fault("discord.edit_original", "drop_before", times=2))
        interaction = await house.animate(image=NO_PICTURE)
        await house.refused(interaction, "Nothing was charged")
    assert house.query("SELECT * FROM unanswered_interactions") == []


async def test_a_refusal_that_a_kill_left_half_said_is_apologised_for(house: House) -> None:
    """All read that it was refused, and its member alone was to read why."""
    async with process(house) as first:
        house.discord.faults.add(Fault("discord.followup", "hang"))
        interaction = await house.animate(image=NO_PICTURE)
        await house.discord.faults.wait_taken("discord.followup")
        first.kill()
        await first.wait()
    async with house.bot():
        await house.told(interaction.original, "interrupted me before I had decided")
    assert house.query("SELECT * FROM unanswered_interactions") == []


async def test_an_apology_that_failed_at_the_start_is_made_later(house: House) -> None:
    house.patience = dataclasses.replace(house.patience, read_back=timedelta(milliseconds=100))
    house.discord.faults.add(Fault("discord.cdn", "hang"))
    async with process(house) as first:
        interaction = await house.animate()
        await house.discord.faults.wait_taken("discord.cdn")
        first.kill()
        await first.wait()
    assert house.query("SELECT count(*) FROM unanswered_interactions") == [(1,)]
    house.discord.faults.add(Fault("discord.get_message", "half_body", times=2))
    house.discord.faults.add(Fault("discord.edit_followup", "drop_before", times=2))
    async with house.bot():
        await house.told(interaction.original, "interrupted me before I had decided")
        await house.all_answered()
    assert house.kinds() == []
