import math
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from playground.faults import Fault
from playground.pika.wires import comfy_api
from playground.pika.wires.comfy_errors import BUCKETS
from tests.playground.pika_customer import Answer, Customer, a_customer, jpeg

MODEL = "/v2/models/pika/pika-2.5-image-to-video"
TEXT = "/v2/models/pika/pika-2.5-text-to-video"
NEEDS_KEY = [
    ("POST", MODEL),
    ("POST", f"{MODEL}/requests"),
    ("POST", f"{MODEL}/estimate"),
    ("GET", f"{MODEL}/requests/x"),
    ("GET", f"{MODEL}/requests/x/status"),
    ("PUT", f"{MODEL}/requests/x/cancel"),
    ("GET", "/nowhere"),
]


@pytest.fixture
async def customer() -> AsyncIterator[Customer]:
    async with a_customer("comfy") as customer:
        yield customer


@pytest.fixture
async def picture(customer: Customer) -> AsyncIterator[str]:
    """A picture at an origin that counts as public."""

    async def serve(request: web.Request) -> web.Response:
        assert not {"X-API-Key", "Authorization"} & set(request.headers)
        if request.query.get("ex") != "1":
            return web.Response(status=403)
        body = jpeg() if request.path == "/a.jpg" else b"no picture"
        return web.Response(body=body, content_type="image/jpeg")

    app = web.Application()
    app.router.add_get("/{name}", serve)
    async with TestServer(app, host="127.0.0.1") as server:
        customer.pika.public_origins.add(f"http://127.0.0.1:{server.port}")
        yield f"http://127.0.0.1:{server.port}/a.jpg?ex=1"


async def submit(customer: Customer, key: str | None = None, **body: Any) -> Answer:
    headers = {} if key is None else {"Idempotency-Key": key}
    return await customer.ask("POST", f"{MODEL}/requests", json=body, headers=headers)


async def with_key(customer: Customer, method: str, url: str) -> Answer:
    return await customer.ask(method, url, headers=customer.credentials)


async def ended(customer: Customer, handle: Any) -> Answer:
    await customer.pika.jobs[handle["request_id"]].made()
    return await with_key(customer, "GET", handle["response_url"])


def bucket(answer: Answer) -> str:
    """The bucket of a refusal, which the body must agree with where it has one."""
    told = str(answer.headers["X-Comfy-Error-Type"])
    assert answer.json.get("error_type", told) == told
    assert answer.headers["X-Comfy-Request-Id"]
    return told


async def test_a_picture_becomes_a_video(customer: Customer, picture: str) -> None:
    behaviour = customer.pika.behaviour
    behaviour.queue_seconds = behaviour.render_seconds = math.inf
    behaviour.queue_ahead = 2
    answer = await submit(customer, image=picture, prompt="waves", resolution="720p")
    handle = answer.json
    assert (answer.status, handle["status"], handle["queue_position"]) == (201, "IN_QUEUE", 2)
    assert (handle["estimate"]["source"], handle["estimate"]["amount"]) == ("exact", "0.20")
    one = f"{customer.pika.origin}{MODEL}/requests/{handle['request_id']}"
    assert (handle["response_url"], handle["status_url"]) == (one, f"{one}/status")
    waiting = await with_key(customer, "GET", handle["status_url"])
    assert (waiting.status, waiting.json["status"]) == (200, "IN_QUEUE")
    assert int(waiting.headers["Retry-After"]) >= 1
    behaviour.queue_seconds = 0
    running = await with_key(customer, "GET", handle["response_url"])
    assert (running.status, running.json["status"]) == (202, "IN_PROGRESS")
    assert "queue_position" not in running.json
    behaviour.render_seconds = 0
    result = await ended(customer, handle)
    done = await with_key(customer, "GET", handle["status_url"])
    assert (done.json["status"], done.headers.get("Retry-After")) == ("COMPLETED", None)
    assert "error_type" not in done.json
    assert (result.status, result.json["status"]) == (200, "completed")
    assert (await customer.ask("GET", result.json["output"]["video"]["url"])).status == 200
    assert customer.pika.counters.charged_micro_usd == 200_000


@pytest.mark.parametrize("path", ["/a.jpg", "/a.jpg?ex=0", "/b.jpg?ex=1"])
async def test_a_picture_that_cannot_be_fetched_or_read_fails_its_request(
    customer: Customer, picture: str, path: str
) -> None:
    url = picture.removesuffix("/a.jpg?ex=1") + path
    result = await ended(customer, (await submit(customer, image=url)).json)
    assert (result.status, bucket(result)) == (422, "invalid_input")


async def test_a_public_picture_that_is_not_there_fails_its_request(customer: Customer) -> None:
    answer = await submit(customer, image="https://a.example/b.png")
    assert answer.status == 201
    assert bucket(await ended(customer, answer.json)) == "invalid_input"


