from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from playground.faults import Fault
from playground.pika.wires.own_api import ERROR_STATUSES
from tests.playground.pika_customer import SUBMIT, Customer, a_customer, jpeg


@pytest.fixture
async def customer() -> AsyncIterator[Customer]:
    async with a_customer() as customer:
        yield customer


async def test_a_job_remembers_what_was_ordered(customer: Customer) -> None:
    answer = await customer.submit(key="k1", prompt="waves", seed=7, resolution="720p")
    assert answer.status == 200
    job = customer.pika.jobs[answer.json["id"]]
    assert job.body["prompt"] == "waves"
    assert (job.body["seed"], job.body["duration_s"]) == (7, 5)
    assert (job.key, job.image_bytes, job.price_micro_usd) == ("k1", len(jpeg()), 200_000)


@pytest.mark.parametrize(
    "wrong",
    [{"duration_s": True}, {"fps": 24}, {"image": "/tmp/a.png"}, {"resolution": "4k"}],
)
async def test_a_wrong_body_is_a_request_level_error(
    customer: Customer, wrong: dict[str, Any]
) -> None:
    answer = await customer.submit(**wrong)
    assert answer.status == 422
    assert answer.json.keys() == {"error"}
    assert next(iter(wrong)) in answer.json["error"]["message"]
    assert customer.pika.paid_submits == 0


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"image"', b"\xff"])
async def test_a_body_that_is_no_object_is_refused(customer: Customer, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    assert (await customer.ask("POST", SUBMIT, data=body, headers=headers)).status == 422


async def test_a_body_that_is_not_called_json_is_refused(customer: Customer) -> None:
    assert (await customer.ask("POST", SUBMIT, data={"image": "https://a/b"})).status == 422


async def test_a_picture_from_elsewhere_fails_its_job(customer: Customer) -> None:
    final = await customer.completed(image="https://cdn.discordapp.com/a.png")
    assert (final["status"], final["error"]["code"]) == ("failed", "invalid_input")
    assert final["billing"] == {"state": "settled", "charge_micro_usd": 0}


async def test_a_picture_that_was_announced_but_never_sent_fails_its_job(
    customer: Customer,
) -> None:
    order = {"content_type": "image/jpeg", "size_bytes": 9}
    url = (await customer.ask("POST", "/v1/media/uploads", json=order)).json["url"]
    assert (await customer.completed(image=url))["error"]["code"] == "invalid_input"


@pytest.mark.parametrize("result", ["rendered", "canned"])
async def test_a_picture_that_cannot_be_decoded_fails_its_job(
    customer: Customer, result: Any
) -> None:
    customer.pika.behaviour.result = result
    url = await customer.upload(b"no picture at all")
    assert (await customer.completed(image=url))["error"]["code"] == "invalid_input"
    assert customer.pika.counters.charged_micro_usd == 0


async def test_the_same_key_and_body_replay_the_job(customer: Customer) -> None:
    url = await customer.upload()
    first = await customer.submit(key="k1", image=url, seed=1)
    again = await customer.submit(key="k1", image=url, seed=1)
    assert (again.status, again.json["id"]) == (200, first.json["id"])
    assert (customer.pika.paid_submits, customer.pika.counters.replays) == (1, 1)


async def test_the_same_key_with_another_body_is_a_conflict(customer: Customer) -> None:
    url = await customer.upload()
    await customer.submit(key="k1", image=url, seed=1)
    answer = await customer.submit(key="k1", image=url, seed=2)
    assert answer.status == 409
    assert "id" not in answer.json
    assert customer.pika.paid_submits == 1


async def test_without_a_key_each_submit_is_a_new_paid_job(customer: Customer) -> None:
    url = await customer.upload()
    ids = {(await customer.submit(image=url)).json["id"] for _ in range(2)}
    assert len(ids) == 2
    assert customer.pika.paid_submits == 2


async def test_a_failed_job_is_replayed_as_failed(customer: Customer) -> None:
    customer.pika.behaviour.outcome = "provider_error"
    url = await customer.upload()
    first = await customer.submit(key="k1", image=url)
    customer.pika.behaviour.outcome = "completed"
    again = await customer.submit(key="k1", image=url)
    assert again.json["id"] == first.json["id"]
    assert (again.status, again.json["error"]["code"]) == (200, "provider_error")


async def test_a_key_outlives_its_erased_job(customer: Customer) -> None:
    url = await customer.upload()
    job = (await customer.submit(key="k1", image=url)).json
    await customer.ask("DELETE", f"/v1/media/jobs/{job['id']}")
    assert (await customer.submit(key="k1", image=url)).status == 409
    assert customer.pika.paid_submits == 1


@pytest.mark.parametrize(("length", "status"), [(1, 200), (200, 200), (201, 422)])
async def test_the_length_of_a_key(customer: Customer, length: int, status: int) -> None:
    assert (await customer.submit(key="k" * length)).status == status


@pytest.mark.parametrize(("code", "status"), list(ERROR_STATUSES.items()))
async def test_a_refusal_at_submit_is_a_job_envelope(
    customer: Customer, code: str, status: int
) -> None:
    customer.pika.behaviour.refuse_at_submit = code
    url = await customer.upload()
    answer = await customer.submit(key="k1", image=url)
    assert answer.status == status
    assert (answer.json["status"], answer.json["error"]["code"]) == ("failed", code)
    assert ("Retry-After" in answer.headers) == (status in {429, 503})
    customer.pika.behaviour.refuse_at_submit = None
    again = await customer.submit(key="k1", image=url)
    assert (again.status, again.json["id"]) == (status, answer.json["id"])
    assert (customer.pika.paid_submits, customer.pika.counters.refused) == (0, 1)


async def test_a_prepaid_balance_is_spent_and_never_overdrawn(customer: Customer) -> None:
    customer.pika.balance_micro_usd = 500_000
    assert (await customer.completed(resolution="720p"))["status"] == "completed"
    assert customer.pika.balance_micro_usd == 300_000
    answer = await customer.submit(resolution="1080p")
    assert (answer.status, answer.json["error"]["code"]) == (403, "insufficient_balance")
    customer.pika.behaviour.render_seconds = 60
    assert (await customer.submit(resolution="720p")).status == 200
    assert (await customer.submit(resolution="720p")).status == 403
    customer.pika.balance_micro_usd = None
    assert (await customer.submit(resolution="1080p")).status == 200


async def test_an_answer_lost_after_the_paid_call_is_found_by_its_key(customer: Customer) -> None:
    url = await customer.upload()
    customer.pika.faults.add(Fault("pika.submit", "drop_after"))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await customer.submit(key="k1", image=url)
    assert customer.pika.paid_submits == 1
    (job_id,) = customer.pika.jobs
    assert (await customer.submit(key="k1", image=url)).json["id"] == job_id
    assert customer.pika.paid_submits == 1


async def test_a_request_lost_before_the_paid_call_made_no_job(customer: Customer) -> None:
    url = await customer.upload()
    customer.pika.faults.add(Fault("pika.submit", "drop_before"))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await customer.submit(key="k1", image=url)
    assert customer.pika.paid_submits == 0
    assert not customer.pika.jobs
