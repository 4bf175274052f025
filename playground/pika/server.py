"""The stand-in Pika as a whole: its origins on loopback, their jobs, knobs and counters."""

import secrets
import socket
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final, Literal, NamedTuple, Protocol, Self, TypeAlias

from aiohttp import web

from playground.faults import Exchange, Faults
from playground.pika.jobs.behaviour import Behaviour
from playground.pika.jobs.counters import Counters
from playground.pika.jobs.files import MAX_VIDEO_BYTES, Files
from playground.pika.jobs.job import Job
from playground.pika.jobs.job_list import Jobs
from playground.pika.jobs.render_pool import RenderPool
from playground.pika.wires.cdn import Cdn
from playground.pika.wires.comfy_api import ComfyApi
from playground.pika.wires.fal_api import FalApi
from playground.pika.wires.own_api import OwnApi
from playground.pika.wires.proxy_api import ProxyApi
from playground.pika.wires.routes import ApplicationBuilder, Route
from playground.pika.wires.site import Site

_MAX_FORM_BYTES: Final = 150_000_000

WireName: TypeAlias = Literal["pika", "fal", "comfy", "comfy-proxy"]
"""Which way to Pika a stand-in is."""


class Api(Protocol):
    """What knows the JSON of one wire."""

    def routes(self) -> list[Route]:
        """What the API's origin answers."""


class _Kind(NamedTuple):
    api: Callable[[Site, Behaviour, Files, Jobs], Api]
    operations: str
    key_prefix: str
    id_header: str
    max_body_bytes: int = 1_000_000


_KINDS: Final[Mapping[WireName, _Kind]] = {
    "pika": _Kind(OwnApi, "pika", "pk_standin_", "X-Request-ID"),
    "fal": _Kind(FalApi, "fal", "standin:", "X-Fal-Request-Id"),
    "comfy": _Kind(ComfyApi, "comfy", "comfyui-standin", "X-Comfy-Request-Id"),
    "comfy-proxy": _Kind(ProxyApi, "proxy", "comfyui-standin", "X-Request-ID", _MAX_FORM_BYTES),
}

# A request that hangs on purpose must not hold up the end; aiohttp takes 0 for no limit.
_SHUTDOWN_SECONDS: Final = 0.1


class PikaStandIn:
    """`async with PikaStandIn(wire=…) as pika:` serves one way to Pika until the block ends.

    `origin` and `cdn_origin` are like "http://127.0.0.1:1234"; `upload_origin` is a third one on
    the wire "fal" and `origin` on the others. `key` is made anew for each instance unless one is
    given; `behaviour` and `faults` may be changed at any time; `exchanges` remembers what passed.
    The wire "comfy" takes pictures by https alone, and from the http origins in `public_origins`,
    which stand for public hosts. Everything stored lies in a temporary directory in `folder`, by
    default the system's, and goes with the block.
    """

    origin: str
    cdn_origin: str
    upload_origin: str
    _jobs: Jobs

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        wire: WireName = "pika",
        key: str | None = None,
        folder: Path | None = None,
    ) -> None:
        kind = _KINDS[wire]
        self.key = key or f"{kind.key_prefix}{secrets.token_hex(16)}"
        self.public_origins: set[str] = set()
        self.wire: WireName = wire
        self._behaviour = Behaviour()
        self._address = (host, port)
        self._folder = folder
        self._counters = Counters()
        self._builder = ApplicationBuilder(self._counters.requests, kind.id_header)
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
        """What goes wrong next; the operations are `pika.submit`, `fal.put` and so on."""
        return self._builder.faults

    @property
    def exchanges(self) -> deque[Exchange]:
        """What passed on all origins, in order of ending."""
        return self._builder.exchanges

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
        await self._builder.wait_requests(operation, times)

    async def _open(self, stack: AsyncExitStack) -> None:
        directory = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="pika-", dir=self._folder))
        )
        render_pool = RenderPool()
        stack.push_async_callback(render_pool.close)
        files = Files(directory)
        self._jobs = Jobs(self._behaviour, self._counters, files, render_pool)
        api_socket = stack.enter_context(socket.create_server(self._address))
        cdn_socket = stack.enter_context(socket.create_server((self._address[0], 0)))
        upload_socket = api_socket
        if self.wire == "fal":
            upload_socket = stack.enter_context(socket.create_server((self._address[0], 0)))
        self.origin, self.cdn_origin = _url(api_socket), _url(cdn_socket)
        self.upload_origin = _url(upload_socket)
        await self._serve_all(stack, files, (api_socket, cdn_socket, upload_socket))

    async def _serve_all(
        self, stack: AsyncExitStack, files: Files, sockets: tuple[socket.socket, ...]
    ) -> None:
        origins = (self.origin, self.cdn_origin, self.upload_origin)
        site = Site(*origins, self.key, self.public_origins)
        api_socket, cdn_socket, upload_socket = sockets
        kind = _KINDS[self.wire]
        api = kind.api(site, self._behaviour, files, self._jobs)
        cdn = Cdn(kind.operations, self._behaviour, files, self._jobs)
        await self._serve(stack, api_socket, api.routes(), kind.max_body_bytes)
        more = api.cdn_routes() if isinstance(api, FalApi) else []
        await self._serve(stack, cdn_socket, [*more, *cdn.routes()], MAX_VIDEO_BYTES)
        if isinstance(api, FalApi):
            await self._serve(stack, upload_socket, api.upload_routes(), kind.max_body_bytes)

    async def _serve(
        self,
        stack: AsyncExitStack,
        listening: socket.socket,
        routes: Iterable[Route],
        max_body_bytes: int,
    ) -> None:
        application = self._builder.application(routes, max_body_bytes)
        runner = web.AppRunner(application, shutdown_timeout=_SHUTDOWN_SECONDS)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.SockSite(runner, listening).start()


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://{host}:{port}"
