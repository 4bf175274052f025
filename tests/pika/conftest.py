from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest

from pika import Pika, transport
from playground.pika import PikaStandIn
from tests.pika.fake_clock import FakeClock
from tests.pika.raw_server import RawServer, raw_server
from tests.pika.samples import KEY
from tests.pika.wire_job import WireJob
from tests.pika.wires import WIRES, WiredClient, open_wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the transport repeat safe calls at once."""
    monkeypatch.setattr("pika.transport.SAFE_PAUSE", 0.001)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bear a server's silence for a hundredth of the time, for tests where it stays silent."""
    for name in ("CALL_TIMEOUT", "TRANSFER_TIMEOUT"):
        real: aiohttp.ClientTimeout = getattr(transport, name)
        assert real.sock_read is not None
        quick = aiohttp.ClientTimeout(total=real.total, sock_read=real.sock_read / 100)
        monkeypatch.setattr(transport, name, quick)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    clock = FakeClock()
    monkeypatch.setattr("pika.client.asyncio", clock)
    monkeypatch.setattr("pika.client.time", clock)
    return clock


@pytest.fixture
async def stand_in() -> AsyncIterator[PikaStandIn]:
    async with PikaStandIn() as stand_in:
        stand_in.behaviour.result = "canned"
        stand_in.behaviour.queue_seconds = stand_in.behaviour.render_seconds = 0
        yield stand_in


@pytest.fixture
async def pika(stand_in: PikaStandIn) -> AsyncIterator[Pika]:
    """A client of the stand-in."""
    async with Pika(stand_in.key, base=stand_in.origin) as pika:
        yield pika


@pytest.fixture
async def server() -> AsyncIterator[RawServer]:
    async with raw_server() as server:
        yield server


@pytest.fixture
async def other_origin() -> AsyncIterator[RawServer]:
    """Another origin, which must never see the key."""
    async with raw_server() as other_origin:
        yield other_origin
        assert all(KEY not in str(seen) for seen in other_origin.seen)


@pytest.fixture
async def third_origin() -> AsyncIterator[RawServer]:
    """One more origin."""
    async with raw_server() as third_origin:
        yield third_origin


@pytest.fixture
async def client(server: RawServer) -> AsyncIterator[Pika]:
    """A client of the raw server."""
    async with Pika(KEY, base=server.origin) as client:
        yield client


@pytest.fixture(params=WIRES)
async def wired(request: pytest.FixtureRequest) -> AsyncIterator[WiredClient]:
    """A client and the stand-in of its wire, for every wire."""
    async with open_wire(request.param) as wired:
        if "clock" in request.fixturenames:
            request.getfixturevalue("clock").stand_in = wired.stand_in
        yield wired


@pytest.fixture
async def wire_job(request: pytest.FixtureRequest, server: RawServer) -> AsyncIterator[WireJob]:
    """A job of the raw server on the wire that `on_wires` names."""
    base = server.origin
    async with Pika(KEY, provider=request.param, base=base, upload_base=base) as client:
        yield WireJob(client, server)
