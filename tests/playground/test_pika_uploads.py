import io
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.playground.pika_customer import Customer, a_customer, jpeg

UPLOADS = "/v1/media/uploads"
PICTURE = jpeg()


@pytest.fixture
async def customer() -> AsyncIterator[Customer]:
    async with a_customer() as customer:
        yield customer


async def place(customer: Customer, size: int = len(PICTURE)) -> Any:
    order = {"content_type": "image/jpeg", "size_bytes": size}
    answer = await customer.ask("POST", UPLOADS, json=order)
    assert answer.status == 200
    return answer.json


@pytest.mark.parametrize(
    ("order", "status"),
    [
        ({"content_type": "image/gif", "size_bytes": 9}, 415),
        ({"content_type": "video/mp4", "size_bytes": 20_000_001}, 200),
        ({"content_type": "video/webm", "size_bytes": 100_000_001}, 413),
        ({"content_type": "video/x-msvideo", "size_bytes": 9}, 415),
        ({"content_type": "image/png", "size_bytes": 20_000_001}, 413),
        ({"content_type": "image/png", "size_bytes": 20_000_000}, 200),
        ({"content_type": "image/webp", "size_bytes": 1}, 200),
        ({"content_type": "image/png", "size_bytes": 0}, 422),
        ({"content_type": "image/png", "size_bytes": True}, 422),
        ({"content_type": "image/png", "size_bytes": "9"}, 422),
        ({"content_type": None, "size_bytes": 9}, 422),
        ({"content_type": "image/png"}, 422),
        ({"content_type": "image/png", "size_bytes": 9, "name": "a.png"}, 422),
        (["image/png", 9], 422),
    ],
)
async def test_what_may_be_uploaded(customer: Customer, order: Any, status: int) -> None:
    answer = await customer.ask("POST", UPLOADS, json=order)
    assert answer.status == status
    assert ("error" in answer.json) == (status != 200)


async def test_uploads_go_to_the_other_origin(customer: Customer) -> None:
    told = await place(customer)
    assert told["upload_url"].startswith(customer.pika.cdn_origin + "/")
    assert told["url"].startswith(customer.pika.cdn_origin + "/")
    assert customer.pika.cdn_origin != customer.pika.origin
    assert told["headers"]["Content-Type"] == "image/jpeg"


async def test_a_put_needs_exactly_the_headers_told(customer: Customer) -> None:
    told = await place(customer)
    for name in told["headers"]:
        for wrong in ({"Content-Type": "image/jpeg"}, {**told["headers"], name: "image/wrong"}):
            put = await customer.ask("PUT", told["upload_url"], data=PICTURE, headers=wrong)
            assert put.status == 403
    put = await customer.ask("PUT", told["upload_url"], data=PICTURE, headers=told["headers"])
    assert put.status == 200


@pytest.mark.parametrize("secret", ["X-API-Key", "Authorization"])
async def test_a_put_with_credentials_is_refused(customer: Customer, secret: str) -> None:
    told = await place(customer)
    headers = {**told["headers"], secret: customer.pika.key}
    put = await customer.ask("PUT", told["upload_url"], data=PICTURE, headers=headers)
    assert put.status == 400


@pytest.mark.parametrize("promised", [len(PICTURE) - 1, len(PICTURE) + 1])
async def test_a_put_of_another_size_is_refused(customer: Customer, promised: int) -> None:
    told = await place(customer, promised)
    put = await customer.ask("PUT", told["upload_url"], data=PICTURE, headers=told["headers"])
    assert put.status == 400


async def test_a_put_over_the_limit_is_refused(customer: Customer) -> None:
    told = await place(customer)
    huge = io.BytesIO(bytes(20_000_001))
    put = await customer.ask("PUT", told["upload_url"], data=huge, headers=told["headers"])
    assert put.status == 413


async def test_a_put_of_unknown_length_is_refused(customer: Customer) -> None:
    async def stream() -> AsyncIterator[bytes]:
        yield PICTURE

    told = await place(customer)
    put = await customer.ask("PUT", told["upload_url"], data=stream(), headers=told["headers"])
    assert put.status == 411


async def test_a_put_to_nowhere_is_refused(customer: Customer) -> None:
    put = await customer.ask("PUT", f"{customer.pika.cdn_origin}/uploads/none.jpg", data=PICTURE)
    assert put.status == 404


async def test_a_deleted_upload_can_no_longer_be_animated(customer: Customer) -> None:
    url = await customer.upload()
    assert (await customer.ask("DELETE", UPLOADS, params={"url": url})).status == 204
    assert (await customer.ask("DELETE", UPLOADS, params={"url": url})).status == 404
    assert (await customer.completed(image=url))["error"]["code"] == "invalid_input"


@pytest.mark.parametrize("key", [None, "", "wrong"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", UPLOADS),
        ("DELETE", UPLOADS),
        ("POST", "/v1/media/pika/pika-2.5/image-to-video"),
        ("GET", "/v1/media/jobs/bogus"),
        ("GET", "/v1/media/jobs/bogus/content"),
        ("DELETE", "/v1/media/jobs/bogus"),
        ("GET", "/v1/files/bogus.mp4"),
        ("GET", "/nowhere"),
    ],
)
async def test_everything_needs_the_key(
    customer: Customer, method: str, path: str, key: str | None
) -> None:
    headers = {} if key is None else {"X-API-Key": key}
    answer = await customer.ask(method, customer.pika.origin + path, headers=headers)
    assert answer.status == 401
    assert answer.json["error"]["message"]


async def test_unknown_things_are_not_found(customer: Customer) -> None:
    for path in ("/v1/media/jobs/bogus", "/v1/files/bogus.mp4", "/v1/media/jobs/bogus/content"):
        assert (await customer.ask("GET", path)).status == 404
    assert (await customer.ask("POST", "/v1/media/pika/pika-2.2/image-to-video")).status == 404
    assert (await customer.ask("DELETE", "/v1/media/jobs/bogus")).status == 404
    assert (await customer.ask("GET", customer.pika.cdn_origin + "/cdn/bogus.mp4")).status == 404


async def test_each_answer_has_its_own_request_id(customer: Customer) -> None:
    wheres = ["/nowhere", "/nowhere", customer.pika.origin + "/", customer.pika.cdn_origin + "/"]
    ids = {(await customer.ask("GET", where)).headers["X-Request-ID"] for where in wheres}
    assert len(ids) == 4


async def test_two_stand_ins_share_nothing(customer: Customer) -> None:
    async with a_customer() as other:
        assert other.pika.key != customer.pika.key
        assert other.pika.origin != customer.pika.origin
        headers = {"X-API-Key": customer.pika.key}
        answer = await other.ask("GET", other.pika.origin + "/nowhere", headers=headers)
        assert answer.status == 401
