"""Copies of the bot's database, taken in the middle of a clip's life and put back later."""

from __future__ import annotations

import asyncio
import math
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.faults import Fault

if TYPE_CHECKING:
    from pathlib import Path

    from playground.discord import Interaction, Message
    from tests.house import House

UPLOADS = {"pika": "pika.upload", "fal": "fal.initiate"}


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
        """As the README says."""
        for suffix in ("-wal", "-shm"):
            self.beside(suffix).unlink(missing_ok=True)
        shutil.copy(self.copy, self.file)

    def beside(self, suffix: str) -> Path:
        return self.file.with_name(self.file.name + suffix)


async def copied_in(house: House, copies: Copies, state: str) -> Interaction:
    """One `/animate`, copied while its job is in this state."""
    wire = house.pika.wire
    stuck = {"queued": UPLOADS[wire], "submitting": f"{wire}.submit"}.get(state)
    if stuck:
        house.pika.faults.add(Fault(stuck, "hold"))
    house.pika.behaviour.render_seconds = math.inf
    interaction = await house.animate(prompt="a kite")
    if state == "rendered":
        await house.told(interaction.original, "Rendering")
        house.discord.faults.add(Fault("discord.edit_followup", "hold"))
        house.pika.behaviour.render_seconds = 0
    async with asyncio.timeout(60):
        while house.query("SELECT state FROM jobs WHERE claim > 0 ORDER BY id DESC LIMIT 1") != [
            (state,)
        ]:
            await asyncio.sleep(0.005)
    copies.take()
    house.pika.behaviour.render_seconds = 0
    if stuck:
        house.pika.faults.release(stuck)
    house.discord.faults.release("discord.edit_followup")
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
