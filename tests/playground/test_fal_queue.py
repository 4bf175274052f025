import math
from collections.abc import AsyncIterator
from typing import Any

import pytest

from playground.faults import Fault
from playground.pika.wires.fal_errors import MODEL_ERRORS, REQUEST_ERRORS
from tests.playground.pika_customer import Answer, Customer, a_customer, jpeg

MODEL = "/fal-ai/pika/v2.2/image-to-video"


@pytest.fixture
async def customer() -> AsyncIterator[Customer]:
    async with a_customer("fal") as customer:
        yield customer


async def upload(customer: Customer, data: bytes | None = None, kind: str = "image/jpeg") -> str:
    where = f"{customer.pika.upload_origin}/storage/upload/initiate?storage_type=fal-cdn-v3"
    told = await customer.ask(
        "POST",
        where,
        json={"file_name": "a.jpg", "content_type": kind},
        headers=customer.credentials,
    )
    assert told.status == 200
    put = await customer.ask(
        "PUT",
        told.json["upload_url"],
        data=jpeg() if data is None else data,
        headers={"Content-Type": kind},
    )
    assert put.status == 200
    return str(told.json["file_url"])


async def submit(customer: Customer, **body: Any) -> Answer:
    body = {"prompt": "waves", **body}
    if "image_url" not in body:
        body["image_url"] = await upload(customer)
    return await customer.ask("POST", MODEL, json=body)


async def with_key(customer: Customer, method: str, url: str) -> Answer:
    return await customer.ask(method, url, headers=customer.credentials)


async def ended(customer: Customer, handle: Any) -> Answer:
    await customer.pika.jobs[handle["request_id"]].made()
    return await with_key(customer, "GET", handle["response_url"])


async def test_a_picture_becomes_a_video(customer: Customer) -> None:
    behaviour = customer.pika.behaviour
    behaviour.queue_seconds = behaviour.render_seconds = math.inf
    behaviour.queue_ahead = 3
    answer = await submit(customer, resolution="1080p", duration="10", seed=7)
    handle = answer.json
    assert (answer.status, handle["status"], handle["queue_position"]) == (200, "IN_QUEUE", 3)
    assert answer.headers["X-Fal-Request-Id"] == handle["request_id"]
    one = f"{customer.pika.origin}/fal-ai/pika/requests/{handle['request_id']}"
    assert (handle["response_url"], handle["status_url"]) == (one, f"{one}/status")
    waiting = await with_key(customer, "GET", handle["status_url"])
    assert (waiting.status, waiting.json["status"]) == (202, "IN_QUEUE")
    assert (waiting.json["queue_position"], waiting.json["logs"]) == (3, None)
    behaviour.queue_seconds = 0
    running = await with_key(customer, "GET", handle["status_url"] + "?logs=1")
    assert (running.status, running.json["status"]) == (202, "IN_PROGRESS")
    assert running.json["logs"] == []
    assert (await with_key(customer, "GET", handle["response_url"])).status == 400
    behaviour.render_seconds = 0
    result = await ended(customer, handle)
    done = await with_key(customer, "GET", handle["status_url"])
    assert (done.status, done.json["status"]) == (200, "COMPLETED")
    assert done.json["metrics"]["inference_time"] > 0
    assert done.json["logs"] is None
    video = result.json["video"]
    clip = await customer.ask("GET", video["url"])
    assert (clip.status, len(clip.body)) == (200, video["file_size"])
    assert customer.pika.counters.charged_micro_usd == 1_000_000