async def test_a_public_address_may_hold_any_letters(customer: Customer, picture: str) -> None:
    image = f"{picture}&name=ü é#part"
    assert (await ended(customer, (await submit(customer, image=image)).json)).status == 200


@pytest.mark.parametrize(
    "image", ["http://[", "http://a.example/b.png", "http://127.0.0.1:1/a.png", "data:x"]
)
async def test_other_pictures_are_refused(customer: Customer, image: str) -> None:
    answer = await submit(customer, image=image)
    assert (answer.status, bucket(answer)) == (422, "invalid_input")
    assert answer.json["detail"][0]["loc"] == ["body", "image"]
    assert customer.pika.paid_submits == 0


@pytest.mark.parametrize("wrong", [{"fps": 24}, {"duration_s": 7}, {"seed": "1"}, {"prompt": 1}])
async def test_a_wrong_body_is_told_by_its_field(customer: Customer, wrong: dict[str, Any]) -> None:
    answer = await submit(customer, image="https://a.example/b.png", **wrong)
    assert (answer.status, bucket(answer)) == (422, "invalid_input")
    assert answer.json["detail"][0]["loc"] == ["body", next(iter(wrong))]


@pytest.mark.parametrize(("body", "status"), [(b"{", 400), (b"[]", 422)])
async def test_a_body_that_is_no_object(customer: Customer, body: bytes, status: int) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await customer.ask("POST", f"{MODEL}/requests", data=body, headers=headers)
    assert (answer.status, bucket(answer)) == (status, "invalid_input")


