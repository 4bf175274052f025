"""What becomes of a job whose owner pressed Ctrl-C, as honestly as can be known."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from pika.errors import PikaError
from pika.models import Cancellation, Done, Failed, Status, Ticket

if TYPE_CHECKING:
    from pika.cli.errand import Errand
    from pika.client import Pika

CANCEL_SECONDS: Final = 15.0

Fate: TypeAlias = Literal[
    "nothing_ordered", "in_doubt", "cancelled", "requested", "too_late", "impossible", "unknown"
]

_SENTENCES: Final[dict[Fate, str]] = {
    "nothing_ordered": "Stopped: nothing was ordered, and nothing is charged.",
    "in_doubt": "Stopped without an answer to the paid request: it may have been accepted and may "
    "be charged, so look at your jobs at the provider.",
    "cancelled": "Cancelled: the provider ended the job without a video.",
    "requested": "The provider was asked to cancel. A job that had started may finish all the "
    "same, and be charged.",
    "too_late": "Too late to cancel: the video is made, and charged.",
    "impossible": "Stopped waiting, but this provider cannot cancel: the job goes on and will be "
    "charged.",
    "unknown": "It could not be cancelled, for no answer came: the job may go on and be charged.",
}


@dataclass(frozen=True, slots=True)
class Stop:
    """How it ended.

    Attributes:
        fate: A stable word for scripts.
    """

    fate: Fate

    @property
    def sentence(self) -> str:
        """What people read."""
        return _SENTENCES[self.fate]

    @property
    def may_be_charged(self) -> bool:
        """Whether it may cost anything, or does."""
        return self.fate not in {"nothing_ordered", "cancelled"}


async def stop(errand: Errand) -> Stop:
    """Cancel what was accepted, where that can be done."""
    if errand.ticket is None:
        return Stop("in_doubt" if errand.doubt else "nothing_ordered")
    if errand.rendered:
        return Stop("too_late")
    if not errand.pika.capabilities().can_cancel:
        return Stop("impossible")
    errand.console.say("Asking the provider to cancel. Ctrl-C again ends at once.")
    return Stop(await _cancel(errand.pika, errand.ticket))


def at_once(errand: Errand) -> Stop:
    """Return what is known when there is no time to ask for more."""
    if errand.ticket is not None:
        return Stop("too_late" if errand.rendered else "unknown")
    return Stop("in_doubt" if errand.doubt else "nothing_ordered")


async def _cancel(pika: Pika, ticket: Ticket) -> Fate:
    try:
        async with asyncio.timeout(CANCEL_SECONDS):
            match await pika.cancel(ticket):
                case Cancellation.IMPOSSIBLE:
                    return "impossible"
                case Cancellation.TOO_LATE:
                    return "too_late"
    except (PikaError, TimeoutError):
        return "unknown"
    try:
        async with asyncio.timeout(CANCEL_SECONDS):
            return _seen(await pika.check(ticket))
    except (PikaError, TimeoutError):
        return "requested"


def _seen(status: Status) -> Fate:
    match status:
        case Done():
            return "too_late"
        case Failed():
            return "cancelled"
        case _:
            return "requested"
