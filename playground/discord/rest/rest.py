"""The REST API's frame: routes, authentication, rate limits, faults and the record of it all."""

import json
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

from aiohttp import web

from playground.discord.rest.ratelimit import VIA, RateLimits, edge_page, limited_body
from playground.discord.rest.uploads import Body, read_body
from playground.discord.rules.errors import ApiError, not_found, unauthorized
from playground.faults import MASKED_HEADERS, Exchange, Faults, Unanswered, with_faults

PREFIX: Final = "/api/v10"
"""The one version of the API that the stand-in speaks."""

KEPT_EXCHANGES: Final = 20_000
"""Requests that are remembered with their answers, the latest ones."""

_TOKEN_IN_PATH = re.compile(r"(/(?:webhooks|interactions)/\d+/)[^/]+")
_MAJOR = ("channel_id", "guild_id", "token")


@dataclass(slots=True)
class Call:
    """One request to a route: parameters of its path, its query and its body."""

    request: web.Request
    body: Body = field(default_factory=Body)

    def id(self, name: str) -> int:
        """The id in the path under that name."""
        return int(self.request.match_info[name])

    def flag(self, name: str) -> bool:
        """Whether a query parameter says yes."""
        return self.request.query.get(name, "").lower() in {"1", "true"}


Answer = tuple[int, Any]
"""A status and JSON; None for an empty body."""


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint; `auth` says whether the bot token is needed or the path holds a token.

    Its answers tell in headers what is left of its rate limit, unless it `tells_limits` not.
    """

    method: str
    path: str
    operation: str
    handle: Callable[[Call], Awaitable[Answer]]
    auth: Literal["bot", "path"] = "bot"
    tells_limits: bool = True


class Resource(Protocol):
    """A group of endpoints."""

    def routes(self) -> list[Route]:
        """The endpoints of the group."""
        ...


class Rest:
    """Serves resources; keeps every exchange, with tokens masked."""

    def __init__(self, token: str, faults: Faults, limits: RateLimits) -> None:
        self._token = token
        self._faults = faults
        self._limits = limits
        self.upload_limit = 10 * 1024 * 1024
        self.exchanges: deque[Exchange] = deque(maxlen=KEPT_EXCHANGES)
        self.unknown_routes: list[str] = []

    def mount(self, app: web.Application, resources: list[Resource]) -> None:
        """Add the endpoints to the application, and the answer to all others."""
        for route in (route for resource in resources for route in resource.routes()):
            app.router.add_route(route.method, PREFIX + route.path, self._endpoint(route))
        unknown = Route("*", "/{rest:.*}", "discord.unknown", self._unknown, auth="path")
        app.router.add_route("*", "/api/{rest:.*}", self._endpoint(unknown))

    async def _unknown(self, call: Call) -> Answer:
        self.unknown_routes.append(f"{call.request.method} {call.request.path}")
        raise not_found()

    def _endpoint(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def endpoint(request: web.Request) -> web.StreamResponse:
            at = time.time()
            call = Call(request)

            async def perform(_: web.Request) -> web.StreamResponse:
                return await self._perform(route, call)

            call.body = await read_body(request, self.upload_limit)
            response = await with_faults(self._faults, route.operation, request, perform)
            if response.content_type == "application/json" and not response.prepared:
                # discord.py compares the whole header.
                response.headers["Content-Type"] = "application/json"
            self.exchanges.append(_exchange(route.operation, call, response, at))
            return response

        return endpoint

    async def _perform(self, route: Route, call: Call) -> web.Response:
        if (banned := self._limits.ban_left()) > 0:
            return edge_page(banned)
        major = "/".join(call.request.match_info.get(key, "") for key in _MAJOR)
        headers, wait = self._limits.spend(route.operation, major)
        if wait is not None:
            return _json(429, limited_body(wait, is_global=False), headers | VIA)
        if not route.tells_limits:
            headers = {}
        try:
            if route.auth == "bot" and not self._is_bot(call.request):
                raise unauthorized()
            if call.body.problem is not None:
                raise call.body.problem
            status, data = await route.handle(call)
        except ApiError as refusal:
            via = VIA if refusal.status == 429 else {}  # noqa: PLR2004 - too many requests
            return _json(refusal.status, refusal.body, headers | via)
        return _json(status, data, headers)

    def _is_bot(self, request: web.Request) -> bool:
        return request.headers.get("Authorization") == f"Bot {self._token}"


def _json(status: int, data: object, headers: dict[str, str]) -> web.Response:
    if data is None:
        return web.Response(status=status, headers=headers)
    body = json.dumps(data).encode()
    return web.Response(status=status, headers=headers, body=body, content_type="application/json")


def _exchange(operation: str, call: Call, response: web.StreamResponse, at: float) -> Exchange:
    request = call.request
    body = response.body if isinstance(response, web.Response) else None
    sent = body if isinstance(body, bytes) else b""
    answered = not isinstance(response, Unanswered)
    return Exchange(
        operation=operation,
        method=request.method,
        path=_TOKEN_IN_PATH.sub(r"\1***", request.path),
        query=dict(request.query),
        request_headers=_masked(request.headers),
        request_json=call.body.json,
        request_bytes=call.body.size,
        status=response.status if answered else None,
        response_headers=_masked(response.headers) if answered else {},
        response_json=json.loads(sent) if _is_json(response) and sent else None,
        response_bytes=len(sent),
        at=at,
        seconds=time.time() - at,
    )


def _is_json(response: web.StreamResponse) -> bool:
    return response.content_type == "application/json"


def _masked(headers: Any) -> dict[str, str]:  # noqa: ANN401 - aiohttp's multidicts
    return {
        name: "***" if name.lower() in MASKED_HEADERS else value for name, value in headers.items()
    }
