"""What a provider has of an order is deleted there, where the wire can do that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pika import BadInputError, Order, Pika, Ticket, UnavailableError, traces_of
from playground.faults import Fault
from tests.pika.samples import shot

if TYPE_CHECKING:
    from playground.pika import PikaStandIn


async def test_the_upload_and_the_job_are_deleted_and_again_does_no_harm(
    pika: Pika, stand_in: PikaStandIn
) -> None:
    order = await pika.prepare(shot(prompt="a secret"))
    ticket = await pika.submit(order, "key")
    traces = traces_of("pika", order, ticket)
    assert len(traces) == 2
    assert "secret" not in "".join(traces)
    stand_in.faults.add(Fault("pika.delete", "reply", status=503))
    with pytest.raises(UnavailableError):
        await pika.erase("pika", traces[1])
    for _ in range(2):
        for trace in traces:
            await pika.erase("pika", trace)
    (job,) = stand_in.jobs.values()
    assert job.erased
    # The picture is gone too: the same order is no use under another key.
    with pytest.raises(BadInputError):
        await pika.submit(order, "another key")


def test_other_wires_have_nothing_to_delete() -> None:
    ticket = Ticket(provider="fal", id="1")
    assert traces_of("fal", None, ticket) == []
    order = Order(provider="pika", path="/", body={})
    assert traces_of("pika", order, None) == []
