import asyncio
import io
import math
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import av
import pytest

from playground.faults import Fault
from playground.pika import Behaviour, PikaStandIn
from playground.pika.video.renderer import RenderStopped
from playground.pika.wires.own_api import ERROR_STATUSES
from tests.playground.pika_customer import Customer, a_customer, jpeg


@pytest.fixture
async def customer() -> AsyncIterator[Customer]:
    async with a_customer() as customer:
        yield customer


def video_size_and_seconds(data: bytes) -> tuple[int, int, float]:
    with av.open(io.BytesIO(data), "r") as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.duration is not None
        assert stream.time_base is not None
        assert len(list(container.decode(stream))) == stream.frames
        return stream.width, stream.height, float(stream.duration * stream.time_base)


def exists(path: Path) -> bool:
    return path.exists()


async def test_a_job_lives_from_queued_to_completed(customer: Customer) -> None:
    behaviour = customer.pika.behaviour
    behaviour.queue_seconds = behaviour.render_seconds = math.inf
    job = (await customer.submit()).json
    assert (job["status"], job["output"], job["error"]) == ("queued", None, None)
    behaviour.queue_seconds = 0
    job = await customer.check(job["id"])
    assert (job["status"], job["output"]) == ("running", None)
    assert job["billing"]["state"] == "pending"
    behaviour.render_seconds = 0
    job = await customer.ended(job["id"])
    assert (job["status"], job["error"]) == ("completed", None)
    assert job["output"]["media_type"] == "video"
    assert job["billing"] == {"state": "settled", "charge_micro_usd": 450_000}


async def test_a_final_status_never_changes(customer: Customer) -> None:
    job = await customer.completed()
    customer.pika.behaviour.queue_seconds = math.inf
    customer.pika.behaviour.outcome = "internal"
    assert await customer.check(job["id"]) == job


@pytest.mark.parametrize("code", ERROR_STATUSES)
async def test_a_failed_job_tells_its_code_and_costs_nothing(customer: Customer, code: str) -> None:
    customer.pika.behaviour.outcome = code
    job = await customer.completed()
    assert (job["status"], job["error"]["code"], job["output"]) == ("failed", code, None)
    assert job["billing"] == {"state": "settled", "charge_micro_usd": 0}
    assert customer.pika.counters.charged_micro_usd == 0


async def test_words_are_moderated(customer: Customer) -> None:
    assert (await customer.completed(prompt="A Forbidden dance"))["error"]["code"] == (
        "content_moderation"
    )
    customer.pika.behaviour.moderate_words = frozenset({"dance"})
    assert (await customer.completed(prompt="a forbidden walk"))["status"] == "completed"


async def test_error_texts_carry_a_trace_that_people_should_not_read(customer: Customer) -> None:
    customer.pika.behaviour.outcome = "internal"
    assert "trace" in (await customer.completed())["error"]["message"]


@pytest.mark.parametrize(
    ("state", "charge"), [("settled", 200_000), ("pending", 0), ("unavailable", None)]
)
async def test_billing_states(customer: Customer, state: Any, charge: int | None) -> None:
    customer.pika.behaviour.billing_state = state
    job = await customer.completed(resolution="720p")
    assert job["billing"] == {"state": state, "charge_micro_usd": charge}
    customer.pika.behaviour.billing_state = "settled"
    assert (await customer.check(job["id"]))["billing"]["charge_micro_usd"] == 200_000


async def test_a_charge_may_differ_from_the_price(customer: Customer) -> None:
    customer.pika.behaviour.charge_micro_usd = 123_456
    assert (await customer.completed())["billing"]["charge_micro_usd"] == 123_456


async def test_counters(customer: Customer) -> None:
    await customer.completed(resolution="720p")
    await customer.completed(resolution="1080p", duration_s=10)
    customer.pika.behaviour.outcome = "timed_out"
    await customer.completed()
    counters = customer.pika.counters
    assert (counters.paid_submits, counters.completed) == (3, 2)
    assert counters.charged_micro_usd == 800_000
    assert counters.requests["pika.submit"] == counters.requests["pika.put"] == 3


