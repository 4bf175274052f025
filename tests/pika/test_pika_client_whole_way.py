"""From picture to video file, in one call and step by step, with a lent and an own session."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any

import aiohttp
import av
import pytest

from pika import (
    BadInputError,
    BadKeyError,
    BadPictureError,
    ConfigurationError,
    Done,
    ModeratedError,
    NoCreditError,
    Order,
    Pending,
    Pika,
    PikaError,
    RenderError,
    Shot,
    Ticket,
    next_gap,
)
from playground.faults import Fault
from tests.pika.raw_server import SUBMIT
from tests.pika.samples import KEY, names_in, shot

if TYPE_CHECKING:
    from pathlib import Path

    from pika import Status
    from playground.pika import PikaStandIn
    from tests.pika.fake_clock import FakeClock
    from tests.pika.raw_server import RawServer


async def test_animate_brings_a_video_and_its_bill(
    pika: Pika, stand_in: PikaStandIn, clock: FakeClock, tmp_path: Path
) -> None:
    statuses: list[Status] = []
    path = tmp_path / "clip.mp4"
    wanted = shot(prompt="waves", negative_prompt="blur", seed=7, resolution="720p")
    clip = await pika.animate(wanted, path, on_status=statuses.append)
    assert (clip.path, clip.size, clip.charge_micro_usd) == (path, path.stat().st_size, 200_000)
    with av.open(path) as video:
        assert video.streams.video[0].width > video.streams.video[0].height
    (job,) = stand_in.jobs.values()
    assert job.body["image"]
    assert {name: value for name, value in job.body.items() if name != "image"} == {
        "prompt": "waves",
        "negative_prompt": "blur",
        "duration_s": 5,
        "resolution": "720p",
        "seed": 7,
    }
    assert isinstance(statuses[-1], Done)
    assert all(isinstance(status, Pending) for status in statuses[:-1])
    assert len(clock.slept) == len(statuses) - 1
    assert names_in(tmp_path) == [path.name]


async def test_animate_watches_a_job_through_queue_and_rendering(
    client: Pika, server: RawServer, clock: FakeClock, tmp_path: Path
) -> None:
    stages: list[Any] = [{"status": "queued"}] * 2 + [{"status": "running"}] * 3
    stages.append({"status": "completed", "output": {"video": {"url": f"{server.origin}/v"}}})

    async def check(_: object) -> aiohttp.web.Response:
        return aiohttp.web.json_response({"id": "media_1", **stages.pop(0)})

    server.says(SUBMIT, {"id": "media_1", "status": "queued"})
    server.on("/v1/media/jobs/media_1", check)
    server.says("/v", b"video")
    statuses: list[Status] = []
    wanted = shot(picture="https://pictures.example/a.jpg")
    clip = await client.animate(wanted, tmp_path / "clip.mp4", on_status=statuses.append)
    assert [getattr(s, "started", None) for s in statuses] == [False] * 2 + [True] * 3 + [None]
    assert clip.charge_micro_usd is None
    assert (tmp_path / "clip.mp4").read_bytes() == b"video"
    ages = (0.0, *accumulate(clock.slept[:-1]))
    assert clock.slept == pytest.approx([next_gap(age) for age in ages])


async def test_step_by_step_two_clients_can_share_a_job_as_json(
    stand_in: PikaStandIn, tmp_path: Path
) -> None:
    async with Pika(stand_in.key, base=stand_in.origin) as first:
        order = await first.prepare(shot(seed=1))
        assert stand_in.paid_submits == 0
        stored = order.model_dump_json()
    assert Order.model_validate_json(stored) == order
    async with Pika(stand_in.key, base=stand_in.origin) as second:
        ticket = await second.submit(Order.model_validate_json(stored), "k1")
        stored = ticket.model_dump_json()
    assert Ticket.model_validate_json(stored) == ticket
    (job,) = stand_in.jobs.values()
    await job.made()
    async with Pika(stand_in.key, base=stand_in.origin) as third:
        status = await third.check(Ticket.model_validate_json(stored))
        assert isinstance(status, Done)
        clip = await third.download(ticket, status, tmp_path / "clip.mp4")
    assert clip.size > 0
    assert clip.charge_micro_usd == 450_000


async def test_an_order_back_from_storage_is_sent_byte_for_byte_the_same(
    client: Pika, server: RawServer
) -> None:
    server.says(SUBMIT, {"id": "media_1", "status": "queued"})
    order = await client.prepare(shot(picture="https://a.example/ü", prompt="Wellen ü 🌊\n\t"))
    again = Order.model_validate_json(order.model_dump_json())
    assert await client.submit(order, "k1") == await client.submit(again, "k1")
    first, second = server.got(SUBMIT)
    assert first.body == second.body
    assert first.headers["Content-Type"] == second.headers["Content-Type"] == "application/json"
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"] == "k1"


async def test_a_picture_by_address_is_not_uploaded(client: Pika, server: RawServer) -> None:
    order = await client.prepare(Shot(picture="https://pictures.example/a.jpg?sig=1%2F2"))
    assert order.body["image"] == "https://pictures.example/a.jpg?sig=1%2F2"
    assert not server.seen


async def test_every_field_of_the_body_is_explicit(client: Pika) -> None:
    order = await client.prepare(Shot(picture="https://pictures.example/a.jpg"))
    assert (order.provider, order.path) == ("pika", SUBMIT)
    assert order.body == {
        "image": "https://pictures.example/a.jpg",
        "prompt": None,
        "negative_prompt": None,
        "duration_s": 5,
        "resolution": "1080p",
        "seed": None,
    }


async def test_a_lent_session_stays_open_and_an_own_one_is_closed(stand_in: PikaStandIn) -> None:
    async with aiohttp.ClientSession() as lent:
        async with Pika(stand_in.key, base=stand_in.origin, session=lent) as pika:
            await pika.verify()
            assert pika._owned == []
        assert not lent.closed
    async with Pika(stand_in.key, base=stand_in.origin) as pika:
        (own,) = pika._owned
    assert own.closed


async def test_the_status_of_each_answer_is_told(stand_in: PikaStandIn) -> None:
    told: list[tuple[str, int | None]] = []

    def tell(provider: str, status: int | None) -> None:
        told.append((provider, status))

    async with Pika(stand_in.key, base=stand_in.origin, on_answer=tell) as pika:
        await pika.verify()
    async with Pika(stand_in.key, base="http://127.0.0.1:9", on_answer=tell) as pika:
        with pytest.raises(PikaError):
            await pika.verify()
    assert told == [("pika", 404), ("pika", None), ("pika", None), ("pika", None)]


async def test_a_lent_session_survives_a_client_that_cannot_be_entered() -> None:
    async with aiohttp.ClientSession() as lent:
        with pytest.raises(ConfigurationError):
            await Pika("", session=lent).__aenter__()
        assert not lent.closed


async def test_an_own_session_is_closed_when_entering_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[aiohttp.ClientSession] = []
    real = aiohttp.ClientSession

    def spy(**options: Any) -> aiohttp.ClientSession:
        opened.append(real(**options))
        return opened[-1]

    monkeypatch.setattr("pika.client.aiohttp.ClientSession", spy)
    with pytest.raises(ConfigurationError):
        await Pika(KEY, provider="none").__aenter__()
    assert [session.closed for session in opened] == [True]


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [("content_moderation", ModeratedError), ("provider_error", RenderError)],
)
async def test_animate_raises_what_the_job_failed_of(
    pika: Pika, stand_in: PikaStandIn, tmp_path: Path, outcome: str, kind: type[Exception]
) -> None:
    stand_in.behaviour.outcome = outcome
    with pytest.raises(kind) as caught:
        await pika.animate(shot(), tmp_path / "clip.mp4")
    assert caught.type is kind
    assert not names_in(tmp_path)
    assert stand_in.counters.charged_micro_usd == 0


async def test_animate_stops_at_a_refused_order(
    pika: Pika, stand_in: PikaStandIn, clock: FakeClock, tmp_path: Path
) -> None:
    stand_in.balance_micro_usd = 1
    with pytest.raises(NoCreditError) as caught:
        await pika.animate(shot(), tmp_path / "clip.mp4")
    assert (caught.value.code, caught.value.http_status) == ("insufficient_balance", 403)
    assert stand_in.counters.requests["pika.submit"] == 1
    assert not clock.slept


@pytest.mark.parametrize(
    ("operation", "status", "kind"),
    [
        ("pika.upload", 401, BadKeyError),
        ("pika.upload", 413, BadPictureError),
        ("pika.upload", 422, BadInputError),
        ("pika.put", 413, BadPictureError),
        ("pika.put", 415, BadPictureError),
    ],
)
async def test_a_refused_upload_ends_it_at_once_and_before_the_order(
    pika: Pika,
    stand_in: PikaStandIn,
    clock: FakeClock,
    tmp_path: Path,
    operation: str,
    status: int,
    kind: type[PikaError],
) -> None:
    stand_in.faults.add(Fault(operation, "reply", times=None, status=status))
    with pytest.raises(kind) as caught:
        await pika.animate(shot(), tmp_path / "clip.mp4")
    assert not caught.value.retryable
    requests = stand_in.counters.requests
    assert (requests["pika.upload"], requests[operation], requests["pika.submit"]) == (1, 1, 0)
    assert not clock.slept


@pytest.mark.parametrize(
    "fault",
    [
        Fault("pika.check", "reply", times=4, status=401, body={"message": "no"}),
        Fault("pika.check", "reply", times=4, status=404),
        Fault("pika.check", "reply", times=4, status=500),
        Fault("pika.check", "reply", times=4, status=200, body=b"<html>soon</html>"),
        Fault("pika.check", "reply", times=4, status=200, body=[1]),
        Fault("pika.check", "drop_before", times=12),
        Fault("pika.check", "drop_after", times=12),
        Fault("pika.check", "half_body", times=12),
    ],
    ids=["401", "404", "500", "HTML", "list", "dropped before", "dropped after", "half"],
)
async def test_no_trouble_with_checks_ends_a_job(
    pika: Pika, stand_in: PikaStandIn, clock: FakeClock, tmp_path: Path, fault: Fault
) -> None:
    stand_in.faults.add(fault)
    clip = await pika.animate(shot(), tmp_path / "clip.mp4")
    assert clip.size > 0
    assert stand_in.paid_submits == 1
    assert not stand_in.faults.take("pika.check")
    assert len(clock.slept) >= 2


@pytest.mark.parametrize("kind", ["reply", "half_body", "drop_before"])
async def test_a_failed_download_is_tried_again_with_a_fresh_address(
    pika: Pika, stand_in: PikaStandIn, clock: FakeClock, tmp_path: Path, kind: Any
) -> None:
    # aiohttp itself repeats a GET once where the server hung up, hence twice for that kind.
    times = 6 if kind == "drop_before" else 3
    stand_in.faults.add(Fault("pika.download", kind, times=times, status=410))
    clip = await pika.animate(shot(), tmp_path / "clip.mp4")
    assert clip.size == (tmp_path / "clip.mp4").stat().st_size
    assert stand_in.paid_submits == 1
    assert clock.slept
