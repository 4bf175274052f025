import io
import math
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from PIL import Image

from playground.faults import Fault
from playground.pika import PikaStandIn
from tests.playground.pika_customer import Answer, Customer, a_customer, jpeg

I2V = "/proxy/pika/generate/2.2/i2v"


def png(width: int = 64, height: int = 36) -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
async def customer() -> AsyncIterator[Customer]:
    async with a_customer("comfy-proxy") as customer:
        yield customer


def form(*, image: bytes | None = None, kind: str = "image/png", **texts: Any) -> aiohttp.FormData:
    data = aiohttp.FormData(default_to_multipart=True)
    if image is not None:
        data.add_field("image", image, filename="image.png", content_type=kind)
    for name, text in texts.items():
        data.add_field(name, str(text))
    return data


async def submit(customer: Customer, *, key: str | None = None, **texts: Any) -> Answer:
    headers = {} if key is None else {"Idempotency-Key": key}
    data = form(image=png(), **texts)
    return await customer.ask("POST", I2V, data=data, headers=headers)


async def check(customer: Customer, answer: Answer) -> Answer:
    assert answer.status == 200, answer.body
    return await customer.ask("GET", f"/proxy/pika/videos/{answer.json['video_id']}")


async def ended(customer: Customer, answer: Answer) -> Answer:
    await customer.pika.jobs[answer.json["video_id"]].made()
    return await check(customer, answer)


async def test_a_picture_becomes_a_video(customer: Customer) -> None:
    behaviour = customer.pika.behaviour
    behaviour.queue_seconds = behaviour.render_seconds = math.inf
    texts: dict[str, Any] = {"promptText": "waves", "negativePrompt": "", "seed": 2**32 - 1}
    answer = await submit(customer, **texts, resolution="720p", duration=10)
    assert answer.json.keys() == {"video_id"}
    job = customer.pika.jobs[answer.json["video_id"]]
    assert job.body == {**texts, "resolution": "720p", "duration": 10}
    told = (await check(customer, answer)).json
    assert told == {"id": job.id, "status": "queued"}
    behaviour.queue_seconds = 0
    told = (await check(customer, answer)).json
    assert (told["status"], type(told["progress"]), "url" in told) == ("started", int, False)
    behaviour.render_seconds = 0
    done = await ended(customer, answer)
    assert (done.json["status"], done.json["progress"]) == ("finished", 100)
    assert done.headers["X-Comfy-Credits-Used"] == "126.6"
    assert (await customer.ask("GET", done.json["url"])).status == 200
    assert customer.pika.counters.charged_micro_usd == 600_000


async def test_the_defaults_are_those_of_the_document(customer: Customer) -> None:
    job = customer.pika.jobs[(await submit(customer)).json["video_id"]]
    assert (job.body["resolution"], job.body["duration"], job.body["seed"]) == ("1080p", 5, None)
    assert job.price_micro_usd == 450_000


@pytest.mark.parametrize(
    ("wrong", "field", "problem"),
    [
        ({"seed": "1.5"}, "seed", "int_parsing"),
        ({"seed": ""}, "seed", "int_parsing"),
        ({"seed": 2**32}, "seed", "less_than_equal"),
        ({"seed": -1}, "seed", "greater_than_equal"),
        ({"resolution": "1440p"}, "resolution", "enum"),
        ({"duration": 7}, "duration", "enum"),
        ({"duration": "5.0"}, "duration", "int_parsing"),
        ({"prompt": "x"}, "prompt", "extra_forbidden"),
        ({"aspectRatio": "1"}, "aspectRatio", "extra_forbidden"),
    ],
)
async def test_a_wrong_form_is_told_by_its_field(
    customer: Customer, wrong: dict[str, Any], field: str, problem: str
) -> None:
    answer = await submit(customer, **wrong)
    assert answer.status == 422
    (detail,) = answer.json["detail"]
    assert detail["loc"] == ["body", field]
    assert (detail["type"], type(detail["msg"])) == (problem, str)
    assert customer.pika.paid_submits == 0


@pytest.mark.parametrize(
    "data",
    [
        form(promptText="no picture"),
        form(image=b"no picture"),
        form(image=png()[:60]),
        form(image=png(), kind="image/gif"),
        form(image=png(), kind="application/octet-stream"),
    ],
)
async def test_a_picture_must_be_there_and_be_one(customer: Customer, data: Any) -> None:
    answer = await customer.ask("POST", I2V, data=data)
    assert (answer.status, answer.json["detail"][0]["loc"]) == (422, ["body", "image"])