async def with_token(customer: Customer, token: str, kind: str = "image/jpeg") -> Answer:
    return await customer.ask(
        "POST",
        f"{customer.pika.cdn_origin}/files/upload",
        data=jpeg(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": kind},
    )


async def test_bytes_are_also_taken_with_a_token(customer: Customer) -> None:
    where = f"{customer.pika.upload_origin}/storage/auth/token?storage_type=fal-cdn-v3"
    told = await customer.ask("POST", where, json={}, headers=customer.credentials)
    assert (told.status, told.json["token_type"]) == (200, "Bearer")
    assert told.json["base_url"] == customer.pika.cdn_origin
    uploaded = await with_token(customer, told.json["token"])
    assert uploaded.status == 200
    answer = await submit(customer, image_url=uploaded.json["access_url"])
    assert (await ended(customer, answer.json)).status == 200
    assert (await with_token(customer, "guessed")).status == 401
    assert (await with_token(customer, told.json["token"], "text/html")).status == 422
    assert (await customer.ask("POST", where, json={})).status == 401


async def test_every_post_is_paid(customer: Customer) -> None:
    url = await upload(customer)
    headers = {**customer.credentials, "Idempotency-Key": "k"}
    body = {"image_url": url, "prompt": ""}
    ids = {
        (await customer.ask("POST", MODEL, json=body, headers=headers)).json["request_id"]
        for _ in range(2)
    }
    assert len(ids) == customer.pika.paid_submits == 2


@pytest.mark.parametrize("scheme", ["Bearer", "key", ""])
async def test_the_key_comes_as_key_alone(customer: Customer, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {customer.pika.key}", "X-API-Key": customer.pika.key}
    assert (await customer.ask("POST", MODEL, json={}, headers=headers)).status == 401
    where = customer.pika.upload_origin + "/storage/upload/initiate?storage_type=fal-cdn-v3"
    assert (await customer.ask("POST", where, json={}, headers=headers)).status == 401


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"image_url": 1}, "string_type"),
        ({"image_url": "http://a.example/b.png"}, "file_download_error"),
        ({"image_url": "data:image/png;base64,AAAA"}, "file_download_error"),
        ({"prompt": None}, "string_type"),
        ({"duration": 7}, "enum"),
        ({"duration": True}, "integer_type"),
        ({"resolution": "4k"}, "enum"),
        ({"seed": "1"}, "integer_type"),
        ({"negative_prompt": None}, "string_type"),
        ({"input": {}}, "extra_forbidden"),
    ],
)
async def test_a_wrong_body_is_told_by_its_field(
    customer: Customer, wrong: dict[str, Any], problem: str
) -> None:
    answer = await submit(customer, **wrong)
    assert answer.status == 422
    (detail,) = answer.json["detail"]
    assert detail["loc"] == ["body", next(iter(wrong))]
    assert detail["type"] == problem
    assert customer.pika.paid_submits == 0


@pytest.mark.parametrize("missing", ["image_url", "prompt"])
async def test_both_are_required(customer: Customer, missing: str) -> None:
    body = {"image_url": "https://a.example/b.png", "prompt": ""}
    del body[missing]
    answer = await customer.ask("POST", MODEL, json=body)
    assert (answer.status, answer.json["detail"][0]["type"]) == (422, "missing")


@pytest.mark.parametrize("code", [*MODEL_ERRORS, *REQUEST_ERRORS])
@pytest.mark.parametrize("tells", [True, False])
async def test_a_failure_is_completed_with_an_error(
    customer: Customer, code: str, *, tells: bool
) -> None:
    customer.pika.behaviour.outcome = code
    customer.pika.behaviour.status_tells_error = tells
    handle = (await submit(customer)).json
    result = await ended(customer, handle)
    status = (await with_key(customer, "GET", handle["status_url"])).json
    assert status["status"] == "COMPLETED"
    assert status.get("error_type") == (code if tells else None)
    assert result.status == {**MODEL_ERRORS, **REQUEST_ERRORS}[code]
    if code in MODEL_ERRORS:
        assert result.json["detail"][0]["type"] == code
    else:
        assert result.json["error_type"] == result.headers["X-Fal-Error-Type"] == code
    assert customer.pika.counters.charged_micro_usd == 0


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"prompt": "forbidden"}, "content_policy_violation"),
        ({"image_url": "https://a.example/b.png"}, "file_download_error"),
    ],
)
async def test_what_the_model_refuses(
    customer: Customer, body: dict[str, Any], problem: str
) -> None:
    result = await ended(customer, (await submit(customer, **body)).json)
    assert (result.status, result.json["detail"][0]["type"]) == (422, problem)


async def test_a_picture_that_cannot_be_decoded(customer: Customer) -> None:
    url = await upload(customer, b"no picture")
    result = await ended(customer, (await submit(customer, image_url=url)).json)
    assert (result.status, result.json["detail"][0]["type"]) == (422, "image_load_error")


