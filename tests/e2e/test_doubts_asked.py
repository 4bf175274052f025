"""Pika is asked about orders in doubt, where it can be, and its answer settles them."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.base import Timeouts
from playground.faults import Fault
from tests.house import House, open_house

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from playground.discord import Interaction

LIST = "fal.requests"
SETTLED = "SELECT 1 FROM jobs WHERE doubt <> 'open'"


@pytest.fixture(params=["pika", "fal", "comfy", "comfy-proxy"])
async def wired(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[House, None]:
    async with open_house(tmp_path / "data", request.param) as house:
        yield asking(house)


@pytest.fixture
async def fal(tmp_path: Path) -> AsyncGenerator[House, None]:
    async with open_house(tmp_path / "data", "fal") as house:
        yield asking(house)


def asking(house: House) -> House:
    """A house that asks all the time, and whose bot is 31 minutes older after a doubt."""
    house.patience = dataclasses.replace(house.patience, doubt_look=timedelta(milliseconds=50))
    return house


async def given_up(house: House) -> Interaction:
    """A clip that takes too long, and that Pika goes on with."""
    # What still waits in Pika's own line would be cancelled.
    house.pika.behaviour.queue_seconds, house.pika.behaviour.render_seconds = 0, 3600
    interaction = await house.animate()
    await house.told(interaction.original, "Rendering")
    house.pass_time(minutes=31)
    await house.failed(interaction, "did not finish your clip in time")
    await house.settled()
    return interaction


async def lost(house: House, kind: str = "drop_after", **how: object) -> None:
    """An order whose answer does not come."""
    house.pika.faults.add(Fault("fal.submit", kind, **how))  # type: ignore[arg-type] # a fault's own
    interaction = await house.animate()
    await house.told(interaction.original, "connection to Pika broke")
    await house.settled()


def audited(house: House) -> list[tuple[int, str, str]]:
    return house.query("SELECT actor_id, action, reason FROM audit")


async def until_settled(house: House) -> None:
    """Let Pika's work end and hours pass: the bot asks ever more seldom."""
    house.pika.behaviour.render_seconds = 0
    for job in house.pika.jobs.values():
        await job.made()
    for _ in range(20):
        house.pass_time(hours=1)
        for _ in range(10):
            if house.query(SETTLED):
                return
            await asyncio.sleep(0.05)
    raise AssertionError("never settled")


async def asked_again(house: House, times: int) -> None:
    for _ in range(times):
        house.pass_time(minutes=20)
        asked = sum(it.operation == LIST for it in house.pika.exchanges)
        await house.pika.wait_requests(LIST, asked + 1)


async def test_a_clip_that_came_too_late_is_found_to_be_billed(wired: House) -> None:
    async with wired.bot():
        await given_up(wired)
        assert wired.query(SETTLED) == []
        await until_settled(wired)
    assert wired.query("SELECT doubt FROM jobs") == [("billed",)]
    (job,) = wired.pika.jobs.values()
    assert wired.paid() == (1, job.charge_micro_usd) == (1, 200_000)
    assert wired.spent() == (0, 0), "the member got it back for good"
    assert audited(wired) == [(0, "doubt", "Pika was asked.")]


async def test_a_clip_that_failed_too_late_is_found_not_to_be_billed(wired: House) -> None:
    wired.pika.behaviour.outcome = "content_moderation"
    async with wired.bot():
        await given_up(wired)
        await until_settled(wired)
    assert wired.query("SELECT doubt FROM jobs") == [("not_billed",)]
    assert wired.paid() == wired.spent() == (0, 0)
    assert wired.kinds() == ["reserve", "settle", "credit", "correction"]


async def test_the_bill_of_a_late_clip_counts(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data", "pika") as house:
        asking(house).pika.behaviour.charge_micro_usd = 230_000
        async with house.bot():
            await given_up(house)
            await until_settled(house)
        assert house.paid() == (1, 230_000)


async def test_the_next_process_asks_on(fal: House) -> None:
    async with fal.bot():
        await given_up(fal)
    async with fal.bot():
        await until_settled(fal)
    assert fal.query("SELECT doubt FROM jobs") == [("billed",)]


async def test_an_order_whose_answer_was_lost_is_found_in_the_list(fal: House) -> None:
    async with fal.bot():
        # So that there is another one of the same size and words in the list.
        await fal.delivered(await fal.animate())
        await fal.settled()
        await lost(fal)
        await until_settled(fal)
        page = await fal.ask(fal.member("moderator"), "quota audit")
    said = page.components[0]["content"]
    assert "The bot settled the order in doubt of clip #2 as billed" in said
    first, second = fal.pika.jobs
    tickets = fal.query("SELECT json_extract(ticket_json, '$.id') FROM jobs ORDER BY id")
    assert tickets == [(first,), (second,)]
    assert fal.query("SELECT doubt FROM jobs ORDER BY id") == [(None,), ("billed",)]
    assert fal.paid() == (2, 400_000)
    assert fal.pika.paid_submits == 2


async def test_a_found_order_that_failed_is_not_billed(fal: House) -> None:
    fal.pika.behaviour.outcome = "content_moderation"
    async with fal.bot():
        await lost(fal)
        await until_settled(fal)
    assert fal.query("SELECT doubt FROM jobs") == [("not_billed",)]
    assert fal.paid() == (0, 0)


@pytest.mark.parametrize(
    "how", [{"kind": "drop_before"}, {"kind": "reply", "status": 500}], ids=["lost", "HTTP 500"]
)
async def test_what_no_list_shows_stays_in_doubt(fal: House, how: dict[str, object]) -> None:
    """Others' silence is no bill: its owner looks."""
    async with fal.bot():
        await fal.delivered(await fal.animate())
        await fal.settled()
        await lost(fal, **how)  # type: ignore[arg-type] # a fault's own
        await asked_again(fal, 3)
    assert fal.query("SELECT doubt FROM jobs ORDER BY id") == [(None,), ("open",)]
    assert fal.paid() == (2, 400_000)


async def test_a_list_that_is_refused_settles_nothing(fal: House) -> None:
    fal.pika.faults.add(Fault(LIST, "reply", None, 403, body={"detail": "no such right"}))
    async with fal.bot():
        await lost(fal)
        await asked_again(fal, 2)
        assert fal.query("SELECT doubt FROM jobs") == [("open",)]
        fal.pika.faults.clear()
        await until_settled(fal)


async def test_after_a_day_nobody_is_asked_any_more(fal: House) -> None:
    async with fal.bot():
        await lost(fal, "drop_before")
    fal.pass_time(seconds=Timeouts.DOUBT_ASKED_FOR.total_seconds())
    began = fal.clock() - timedelta(minutes=6)
    before = len(fal.pika.exchanges)
    # The next process knows of no pauses: it would ask about both.
    async with fal.bot():
        await lost(fal, "drop_before")
        await asked_again(fal, 3)
    starts = [it.query["start"] for it in list(fal.pika.exchanges)[before:] if it.operation == LIST]
    assert len(starts) >= 3
    assert all(start >= began.isoformat() for start in starts)
