import io
from collections.abc import AsyncIterator
from typing import Any

import av
import pytest

from playground.pika.wires.own_api import ERROR_STATUSES
from tests.playground.pika_customer import Customer, a_customer, jpeg
from tests.playground.test_fal_queue import ended, submit, upload

TEXT = "/fal-ai/pika/v2.2/text-to-video"
FRAMES = "/fal-ai/pika/v2.2/pikaframes"


@pytest.fixture
async def customer() -> AsyncIterator[Customer]:
    async with a_customer("fal") as customer:
        yield customer


async def clip(customer: Customer, where: str, **body: Any) -> tuple[int, int, float]:
    """Width, height and seconds of what comes of it."""
    answer = await customer.ask("POST", where, json=body)
    assert answer.status == 200, answer.body
    url = (await ended(customer, answer.json)).json["video"]["url"]
    data = (await customer.ask("GET", url)).body
    with av.open(io.BytesIO(data), "r") as container:
        assert container.duration is not None
        stream = container.streams.video[0]
        return stream.width, stream.height, container.duration / 1_000_000


@pytest.mark.parametrize(
    ("ratio", "size"),
    [("16:9", (160, 90)), ("9:16", (90, 160)), ("1:1", (90, 90)), ("2:3", (90, 136))],
)
async def test_words_become_a_clip_of_their_ratio(
    customer: Customer, ratio: str, size: tuple[int, int]
) -> None:
    assert await clip(customer, TEXT, prompt="waves", aspect_ratio=ratio) == (*size, 5.0)


@pytest.mark.parametrize("wrong", [{"aspect_ratio": "21:9"}, {"image_url": "https://a/b.png"}])
async def test_words_are_checked(customer: Customer, wrong: dict[str, Any]) -> None:
    answer = await customer.ask("POST", TEXT, json={"prompt": "waves", **wrong})
    assert answer.status == 422


@pytest.mark.parametrize(
    ("body", "seconds", "micro_usd"),
    [
        ({}, 10.0, 400_000),
        ({"resolution": "1080p"}, 10.0, 600_000),
        ({"transitions": [{"duration": 1}, {"duration": 1, "prompt": "x"}]}, 2.0, 200_000),
        ({"transitions": [{}, {"duration": 10}], "prompt": None}, 15.0, 600_000),
    ],
)
async def test_keyframes_become_a_clip(
    customer: Customer, body: dict[str, Any], seconds: float, micro_usd: int
) -> None:
    urls = [await upload(customer, jpeg(160, 90)) for _ in range(3)]
    assert await clip(customer, FRAMES, image_urls=urls, **body) == (160, 90, seconds)
    assert customer.pika.counters.charged_micro_usd == micro_usd


@pytest.mark.parametrize(
    ("pictures", "body"),
    [
        (1, {}),
        (6, {}),
        (3, {"transitions": [{}]}),
        (2, {"transitions": [{"duration": 11}]}),
        (2, {"transitions": [{"duration": 0}]}),
        (2, {"transitions": [{"length": 5}]}),
        (2, {"transitions": [5]}),
        (2, {"transitions": {}}),
        (4, {"transitions": [{"duration": 9}, {"duration": 9}, {"duration": 8}]}),
        (2, {"duration": 5}),
    ],
)
async def test_keyframes_are_checked(
    customer: Customer, pictures: int, body: dict[str, Any]
) -> None:
    urls = ["https://a.example/b.png"] * pictures
    answer = await customer.ask("POST", FRAMES, json={"image_urls": urls, **body})
    assert answer.status == 422
    assert customer.pika.paid_submits == 0


async def test_every_keyframe_must_be_a_picture(customer: Customer) -> None:
    urls = [await upload(customer), await upload(customer, b"no picture")]
    answer = await customer.ask("POST", FRAMES, json={"image_urls": urls})
    result = await ended(customer, answer.json)
    assert (result.status, result.json["detail"][0]["type"]) == (422, "image_load_error")


@pytest.mark.parametrize(
    ("body", "micro_usd"),
    [
        ({}, 200_000),
        ({"duration": 10}, 600_000),
        ({"duration": "5", "resolution": "1080p"}, 450_000),
        ({"duration": "10", "resolution": "1080p"}, 1_000_000),
    ],
)
async def test_prices(customer: Customer, body: dict[str, Any], micro_usd: int) -> None:
    job = customer.pika.jobs[(await submit(customer, **body)).json["request_id"]]
    assert job.price_micro_usd == micro_usd


@pytest.mark.parametrize("code", ERROR_STATUSES)
async def test_the_codes_of_pika_itself_have_their_types_here(
    customer: Customer, code: str
) -> None:
    customer.pika.behaviour.outcome = code
    assert (await ended(customer, (await submit(customer)).json)).status >= 400
