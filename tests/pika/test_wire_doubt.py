"""Connections that break at a paid request, on every wire: never is one order paid twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pika import (
    InDoubtError,
    KeyReusedError,
    Order,
    Pika,
    PikaError,
    Shot,
    UnavailableError,
)
from playground.faults import Fault
from tests.pika.raw_server import unused_origin
from tests.pika.samples import KEY, names_in
from tests.pika.wires import PICTURE, URL, connect, may_be_sent_again, only

if TYPE_CHECKING:
    from pathlib import Path

    from playground.pika import WireName
    from tests.pika.fake_clock import FakeClock
    from tests.pika.wires import WiredClient

BROKEN = ["drop_before", "half_body", "drop_after"]


async def animated(wired: WiredClient, folder: Path) -> PikaError | None:
    try:
        await wired.pika.animate(wired.shot(), folder / "clip.mp4")
    except PikaError as error:
        assert not names_in(folder)
        return error
    return None


@pytest.mark.parametrize("kind", BROKEN)
async def test_a_lost_answer_is_never_paid_twice(
    wired: WiredClient, clock: FakeClock, tmp_path: Path, kind: Any
) -> None:
    wired.stand_in.faults.add(Fault(wired.submit, kind, times=2))
    error = await animated(wired, tmp_path)
    await wired.stand_in.wait_requests(
        wired.submit, 3 if wired.pika.capabilities().replays_keys else 1
    )
    posts = wired.exchanges(wired.submit)
    if wired.pika.capabilities().replays_keys:
        assert error is None
        assert len(posts) == 3
        assert wired.stand_in.paid_submits == 1
        assert len({post.request_headers["Idempotency-Key"] for post in posts}) == 1
        assert len({str(post.request_json) for post in posts}) == 1
    else:
        assert type(error) is InDoubtError
        assert error.may_be_charged
        assert not clock.slept
        assert wired.stand_in.counters.requests[wired.submit] == 1
        assert wired.stand_in.paid_submits == (kind in {"half_body", "drop_after"})


@pytest.mark.parametrize("kind", BROKEN)
async def test_a_single_submit_is_sent_once_and_says_that_it_may_be_charged(
    wired: WiredClient, kind: Any
) -> None:
    order = await wired.pika.prepare(wired.shot())
    wired.stand_in.faults.add(Fault(wired.submit, kind))
    with pytest.raises(InDoubtError) as caught:
        await wired.pika.submit(order, "k1")
    assert caught.value.retryable
    assert caught.value.may_be_charged
    wire = wired.pika.capabilities()
    assert may_be_sent_again(caught.value, wire) is wire.replays_keys
    await wired.stand_in.wait_requests(wired.submit)
    assert wired.stand_in.counters.requests[wired.submit] == 1


async def test_the_same_key_is_replayed_where_that_is_declared(wired: WiredClient) -> None:
    order = await wired.pika.prepare(wired.shot())
    first = await wired.pika.submit(order, "k1")
    second = await wired.pika.submit(order, "k1")
    declared = wired.pika.capabilities().replays_keys
    assert (first == second) is declared
    assert wired.stand_in.paid_submits == (1 if declared else 2)


@pytest.mark.parametrize("wired", only["fal"], indirect=True)
async def test_no_key_is_sent_where_there_are_none(wired: WiredClient) -> None:
    await wired.pika.submit(await wired.pika.prepare(wired.shot()), "k1")
    (post,) = wired.exchanges(wired.submit)
    assert "Idempotency-Key" not in post.request_headers


@pytest.mark.parametrize("wired", ["pika", "comfy"], indirect=True)
async def test_a_key_of_another_order_is_no_job(wired: WiredClient) -> None:
    await wired.pika.submit(await wired.pika.prepare(wired.shot(prompt="a")), "k1")
    with pytest.raises(KeyReusedError) as caught:
        await wired.pika.submit(await wired.pika.prepare(wired.shot(prompt="b")), "k1")
    assert caught.value.may_be_charged
    assert not may_be_sent_again(caught.value, wired.pika.capabilities())
    assert wired.stand_in.paid_submits == 1


@pytest.mark.parametrize("wired", only["comfy"], indirect=True)
async def test_a_twin_in_flight_is_in_doubt_and_asked_for_again(wired: WiredClient) -> None:
    order = await wired.pika.prepare(wired.shot())
    first = await wired.pika.submit(order, "k1")
    wired.stand_in.behaviour.replays_in_flight = True
    with pytest.raises(InDoubtError) as caught:
        await wired.pika.submit(order, "k1")
    assert (caught.value.code, caught.value.retry_after) == ("concurrency_limit_exceeded", 1.0)
    assert may_be_sent_again(caught.value, wired.pika.capabilities())
    wired.stand_in.behaviour.replays_in_flight = False
    assert await wired.pika.submit(order, "k1") == first


@pytest.mark.parametrize("wired", only["comfy-proxy"], indirect=True)
@pytest.mark.parametrize(
    ("keys", "in_flight", "kind", "code"),
    [
        ("replayed", True, InDoubtError, "idempotency_in_flight"),
        ("consumed", False, KeyReusedError, "idempotency_consumed"),
    ],
)
async def test_the_proxys_word_on_a_known_key_ends_the_order(
    wired: WiredClient, keys: Any, in_flight: Any, kind: type[PikaError], code: str
) -> None:
    order = await wired.pika.prepare(wired.shot())
    wired.stand_in.behaviour.proxy_keys = keys
    first = await wired.pika.submit(order, "k1")
    if keys == "replayed":
        assert await wired.pika.submit(order, "k1") == first
    wired.stand_in.behaviour.replays_in_flight = in_flight
    with pytest.raises(PikaError) as caught:
        await wired.pika.submit(order, "k1")
    assert (type(caught.value), caught.value.code) == (kind, code)
    assert caught.value.may_be_charged
    assert not may_be_sent_again(caught.value, wired.pika.capabilities())
    with pytest.raises(PikaError) as caught:
        await wired.pika.submit(await wired.pika.prepare(wired.shot(prompt="b")), "k1")
    assert (type(caught.value), caught.value.code) == (KeyReusedError, "idempotency_mismatch")


@pytest.mark.parametrize("wired", only["comfy-proxy"], indirect=True)
async def test_an_order_whose_files_are_gone_is_never_sent(wired: WiredClient) -> None:
    order = await wired.pika.prepare(wired.shot())
    stored = Order.model_validate_json(order.model_dump_json())
    with pytest.raises(InDoubtError) as caught:
        await wired.pika.submit(stored, "k1")
    assert not may_be_sent_again(caught.value, wired.pika.capabilities())
    assert not wired.stand_in.exchanges


async def test_too_many_requests_are_sent_again_on_every_wire(
    wired: WiredClient, clock: FakeClock, tmp_path: Path
) -> None:
    busy = Fault(wired.submit, "reply", times=2, status=429, headers={"Retry-After": "7"})
    wired.stand_in.faults.add(busy)
    assert await animated(wired, tmp_path) is None
    assert clock.slept[:2] == [7.0, 7.0]
    assert wired.stand_in.paid_submits == 1


@pytest.mark.parametrize(
    ("wired", "kind"),
    [
        ("pika", UnavailableError),
        ("fal", InDoubtError),
        ("comfy", UnavailableError),
        ("comfy-proxy", InDoubtError),
    ],
    indirect=["wired"],
)
async def test_a_503_is_a_refusal_only_where_keys_are_replayed(
    wired: WiredClient, kind: type[PikaError]
) -> None:
    order = await wired.pika.prepare(wired.shot())
    wired.stand_in.faults.add(Fault(wired.submit, "reply", status=503))
    with pytest.raises(PikaError) as caught:
        await wired.pika.submit(order, "k1")
    assert type(caught.value) is kind
    wire = wired.pika.capabilities()
    assert may_be_sent_again(caught.value, wire) is wire.replays_keys


@pytest.mark.parametrize("wire", ["pika", "fal", "comfy", "comfy-proxy"])
async def test_what_never_left_is_sent_again_on_every_wire(
    wire: WireName, clock: FakeClock, tmp_path: Path
) -> None:
    async with Pika(KEY, provider=wire, base=unused_origin()) as pika:
        needs_bytes = pika.capabilities().needs_bytes
        picture = PICTURE if needs_bytes else URL
        with pytest.raises(UnavailableError) as caught:
            await pika.animate(Shot(picture=picture), tmp_path / "clip.mp4")
        assert may_be_sent_again(caught.value, pika.capabilities())
    assert not caught.value.may_be_charged
    assert clock.slept == [1.0, 2.0, 4.0]


@pytest.mark.parametrize("wired", only["fal"], indirect=True)
async def test_a_broken_upload_is_repeated_or_given_up_before_anything_is_paid(
    wired: WiredClient,
) -> None:
    wired.stand_in.faults.add(Fault("fal.initiate", "half_body"))
    await wired.pika.prepare(wired.shot())
    for fault in (
        Fault("fal.put", "drop_after", times=2),
        Fault("fal.put", "reply", status=500),
        Fault("fal.initiate", "reply", status=503),
    ):
        wired.stand_in.faults.clear()
        wired.stand_in.faults.add(fault)
        with pytest.raises(UnavailableError):
            await wired.pika.prepare(wired.shot())
    assert not wired.stand_in.jobs


@pytest.mark.parametrize("wired", ["fal", "comfy-proxy"], indirect=True)
async def test_two_animations_are_two_orders(
    wired: WiredClient, clock: FakeClock, tmp_path: Path
) -> None:
    """Otherwise the counts above could not tell one payment from two."""
    del clock
    assert await animated(wired, tmp_path) is None
    async with connect(wired.stand_in) as other:
        await other.animate(wired.shot(), tmp_path / "b.mp4")
    assert wired.stand_in.paid_submits == 2


@pytest.mark.usefixtures("clock")
async def test_a_later_refusal_does_not_undo_a_doubt(wired: WiredClient, tmp_path: Path) -> None:
    """The first request was accepted and its answer lost; the next were refused."""
    wired.stand_in.faults.add(Fault(wired.submit, "drop_after"))
    wired.stand_in.faults.add(Fault(wired.submit, "reply", times=3, status=503))
    with pytest.raises(InDoubtError) as caught:
        await wired.pika.animate(wired.shot(), tmp_path / "clip.mp4")
    assert caught.value.may_be_charged
    assert wired.stand_in.paid_submits == 1