async def test_a_picture_is_a_file_and_a_text_is_none(customer: Customer) -> None:
    data = form(image=png())
    data.add_field("promptText", b"x", filename="p.txt", content_type="image/png")
    assert (await customer.ask("POST", I2V, data=data)).status == 422
    data = aiohttp.FormData(default_to_multipart=True)
    data.add_field("image", "https://a.example/b.png")
    assert (await customer.ask("POST", I2V, data=data)).status == 422


async def test_one_picture_is_enough(customer: Customer) -> None:
    data = form(image=png())
    data.add_field("image", jpeg(), filename="b.jpg", content_type="image/jpeg")
    assert (await customer.ask("POST", I2V, data=data)).status == 422


@pytest.mark.parametrize("body", [{"json": {"promptText": "x"}}, {"data": {"promptText": "x"}}])
async def test_another_encoding_is_refused(customer: Customer, body: Any) -> None:
    assert (await customer.ask("POST", I2V, **body)).status == 422


async def test_failures_show_or_hang_for_ever(customer: Customer) -> None:
    answer = await submit(customer, promptText="forbidden")
    assert (await ended(customer, answer)).json["status"] == "failed"
    customer.pika.behaviour.failures_show = False
    told = (await check(customer, answer)).json
    assert (told["status"], "url" in told) == ("started", False)
    assert customer.pika.counters.charged_micro_usd == 0


async def test_keys_are_ignored_by_default(customer: Customer) -> None:
    first, second = [await submit(customer, key="k") for _ in range(2)]
    assert first.json != second.json
    assert customer.pika.paid_submits == 2


async def test_keys_may_be_heeded(customer: Customer) -> None:
    behaviour = customer.pika.behaviour
    behaviour.proxy_keys = "replayed"
    first, again = [await submit(customer, key="k", seed=1) for _ in range(2)]
    assert (again.json, again.headers["Idempotent-Replayed"]) == (first.json, "true")
    assert "Idempotent-Replayed" not in first.headers
    other = await submit(customer, key="k", seed=2)
    assert (other.status, other.headers["X-Comfy-Error-Type"]) == (409, "idempotency_mismatch")
    behaviour.replays_in_flight = True
    flying = await submit(customer, key="k", seed=1)
    assert (flying.status, flying.headers["X-Comfy-Error-Type"]) == (409, "idempotency_in_flight")
    behaviour.replays_in_flight, behaviour.proxy_keys = False, "consumed"
    gone = await submit(customer, key="k", seed=1)
    assert (gone.status, gone.headers["X-Comfy-Error-Type"]) == (409, "idempotency_consumed")
    assert customer.pika.paid_submits == 1


@pytest.mark.parametrize(
    ("key", "headers", "known"),
    [
        ("comfyui-a", {"X-API-Key": "comfyui-a"}, True),
        ("comfyui-a", {"Authorization": "Bearer comfyui-a"}, True),
        ("comfyui-a", {"X-API-Key": "comfyui-b", "Authorization": "Bearer comfyui-a"}, False),
        ("a.jwt", {"Authorization": "Bearer a.jwt"}, True),
        ("a.jwt", {"X-API-Key": "a.jwt"}, False),
        ("comfyui-a", {"Authorization": "Key comfyui-a"}, False),
        ("comfyui-a", {}, False),
    ],
)
async def test_which_header_goes_with_which_key(
    key: str, headers: dict[str, str], *, known: bool
) -> None:
    async with (
        PikaStandIn(wire="comfy-proxy", key=key) as pika,
        aiohttp.ClientSession(pika.origin) as http,
    ):
        for method, path in [("GET", "/proxy/pika/videos/x"), ("POST", I2V)]:
            async with http.request(method, path, headers=headers) as answer:
                assert (answer.status != 401) is known


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("insufficient_balance", 402),
        ("rate_limited", 429),
        ("provider_unavailable", 503),
        ("invalid_input", 422),
        ("internal", 500),
        ("membership_required", 403),
    ],
)
async def test_refusals_at_submit(customer: Customer, code: str, status: int) -> None:
    customer.pika.behaviour.refuse_at_submit = code
    assert (await submit(customer)).status == status
    assert customer.pika.paid_submits == 0


async def test_operations_have_their_names(customer: Customer) -> None:
    answer = await submit(customer)
    customer.pika.faults.add(Fault("proxy.check", "reply", status=500))
    assert (await check(customer, answer)).status == 500
    done = await ended(customer, answer)
    await customer.ask("GET", done.json["url"])
    assert [exchange.operation for exchange in customer.pika.exchanges] == [
        *("proxy.submit", "proxy.check", "proxy.check", "proxy.download")
    ]


async def test_unknown_things_are_not_found(customer: Customer) -> None:
    assert (await customer.ask("GET", "/proxy/pika/videos/x")).status == 404
    assert (await customer.ask("POST", "/proxy/pika/generate/2.3/i2v")).status == 404