@pytest.mark.parametrize("shape", ["video_url", "videos", "missing"])
async def test_output_shapes(customer: Customer, shape: Any) -> None:
    customer.pika.behaviour.output_shape = shape
    job = await customer.completed()
    videos = job["output"].get("videos") or [job["output"].get("video")]
    content = (await customer.ask("GET", f"/v1/media/jobs/{job['id']}/content")).json["url"]
    assert [video and video["url"] for video in videos] == [content if shape != "missing" else None]
    assert content.startswith(customer.pika.cdn_origin + "/cdn/")


async def test_content_may_be_a_redirect_away_from_the_key(customer: Customer) -> None:
    customer.pika.behaviour.content_via_files = True
    job = await customer.completed()
    url = (await customer.ask("GET", f"/v1/media/jobs/{job['id']}/content")).json["url"]
    assert url.startswith(customer.pika.origin + "/v1/files/")
    assert (await customer.ask("GET", url)).status == 401
    redirect = await customer.ask("GET", url.removeprefix(customer.pika.origin))
    assert redirect.status == 302
    target = redirect.headers["Location"]
    assert target.startswith(customer.pika.cdn_origin + "/cdn/")
    assert (await customer.ask("GET", target)).status == 200


@pytest.mark.parametrize("secret", ["X-API-Key", "Authorization"])
async def test_a_download_with_credentials_is_refused(customer: Customer, secret: str) -> None:
    url = (await customer.completed())["output"]["video"]["url"]
    answer = await customer.ask("GET", url, headers={secret: customer.pika.key})
    assert answer.status == 400


async def test_content_of_an_unfinished_job_is_refused(customer: Customer) -> None:
    customer.pika.behaviour.render_seconds = math.inf
    job = (await customer.submit()).json
    assert (await customer.ask("GET", f"/v1/media/jobs/{job['id']}/content")).status == 409
    name = customer.pika.jobs[job["id"]].video.name
    assert (await customer.ask("GET", f"{customer.pika.cdn_origin}/cdn/{name}")).status == 404


async def test_an_erased_job_is_gone_with_its_video_but_not_its_charge(customer: Customer) -> None:
    job = await customer.completed()
    path = f"/v1/media/jobs/{job['id']}"
    assert (await customer.ask("DELETE", path)).status == 204
    for where in (path, path + "/content", job["output"]["video"]["url"]):
        assert (await customer.ask("GET", where)).status == 404
    assert not customer.pika.jobs[job["id"]].video.exists()
    assert customer.pika.counters.charged_micro_usd == 450_000


async def test_erasing_is_no_cancel(customer: Customer) -> None:
    customer.pika.behaviour.render_seconds = math.inf
    job = (await customer.submit()).json
    assert (await customer.ask("DELETE", f"/v1/media/jobs/{job['id']}")).status == 204
    customer.pika.behaviour.render_seconds = 0
    await customer.pika.jobs[job["id"]].made()
    assert customer.pika.counters.charged_micro_usd == 450_000


async def test_outputs_can_expire(customer: Customer) -> None:
    url = (await customer.completed())["output"]["video"]["url"]
    customer.pika.behaviour.expire_outputs = True
    assert (await customer.ask("GET", url)).status == 403


@pytest.mark.parametrize(
    ("picture", "size"),
    [((1600, 900), (160, 90)), ((300, 400), (90, 120)), ((999, 100), (224, 90))],
)
async def test_a_canned_result_has_the_aspect_and_the_length(
    customer: Customer, picture: tuple[int, int], size: tuple[int, int]
) -> None:
    url = await customer.upload(jpeg(*picture))
    job = await customer.completed(image=url, duration_s=10)
    answer = await customer.ask("GET", job["output"]["video"]["url"])
    assert answer.headers["Content-Type"] == "video/mp4"
    assert video_size_and_seconds(answer.body) == (*size, 10.0)


