"""Where the key goes, in which header, and which told addresses are followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pika import (
    Cancellation,
    Done,
    Order,
    Pending,
    Pika,
    PikaError,
    Shot,
    TextShot,
    Ticket,
    UnexpectedReplyError,
)
from tests.pika.samples import KEY
from tests.pika.wires import PICTURE, URL

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pika.raw_server import RawServer, Seen

FAL_JOB = "/fal-ai/pika/requests/r1"
COMFY_TEXT = "/v2/models/pika/pika-2.5-text-to-video/requests"
COMFY_SHOT = "/v2/models/pika/pika-2.5-image-to-video/requests"
_SECRETS = {"authorization", "x-api-key", "cookie", "proxy-authorization"}


def credentials(seen: Seen) -> dict[str, str]:
    return {name: value for name, value in seen.headers.items() if name.lower() in _SECRETS}


@pytest.mark.parametrize(
    ("provider", "key", "header"),
    [
        ("pika", KEY, {"X-API-Key": KEY}),
        ("fal", "id:secret", {"Authorization": "Key id:secret"}),
        ("comfy", "comfyui-1", {"X-API-Key": "comfyui-1"}),
        ("comfy-proxy", "comfyui-1", {"X-API-Key": "comfyui-1"}),
        ("comfy-proxy", "eyJ.login.token", {"Authorization": "Bearer eyJ.login.token"}),
    ],
)
async def test_the_key_is_in_its_wires_header_and_in_no_other(
    server: RawServer, provider: str, key: str, header: dict[str, str]
) -> None:
    server.says("*", status=404)
    order = Order(provider=provider, path="/x", body={})
    async with Pika(key, provider=provider, base=server.origin) as pika:
        await pika.verify()
        for call in (pika.submit(order, "k1"), pika.check(Ticket(provider=provider, id="r1"))):
            with pytest.raises(PikaError):
                await call
    assert [credentials(seen) for seen in server.seen] == [header] * 3


async def test_fals_key_goes_to_the_origin_of_uploads_and_not_to_the_upload(
    server: RawServer, other_origin: RawServer, third_origin: RawServer
) -> None:
    place = {
        "upload_url": f"{other_origin.origin}/put?sig=1",
        "file_url": f"{other_origin.origin}/f",
    }
    third_origin.says("/storage/upload/initiate", place)
    other_origin.says("/put")
    async with Pika(
        KEY, provider="fal", base=server.origin, upload_base=third_origin.origin
    ) as pika:
        order = await pika.prepare(Shot(picture=PICTURE))
    assert order.body["image_url"] == f"{other_origin.origin}/f"
    (initiate,) = third_origin.seen
    assert credentials(initiate) == {"Authorization": f"Key {KEY}"}
    assert initiate.target == "/storage/upload/initiate?storage_type=fal-cdn-v3"
    (put,) = other_origin.seen
    assert (put.method, put.body, put.headers["Content-Type"]) == (
        *("PUT", PICTURE.data, "image/jpeg"),
    )
    assert not credentials(put)
    assert not server.seen


def told(base: str) -> dict[str, Any]:
    return {
        "request_id": "r1",
        "status": "IN_QUEUE",
        "status_url": f"{base}/s?token=a%2Fb",
        "response_url": f"{base}/r",
        "cancel_url": f"{base}/c",
    }


async def followed(pika: Pika, ticket: Ticket) -> None:
    """Use every address of a ticket."""
    assert isinstance(await pika.check(ticket), Done)
    assert await pika.cancel(ticket) is Cancellation.REQUESTED


@pytest.mark.parametrize("provider", ["fal", "comfy"])
async def test_told_addresses_at_home_are_used_to_the_letter(
    server: RawServer, provider: str
) -> None:
    server.says("*", told(server.origin), status=201)
    server.says("/s", {"status": "COMPLETED"})
    server.says("/r", {"video": {"url": "https://a/b"}})
    async with Pika(KEY, provider=provider, base=server.origin) as pika:
        ticket = await pika.submit(await pika.prepare(Shot(picture=URL)), "k1")
        await followed(pika, Ticket.model_validate_json(ticket.model_dump_json()))
    assert [seen.target for seen in server.seen[1:]] == ["/s?token=a%2Fb", "/r", "/c"]


@pytest.mark.parametrize(
    "addresses",
    [
        lambda own, foreign: told(foreign),  # noqa: ARG005 - one shape for all
        lambda own, foreign: told(own.replace("//", f"//{foreign[7:]}@")),
        lambda own, foreign: told(f"{own}@{foreign[7:]}"),
        lambda own, foreign: told(f"//{foreign[7:]}") | {"junk": own},
        lambda own, foreign: told(f"{own} \r\nX: {foreign}"),
        lambda own, foreign: told(f"{own}/ü\ud800{foreign}"),
        lambda own, foreign: told("http://[") | {"junk": (own, foreign)},
        lambda own, foreign: told(own.replace("http", "ftp")) | {"junk": foreign},
        lambda own, foreign: {"request_id": "r1", "status_url": 7, "junk": (own, foreign)},
    ],
    ids=["foreign", "credentials", "as user", "no scheme", "lines", "odd", "none", "ftp", "absent"],
)
@pytest.mark.parametrize(
    ("provider", "work", "documented"),
    [
        ("fal", Shot(picture=URL), FAL_JOB),
        ("comfy", Shot(picture=URL), f"{COMFY_SHOT}/r1"),
        ("comfy", TextShot(prompt="waves"), f"{COMFY_TEXT}/r1"),
    ],
    ids=["fal", "comfy", "comfy words"],
)
async def test_other_addresses_are_replaced_by_the_documented_ones(
    server: RawServer,
    other_origin: RawServer,
    provider: str,
    work: Any,
    documented: str,
    addresses: Any,
) -> None:
    other_origin.says("*", {"status": "COMPLETED", "video": {"url": "https://evil/b"}})
    server.says("*", addresses(server.origin, other_origin.origin), status=201)
    server.says(f"{documented}/status", {"status": "COMPLETED"})
    server.says(documented, {"output": {"video": {"url": "https://a/b"}}})
    server.says(f"{documented}/cancel", {"status": "CANCELLATION_REQUESTED"}, status=202)
    async with Pika(KEY, provider=provider, base=server.origin) as pika:
        ticket = await pika.submit(await pika.prepare(work), "k1")
        await followed(pika, Ticket.model_validate_json(ticket.model_dump_json()))
    assert not other_origin.seen
    targets = [(seen.method, seen.target) for seen in server.seen[1:]]
    assert targets == [
        ("GET", f"{documented}/status"),
        ("GET", documented),
        ("PUT", f"{documented}/cancel"),
    ]


@pytest.mark.parametrize(("provider", "job"), [("fal", FAL_JOB), ("comfy", f"{COMFY_SHOT}/r1")])
async def test_a_stored_ticket_cannot_send_the_key_elsewhere(
    server: RawServer, other_origin: RawServer, provider: str, job: str
) -> None:
    server.says(f"{job}/status", {"status": "IN_QUEUE"})
    urls = {"status": f"{other_origin.origin}/s", "result": f"{other_origin.origin}/r"}
    async with Pika(KEY, provider=provider, base=server.origin) as pika:
        status = await pika.check(Ticket(provider=provider, id="r1", urls=urls))
    assert isinstance(status, Pending)
    assert not other_origin.seen


@pytest.mark.parametrize("provider", ["pika", "fal", "comfy", "comfy-proxy"])
async def test_no_redirect_of_a_call_is_followed(
    server: RawServer, other_origin: RawServer, provider: str
) -> None:
    server.redirects("*", f"{other_origin.origin}/x", 307)
    order = Order(provider=provider, path="/x", body={})
    async with Pika(KEY, provider=provider, base=server.origin) as pika:
        ticket = Ticket(provider=provider, id="r1")
        for call in (pika.verify(), pika.submit(order, "k1"), pika.check(ticket)):
            with pytest.raises(PikaError):
                await call
    assert not other_origin.seen
    assert len(server.seen) == 3


@pytest.mark.parametrize("provider", ["pika", "fal", "comfy", "comfy-proxy"])
async def test_a_video_at_home_is_fetched_with_the_key_and_its_redirect_without(
    server: RawServer, other_origin: RawServer, tmp_path: Path, provider: str
) -> None:
    server.redirects("/v", f"{other_origin.origin}/w")
    other_origin.says("/w", b"video")
    async with Pika(KEY, provider=provider, base=server.origin) as pika:
        ticket = Ticket(provider=provider, id="r1")
        await pika.download(ticket, Done(f"{server.origin}/v"), tmp_path / "clip.mp4")
        assert credentials(server.seen[0])
        foreign = f"http://user:word@{server.origin[7:]}/v"
        await pika.download(ticket, Done(foreign), tmp_path / "clip.mp4")
    assert KEY not in str(server.seen[1])


@pytest.mark.parametrize(
    "place",
    [
        {},
        {"upload_url": "https://a/b", "file_url": ""},
        {"upload_url": "https://a/b", "file_url": "ftp://a/b"},
        {"upload_url": "https://a/b", "file_url": None},
        {"upload_url": "file:///etc/passwd", "file_url": "https://a/b"},
    ],
    ids=repr,
)
async def test_an_upload_without_usable_addresses_is_not_ordered(
    server: RawServer, place: dict[str, Any]
) -> None:
    server.says("*", place)
    async with Pika(KEY, provider="fal", base=server.origin, upload_base=server.origin) as pika:
        with pytest.raises(UnexpectedReplyError):
            await pika.prepare(Shot(picture=PICTURE))
    assert len(server.seen) == 1


@pytest.mark.parametrize("wire", ["pika", "fal", "comfy", "comfy-proxy"])
@pytest.mark.parametrize("is_json", [True, False])
async def test_a_key_that_an_answer_repeats_is_in_no_error(
    server: RawServer, wire: str, *, is_json: bool
) -> None:
    """What an error carries is logged."""
    key = "comfyui-0123456789abcdef"
    told = {"detail": f"no such key: {key}", "error": {"message": key}}
    server.says("*", told if is_json else key, status=400)
    async with Pika(key, provider=wire, base=server.origin) as pika:
        with pytest.raises(PikaError) as caught:
            await pika.submit(Order(provider=wire, path="/x", body={}), "k1")
    assert key not in f"{caught.value} {caught.value!r} {vars(caught.value)}"
