"""The bot on each of the four wires, and across a change of wire."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from playground.faults import Fault
from tests.contracts import discord_violations
from tests.house import House, open_house, open_pika

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from playground.discord import Interaction
    from playground.pika import WireName

WIRES = ["pika", "fal", "comfy", "comfy-proxy"]
SUBMITS = {
    "pika": "pika.submit",
    "fal": "fal.submit",
    "comfy": "comfy.submit",
    "comfy-proxy": "proxy.submit",
}
REPLAYING = {"pika", "comfy"}


@pytest.fixture(params=WIRES)
async def wired(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[House, None]:
    async with open_house(tmp_path / "data", request.param) as house:
        yield house
    if "CONTRACTS_DIR" in os.environ:
        assert discord_violations(house.discord.exchanges) == []


async def test_a_picture_becomes_a_video_on_every_wire(wired: House) -> None:
    async with wired.bot():
        message = await wired.delivered(await wired.animate(prompt="waves", seed=7))
        await wired.settled()
    assert "AI-generated" in message.content
    assert wired.pika.paid_submits == 1
    assert wired.kinds() == ["reserve", "settle"]
    assert wired.query("SELECT provider FROM jobs") == [(wired.pika.wire,)]


async def test_a_picture_alone_is_enough_on_every_wire(wired: House) -> None:
    async with wired.bot():
        await wired.delivered(await wired.animate())


async def test_moderation_costs_nothing_on_every_wire(wired: House) -> None:
    async with wired.bot():
        interaction = await wired.animate(prompt="something forbidden")
        content = await wired.told(interaction.original, "Nothing was charged")
        await wired.settled()
    assert wired.kinds() == ["reserve", "refund"]
    # Comfy's proxy says that a job failed, and not why.
    is_silent = wired.pika.wire == "comfy-proxy"
    assert ("may have refused" if is_silent else "content rules refused") in content


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "half_body"])
async def test_an_order_in_doubt_is_never_paid_twice(wired: House, kind: str) -> None:
    wire = wired.pika.wire
    async with wired.bot():
        wired.pika.faults.add(Fault(SUBMITS[wire], kind))  # type: ignore[arg-type] # one of its kinds
        interaction = await wired.animate()
        if wire in REPLAYING:
            await wired.delivered(interaction)
        else:
            await wired.told(interaction.original, "connection to Pika broke")
        await wired.settled()
    assert wired.pika.paid_submits <= 1
    credited = [] if wire in REPLAYING else ["credit"]
    assert wired.kinds() == ["reserve", "settle", *credited]
    assert wired.paid() == (1, 200_000), "billed or not, the server counts it"


async def test_a_full_provider_is_waited_for_on_every_wire(wired: House) -> None:
    async with wired.bot():
        wired.pika.faults.add(Fault(SUBMITS[wired.pika.wire], "reply", status=429, body={}))
        interaction = await wired.animate()
        await wired.told(interaction.original, "Pika is busy")
        await wired.delivered(interaction)
        await wired.settled()
    assert wired.pika.paid_submits == 1


@pytest.mark.parametrize("status", [401, 403, 429])
async def test_a_page_in_front_of_the_provider_is_waited_out(wired: House, status: int) -> None:
    page = Fault(
        SUBMITS[wired.pika.wire],
        "reply",
        status=status,
        body=b"<html><title>Attention Required!</title></html>",
        headers={"Content-Type": "text/html"},
    )
    async with wired.bot():
        wired.pika.faults.add(page)
        await wired.delivered(await wired.animate())
        await wired.settled()
    assert wired.pika.paid_submits == 1
    assert wired.kinds() == ["reserve", "settle"]


EMPTY = {
    "pika": Fault("pika.content", "reply", None, 200, body={}),
    "fal": Fault("fal.result", "reply", None, 200, body={}),
    "comfy": Fault("comfy.result", "reply", None, 200, body={"id": "a"}),
    "comfy-proxy": Fault("proxy.check", "reply", None, 200, body={"id": "a", "status": "finished"}),
}
"""Answers about a finished clip that has no video to show."""


async def test_a_finished_clip_without_a_video_ends_soon_and_counts(wired: House) -> None:
    wire = wired.pika.wire
    wired.pika.behaviour.output_shape = "missing" if wire == "pika" else "video_url"
    async with wired.bot():
        wired.pika.faults.add(EMPTY[wire])
        interaction = await wired.animate()
        await wired.told(interaction.original, "did not hand it over")
        await wired.settled()
    assert wired.kinds() == ["reserve", "settle", "credit"]
    assert wired.spent() == (0, 0)
    assert wired.paid() == (1, 200_000)


async def test_a_video_that_is_shown_late_is_delivered(wired: House) -> None:
    wire = wired.pika.wire
    wired.pika.behaviour.output_shape = "missing" if wire == "pika" else "video_url"
    async with wired.bot():
        wired.pika.faults.add(replace(EMPTY[wire], times=3))
        await wired.delivered(await wired.animate())
        await wired.settled()
    assert wired.kinds() == ["reserve", "settle"]


async def at_pika(house: House, interaction: Interaction) -> None:
    """Wait until a member reads that Pika has their clip; some wires say more than others."""
    queues = house.pika.wire in {"fal", "comfy"}
    await house.told(interaction.original, "Number 1 in Pika's queue" if queues else "Rendering")


async def test_what_nobody_waits_for_is_cancelled_where_it_can_be(wired: House) -> None:
    wired.pika.behaviour.queue_seconds = 3600
    async with wired.bot():
        interaction = await wired.animate()
        await at_pika(wired, interaction)
        wired.pass_time(minutes=31)
        await wired.failed(interaction, "did not finish your clip in time")
        await wired.settled()
    cancels = sum(exchange.operation.endswith(".cancel") for exchange in wired.pika.exchanges)
    stopped = wired.pika.wire in {"fal", "comfy"}
    assert cancels == stopped
    # What is not known to have stopped may be made and billed yet.
    assert wired.kinds() == ["reserve", *(["refund"] if stopped else ["settle", "credit"])]


@pytest.mark.parametrize(("old", "new"), [("fal", "pika"), ("pika", "comfy-proxy")])
async def test_after_a_change_of_provider_the_old_clips_arrive(
    tmp_path: Path, old: WireName, new: WireName
) -> None:
    async with open_house(tmp_path / "data", old) as house:
        first = house.pika
        first.behaviour.render_seconds = 3600
        async with house.bot():
            earlier = await house.animate()
            await house.told(earlier.original, "Rendering")
        async with open_pika(new, house.discord) as second:
            house.pika = second
            house.overrides |= {
                "pika_api_keys": {old: SecretStr(first.key)},
                "pika_api_bases": {old: first.origin},
            }
            async with house.bot():
                await house.delivered(await house.animate())
                first.behaviour.render_seconds = 0
                await house.delivered(earlier)
                await house.settled()
            assert (first.paid_submits, second.paid_submits) == (1, 1)
        providers = house.query("SELECT provider FROM jobs ORDER BY id")
        assert providers == [(old,), (new,)]