async def test_a_rendered_result_is_a_real_video(customer: Customer) -> None:
    customer.pika.behaviour.result = "rendered"
    job = await customer.completed(resolution="720p", prompt="zoom in", seed=1)
    answer = await customer.ask("GET", job["output"]["video"]["url"])
    assert video_size_and_seconds(answer.body) == (1280, 720, 5.0)


async def test_a_garbage_result_is_no_video(customer: Customer) -> None:
    customer.pika.behaviour.result = "garbage"
    url = (await customer.completed())["output"]["video"]["url"]
    with pytest.raises(av.error.InvalidDataError):
        video_size_and_seconds((await customer.ask("GET", url)).body)


async def test_an_empty_result_has_no_bytes(customer: Customer) -> None:
    customer.pika.behaviour.result = "empty"
    url = (await customer.completed())["output"]["video"]["url"]
    answer = await customer.ask("GET", url)
    assert (answer.status, answer.body) == (200, b"")


async def test_a_huge_result_never_ends(customer: Customer) -> None:
    customer.pika.behaviour.result = "huge"
    url = (await customer.completed())["output"]["video"]["url"]
    async with customer.http.get(url) as response:
        assert response.content_length is None
        for _ in range(64):
            assert len(await response.content.readexactly(1024 * 1024)) == 1024 * 1024
    await customer.pika.wait_requests("pika.download")


async def test_half_a_download_can_be_taken_again(customer: Customer) -> None:
    url = (await customer.completed())["output"]["video"]["url"]
    customer.pika.faults.add(Fault("pika.download", "half_body"))
    with pytest.raises(aiohttp.ClientPayloadError):
        await customer.ask("GET", url)
    assert (await customer.ask("GET", url)).status == 200


async def test_exchanges_remember_both_origins_without_the_key(customer: Customer) -> None:
    job = await customer.completed()
    await customer.ask("GET", job["output"]["video"]["url"])
    operations = [exchange.operation for exchange in customer.pika.exchanges]
    wanted = ["pika.upload", "pika.put", "pika.submit", "pika.check", "pika.download"]
    assert operations == wanted
    assert customer.pika.exchanges[3].response_json == job
    assert customer.pika.key not in repr(customer.pika.exchanges)


async def test_a_misspelt_knob_is_an_error(customer: Customer) -> None:
    with pytest.raises(AttributeError):
        customer.pika.behaviour.no_such_knob = 1  # type: ignore[attr-defined] # a typing slip


async def test_the_knobs_cannot_be_exchanged_for_ones_that_nobody_reads(customer: Customer) -> None:
    with pytest.raises(AttributeError):
        customer.pika.behaviour = Behaviour()  # type: ignore[misc] # what a test might try


async def test_the_end_stops_rendering_and_leaves_nothing_behind() -> None:
    async with PikaStandIn() as pika, aiohttp.ClientSession() as http:
        customer = Customer(pika, http)
        urls = [await customer.upload() for _ in range(4)]
        jobs = [(await customer.submit(image=url, duration_s=10)).json["id"] for url in urls]
        videos = [pika.jobs[job].video for job in jobs]
        directory = videos[0].parent
        assert exists(directory)
        pika.faults.add(Fault("pika.check", "hang"))
        hanging = asyncio.create_task(customer.check(jobs[0]))
        await pika.faults.wait_taken("pika.check")
        last = pika.jobs[jobs[-1]].making
    # Two are rendered at once; it was not waited until the last one's turn came.
    assert last is not None
    assert last.cancelled() or isinstance(last.exception(), RenderStopped)
    with pytest.raises(aiohttp.ClientError):
        await hanging
    assert not any(map(exists, [directory, *videos]))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("render")]
