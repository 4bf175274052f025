"""`/clips` in the hands of a moderator: queue, cancel, remove, and who made it."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any

import pytest

from playground.faults import Fault
from tests.house import House, open_house

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from playground.discord.interactions import Interaction
    from playground.discord.messages import Message
    from playground.discord.world import Member

CHARGED_NOTHING = "A moderator cancelled this clip"


def morgan(house: House) -> Member:
    return house.member("moderator")


async def clips(house: House, name: str, member: Member | None = None, **options: Any) -> Message:
    """One command of the group by the moderator, or by someone else; its answer."""
    who = member or morgan(house)
    asked = await house.discord.invoke(who, house.clips, f"clips {name}", options)
    return await answer(house, asked)


async def answer(house: House, asked: Interaction) -> Message:
    await house.discord.wait_for(
        lambda: asked.original is not None and not asked.original.loading, 10
    )
    assert asked.original is not None
    assert asked.original.viewer is asked.member.user
    return asked.original


async def rendering(house: House, **options: Any) -> Interaction:
    """A clip of Mia's that Pika holds."""
    interaction = await house.animate(**options)
    await house.told(interaction.original, "Rendering")
    return interaction


async def begun(house: House) -> None:
    async with asyncio.timeout(5):
        while not any(job.status == "running" for job in house.pika.jobs.values()):
            await asyncio.sleep(0.02)


async def asked_to_stop(house: House) -> None:
    async with asyncio.timeout(5):
        while not any(it.operation.endswith(".cancel") for it in house.pika.exchanges):
            await asyncio.sleep(0.02)


def audit(house: House) -> list[tuple[Any, ...]]:
    return house.query("SELECT action, scope, subject_id, actor_id, reason FROM audit ORDER BY id")


async def test_a_waiting_clip_is_cancelled_at_once_and_costs_nothing(house: House) -> None:
    house.overrides["renders_at_once"] = 1
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        await rendering(house)
        waiting = await house.animate(house.member("noah"))
        await house.told(waiting.original, "in line")
        told = await clips(house, "cancel", job="2", reason="a *raid*")
        assert "I cancelled clip **#2**" in told.content
        content = await house.told(waiting.original, CHARGED_NOTHING)
        await house.discord.wait_for(lambda: house.discord.notifications, 5)
    assert "this clip: a \\*raid\\*. Nothing was charged." in content
    assert house.pika.paid_submits == 1
    assert house.query("SELECT kind FROM ledger WHERE job_id = 2") == [("reserve",), ("refund",)]
    assert house.query("SELECT count(*) FROM stills WHERE job_id = 2") == [(0,)]
    assert audit(house) == [("cancel", "job", 2, morgan(house).id, "a *raid*")]
    assert [n.user.username for n in house.discord.notifications] == ["noah"]


async def test_a_render_that_goes_on_is_paid_by_the_server_alone(house: House) -> None:
    house.pika.behaviour.render_seconds = math.inf
    async with house.bot():
        interaction = await rendering(house)
        told = await clips(house, "cancel", job="#1")
        assert "the server pays $0.20" in told.content
        await house.told(interaction.original, CHARGED_NOTHING)
        await house.settled()
    assert house.kinds() == ["reserve", "settle", "credit"]
    assert (house.spent(), house.paid()) == ((0, 0), (1, 200_000))
    assert house.query("SELECT may_be_billed, failure FROM jobs") == [(1, None)]


@pytest.mark.parametrize("wire", ["fal", "comfy"])
async def test_a_render_that_can_be_stopped_costs_nobody_anything(
    tmp_path: Path, wire: Any
) -> None:
    async with open_house(tmp_path / "data", wire) as house:
        house.pika.behaviour.queue_seconds = math.inf
        async with house.bot():
            interaction = await rendering(house)
            await clips(house, "cancel", job="1")
            await house.told(interaction.original, CHARGED_NOTHING)
            await house.settled()
        assert house.kinds() == ["reserve", "refund"]
        assert house.paid() == (0, 0)
        assert house.query("SELECT may_be_billed FROM jobs") == [(0,)]


async def test_a_render_that_had_begun_is_waited_for_and_paid_by_the_server(
    tmp_path: Path,
) -> None:
    async with open_house(tmp_path / "data", "fal") as house:
        house.pika.behaviour.render_seconds = math.inf
        async with house.bot():
            interaction = await rendering(house)
            await begun(house)
            await clips(house, "cancel", job="1")
            await asked_to_stop(house)
            assert house.kinds() == ["reserve"]
            house.pika.behaviour.render_seconds = 0
            await house.told(interaction.original, CHARGED_NOTHING)
            await house.settled()
        assert house.kinds() == ["reserve", "settle", "credit"]
        assert (house.spent()[0], house.paid()[0]) == (0, 1)
