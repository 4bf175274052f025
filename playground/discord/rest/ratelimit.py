"""Rate limits: real buckets, generous unless a test tightens them, told in Discord's headers."""

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from aiohttp import web

from playground.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playground.discord.state.clock import Clock

VIA: Final = {"Via": "1.1 google"}
"""The header that tells Discord's own 429 from a ban by the network before it."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests in a window of so many seconds."""

    requests: int
    seconds: float


GENEROUS: Final = Limit(1000, 1.0)
"""What every bucket allows unless told otherwise."""


@dataclass(slots=True)
class _Window:
    ends: float
    used: int = 0


class RateLimits:
    """One bucket for each operation and major parameter (channel, guild or webhook)."""

    def __init__(self, clock: "Clock") -> None:
        self._clock = clock
        self._limits: dict[str, Limit] = {}
        self._windows: dict[tuple[str, str], _Window] = {}
        self._ban_ends = 0.0

    def set(self, operation: str, limit: Limit) -> None:
        """Tighten or loosen an operation's buckets from now on."""
        self._limits[operation] = limit

    def exhaust(self, operation: str, channel_id: int, seconds: float) -> None:
        """Refuse an operation in one channel for so long, as after too many requests."""
        used = self._limits.get(operation, GENEROUS).requests
        self._windows[operation, f"{channel_id}//"] = _Window(self._clock.seconds() + seconds, used)

    def ban(self, seconds: float) -> None:
        """Let the network before Discord refuse every request of the bot's address for so long."""
        self._ban_ends = self._clock.seconds() + seconds

    def ban_left(self) -> float:
        """Seconds that the ban goes on for; 0 or less where there is none."""
        return self._ban_ends - self._clock.seconds()

    def spend(self, operation: str, major: str) -> tuple[dict[str, str], float | None]:
        """Count a request: its X-RateLimit headers, and seconds to wait if it is one too many."""
        limit = self._limits.get(operation, GENEROUS)
        now = self._clock.seconds()
        window = self._windows.get((operation, major))
        if window is None or window.ends <= now:
            window = self._windows[operation, major] = _Window(now + limit.seconds)
        refused = window.used >= limit.requests
        window.used += not refused
        left = window.ends - now
        headers = {
            "X-RateLimit-Limit": str(limit.requests),
            "X-RateLimit-Remaining": str(limit.requests - window.used),
            "X-RateLimit-Reset": f"{window.ends:.3f}",
            "X-RateLimit-Reset-After": f"{left:.3f}",
            "X-RateLimit-Bucket": hashlib.sha256(operation.encode()).hexdigest()[:32],
        }
        return headers, left if refused else None


def limited_body(retry_after: float, *, is_global: bool) -> dict[str, object]:
    """The JSON of a 429."""
    return {
        "message": "You are being rate limited.",
        "code": 0,
        "retry_after": round(retry_after, 3),
        "global": is_global,
    }


def edge_page(retry_after: float) -> web.Response:
    """Cloudflare's page 1015, which it answers in Discord's place while it bans an address."""
    headers = {"Retry-After": str(max(1, math.ceil(retry_after)))}
    text = "<html><head><title>Access denied | Error 1015</title></head></html>"
    return web.Response(status=429, headers=headers, text=text, content_type="text/html")


def rate_limited(
    operation: str, retry_after: float, *, is_global: bool = False, times: int | None = 1
) -> Fault:
    """The fault that answers the operation's next requests with Discord's 429; seconds."""
    headers: Mapping[str, str] = VIA | {
        "Retry-After": str(max(1, round(retry_after))),
        "X-RateLimit-Scope": "global" if is_global else "user",
    }
    body = limited_body(retry_after, is_global=is_global)
    return Fault(operation, "reply", times, 429, headers, body)
