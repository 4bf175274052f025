"""The plumbing of every wire: each request is counted, recorded and disturbed on request."""

import asyncio
import uuid
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from playground.faults import Exchange, Faults, Handler, with_faults, with_record

EXCHANGES_KEPT: Final = 20_000
"""How many exchanges a stand-in remembers; the oldest go first."""


@dataclass(frozen=True, slots=True)
class Route:
    """One operation of a wire; `path` in aiohttp's syntax."""

    method: str
    path: str
    operation: str
    handler: Handler


class ApplicationBuilder:
    """Turns routes into applications; counts into `requests` by operation.

    Each answer without an `id_header` is given one.
    """

    def __init__(self, requests: Counter[str], id_header: str) -> None:
        self._id_header = id_header
        self.faults = Faults()
        self.exchanges: deque[Exchange] = deque(maxlen=EXCHANGES_KEPT)
        self._requests = requests
        self._request_ended = asyncio.Event()

    def application(self, routes: Iterable[Route], max_body_bytes: int) -> web.Application:
        """An application of these routes; any larger body is answered with 413."""
        app = web.Application(client_max_size=max_body_bytes)
        app.on_response_prepare.append(self._sign)
        for route in routes:
            app.router.add_route(route.method, route.path, self._observed(route))
        return app

    async def wait_requests(self, operation: str, times: int = 1) -> None:
        """Return once so many requests of this operation have ended, answered or not."""
        while self._requests[operation] < times:
            self._request_ended.clear()
            await self._request_ended.wait()

    async def _sign(self, _request: web.Request, response: web.StreamResponse) -> None:
        response.headers.setdefault(self._id_header, str(uuid.uuid4()))

    def _observed(self, route: Route) -> Handler:
        async def disturbed(request: web.Request) -> web.StreamResponse:
            return await with_faults(self.faults, route.operation, request, route.handler)

        async def observed(request: web.Request) -> web.StreamResponse:
            try:
                return await with_record(self.exchanges, route.operation, request, disturbed)
            finally:
                self._requests[route.operation] += 1
                self._request_ended.set()

        return observed
