"""A picture goes where the provider says, with the headers it says and without the key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pika import (
    BadInputError,
    BadKeyError,
    BadPictureError,
    NoCreditError,
    Picture,
    Pika,
    PikaError,
    RateLimitedError,
    UnavailableError,
    UnexpectedReplyError,
)
from playground.faults import Fault
from tests.pika.raw_server import UPLOADS, RawServer, half_of_json, unused_origin
from tests.pika.samples import JPEG, KEY, shot

if TYPE_CHECKING:
    from playground.pika import PikaStandIn

SIGNED = {"Content-Type": "image/jpeg", "X-Amz-Acl": "private", "X-Signature": "a+b/c=="}
OF_HTTP = {"host", "accept", "accept-encoding", "user-agent", "content-length"}


def place(other_origin: RawServer, **more: object) -> dict[str, object]:
    return {
        "upload_url": f"{other_origin.origin}/put?sig=1",
        "url": "https://cdn.example/uploads/1.jpg",
        "headers": SIGNED,
        **more,
    }


async def failing(client: Pika) -> PikaError:
    with pytest.raises(PikaError) as caught:
        await client.prepare(shot())
    return caught.value


async def test_a_picture_is_announced_and_put_with_exactly_the_headers_told(
    client: Pika, server: RawServer, other_origin: RawServer
) -> None:
    server.says(UPLOADS, place(other_origin))
    other_origin.says("/put")
    order = await client.prepare(shot())
    assert order.body["image"] == "https://cdn.example/uploads/1.jpg"
    (asked,) = server.seen
    assert (asked.method, asked.target) == ("POST", UPLOADS)
    assert asked.body == b'{"content_type": "image/jpeg", "size_bytes": %d}' % len(JPEG)
    assert asked.headers["X-API-Key"] == KEY
    (put,) = other_origin.seen
    assert (put.method, put.target, put.body) == ("PUT", "/put?sig=1", JPEG)
    told = {name: value for name, value in put.headers.items() if name.lower() not in OF_HTTP}
    assert told == SIGNED
    assert put.headers["Content-Length"] == str(len(JPEG))


@pytest.mark.parametrize("media_type", ["image/jpeg", "image/png", "image/webp"])
async def test_the_stand_in_gets_every_byte_of_every_type(
    pika: Pika, stand_in: PikaStandIn, media_type: Any
) -> None:
    order = await pika.prepare(shot(picture=Picture(data=JPEG * 100, media_type=media_type)))
    image = order.body["image"]
    assert isinstance(image, str)
    assert image.startswith(f"{stand_in.cdn_origin}/uploads/")
    (put,) = [seen for seen in stand_in.exchanges if seen.operation == "pika.put"]
    assert (put.status, put.request_bytes) == (200, len(JPEG) * 100)
    assert put.request_headers["Content-Type"] == media_type
    assert "X-API-Key" not in put.request_headers


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (413, BadPictureError),
        (415, BadPictureError),
        (302, UnavailableError),
        (400, UnavailableError),
        (403, UnavailableError),
        (500, UnavailableError),
    ],
)
async def test_bytes_that_are_refused_name_their_status(
    client: Pika, server: RawServer, other_origin: RawServer, status: int, kind: type[PikaError]
) -> None:
    server.says(UPLOADS, place(other_origin))
    other_origin.says("/put", status=status, headers={"Location": "/again"})
    error = await failing(client)
    assert type(error) is kind
    assert error.http_status == status
    assert len(other_origin.seen) == 1


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"message": "no"}, BadKeyError),
        (403, {"error": {"code": "insufficient_balance"}}, NoCreditError),
        (413, {"message": "too large"}, BadPictureError),
        (415, {"message": "no such type"}, BadPictureError),
        (422, {"error": {"code": "invalid_input"}}, BadInputError),
        (429, {"message": "slow down"}, RateLimitedError),
        (500, b"<html>", UnavailableError),
        (503, b"", UnavailableError),
        (200, b"<html>", UnexpectedReplyError),
        (200, {}, UnexpectedReplyError),
        (200, {"upload_url": "http://127.0.0.1/put"}, UnexpectedReplyError),
        (200, {"upload_url": None, "url": "https://cdn.example/1"}, UnexpectedReplyError),
        (200, {"upload_url": "/put", "url": "https://cdn.example/1"}, UnexpectedReplyError),
        (200, {"upload_url": "file:///x", "url": "https://cdn.example/1"}, UnexpectedReplyError),
    ],
    ids=lambda value: repr(value)[:50],
)
async def test_an_announcement_that_fails_has_its_error(
    client: Pika, server: RawServer, status: int, body: object, kind: type[PikaError]
) -> None:
    server.says(UPLOADS, body, status=status)
    error = await failing(client)
    assert type(error) is kind
    assert not error.may_be_charged
    assert len(server.seen) == 1


async def test_an_announcement_without_an_answer_is_tried_three_times(
    client: Pika, server: RawServer
) -> None:
    server.on(UPLOADS, half_of_json)
    assert type(await failing(client)) is UnavailableError
    assert len(server.seen) == 3


async def test_an_announcement_outlives_a_short_interruption(
    pika: Pika, stand_in: PikaStandIn
) -> None:
    stand_in.faults.add(Fault("pika.upload", "drop_before", times=2))
    await pika.prepare(shot())
    assert stand_in.counters.requests["pika.upload"] == 3


async def test_a_place_that_is_not_there_is_an_error_worth_repeating(
    client: Pika, server: RawServer, other_origin: RawServer
) -> None:
    server.says(UPLOADS, place(other_origin, upload_url=f"{unused_origin()}/put"))
    error = await failing(client)
    assert type(error) is UnavailableError
    assert error.retryable


async def test_a_place_without_headers_is_taken_at_its_word(
    client: Pika, server: RawServer, other_origin: RawServer
) -> None:
    server.says(UPLOADS, place(other_origin, headers=None))
    other_origin.says("/put")
    await client.prepare(shot())
    (put,) = other_origin.seen
    assert put.body == JPEG
