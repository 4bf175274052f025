"""How long a clip takes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from cogs.texts.languages import _, ngettext

if TYPE_CHECKING:
    from bot.jobs.estimates import ExpectedTime

_MINUTE: Final = 60
_FINE_SECONDS: Final = 20
"""Up to so many, each second is told; beyond, steps of five."""


def expected_time_text(expected_time: ExpectedTime | None) -> str:
    """Say within which time half, and nine in ten, of such clips are made; nothing if unknown."""
    if expected_time is None:
        return ""
    usual, slow = _span(expected_time.usual), _span(expected_time.slow)
    if usual == slow:
        return _("Nine in ten such clips are made within {time}.", time=slow)
    return _(
        "Half of such clips are made within {usual}, nine in ten within {slow}.",
        usual=usual,
        slow=slow,
    )


def _span(seconds: float) -> str:
    """Say a time in seconds, or from two minutes on in minutes; never less than it is."""
    if seconds > 2 * _MINUTE:
        return ngettext("{n} minute", "{n} minutes", math.ceil(seconds / _MINUTE))
    step = 1 if seconds <= _FINE_SECONDS else 5
    return ngettext("{n} second", "{n} seconds", max(1, step * math.ceil(seconds / step)))
