"""An order whose answer was lost, looked for in the list of the account's requests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from pika import BadKeyError, TextShot, UnavailableError
from playground.faults import Fault
from tests.pika.wires import WiredClient, connect, open_wire

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from pika import Pika

LIST = "fal.requests"
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.fixture
async def wired() -> AsyncGenerator[WiredClient, None]:
    async with open_wire("fal") as wired:
        yield wired


@pytest.fixture
async def asking(wired: WiredClient) -> AsyncGenerator[Pika, None]:
    """A client that knows where this stand-in lists requests."""
    async with connect(wired.stand_in, history_base=wired.stand_in.upload_origin) as pika:
        yield pika


async def test_an_order_is_found_on_a_later_page(wired: WiredClient, asking: Pika) -> None:
    orders = [await asking.prepare(TextShot(prompt="waves", seed=seed)) for seed in range(102)]
    tickets = [await asking.submit(order, "unused") for order in orders]
    for job in wired.stand_in.jobs.values():
        await job.made()
    found = await asking.find(orders[0], NOW)
    assert found is not None
    assert found.id == tickets[0].id
    first, second = wired.exchanges(LIST)
    assert first.query["start"] == "2026-11-29T11:55:00Z"
    assert first.query["endpoint_id"] == "fal-ai/pika/v2.2/text-to-video"
    assert ("cursor" in first.query, second.query["cursor"]) == (False, "1")
    assert (await asking.check(found)) == (await asking.check(tickets[0]))
    assert await asking.find(await asking.prepare(TextShot(prompt="waves", seed=500)), NOW) is None


async def test_another_services_key_is_not_taken_to_fal(wired: WiredClient) -> None:
    order = await wired.pika.prepare(TextShot(prompt="waves"))
    await wired.pika.submit(order, "unused")
    assert await wired.pika.find(order, NOW) is None
    assert wired.exchanges(LIST) == []


@pytest.mark.parametrize(("status", "kind"), [(401, BadKeyError), (503, UnavailableError)])
async def test_a_list_that_does_not_answer_says_nothing(
    wired: WiredClient, asking: Pika, status: int, kind: type[Exception]
) -> None:
    order = await asking.prepare(TextShot(prompt="waves"))
    wired.stand_in.faults.add(Fault(LIST, "reply", None, status, body={"detail": "no"}))
    with pytest.raises(kind):
        await asking.find(order, NOW)


@pytest.mark.parametrize("body", [{}, {"items": None}, {"items": [None, {"json_input": 7}]}, []])
async def test_a_strange_list_shows_nothing(wired: WiredClient, asking: Pika, body: object) -> None:
    order = await asking.prepare(TextShot(prompt="waves"))
    wired.stand_in.faults.add(Fault(LIST, "reply", None, 200, body=body))
    assert await asking.find(order, NOW) is None


@pytest.mark.parametrize("wire", ["pika", "comfy", "comfy-proxy"])
async def test_where_requests_are_not_listed_nothing_is_asked(wire: str) -> None:
    async with open_wire(wire) as wired:  # type: ignore[arg-type] # a name of a wire
        order = await wired.pika.prepare(TextShot(prompt="waves"))
        asked = len(wired.stand_in.exchanges)
        assert await wired.pika.find(order, NOW) is None
        assert len(wired.stand_in.exchanges) == asked
