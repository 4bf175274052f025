"""The stand-in Pika as a whole: two origins on loopback, their jobs, knobs and counters."""

import secrets
import socket
import tempfile
from collections import deque
from collections.abc import Iterable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final, Self

from aiohttp import web

from playground.faults import Exchange, Faults
from playground.pika.behaviour import Behaviour
from playground.pika.cdn import Cdn
from playground.pika.counters import Counters
from playground.pika.files import MAX_UPLOAD_BYTES, Files
from playground.pika.jobs import Job, Jobs
from playground.pika.own_api import OwnApi, Site
from playground.pika.studio import Studio
from playground.pika.wire import Route, Wire

_MAX_JSON_BYTES: Final = 1_000_000
# A request that hangs on purpose must not hold up the end; aiohttp takes 0 for no limit.
_SHUTDOWN_SECONDS: Final = 0.1


class PikaStandIn:
    """`async with PikaStandIn() as pika:` serves Pika's own API until the block ends.

    `origin` and `cdn_origin` are like "http://127.0.0.1:1234"; `key` is made anew for each
    instance; `behaviour` and `faults` may be changed at any time; `exchanges` remembers what
    passed. Everything stored lies in a temporary directory and goes with the block.
    """

    origin: str
    cdn_origin: str
    _jobs: Jobs

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.key = f"pk_standin_{secrets.token_hex(16)}"
        self._behaviour = Behaviour()
        self._address = (host, port)
        self._counters = Counters()
        self._wire = Wire(self._counters.requests)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await self._open(stack)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._stack.aclose()

    @property
    def behaviour(self) -> Behaviour:
        """The knobs, to be turned in place."""
        return self._behaviour

    @property
    def faults(self) -> Faults:
        """What goes wrong next; the operations are `pika.upload`, `pika.put` and so on."""
        return self._wire.faults

    @property
    def exchanges(self) -> deque[Exchange]:
        """What passed on both origins, in order of ending."""
        return self._wire.exchanges

    @property
    def jobs(self) -> dict[str, Job]:
        """All jobs by id, oldest first, also refused and erased ones."""
        return self._jobs.by_id

    @property
    def counters(self) -> Counters:
        """The counters as of now."""
        return self._jobs.counters

    @property
    def paid_submits(self) -> int:
        """How many new jobs were accepted: what a client that pays twice gives away."""
        return self._counters.paid_submits

    @property
    def balance_micro_usd(self) -> int | None:
        """The prepaid balance, less what was charged since it was set; None has no end."""
        return self._jobs.balance_micro_usd

    @balance_micro_usd.setter
    def balance_micro_usd(self, amount: int | None) -> None:
        self._jobs.balance_micro_usd = amount

    async def wait_requests(self, operation: str, times: int = 1) -> None:
        """Return once so many requests of this operation have ended, answered or not."""
        await self._wire.wait_requests(operation, times)

    async def _open(self, stack: AsyncExitStack) -> None:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pika-")))
        studio = Studio()
        stack.push_async_callback(studio.close)
        files = Files(directory)
        self._jobs = Jobs(self._behaviour, self._counters, files, studio)
        api_socket = stack.enter_context(socket.create_server(self._address))
        cdn_socket = stack.enter_context(socket.create_server((self._address[0], 0)))
        self.origin, self.cdn_origin = _url(api_socket), _url(cdn_socket)
        site = Site(self.origin, self.cdn_origin, self.key)
        api = OwnApi(site, self._behaviour, files, self._jobs)
        cdn = Cdn(self._behaviour, files, self._jobs)
        await self._serve(stack, api_socket, api.routes(), _MAX_JSON_BYTES)
        await self._serve(stack, cdn_socket, cdn.routes(), MAX_UPLOAD_BYTES)

    async def _serve(
        self,
        stack: AsyncExitStack,
        listening: socket.socket,
        routes: Iterable[Route],
        max_body_bytes: int,
    ) -> None:
        application = self._wire.application(routes, max_body_bytes)
        runner = web.AppRunner(application, shutdown_timeout=_SHUTDOWN_SECONDS)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.SockSite(runner, listening).start()


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://{host}:{port}"
