"""A page in front of a provider is not the provider's word, on any wire and in any call."""

from __future__ import annotations

from typing import Any, Final

import pytest

from pika import Done, InDoubtError, PikaError, Shot, SubmitAttempts, Ticket, UnavailableError
from pika.submission import Retry, after_failed_submit
from tests.pika.wire_job import WireJob, on_wires
from tests.pika.wires import PICTURE, WIRES

PAGE: Final = b"<!doctype html><title>Access denied | balance of your account locked</title>"
HEADERS: Final = {"Content-Type": "text/html", "Retry-After": "7"}
CALLS: Final = {
    "submit": WIRES,
    "check": WIRES,
    "verify": WIRES,
    "cancel": ("fal", "comfy"),
    "upload": ("pika", "fal"),
    "result": ("fal", "comfy"),
}


async def call(wire_job: WireJob, name: str) -> object:
    pika, ticket = wire_job.pika, Ticket(provider=wire_job.wire, id="r1")
    match name:
        case "check" | "result":
            return await pika.check(ticket)
        case "verify":
            await pika.verify()
            return None
        case "cancel":
            return await pika.cancel(ticket)
    return await pika.prepare(Shot(picture=PICTURE))


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 422, 429])
@pytest.mark.parametrize(
    ("wire_job", "name"),
    [(wire, name) for name, wires in CALLS.items() for wire in wires],
    indirect=["wire_job"],
)
async def test_a_page_that_refuses_means_unavailable(
    wire_job: WireJob, name: str, status: int
) -> None:
    answer: dict[str, Any] = {"body": PAGE, "status": status, "headers": HEADERS}
    error: PikaError
    if name == "submit":
        error = await wire_job.submitted(**answer)
    else:
        wire_job.server.says("*", **answer)
        if name == "result":
            wire_job.server.says(f"{wire_job.job}/status", {"status": "COMPLETED"})
        with pytest.raises(PikaError) as caught:
            await call(wire_job, name)
        error = caught.value
    assert type(error) is UnavailableError
    assert (error.http_status, error.retry_after) == (status, 7.0)
    wire = wire_job.pika.capabilities()
    step = after_failed_submit(error, wire, SubmitAttempts(), 1.0)
    assert step == Retry(7.0, SubmitAttempts(1)), "nothing was accepted, so it is tried again"


@on_wires(*WIRES)
@pytest.mark.parametrize("status", [500, 502, 504, 520])
async def test_a_page_that_broke_leaves_an_order_in_doubt(wire_job: WireJob, status: int) -> None:
    error = await wire_job.submitted(body=PAGE, status=status, headers=HEADERS)
    assert type(error) is InDoubtError


@on_wires("fal", "comfy")
@pytest.mark.parametrize("status", [409, 410])
async def test_a_page_instead_of_a_result_ends_no_job(wire_job: WireJob, status: int) -> None:
    await wire_job.refused(PAGE, code=status, headers=HEADERS)
    assert await wire_job.checked({"video": {"url": "https://a/b.mp4"}}) == Done("https://a/b.mp4")


@on_wires("fal", "comfy")
async def test_a_page_is_no_word_that_it_is_too_late_to_cancel(wire_job: WireJob) -> None:
    wire_job.server.says("*", PAGE, status=409, headers=HEADERS)
    with pytest.raises(PikaError):
        await call(wire_job, "cancel")
