"""The life of a job in a thread that is archived in mid-life, killed as in `test_every_point`.

The thread is archived while the clip is in the making, and again before the next process starts.
Only later points are died at, and every third of these: the life begins as any other does.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from playground.discord import ChannelKind, Upload
from tests.crash.bots import bots
from tests.crash.test_every_point import ended
from tests.house import photo

if TYPE_CHECKING:
    from pathlib import Path

    from playground.discord import Channel, Interaction
    from tests.crash.bots import Bots
    from tests.house import House

FIRST, STRIDE = 24, 3
FEWEST_DEATHS = 8
"""Fewer than this, and the instrument is broken. Measured: 13, of about 60 points."""


async def ask_and_die(bots: Bots, thread: Channel) -> Interaction | None:
    """One `/animate` whose thread is archived while Pika renders; `None` if the bot lives on."""
    house = bots.house
    picture = Upload("photo.jpg", photo(), "image/jpeg")
    asked = asyncio.create_task(
        house.discord.invoke(house.mia, thread, "animate", {"image": picture, "resolution": "720p"})
    )
    assert bots.end
    await asyncio.wait({asked, bots.end}, return_when=asyncio.FIRST_COMPLETED)
    if not asked.done():
        house.discord.clock.advance(4)
    interaction = await asked
    told = asyncio.create_task(archived_and_ended(house, thread, interaction))
    await asyncio.wait({told, bots.end}, return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    return None if await bots.stop() == 0 else interaction


async def archived_and_ended(house: House, thread: Channel, interaction: Interaction) -> None:
    message = interaction.original
    if message is not None:
        await house.discord.wait_for(lambda: "Rendering" in message.content)
    house.discord.set_thread(thread, archived=True)
    house.pika.behaviour.render_seconds = 0
    await ended(house, interaction)


def check(house: House, thread: Channel, interaction: Interaction, paid: int) -> str:
    """Hold what the member sees and the books against each other; name the outcome."""
    jobs = house.query(f"SELECT id, state FROM jobs WHERE interaction_id = {interaction.id}")
    if not jobs:
        assert paid == 0
        return "no job"
    ((job, state),) = jobs
    assert state == "delivered"
    assert paid == 1
    kinds = house.query(f"SELECT kind FROM ledger WHERE job_id = {job} ORDER BY id")
    assert [kind for (kind,) in kinds] == ["reserve", "settle"]
    assert [it for it in thread.messages.values() if it.attachments] == [interaction.original]
    assert not thread.archived
    nonces = [it.nonce for it in thread.messages.values() if it.nonce is not None]
    assert nonces == [f"{interaction.id}-done"]
    return "delivered"


@pytest.mark.timeout(240)
async def test_dying_while_the_thread_is_archived(house: House, tmp_path: Path) -> None:
    house.pika.behaviour.queue_seconds = 0
    outcomes: list[str] = []
    async with bots(house, tmp_path) as processes:
        await processes.start(die_at := FIRST)
        while True:
            house.pika.behaviour.render_seconds = 600
            thread = house.discord.add_channel(
                "t", kind=ChannelKind.PUBLIC_THREAD, parent=house.clips
            )
            await processes.arm()
            before = house.pika.paid_submits
            interaction = await ask_and_die(processes, thread)
            if interaction is None:
                break
            house.pika.behaviour.render_seconds = 0
            shown = interaction.original
            if shown is None or not shown.attachments:
                house.discord.set_thread(thread, archived=True)
            die_at += STRIDE
            await processes.start(die_at)
            try:
                await house.settled()
                paid = house.pika.paid_submits - before
                outcomes.append(check(house, thread, interaction, paid))
            except (AssertionError, TimeoutError) as error:
                raise AssertionError(f"died at point {die_at - STRIDE}") from error
    assert outcomes.count("delivered") >= FEWEST_DEATHS
