"""The page's server: its files, and who may talk to it."""

import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from aiohttp import web

from playground.page_server.api import PageApi
from playground.stack.stack import LocalStack

_PAGE: Final = Path(__file__).parents[1] / "page"
_SAMPLES: Final = Path(__file__).parents[1] / "samples"
_KINDS: Final = frozenset({".html", ".css", ".js", ".svg"})

# A bot that is being restarted must not hold up the end.
_SHUTDOWN_SECONDS: Final = 0.2

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serve_page(stack: LocalStack, listening: socket.socket) -> AsyncGenerator[str, None]:
    """Serve the page on the socket; yields its URL."""
    host, port = listening.getsockname()[:2]
    guard = Guard(port, cdn_origin=stack.discord.api_base.removesuffix("/api/v10"))
    app = web.Application(middlewares=[guard.check])
    app.on_response_prepare.append(guard.protect)
    for path, file in page_files().items():
        app.router.add_get(path, _sender(file))
    PageApi(stack).mount(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        await web.SockSite(runner, listening).start()
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


def page_files() -> dict[str, Path]:
    """Every file that is served, by its path; there is no way to another one."""
    files = {f"/{file.name}": file for file in _PAGE.iterdir() if file.suffix in _KINDS}
    pictures = {f"/samples/{file.name}": file for file in _SAMPLES.glob("*.jpg")}
    return {"/": _PAGE / "index.html", **files, **pictures}


class Guard:
    """Lets in only requests that were meant for this page, made by this page or by no page.

    A name that resolves to loopback (DNS rebinding) fails the Host check, another site's page
    the Origin check; scripts send no Origin. `cdn_origin` is where attachments are shown from.
    """

    def __init__(self, port: int, cdn_origin: str) -> None:
        self._hosts = frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})
        self._origins = frozenset(f"http://{host}" for host in self._hosts)
        sockets = " ".join(f"ws://{host}" for host in sorted(self._hosts))
        self._policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; "
            f"connect-src 'self' {sockets}; img-src 'self' data: blob: {cdn_origin}; "
            f"media-src {cdn_origin}; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )

    @web.middleware
    async def check(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer 403 to everybody else."""
        origin = request.headers.get("Origin")
        if request.headers.get("Host") not in self._hosts:
            return _forbidden("Host")
        if origin is not None and origin not in self._origins:
            return _forbidden("Origin")
        return await handler(request)

    async def protect(self, _request: web.Request, response: web.StreamResponse) -> None:
        """Tell the browser how little the page needs."""
        response.headers["Content-Security-Policy"] = self._policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"


def _forbidden(header: str) -> web.Response:
    error = f"This page answers only requests of its own: the {header} is another one."
    return web.json_response({"error": error}, status=403)


def _sender(path: Path) -> Handler:
    async def send(_request: web.Request) -> web.FileResponse:
        return web.FileResponse(path)

    return send
