"""Keeps what Discord's network asks for, in every request to the API, whoever makes it.

Cloudflare, which stands before Discord, may ban an address for a while: it answers everything with
a page (error 1015) and says in `Retry-After` for how long. discord.py raises that to each caller,
and each would ask again. So nothing is sent until the time is over.

In slow mode Discord answers a new message with 429, and discord.py sleeps inside the call until the
channel takes it, which may be six hours later. Here the call ends.
"""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any, Final

import aiohttp
from discord.http import Route

from bot.base.event_counts import NO_ANSWER, EventKind

if TYPE_CHECKING:
    from types import SimpleNamespace

    from bot.base.event_counts import EventCounts

log = logging.getLogger(__name__)

SLOW_MODE: Final = 20016
"""Discord's code for a message that a channel in slow mode does not take yet."""
_TOO_MANY_REQUESTS: Final = 429
_BAN_SECONDS: Final = 60.0
"""Of a ban that does not say for how long."""


class AddressBannedError(aiohttp.ClientError):
    """Nothing was sent: the network takes no requests for `retry_after` seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"banned for {retry_after:.0f} s more")
        self.retry_after = retry_after


class SlowModeAnswerError(aiohttp.ClientError):
    """A channel takes the bot's next message only in `retry_after` seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"slow mode for {retry_after:.0f} s more")
        self.retry_after = retry_after


class RequestGuard:
    """Looks at the requests of one client before they are sent, and at their answers.

    The answers of the API are counted by their status.
    """

    def __init__(self, counts: EventCounts) -> None:
        self._counts = counts
        self._banned_until = 0.0

    def trace(self) -> aiohttp.TraceConfig:
        """What `discord.Client` takes as `http_trace`."""
        trace = aiohttp.TraceConfig()
        trace.on_request_start.append(self._before)
        trace.on_request_end.append(self._after)
        trace.on_request_exception.append(self._failed)
        return trace

    async def _before(
        self,
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        request: aiohttp.TraceRequestStartParams,
    ) -> None:
        left = self._banned_until - asyncio.get_running_loop().time()
        if left > 0 and _is_of_api(str(request.url)):
            raise AddressBannedError(left)

    async def _after(
        self,
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        request: aiohttp.TraceRequestEndParams,
    ) -> None:
        answer = request.response
        if not _is_of_api(str(request.url)):
            return
        self._counts.add(EventKind.DISCORD_ANSWER, str(answer.status))
        if answer.status != _TOO_MANY_REQUESTS:
            return
        # discord.py reads it again, from memory.
        body = _object_in(await answer.read())
        if not body:
            seconds = answer.headers.get("Retry-After", "")
            self._ban(float(seconds) if seconds.isdecimal() else _BAN_SECONDS)
        elif body.get("code") == SLOW_MODE:
            raise SlowModeAnswerError(float(body.get("retry_after") or 0))

    async def _failed(
        self,
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        request: aiohttp.TraceRequestExceptionParams,
    ) -> None:
        # Answered, or not sent: what `_before` and `_after` raise comes by here as well.
        is_ours = isinstance(request.exception, AddressBannedError | SlowModeAnswerError)
        if not is_ours and _is_of_api(str(request.url)):
            self._counts.add(EventKind.DISCORD_ANSWER, NO_ANSWER)

    def _ban(self, seconds: float) -> None:
        log.warning("Discord's network takes nothing from this address for %.0f s", seconds)
        until = asyncio.get_running_loop().time() + seconds
        self._banned_until = max(self._banned_until, until)


def _is_of_api(url: str) -> bool:
    """Whether it is not the gateway's or the CDN's, which the same session asks."""
    return url.startswith(Route.BASE)


def _object_in(body: bytes) -> dict[str, Any]:
    """Read a JSON object; an empty one of anything else, as a page is."""
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
