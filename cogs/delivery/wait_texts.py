"""How long a clip takes, and what a cancel can still stop of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from bot.jobs.job import JobState
from cogs.texts.languages import N_, _, ngettext

if TYPE_CHECKING:
    from bot.jobs.estimates import ExpectedTime
    from bot.jobs.job import Job

_MINUTE: Final = 60
_FINE_SECONDS: Final = 20
"""Up to so many, each second is told; beyond, steps of five."""
_EFFECTS: Final = {
    JobState.QUEUED: N_("Pika does not have this clip yet: it is not made, and costs nothing."),
    JobState.SUBMITTING: N_(
        "Pika may be taking this clip just now: if it does, it may be paid for."
    ),
    JobState.RENDERED: N_(
        "This clip is made and paid for already: only showing it can be stopped."
    ),
}


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


def cancel_effect_text(job: Job) -> str:
    """Say before a cancel whether it can stop anything, and whether the clip is paid for then."""
    if job.state in _EFFECTS:
        return _(_EFFECTS[job.state])
    if job.state is not JobState.RENDERING:
        return _("This clip has ended: there is nothing to stop.")
    if not job.can_be_cancelled:
        return _("Pika has this clip and cannot stop it: it is made and paid for all the same.")
    if job.is_known_to_render:
        return _("Pika renders this clip: I ask it to stop, but it may be paid for all the same.")
    return _("Pika has this clip: I ask it to stop. If it has begun, it may be paid for.")
