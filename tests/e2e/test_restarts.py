"""What a start finds: files of jobs that are over, and requests that nobody can be told about."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from bot.base import Timeouts
from bot.base.database import open_database
from bot.jobs import job_store
from bot.jobs.job import ReplyTo
from bot.requests import service, unanswered_interactions
from cogs.delivery.discord_delivery import DiscordDelivery
from tests.crashes import break_once
from tests.reviewing import everyone_is_reviewed, press, waiting

if TYPE_CHECKING:
    import pytest

    from playground.discord import Interaction
    from tests.house import House

LOCKED = sqlite3.OperationalError("database is locked")


async def test_videos_of_jobs_that_are_over_go_and_no_others(house: House) -> None:
    await everyone_is_reviewed(house)
    async with house.bot():
        interaction = await waiting(house)
    videos = house.data_dir / "clips"
    live = (videos / "1.mp4").read_bytes()
    for name in ("1.8388608.mp4", "2.mp4", "77.8388608.mp4", "notes.txt", "cover.7.mp4"):
        (videos / name).write_bytes(b"something")
    async with house.bot():
        kept = {file.name for file in videos.iterdir()}
        assert kept == {"1.mp4", "1.8388608.mp4", "notes.txt", "cover.7.mp4"}
        assert (videos / "1.mp4").read_bytes() == live
        await press(house, "helper", "Approve")
        await house.delivered(interaction)
        await house.settled()
    assert {file.name for file in videos.iterdir()} == {"notes.txt", "cover.7.mp4"}
    assert house.pika.paid_submits == 1


def _reply_to(house: House, interaction_id: int, message_id: int) -> ReplyTo:
    return ReplyTo(
        interaction_id=interaction_id,
        guild_id=house.discord.world.guild.id,
        channel_id=house.clips.id,
        member_id=house.mia.id,
        message_id=message_id,
        application_id=house.discord.world.application_id,
        token="no longer honoured",
        token_until=house.clock(),
    )


async def test_an_interrupted_request_in_a_channel_that_is_gone_is_let_go(house: House) -> None:
    async with house.bot():
        interaction = await house.animate()
        message = await house.delivered(interaction)
        await house.settled()
    # As if it had died while it decided on another request there, a while ago.
    reply_to = _reply_to(house, interaction.id, message.id)
    async with open_database(house.data_dir / "animate-bot.sqlite3") as database:
        await database.write(lambda tx: unanswered_interactions.add(tx, reply_to))
    house.discord.delete_channel(house.clips)
    general = house.discord.world.guild.channel("general")
    async with house.bot():
        assert house.query("SELECT * FROM unanswered_interactions") == []
        await house.delivered(await house.animate(channel=general))
        await house.settled()


async def _left_rendering(house: House) -> Interaction:
    """A clip that Pika renders while the bot stops, and has made at the next start."""
    house.pika.behaviour.render_seconds = 60
    async with house.bot():
        interaction = await house.animate()
        await house.told(interaction.original, "Rendering")
    house.pika.behaviour.render_seconds = 0
    return interaction


async def test_a_job_whose_reading_back_breaks_is_read_back_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    interaction = await _left_rendering(house)
    denied = PermissionError(13, "Permission denied")
    break_once(monkeypatch, DiscordDelivery, "read_back", denied)
    async with house.bot(PermissionError):
        await house.delivered(interaction)
        await house.settled()
    assert house.kinds() == ["reserve", "settle"]


async def test_jobs_are_read_back_though_the_database_did_not_tell_which(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    interaction = await _left_rendering(house)
    monkeypatch.setattr(Timeouts, "DATABASE_PAUSE_SECONDS", 0.1)
    break_once(monkeypatch, job_store, "awaiting_read_back", LOCKED)
    async with house.bot(sqlite3.OperationalError):
        await house.delivered(interaction)
        await house.settled()
    assert house.kinds() == ["reserve", "settle"]


async def test_one_whose_apology_breaks_keeps_nobody_else_from_theirs(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house.bot():
        interaction = await house.animate()
        message = await house.delivered(interaction)
        await house.settled()
    first = _reply_to(house, interaction.id, message.id)
    async with open_database(house.data_dir / "animate-bot.sqlite3") as database:
        for left in (first, replace(first, interaction_id=interaction.id + 1)):
            await database.write(partial(unanswered_interactions.add, reply_to=left))
    break_once(monkeypatch, unanswered_interactions, "remove", LOCKED)
    async with house.bot(sqlite3.OperationalError):
        await house.all_answered()


async def test_an_accepted_request_is_not_called_refused_when_its_wait_is_not_known(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_once(monkeypatch, service, "forecast", LOCKED)
    async with house.bot(sqlite3.OperationalError):
        interaction = await house.animate()
        await house.told(interaction.original, "Accepted")
        await house.delivered(interaction)
        await house.settled()
    assert house.kinds() == ["reserve", "settle"]
