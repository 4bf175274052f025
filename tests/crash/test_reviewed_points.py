"""The life of a job that moderators see first, killed as in `test_every_point`.

A moderator approves whatever asks to be, also again after a restart. The life begins as any
other does, so only its later points are died at, and every third of these.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.crash.bots import bots
from tests.crash.test_every_point import ask_and_die, verdict
from tests.decided import decide

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.house import House


FIRST, STRIDE = 17, 3
FEWEST_DEATHS = 10
"""Fewer than this, and the instrument is broken.

Measured: 13 or 15, of about 55 points; 8 without those at commits.
"""


async def approve_everything(house: House) -> None:
    board = house.discord.world.guild.channel("mod-review")
    while True:
        for message in list(board.messages.values()):
            if message.components and not message.deleted:
                button = message.components[0]["components"][0]["custom_id"]
                await house.discord.press(house.member("helper"), message, button)
        await asyncio.sleep(0.01)


@asynccontextmanager
async def moderated(house: House) -> AsyncGenerator[None, None]:
    board = house.discord.world.guild.channel("mod-review")
    await decide(house, review="everyone", review_channel_id=board.id)
    approving = asyncio.create_task(approve_everything(house))
    yield
    approving.cancel()
    await asyncio.gather(approving, return_exceptions=True)


@pytest.mark.timeout(240)
async def test_dying_before_during_and_after_a_review(house: House, tmp_path: Path) -> None:
    house.pika.behaviour.queue_seconds = house.pika.behaviour.render_seconds = 0
    board = house.discord.world.guild.channel("mod-review")
    outcomes: list[str] = []
    async with moderated(house), bots(house, tmp_path) as processes:
        await processes.start(die_at := FIRST)
        while True:
            await processes.arm()
            before = house.pika.paid_submits
            interaction = await ask_and_die(processes)
            if interaction is None:
                break
            house.discord.clock.advance(4)
            die_at += STRIDE
            await processes.start(die_at)
            try:
                await house.settled()
                await house.all_answered()
                paid = house.pika.paid_submits - before
                outcomes.append(verdict(house, interaction, paid, refused=False))
                asked = [m for m in board.messages.values() if not m.deleted and not m.ephemeral]
                assert len(asked) == (outcomes[-1] == "delivered")
                assert all(not m.attachments and not m.components for m in asked)
            except (AssertionError, TimeoutError) as error:
                raise AssertionError(f"died at point {die_at - STRIDE}") from error
            for channel in (house.clips, board):
                for message in channel.messages.values():
                    message.deleted = True
    assert outcomes.count("delivered") >= FEWEST_DEATHS
    assert set(outcomes) <= {"apologised", "delivered"}
