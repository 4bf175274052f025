"""The form of the Pika 2.2 contract, read from the raw bytes that leave on `comfy-proxy`."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest

from pika import (
    MAX_SEED,
    Done,
    Pending,
    Picture,
    Pika,
    Shot,
    TextShot,
    Ticket,
)
from tests.pika.raw_server import form_parts
from tests.pika.samples import KEY
from tests.pika.wires import PICTURE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pika import Work
    from tests.pika.raw_server import RawServer, Seen

GENERATE = "/proxy/pika/generate"
PNG = Picture(data=random.Random(1).randbytes(3_000), media_type="image/png")
WEBP = Picture(data=b"\r\n--boundary--\r\n" * 9, media_type="image/webp")


@pytest.fixture
async def proxy(server: RawServer) -> AsyncIterator[Pika]:
    async with Pika(KEY, provider="comfy-proxy", base=server.origin) as proxy:
        yield proxy


async def sent(proxy: Pika, server: RawServer, work: Work, path: str) -> Seen:
    server.says(f"{GENERATE}{path}", {"video_id": "v1"})
    ticket = await proxy.submit(await proxy.prepare(work), "k1")
    assert ticket == Ticket(provider="comfy-proxy", id="v1")
    (seen,) = server.got(f"{GENERATE}{path}")
    assert seen.method == "POST"
    assert seen.target == f"{GENERATE}{path}"
    assert seen.headers["Idempotency-Key"] == "k1"
    assert int(seen.headers["Content-Length"]) == len(seen.body)
    return seen


async def form_of(
    proxy: Pika, server: RawServer, work: Work, path: str
) -> tuple[dict[str, str], list[tuple[str, str | None, str, bytes]]]:
    found = form_parts(await sent(proxy, server, work, path))
    texts = {name: content.decode() for name, filename, _, content in found if filename is None}
    files = [part for part in found if part[1] is not None]
    assert len(texts) + len(files) == len(found), "a field was sent twice"
    assert all(kind == "text/plain" for _, filename, kind, _ in found if filename is None)
    return texts, files


async def test_a_bare_shot_sends_the_nodes_defaults_explicitly(
    proxy: Pika, server: RawServer
) -> None:
    texts, files = await form_of(proxy, server, Shot(picture=PICTURE), "/2.2/i2v")
    assert texts == {
        "promptText": "",
        "negativePrompt": "",
        "resolution": "1080p",
        "duration": "5",
    }
    assert files == [("image", "image.jpeg", "image/jpeg", PICTURE.data)]


@pytest.mark.parametrize("seed", [0, 1, 2**31, MAX_SEED])
async def test_a_full_shot_sends_every_field_as_it_is(
    proxy: Pika, server: RawServer, seed: int
) -> None:
    words = 'Wellen "ü" 🌊\r\n--x\tend'
    shot = Shot(
        picture=PNG,
        prompt=words,
        negative_prompt="blur; name=x",
        seed=seed,
        resolution="720p",
        duration=10,
    )
    texts, files = await form_of(proxy, server, shot, "/2.2/i2v")
    assert texts == {
        "promptText": words,
        "negativePrompt": "blur; name=x",
        "seed": str(seed),
        "resolution": "720p",
        "duration": "10",
    }
    assert files == [("image", "image.png", "image/png", PNG.data)]


async def test_a_picture_with_the_bytes_of_a_form_arrives_whole(
    proxy: Pika, server: RawServer
) -> None:
    _, files = await form_of(proxy, server, Shot(picture=WEBP), "/2.2/i2v")
    assert files == [("image", "image.webp", "image/webp", WEBP.data)]


async def test_words_alone_are_urlencoded(proxy: Pika, server: RawServer) -> None:
    work = TextShot(prompt="a & b=ü 🌊", seed=0, resolution="720p", duration=10, aspect=0.4)
    seen = await sent(proxy, server, work, "/2.2/t2v")
    assert seen.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs(seen.body.decode(), keep_blank_values=True, strict_parsing=True) == {
        "promptText": ["a & b=ü 🌊"],
        "negativePrompt": [""],
        "seed": ["0"],
        "resolution": ["720p"],
        "duration": ["10"],
        "aspectRatio": ["0.4"],
    }


async def test_the_video_id_is_polled_until_there_is_a_url(proxy: Pika, server: RawServer) -> None:
    ticket = Ticket(provider="comfy-proxy", id="v 1/2?")
    path = "/proxy/pika/videos/v 1/2?"
    for answer, status in [
        ({"id": "v", "status": "queued"}, Pending(started=False)),
        ({"id": "v", "status": "started", "progress": 40}, Pending(started=True)),
        ({"id": "v", "status": "rendering"}, Pending(started=True)),
        ({"id": "v", "status": "finished", "url": "https://a/b.mp4"}, Done("https://a/b.mp4")),
    ]:
        server.says(path, answer)
        assert await proxy.check(ticket) == status
    assert {seen.target for seen in server.seen} == {"/proxy/pika/videos/v%201%2F2%3F"}
    assert {seen.method for seen in server.seen} == {"GET"}


@pytest.mark.parametrize(
    ("told", "micro_usd"),
    [
        ("211", 1_000_000),
        ("94.95", 450_000),
        ("0", None),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("1e300", None),
        ("a lot", None),
        ("", None),
    ],
)
async def test_credits_become_micro_usd(
    proxy: Pika, server: RawServer, told: str, micro_usd: int | None
) -> None:
    finished = {"id": "v", "status": "finished", "url": "https://a/b.mp4"}
    server.says("*", finished, headers={"X-Comfy-Credits-Used": told})
    ticket = Ticket(provider="comfy-proxy", id="v1")
    assert await proxy.check(ticket) == Done("https://a/b.mp4", micro_usd)
    known = ticket.model_copy(update={"charge_micro_usd": 7})
    assert await proxy.check(known) == Done("https://a/b.mp4", micro_usd or 7)


async def test_credits_that_are_told_on_acceptance_are_kept_in_the_ticket(
    proxy: Pika, server: RawServer
) -> None:
    server.says("*", {"video_id": "v1"}, headers={"X-Comfy-Credits-Used": "42.2"})
    ticket = await proxy.submit(await proxy.prepare(Shot(picture=PICTURE)), "k1")
    assert ticket.charge_micro_usd == 200_000
