"""When to ask again: a pure function, so that any scheduler can use it."""

from __future__ import annotations

from typing import Final

SHORTEST_GAP: Final = 1.0
LONGEST_GAP: Final = 5.0
_SHARE_OF_ELAPSED: Final = 0.1


def next_gap(elapsed: float, retry_after: float | None = None) -> float:
    """Return the seconds to wait before checking a job that is `elapsed` seconds old.

    The gap grows with the job's age, so that a quick job is noticed quickly and a slow
    one costs few checks. The provider's own word (`retry_after`) is never undercut.
    """
    own = min(LONGEST_GAP, max(SHORTEST_GAP, elapsed * _SHARE_OF_ELAPSED))
    return max(own, retry_after or 0.0)
