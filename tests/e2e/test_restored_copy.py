"""Yesterday's copy of the database, put back: nothing is paid twice or shown twice."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from bot.recovery import SAFE_AGE
from playground.faults import Fault
from tests.contracts import discord_violations
from tests.house import House, open_house
from tests.orders import order_violations

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from playground.discord.interactions import Interaction
    from playground.discord.messages import Message
    from playground.pika.server import WireName

STATES = ["queued", "submitting", "rendering", "rendered"]
UPLOADS = {"pika": "pika.upload", "fal": "fal.initiate"}
HOURS = SAFE_AGE.total_seconds() / 3600


@dataclass
class Copies:
    """A copy of the bot's file, taken and put back as an owner does it."""

    house: House
    copy: Path

    @property
    def file(self) -> Path:
        return self.house.data_dir / "animate-bot.sqlite3"

    def take(self) -> None:
        """While the bot runs."""
        with closing(sqlite3.connect(self.file)) as live, closing(sqlite3.connect(self.copy)) as to:
            live.backup(to)

    def put_back(self) -> None:
        for suffix in ("-wal", "-shm"):
            assert not self.beside(suffix).exists(), "the bot has stopped, so its journal is gone"
        shutil.copy(self.copy, self.file)

    def beside(self, suffix: str) -> Path:
        return self.file.with_name(self.file.name + suffix)


@pytest.fixture
def copies(house: House, tmp_path: Path) -> Copies:
    return Copies(house, tmp_path / "copy.sqlite3")


@pytest.fixture(params=["pika", "fal"])
async def wired(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[House, None]:
    wire: WireName = request.param
    async with open_house(tmp_path / "data", wire) as house:
        yield house
    if "CONTRACTS_DIR" in os.environ:
        assert discord_violations(house.discord.exchanges) == []
        assert order_violations(house.pika.exchanges) == []


async def copied_in(house: House, copies: Copies, state: str) -> Interaction:
    """One `/animate`, copied while its job is in this state."""
    wire = house.pika.wire
    stuck = {"queued": UPLOADS[wire], "submitting": f"{wire}.submit"}.get(state)
    if stuck:
        house.pika.faults.add(Fault(stuck, "delay", seconds=0.2))
    house.pika.behaviour.render_seconds = 0.3
    interaction = await house.animate(prompt="a kite")
    if state == "rendered":
        await house.told(interaction.original, "Rendering")
        house.discord.faults.add(Fault("discord.edit_followup", "delay", seconds=0.2))
    async with asyncio.timeout(5):
        while house.query("SELECT state FROM jobs WHERE claim > 0") != [(state,)]:
            await asyncio.sleep(0.005)
    copies.take()
    return interaction


async def asked_and_copied(house: House, copies: Copies, state: str) -> Interaction:
    """A clip that was delivered since the copy, which has been put back."""
    async with house.bot():
        interaction = await copied_in(house, copies, state)
        await house.delivered(interaction)
        await house.settled()
    copies.put_back()
    ((kept, ended),) = house.query("SELECT state, ended_at FROM jobs")
    assert (kept, ended) == (state, None)
    return interaction


def said(house: House) -> list[Message]:
    """Everything that the bot has in the channel."""
    return [m for m in house.clips.messages.values() if m.author.bot and not m.deleted]


@pytest.mark.parametrize("clips", ["kept", "emptied"])
@pytest.mark.parametrize("state", STATES)
async def test_a_clip_shown_since_the_copy_is_neither_paid_nor_shown_again(
    wired: House, tmp_path: Path, state: str, clips: str
) -> None:
    copies = Copies(wired, tmp_path / "copy.sqlite3")
    interaction = await asked_and_copied(wired, copies, state)
    if clips == "emptied":
        shutil.rmtree(wired.data_dir / "clips")
    assert interaction.original
    before, edits = said(wired), len(interaction.original.revisions)
    wired.pass_time(hours=HOURS * 2)
    async with wired.bot():
        await wired.settled()
    assert wired.pika.paid_submits == 1
    assert said(wired) == before
    assert len(interaction.original.revisions) == edits
    assert wired.kinds() == ["reserve", "settle"]
    assert wired.spent() == wired.paid() == (1, 200_000)
    assert wired.query("SELECT state, message_id FROM jobs") == [
        ("delivered", interaction.original.id)
    ]
    assert wired.query("SELECT * FROM stills") == []


async def test_a_clip_posted_anew_since_the_copy_is_not_posted_again(
    house: House, copies: Copies
) -> None:
    async with house.bot():
        interaction = await copied_in(house, copies, "rendering")
        assert interaction.original
        house.discord.delete_message(interaction.original)
        await house.settled()
    copies.put_back()
    (posted,) = said(house)
    house.pass_time(hours=HOURS * 2)
    async with house.bot():
        await house.settled()
    assert said(house) == [posted]
    assert house.query("SELECT state, message_id FROM jobs") == [("delivered", posted.id)]


@pytest.mark.parametrize("state", ["queued", "submitting", "rendering"])
async def test_a_failure_told_since_the_copy_is_not_told_again(
    wired: House, tmp_path: Path, state: str
) -> None:
    copies = Copies(wired, tmp_path / "copy.sqlite3")
    wired.pika.behaviour.outcome = "content_moderation"
    async with wired.bot():
        interaction = await copied_in(wired, copies, state)
        await wired.told(interaction.original, "content rules")
        await wired.settled()
    copies.put_back()
    assert interaction.original
    before, edits = said(wired), len(interaction.original.revisions)
    wired.pass_time(hours=1)
    async with wired.bot():
        await wired.settled()
    assert wired.pika.paid_submits == 1
    assert said(wired) == before
    assert len(interaction.original.revisions) == edits
    assert wired.kinds() == ["reserve", "refund"]
