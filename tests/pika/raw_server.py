"""A server that answers whatever a test says, however wrong, and keeps every request."""

from __future__ import annotations

import asyncio
import email.parser
import email.policy
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from multidict import CIMultiDictProxy

SUBMIT: Final = "/v1/media/pika/pika-2.5/image-to-video"
UPLOADS: Final = "/v1/media/uploads"
JOB: Final = "/v1/media/jobs/media_1"
CONTENT: Final = f"{JOB}/content"


@dataclass(frozen=True)
class Seen:
    """One request as it came in; `target` is its path and query exactly as sent."""

    method: str
    target: str
    headers: CIMultiDictProxy[str]
    body: bytes


Answer = web.StreamResponse | None
"""None closes the connection instead."""


@dataclass
class RawServer:
    """Answers by path ("*" for any other) what a test says, however wrong; keeps every request."""

    origin: str
    seen: list[Seen] = field(default_factory=list)
    _answers: dict[str, Callable[[web.Request], Awaitable[Answer]]] = field(default_factory=dict)

    def on(self, path: str, answer: Callable[[web.Request], Awaitable[Answer]]) -> None:
        self._answers[path] = answer

    def says(
        self,
        path: str,
        body: object = b"",
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Answer with bytes as they are, or with anything else as JSON."""

        async def answer(_: web.Request) -> web.Response:
            if isinstance(body, bytes):
                return web.Response(status=status, headers=headers, body=body)
            return web.json_response(body, status=status, headers=headers)

        self.on(path, answer)

    def redirects(self, path: str, to: str, status: int = 302) -> None:
        self.says(path, status=status, headers={"Location": to})

    def got(self, path: str) -> list[Seen]:
        return [seen for seen in self.seen if seen.target.partition("?")[0] == path]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.seen.append(Seen(request.method, request.raw_path, request.headers, body))
        answer = self._answers.get(request.path) or self._answers.get("*")
        response = await answer(request) if answer else web.Response(status=404)
        if response is not None:
            return response
        assert request.transport is not None
        request.transport.abort()
        return web.Response()


@asynccontextmanager
async def raw_server() -> AsyncIterator[RawServer]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        host, port = listening.getsockname()
        server = RawServer(f"http://{host}:{port}")
        app = web.Application(client_max_size=30_000_000)
        app.router.add_route("*", "/{path:.*}", server.handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.SockSite(runner, listening).start()
            yield server
        finally:
            await runner.cleanup()


def unused_origin() -> str:
    """An address of this machine where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        host, port = listening.getsockname()
    return f"http://{host}:{port}"


async def hang(request: web.Request) -> None:
    """Answer nothing until the client goes away."""
    transport = request.transport
    while transport is not None and not transport.is_closing():
        await asyncio.sleep(0.01)


async def half_of_json(request: web.Request) -> web.StreamResponse:
    """Promise a job, send half of it and close."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = 40
    await response.prepare(request)
    await response.write(b'{"id":"media_1","sta')
    assert request.transport is not None
    request.transport.close()
    return response


def form_parts(seen: Seen) -> list[tuple[str, str | None, str, bytes]]:
    """Name, file name, type and bytes of each part, read by Python's own parser of messages."""
    kind = seen.headers["Content-Type"]
    assert kind.startswith("multipart/form-data; boundary=")
    parser = email.parser.BytesParser(policy=email.policy.HTTP)
    message = parser.parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + seen.body)
    found = []
    for part in message.iter_parts():
        assert part.get_content_disposition() == "form-data"
        name = str(part.get_param("name", header="Content-Disposition"))
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        found.append((name, part.get_filename(), part.get_content_type(), content))
    return found
