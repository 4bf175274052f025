"""Rate limits: real buckets, generous unless a test tightens them, told in Discord's headers."""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

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

    def set(self, operation: str, limit: Limit) -> None:
        """Tighten or loosen an operation's buckets from now on."""
        self._limits[operation] = limit

    def exhaust(self, operation: str, channel_id: int, seconds: float) -> None:
        """Refuse an operation in one channel for so long, as after too many requests."""
        used = self._limits.get(operation, GENEROUS).requests
        self._windows[operation, f"{channel_id}//"] = _Window(self._clock.seconds() + seconds, used)

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
