"""Each request and each end of a clip is one line in the log, without anything a member wrote."""

from __future__ import annotations

import asyncio
import logging
import math
from typing import TYPE_CHECKING

import pytest

from bot.base import Limit
from playground.discord import Upload
from tests.house import photo

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.house import House

PROMPT = "a very private wish"
PHOTO = Upload("photo.jpg", photo(), "image/jpeg")


@pytest.fixture(autouse=True)
def _at_info(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


def lines(caplog: pytest.LogCaptureFixture, event: str) -> list[logging.LogRecord]:
    return [it for it in caplog.records if getattr(it, "event", "") == event]


def fields(record: logging.LogRecord, *names: str) -> tuple[object, ...]:
    return tuple(getattr(record, name, None) for name in names)


async def until(is_so: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not is_so():
            await asyncio.sleep(0.02)


async def test_a_clip_is_one_line_when_accepted_and_one_at_its_end(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    who = str(house.discord.world.guild.id), str(house.mia.id)
    async with house.bot():
        await house.delivered(await house.animate(prompt=PROMPT))
        await house.settled()
        house.pika.behaviour.refuse_at_submit = "content_moderation"
        failing = await house.animate(prompt=PROMPT)
        await house.told(failing.original, "content rules refused")
        await house.settled()
    accepted, delivered = lines(caplog, "clip_accepted"), lines(caplog, "clip_delivered")
    (failed,) = lines(caplog, "clip_failed")
    ((reference, price),) = house.query(
        "SELECT reference, price_micro_usd FROM jobs WHERE state = 'delivered'"
    )
    assert len(accepted) == 2
    assert len(delivered) == 1
    names = "server_id", "member_id", "reference", "micro_usd"
    assert fields(accepted[0], *names) == (*who, reference, price)
    assert fields(delivered[0], *names) == (*who, reference, price)
    assert f"reference={reference}" in delivered[0].getMessage()
    assert f"member_id={who[1]}" in delivered[0].getMessage()
    assert "cost=$" in delivered[0].getMessage()
    assert fields(delivered[0], "seconds")[0] is not None
    assert fields(failed, "server_id", "member_id", "micro_usd") == (*who, 0)
    assert fields(failed, "reason") == ("moderated",)
    assert PROMPT not in caplog.text


async def test_a_refusal_is_one_line_with_its_kind(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.overrides["default_limit"] = Limit.parse("0 clips a day")
    async with house.bot():
        for image in (PHOTO, Upload("empty.jpg", b"", "image/jpeg")):
            await house.ask(house.mia, "animate", image=image, prompt=PROMPT)
        long = {"image": PHOTO, "prompt": PROMPT * 200}
        await house.ask(house.mia, "animate", client_checks=False, **long)
    by_limit, by_picture, by_text = lines(caplog, "clip_refused")
    names = "server_id", "member_id", "reason"
    who = str(house.discord.world.guild.id), str(house.mia.id)
    assert fields(by_limit, *names) == (*who, "limit_reached")
    assert fields(by_picture, *names) == (*who, "picture")
    assert fields(by_text, *names) == (*who, "text")
    assert PROMPT not in caplog.text


async def test_a_cancelled_clip_is_one_line(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.pika.behaviour.queue_seconds = math.inf
    async with house.bot():
        interaction = await house.animate()
        await house.told(interaction.original, "Rendering")
        await house.ask(house.member("moderator"), "clips cancel", job="1")
        house.pika.behaviour.queue_seconds = 0
        await house.settled()
    assert len(lines(caplog, "clip_cancelled")) == 1
    assert lines(caplog, "clip_failed") == []


async def test_servers_and_reconnects_have_their_lines(
    house: House, caplog: pytest.LogCaptureFixture, quick_gateway: None
) -> None:
    del quick_gateway
    async with house.bot():
        # Until then each server that is told of is one that the bot was in.
        await until(lambda: "servers: " in caplog.text)
        guild = house.add_managed_guild(house.mia.user)
        await until(lambda: lines(caplog, "server_joined"))
        house.discord.remove_bot(guild)
        await until(lambda: lines(caplog, "server_left"))
        await house.discord.drop_gateway()
        await until(lambda: len(lines(caplog, "gateway_connected")) == 2)
        await house.discord.wait_ready()
    for event in ("server_joined", "server_left"):
        assert [it.__dict__["server_id"] for it in lines(caplog, event)] == [str(guild.id)]
    first, second = lines(caplog, "gateway_connected")
    assert fields(first, "shard", "session") == (0, "begun")
    assert fields(second, "shard") == (0,)
    # Not by discord.py too.
    told = [it for it in caplog.records if "gateway" in it.getMessage().lower()]
    assert [it.levelname for it in told if it.name.startswith("discord")] == []
