"""Where the client goes when it is sent elsewhere, and that its key stays at home."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest
from pydantic import SecretStr
from yarl import URL

from pika import Done, DownloadError, Order, Pika, PikaError, Ticket, UnexpectedReplyError
from pika.transport import Transport
from tests.pika.raw_server import JOB, SUBMIT, UPLOADS, RawServer
from tests.pika.samples import KEY, names_in, shot

if TYPE_CHECKING:
    from pathlib import Path

TICKET = Ticket(provider="pika", id="media_1")
AWAY = [
    "ftp://127.0.0.1/v.mp4",
    "file:///etc/passwd",
    "data:video/mp4;base64,AA==",
    "javascript:alert(1)",
    "http://[::1",
    "http://h:99999/",
]


async def fetch(client: Pika, url: str, folder: Path) -> bytes:
    clip = await client.download(TICKET, Done(url), folder / "clip.mp4")
    return clip.path.read_bytes()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_the_key_goes_along_to_its_origin_and_no_further(
    client: Pika, server: RawServer, other_origin: RawServer, tmp_path: Path, status: int
) -> None:
    server.redirects("/v1/files/1", f"{other_origin.origin}/v.mp4?sig=1", status)
    other_origin.says("/v.mp4", b"video")
    assert await fetch(client, f"{server.origin}/v1/files/1", tmp_path) == b"video"
    assert [seen.headers["X-API-Key"] for seen in server.seen] == [KEY]
    (there,) = other_origin.seen
    assert (there.method, there.target) == ("GET", "/v.mp4?sig=1")
    assert "X-API-Key" not in there.headers


async def test_an_address_elsewhere_never_sees_the_key(
    client: Pika, other_origin: RawServer, tmp_path: Path
) -> None:
    other_origin.redirects("/a", "/b")
    other_origin.says("/b", b"video")
    assert await fetch(client, f"{other_origin.origin}/a", tmp_path) == b"video"
    assert all("X-API-Key" not in seen.headers for seen in other_origin.seen)


async def test_a_way_there_and_back_shows_the_key_at_home_alone(
    client: Pika, server: RawServer, other_origin: RawServer, tmp_path: Path
) -> None:
    server.redirects("/a", f"{other_origin.origin}/b")
    other_origin.redirects("/b", f"{server.origin}/c")
    server.says("/c", b"video")
    assert await fetch(client, f"{server.origin}/a", tmp_path) == b"video"
    assert [seen.headers.get("X-API-Key") for seen in server.seen] == [KEY, KEY]
    assert [seen.headers.get("X-API-Key") for seen in other_origin.seen] == [None]


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/b?x=1", "/b?x=1"),
        ("b", "/v1/b"),
        ("../b", "/b"),
        ("?x=1", "/v1/a?x=1"),
    ],
)
async def test_a_relative_redirect_is_joined(
    client: Pika, server: RawServer, tmp_path: Path, location: str, target: str
) -> None:
    here = server.origin

    async def answer(request: aiohttp.web.Request) -> aiohttp.web.Response:
        if request.raw_path == target:
            return aiohttp.web.Response(body=b"video")
        return aiohttp.web.Response(status=302, headers={"Location": location})

    server.on("*", answer)
    assert await fetch(client, f"{here}/v1/a", tmp_path) == b"video"
    assert [seen.target for seen in server.seen] == ["/v1/a", target]


async def test_a_loop_ends_after_six_requests(
    client: Pika, server: RawServer, tmp_path: Path
) -> None:
    server.redirects("/a", "/b")
    server.redirects("/b", "/a")
    with pytest.raises(DownloadError):
        await fetch(client, f"{server.origin}/a", tmp_path)
    assert len(server.seen) == 6
    assert not names_in(tmp_path)


async def test_five_redirects_are_followed(client: Pika, server: RawServer, tmp_path: Path) -> None:
    for step in range(5):
        server.redirects(f"/{step}", f"/{step + 1}")
    server.says("/5", b"video")
    assert await fetch(client, f"{server.origin}/0", tmp_path) == b"video"


async def test_a_redirect_to_nowhere_ends(client: Pika, server: RawServer, tmp_path: Path) -> None:
    server.says("/a", status=302)
    with pytest.raises(DownloadError):
        await fetch(client, f"{server.origin}/a", tmp_path)
    assert not names_in(tmp_path)


@pytest.mark.parametrize("away", AWAY)
async def test_a_redirect_out_of_http_is_refused(
    client: Pika, server: RawServer, tmp_path: Path, away: str
) -> None:
    server.redirects("/a", away)
    with pytest.raises(UnexpectedReplyError):
        await fetch(client, f"{server.origin}/a", tmp_path)
    assert len(server.seen) == 1
    assert not names_in(tmp_path)


@pytest.mark.parametrize("away", ["", "http://", "/v.mp4", "//127.0.0.1/v.mp4", *AWAY])
async def test_an_address_out_of_http_is_refused(
    client: Pika, server: RawServer, tmp_path: Path, away: str
) -> None:
    with pytest.raises(UnexpectedReplyError):
        await fetch(client, away, tmp_path)
    assert not server.seen
    assert not names_in(tmp_path)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_call_of_the_api_follows_a_redirect(
    client: Pika, server: RawServer, other_origin: RawServer, status: int
) -> None:
    for path in (UPLOADS, SUBMIT, JOB):
        server.redirects(path, f"{other_origin.origin}{path}", status)
    with pytest.raises(PikaError):
        await client.prepare(shot())
    with pytest.raises(PikaError):
        await client.submit(Order(provider="pika", path=SUBMIT, body={}), "k1")
    with pytest.raises(PikaError):
        await client.check(TICKET)
    assert len(server.seen) == 3
    assert not other_origin.seen


@pytest.mark.parametrize(
    "lookalike",
    [
        "https://pika.example@evil.example/v",
        "https://pika.example.evil.example/v",
        "https://pika.example:8443/v",
        "https://user@evil.example/pika.example",
        "https://evil.example\\@pika.example/v",
    ],
)
async def test_an_origin_that_only_looks_like_home_is_not_home(lookalike: str) -> None:
    async with aiohttp.ClientSession() as session:
        transport = Transport(session, "https://pika.example", {"X-API-Key": SecretStr(KEY)})
        try:
            target = transport._checked_url(lookalike)
        except UnexpectedReplyError:
            return
        assert target.origin() != transport._origin


async def test_https_is_never_left_for_http(other_origin: RawServer, tmp_path: Path) -> None:
    plain, secure = f"{other_origin.origin}/v", "https://cdn.example/a"
    async with aiohttp.ClientSession() as session:
        transport = Transport(session, "https://pika.example", {"X-API-Key": SecretStr(KEY)})
        with pytest.raises(UnexpectedReplyError):
            await transport.put(plain, b"bytes", {})
        with pytest.raises(UnexpectedReplyError):
            await transport.download(plain, tmp_path / "v.mp4", 100)
        with pytest.raises(UnexpectedReplyError):
            transport._checked_url(plain, relative_to=URL(secure))
        assert str(transport._checked_url(secure)) == secure
        assert str(transport._checked_url("/b", relative_to=URL(secure))) == "https://cdn.example/b"
    assert not other_origin.seen
    assert not names_in(tmp_path)
