"""The video on disk: whole and in place, or not there at all."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web

from pika import Done, DownloadError, Pika, Ticket, VideoTooLargeError, transport
from playground.faults import Fault
from tests.pika.raw_server import hang, unused_origin
from tests.pika.samples import names_in, shot

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from playground.pika import PikaStandIn
    from tests.pika.raw_server import RawServer

TICKET = Ticket(provider="pika", id="media_1")
VIDEO = bytes(range(256)) * 4096


async def fetch(
    client: Pika, server: RawServer, folder: Path, *, max_bytes: int = 10_000_000
) -> int:
    done = Done(f"{server.origin}/v.mp4", 5)
    clip = await client.download(TICKET, done, folder / "clip.mp4", max_bytes=max_bytes)
    assert (clip.path, clip.charge_micro_usd) == (folder / "clip.mp4", 5)
    return clip.size


async def chunked(request: web.Request) -> web.StreamResponse:
    """The video without telling its length beforehand."""
    response = web.StreamResponse()
    response.enable_chunked_encoding()
    await response.prepare(request)
    for start in range(0, len(VIDEO), 100_000):
        await response.write(VIDEO[start : start + 100_000])
    return response


async def zipped(request: web.Request) -> web.StreamResponse:
    """Ten million zeros in ten thousand bytes."""
    response = web.Response(body=bytes(10_000_000))
    response.enable_compression(web.ContentCoding.gzip)
    await response.prepare(request)
    return response


async def half(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    response.content_length = len(VIDEO)
    await response.prepare(request)
    await response.write(VIDEO[: len(VIDEO) // 2])
    assert request.transport is not None
    request.transport.close()
    return response


async def half_in_chunks(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    response.enable_chunked_encoding()
    await response.prepare(request)
    await response.write(VIDEO[:1000])
    assert request.transport is not None
    request.transport.close()
    return response


async def stalled(request: web.Request) -> None:
    response = web.StreamResponse()
    response.content_length = len(VIDEO)
    await response.prepare(request)
    await response.write(VIDEO[:1000])
    await hang(request)


async def trickling(request: web.Request) -> web.StreamResponse:
    """The whole video, a little at a time: never silent, and too slow all the same."""
    response = web.StreamResponse()
    response.content_length = len(VIDEO)
    await response.prepare(request)
    for start in range(0, len(VIDEO), len(VIDEO) // 64):
        await response.write(VIDEO[start : start + len(VIDEO) // 64])
        await asyncio.sleep(0.03)
    return response


async def giant(request: web.Request) -> None:
    """Ten gigabytes, announced and never sent."""
    response = web.StreamResponse()
    response.content_length = 10**10
    await response.prepare(request)
    await hang(request)


async def test_a_video_arrives_byte_for_byte(
    client: Pika, server: RawServer, tmp_path: Path
) -> None:
    server.says("/v.mp4", VIDEO)
    assert await fetch(client, server, tmp_path) == len(VIDEO)
    assert (tmp_path / "clip.mp4").read_bytes() == VIDEO
    assert names_in(tmp_path) == ["clip.mp4"]


async def test_a_length_need_not_be_told(client: Pika, server: RawServer, tmp_path: Path) -> None:
    server.on("/v.mp4", chunked)
    assert await fetch(client, server, tmp_path) == len(VIDEO)
    assert (tmp_path / "clip.mp4").read_bytes() == VIDEO


async def test_a_video_replaces_an_older_one(
    client: Pika, server: RawServer, tmp_path: Path
) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"older")
    (tmp_path / "clip.mp4.part").write_bytes(b"left by a crash" * 1_000_000)
    server.says("/v.mp4", VIDEO)
    assert await fetch(client, server, tmp_path) == len(VIDEO)
    assert (tmp_path / "clip.mp4").read_bytes() == VIDEO
    assert names_in(tmp_path) == ["clip.mp4"]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("answer", [half, half_in_chunks, stalled, hang])
async def test_a_video_cut_short_leaves_nothing_and_the_older_one_in_place(
    client: Pika,
    server: RawServer,
    tmp_path: Path,
    answer: Callable[[web.Request], Awaitable[web.StreamResponse | None]],
) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"older")
    server.on("/v.mp4", answer)
    with pytest.raises(DownloadError) as caught:
        await fetch(client, server, tmp_path)
    assert caught.value.retryable
    assert names_in(tmp_path) == ["clip.mp4"]
    assert (tmp_path / "clip.mp4").read_bytes() == b"older"


async def test_a_video_that_trickles_is_given_up_at_the_total_time(
    client: Pika, server: RawServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = transport.TRANSFER_TIMEOUT
    assert real.total is not None
    brief = aiohttp.ClientTimeout(total=real.total / 1000, sock_read=real.sock_read)
    monkeypatch.setattr(transport, "TRANSFER_TIMEOUT", brief)
    server.on("/v.mp4", trickling)
    with pytest.raises(DownloadError) as caught:
        await fetch(client, server, tmp_path)
    assert isinstance(caught.value.__cause__, TimeoutError)
    assert not names_in(tmp_path)


@pytest.mark.parametrize("status", [204, 206, 401, 403, 404, 410, 416, 429, 500, 503])
async def test_any_answer_but_a_whole_body_is_none(
    client: Pika, server: RawServer, tmp_path: Path, status: int
) -> None:
    server.says("/v.mp4", b"" if status == 204 else b"<Error/>", status=status)
    with pytest.raises(DownloadError) as caught:
        await fetch(client, server, tmp_path)
    assert caught.value.http_status == status
    assert not names_in(tmp_path)


async def test_a_host_that_is_not_there_is_worth_another_try(client: Pika, tmp_path: Path) -> None:
    with pytest.raises(DownloadError):
        await client.download(TICKET, Done(f"{unused_origin()}/v.mp4"), tmp_path / "clip.mp4")
    assert not names_in(tmp_path)


@pytest.mark.parametrize("over", [0, 1])
async def test_the_cap_is_exact_where_the_length_is_told(
    client: Pika, server: RawServer, tmp_path: Path, over: int
) -> None:
    server.says("/v.mp4", VIDEO)
    cap = len(VIDEO) - over
    if not over:
        assert await fetch(client, server, tmp_path, max_bytes=cap) == cap
        return
    with pytest.raises(VideoTooLargeError) as caught:
        await fetch(client, server, tmp_path, max_bytes=cap)
    assert not caught.value.retryable
    assert not names_in(tmp_path)


@pytest.mark.parametrize("over", [0, 1])
async def test_the_cap_is_exact_where_the_length_is_not_told(
    client: Pika, server: RawServer, tmp_path: Path, over: int
) -> None:
    server.on("/v.mp4", chunked)
    cap = len(VIDEO) - over
    if not over:
        assert await fetch(client, server, tmp_path, max_bytes=cap) == cap
        return
    with pytest.raises(VideoTooLargeError):
        await fetch(client, server, tmp_path, max_bytes=cap)
    assert not names_in(tmp_path)


async def test_a_length_over_the_cap_is_not_waited_for(
    client: Pika, server: RawServer, tmp_path: Path
) -> None:
    server.on("/v.mp4", giant)
    with pytest.raises(VideoTooLargeError):
        await fetch(client, server, tmp_path)
    assert not names_in(tmp_path)


async def test_the_cap_counts_what_comes_out_of_a_compressed_body(
    client: Pika, server: RawServer, tmp_path: Path
) -> None:
    server.on("/v.mp4", zipped)
    with pytest.raises(VideoTooLargeError):
        await fetch(client, server, tmp_path, max_bytes=1_000_000)
    assert not names_in(tmp_path)


async def test_an_endless_video_of_the_stand_in_stops_at_the_cap(
    pika: Pika, stand_in: PikaStandIn, tmp_path: Path
) -> None:
    stand_in.behaviour.result = "huge"
    ticket = await pika.submit(await pika.prepare(shot()), "k1")
    await stand_in.jobs[ticket.id].made()
    done = await pika.check(ticket)
    assert isinstance(done, Done)
    with pytest.raises(VideoTooLargeError):
        await pika.download(ticket, done, tmp_path / "clip.mp4", max_bytes=3_000_000)
    assert not names_in(tmp_path)


async def test_half_a_video_of_the_stand_in_can_be_fetched_again(
    pika: Pika, stand_in: PikaStandIn, tmp_path: Path
) -> None:
    ticket = await pika.submit(await pika.prepare(shot()), "k1")
    await stand_in.jobs[ticket.id].made()
    done = await pika.check(ticket)
    assert isinstance(done, Done)
    stand_in.faults.add(Fault("pika.download", "half_body"))
    with pytest.raises(DownloadError):
        await pika.download(ticket, done, tmp_path / "clip.mp4")
    assert not names_in(tmp_path)
    clip = await pika.download(ticket, done, tmp_path / "clip.mp4")
    assert clip.size == (tmp_path / "clip.mp4").stat().st_size > 0


async def test_a_folder_that_is_not_there_is_the_callers_error(
    client: Pika, server: RawServer, tmp_path: Path
) -> None:
    server.says("/v.mp4", VIDEO)
    with pytest.raises(FileNotFoundError):
        await fetch(client, server, tmp_path / "none")
