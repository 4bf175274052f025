"""A gateway that cannot be reached at the start, as in an outage of Discord."""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import TYPE_CHECKING

from discord.backoff import ExponentialBackoff

from bot.__main__ import run
from cogs.gateway import connection

if TYPE_CHECKING:
    import pytest

    from tests.house import House


class Tries(logging.Handler):
    """Counts how often a connection was given up, to be tried again."""

    def __init__(self, enough: int) -> None:
        super().__init__()
        self.left = enough
        self.reached = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.left -= "reconnect" in record.getMessage()
        if self.left == 0:
            self.reached.set()


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


async def test_a_gateway_that_is_not_there_yet_is_tried_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ExponentialBackoff, "delay", lambda _: 0.01)
    monkeypatch.setattr(connection, "IDENTIFY_SECONDS", 0.01)
    house.overrides["discord_gateway_url"] = f"ws://127.0.0.1:{closed_port()}/"
    tries, stop = Tries(enough=3), asyncio.Event()
    log = logging.getLogger("cogs.gateway.connection")
    log.addHandler(tries)
    running = asyncio.create_task(run(house.settings(), stop))
    enough = asyncio.create_task(tries.reached.wait())
    try:
        await asyncio.wait({running, enough}, return_when=asyncio.FIRST_COMPLETED)
        assert not running.done(), running.exception()
    finally:
        log.removeHandler(tries)
        stop.set()
        enough.cancel()
        await asyncio.gather(running, enough, return_exceptions=True)
    running.result()
