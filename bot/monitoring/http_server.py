"""A server of a few pages, over HTTP. It reads the first line of a request and nothing else.

aiohttp's own server would take an idle bot one to two megabytes more.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

    from bot.monitoring.address import Address

log = logging.getLogger(__name__)

_SECONDS: Final = 20.0
"""For one request and its answer."""
_MOST_BYTES: Final = 8192
"""Of a request's head."""
_HEAD_END: Final = b"\r\n\r\n"


class Answer(NamedTuple):
    """What a page says."""

    body: bytes
    content_type: str
    status: HTTPStatus = HTTPStatus.OK


Page: TypeAlias = "Callable[[], Awaitable[Answer]]"


@asynccontextmanager
async def serve_pages(address: Address, pages: Mapping[str, Page]) -> AsyncGenerator[None, None]:
    """Serve pages by their paths inside. Where the port is taken, say so and go on without."""
    requests: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = asyncio.create_task(_serve(pages, reader, writer))
        requests.add(request)
        request.add_done_callback(requests.discard)

    try:
        server = await asyncio.start_server(accept, *address, limit=_MOST_BYTES)
    except OSError as error:
        log.warning(
            "HEALTH_ADDRESS: no health and no metrics at %s: %s. Choose another port, or `off`.",
            address,
            error.strerror,
        )
        yield
        return
    log.info("health and metrics: http://%s/healthz and /metrics.", address)
    try:
        yield
    finally:
        server.close()
        for request in requests:
            request.cancel()
        await asyncio.gather(*requests, return_exceptions=True)


async def _serve(
    pages: Mapping[str, Page], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    # Whoever asks may be gone, or send something else than HTTP.
    gone = OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError
    try:
        with suppress(*gone):
            async with asyncio.timeout(_SECONDS):
                head = await reader.readuntil(_HEAD_END)
                writer.write(await _response(pages, head))
                await writer.drain()
    finally:
        writer.close()


async def _response(pages: Mapping[str, Page], head: bytes) -> bytes:
    method, _, rest = head.decode("latin-1").partition(" ")
    answer = await _answer(pages, method, rest.partition(" ")[0].partition("?")[0])
    lines = (
        f"HTTP/1.1 {answer.status.value} {answer.status.phrase}",
        f"Content-Type: {answer.content_type}",
        f"Content-Length: {len(answer.body)}",
        "Connection: close\r\n\r\n",
    )
    return "\r\n".join(lines).encode() + (b"" if method == "HEAD" else answer.body)


async def _answer(pages: Mapping[str, Page], method: str, path: str) -> Answer:
    page = pages.get(path)
    if method not in {"GET", "HEAD"}:
        return _failed(HTTPStatus.METHOD_NOT_ALLOWED)
    if page is None:
        return _failed(HTTPStatus.NOT_FOUND)
    try:
        return await page()
    except Exception:  # of whatever breaks a page, the log has all
        log.exception("the page %s broke", path)
        return _failed(HTTPStatus.INTERNAL_SERVER_ERROR)


def _failed(status: HTTPStatus) -> Answer:
    return Answer(f"{status.phrase}\n".encode(), "text/plain; charset=utf-8", status)