async def test_a_key_is_replayed(customer: Customer) -> None:
    image = "https://a.example/b.png"
    first = await submit(customer, key="k", image=image)
    again = await submit(customer, key="k", image=image)
    assert again.json["request_id"] == first.json["request_id"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert "estimate" not in again.json
    other = await submit(customer, key="k", image=image, seed=1)
    assert (other.status, bucket(other)) == (409, "invalid_input")
    customer.pika.behaviour.replays_in_flight = True
    flying = await submit(customer, key="k", image=image)
    assert (flying.status, bucket(flying)) == (409, "concurrency_limit_exceeded")
    assert flying.headers["Retry-After"] == "1"
    assert customer.pika.paid_submits == 1


@pytest.mark.parametrize(("length", "status"), [(255, 201), (256, 400)])
async def test_a_key_has_a_length(customer: Customer, length: int, status: int) -> None:
    answer = await submit(customer, key="k" * length, image="https://a.example/b.png")
    assert answer.status == status


async def test_credit_is_looked_at_before_the_body_and_the_key_stays_free(
    customer: Customer,
) -> None:
    customer.pika.balance_micro_usd = -1
    for body in ({}, {"image": "https://a.example/b.png"}):
        answer = await submit(customer, key="k", **body)
        assert (answer.status, bucket(answer)) == (402, "insufficient_credits")
    customer.pika.balance_micro_usd = 440_000
    assert (await submit(customer, key="k", image="https://a.example/b.png")).status == 402
    customer.pika.balance_micro_usd = None
    assert (await submit(customer, key="k", image="https://a.example/b.png")).status == 201


@pytest.mark.parametrize("code", BUCKETS)
async def test_a_failure_is_completed_with_its_bucket(
    customer: Customer, picture: str, code: str
) -> None:
    customer.pika.behaviour.outcome = code
    handle = (await submit(customer, image=picture)).json
    result = await ended(customer, handle)
    assert (result.status, bucket(result)) == (BUCKETS[code], code)
    status = (await with_key(customer, "GET", handle["status_url"])).json
    assert (status["status"], status["error_type"]) == ("COMPLETED", code)
    assert customer.pika.counters.charged_micro_usd == 0


async def test_words_are_moderated(customer: Customer, picture: str) -> None:
    result = await ended(customer, (await submit(customer, image=picture, prompt="forbidden")).json)
    assert bucket(result) == "content_policy_violation"


@pytest.mark.parametrize("late", [409, 400])
async def test_a_queued_request_can_be_cancelled(customer: Customer, late: Any) -> None:
    customer.pika.behaviour.queue_seconds = math.inf
    customer.pika.behaviour.late_cancel_status = late
    handle = (await submit(customer, image="https://a.example/b.png")).json
    answer = await with_key(customer, "PUT", handle["cancel_url"])
    assert (answer.status, answer.json["status"]) == (202, "CANCELLATION_REQUESTED")
    result = await ended(customer, handle)
    assert (result.status, bucket(result)) == (409, "cancelled")
    again = await with_key(customer, "PUT", handle["cancel_url"])
    assert (again.status, again.json["status"]) == (late, "ALREADY_COMPLETED")


async def test_a_result_expires(customer: Customer, picture: str) -> None:
    handle = (await submit(customer, image=picture)).json
    assert (await ended(customer, handle)).status == 200
    customer.pika.behaviour.expire_results = True
    assert (await ended(customer, handle)).status == 410


async def test_an_estimate_costs_nothing(customer: Customer) -> None:
    body = {"image": "https://a.example/b.png", "duration_s": 10}
    answer = await customer.ask("POST", f"{MODEL}/estimate", json=body)
    assert (answer.status, answer.json["amount"], answer.json["credits"]) == (200, "0.60", 126.6)
    assert (await customer.ask("POST", f"{MODEL}/estimate", json={})).status == 422
    assert customer.pika.paid_submits == 0


async def test_text_becomes_a_video(customer: Customer) -> None:
    answer = await customer.ask("POST", f"{TEXT}/requests", json={"prompt": "waves"})
    assert (await ended(customer, answer.json)).status == 200
    other = f"{MODEL}/requests/{answer.json['request_id']}"
    assert bucket(await customer.ask("GET", other)) == "request_not_found"


@pytest.mark.parametrize(("method", "path"), NEEDS_KEY)
async def test_everything_needs_the_key(customer: Customer, method: str, path: str) -> None:
    for headers in ({}, {"X-API-Key": "comfyui-x"}, {"Authorization": f"Key {customer.pika.key}"}):
        answer = await customer.ask(method, customer.pika.origin + path, headers=headers)
        assert (answer.status, bucket(answer)) == (401, "unauthorized")


async def test_a_bearer_is_welcome_too_but_the_other_header_wins(customer: Customer) -> None:
    where = customer.pika.origin + f"{MODEL}/requests/x"
    bearer = {"Authorization": f"Bearer {customer.pika.key}"}
    assert (await customer.ask("GET", where, headers=bearer)).status == 404
    both = {**bearer, "X-API-Key": "comfyui-wrong"}
    assert (await customer.ask("GET", where, headers=both)).status == 401


async def test_unknown_models_and_requests(customer: Customer) -> None:
    answer = await customer.ask("POST", "/v2/models/pika/pika-9/requests", json={})
    assert (answer.status, bucket(answer)) == (404, "model_not_found")
    answer = await customer.ask("PUT", f"{MODEL}/requests/x/cancel")
    assert (answer.status, bucket(answer)) == (404, "request_not_found")


async def test_operations_have_their_names(customer: Customer, picture: str) -> None:
    handle = (await submit(customer, image=picture)).json
    customer.pika.faults.add(Fault("comfy.status", "reply", status=500))
    assert (await with_key(customer, "GET", handle["status_url"])).status == 500
    result = await ended(customer, handle)
    await with_key(customer, "PUT", handle["cancel_url"])
    await customer.ask("GET", result.json["output"]["video"]["url"])
    await customer.ask("POST", f"{MODEL}/estimate", json={})
    assert [exchange.operation for exchange in customer.pika.exchanges] == [
        *("comfy.submit", "comfy.status", "comfy.result", "comfy.cancel", "comfy.download"),
        "comfy.estimate",
    ]


async def test_a_held_request_is_answered_with_the_result(customer: Customer, picture: str) -> None:
    headers = {"Idempotency-Key": "k"}
    body = {"image": picture, "resolution": "720p"}
    answer = await customer.ask("POST", MODEL, json=body, headers=headers)
    assert (answer.status, answer.json["status"]) == (200, "completed")
    clip = await customer.ask("GET", answer.json["output"]["video"]["url"])
    assert (clip.status, clip.body[4:8]) == (200, b"ftyp")
    again = await customer.ask("POST", MODEL, json=body, headers=headers)
    assert (again.json, again.headers["Idempotent-Replayed"]) == (answer.json, "true")
    assert customer.pika.paid_submits == 1
    customer.pika.behaviour.outcome = "content_moderation"
    refused = await customer.ask("POST", MODEL, json=body)
    assert bucket(refused) == "content_policy_violation"


async def test_a_held_request_may_be_in_flight_or_take_too_long(
    customer: Customer, picture: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer.pika.behaviour.render_seconds = math.inf
    monkeypatch.setattr(comfy_api, "HELD_SECONDS", 0)
    headers = {"Idempotency-Key": "k"}
    body = {"image": picture}
    late = await customer.ask("POST", MODEL, json=body, headers=headers)
    assert (late.status, bucket(late)) == (504, "deadline_exceeded")
    again = await customer.ask("POST", MODEL, json=body, headers=headers)
    assert (again.status, bucket(again)) == (409, "concurrency_limit_exceeded")
    assert int(again.headers["Retry-After"]) >= 1
    customer.pika.behaviour.render_seconds = 0
    (job,) = customer.pika.jobs.values()
    await job.made()
    done = await customer.ask("POST", MODEL, json=body, headers=headers)
    assert (done.status, customer.pika.paid_submits) == (200, 1)