async def test_a_queued_request_can_be_cancelled(customer: Customer) -> None:
    customer.pika.behaviour.queue_seconds = math.inf
    handle = (await submit(customer)).json
    answer = await with_key(customer, "PUT", handle["cancel_url"])
    assert (answer.status, answer.json["status"]) == (202, "CANCELLATION_REQUESTED")
    result = await ended(customer, handle)
    assert (result.status, result.json["error_type"]) == (499, "client_cancelled")
    again = await with_key(customer, "PUT", handle["cancel_url"])
    assert (again.status, again.json["status"]) == (400, "ALREADY_COMPLETED")
    assert customer.pika.counters.charged_micro_usd == 0


@pytest.mark.parametrize(("stops", "charged"), [(False, 200_000), (True, 0)])
async def test_a_running_request_may_finish_all_the_same(
    customer: Customer, *, stops: bool, charged: int
) -> None:
    behaviour = customer.pika.behaviour
    behaviour.render_seconds = math.inf
    behaviour.cancel_stops_running = stops
    handle = (await submit(customer)).json
    assert (await with_key(customer, "PUT", handle["cancel_url"])).status == 202
    behaviour.render_seconds = 0
    assert (await ended(customer, handle)).status == (499 if stops else 200)
    assert customer.pika.counters.charged_micro_usd == charged


@pytest.mark.parametrize(
    ("code", "status"),
    [("insufficient_balance", 403), ("rate_limited", 429), ("runner_disconnected", 503)],
)
async def test_refusals_at_submit(customer: Customer, code: str, status: int) -> None:
    customer.pika.behaviour.refuse_at_submit = code
    assert (await submit(customer)).status == status
    assert customer.pika.paid_submits == 0


async def test_unknown_requests_and_models(customer: Customer) -> None:
    assert (await customer.ask("GET", "/fal-ai/pika/requests/x")).status == 404
    assert (await customer.ask("GET", "/fal-ai/pika/requests/x/status")).status == 404
    cancel = await customer.ask("PUT", "/fal-ai/pika/requests/x/cancel")
    assert (cancel.status, cancel.json["status"]) == (404, "NOT_FOUND")
    assert (await customer.ask("POST", "/fal-ai/pika/v2.5/image-to-video")).status == 404
    long = "/fal-ai/pika/v2.2/image-to-video/requests/x/status"
    assert (await customer.ask("GET", long)).status == 404


async def test_uploads_want_no_key_and_the_type_told(customer: Customer) -> None:
    where = f"{customer.pika.upload_origin}/storage/upload/initiate?storage_type=fal-cdn-v3"
    order = {"file_name": "a.jpg", "content_type": "image/jpeg"}
    told = (await customer.ask("POST", where, json=order, headers=customer.credentials)).json
    assert told["file_url"].startswith(customer.pika.cdn_origin)
    for headers, status in [
        ({"Content-Type": "image/png"}, 403),
        ({"Content-Type": "image/jpeg", **customer.credentials}, 400),
        ({"Content-Type": "image/jpeg"}, 200),
    ]:
        put = await customer.ask("PUT", told["upload_url"], data=jpeg(), headers=headers)
        assert put.status == status
    assert len({customer.pika.origin, customer.pika.cdn_origin, customer.pika.upload_origin}) == 3


@pytest.mark.parametrize(
    "order",
    [
        {"file_name": "a.jpg"},
        {"content_type": "image/jpeg"},
        {"file_name": "a", "content_type": "text/plain"},
        {"file_name": "a.jpg", "content_type": "image/jpeg", "size": 1},
    ],
)
async def test_wrong_initiations(customer: Customer, order: Any) -> None:
    where = f"{customer.pika.upload_origin}/storage/upload/initiate?storage_type=fal-cdn-v3"
    answer = await customer.ask("POST", where, json=order, headers=customer.credentials)
    assert answer.status == 422


async def test_operations_have_their_names(customer: Customer) -> None:
    customer.pika.faults.add(Fault("fal.status", "reply", status=500))
    handle = (await submit(customer)).json
    result = await ended(customer, handle)
    assert (await with_key(customer, "GET", handle["status_url"])).status == 500
    await with_key(customer, "PUT", handle["cancel_url"])
    await customer.ask("GET", result.json["video"]["url"])
    operations = [exchange.operation for exchange in customer.pika.exchanges]
    assert operations == [
        *("fal.initiate", "fal.put", "fal.submit", "fal.result", "fal.status"),
        *("fal.cancel", "fal.download"),
    ]
