"""What Ctrl-C makes of a run: what is cancelled, and what is known about the money."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from pika.errors import PikaError
from pika.models import Cancellation, Done, Failed, Status, Ticket

if TYPE_CHECKING:
    from pika.cli.run import Run
    from pika.client import Pika

# Short: a person waits at the terminal, and the job can be looked at with its ticket later.
CANCEL_SECONDS: Final = 15.0

StopOutcome: TypeAlias = Literal[
    "nothing_ordered", "in_doubt", "cancelled", "requested", "too_late", "impossible", "unknown"
]

_SENTENCES: Final[dict[StopOutcome, str]] = {
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
    """How a run ended that was asked to stop.

    Attributes:
        outcome: A stable word for scripts, `cancellation` in their last event.
    """

    outcome: StopOutcome

    @property
    def sentence(self) -> str:
        """The sentence that people read."""
        return _SENTENCES[self.outcome]

    @property
    def may_be_charged(self) -> bool:
        """Whether the provider bills the job, or may."""
        return self.outcome not in {"nothing_ordered", "cancelled"}


async def stop(run: Run) -> Stop:
    """Cancel the job if there is one and its provider can, and tell what came of it."""
    if run.ticket is None:
        return Stop("in_doubt" if run.in_doubt else "nothing_ordered")
    if run.rendered:
        return Stop("too_late")
    if not run.pika.capabilities().can_cancel:
        return Stop("impossible")
    run.console.say("Asking the provider to cancel. Ctrl-C again ends at once.")
    return Stop(await _cancel(run.pika, run.ticket))


def at_once(run: Run) -> Stop:
    """Tell what is known without asking the provider: the process ends now."""
    if run.ticket is not None:
        return Stop("too_late" if run.rendered else "unknown")
    return Stop("in_doubt" if run.in_doubt else "nothing_ordered")


async def _cancel(pika: Pika, ticket: Ticket) -> StopOutcome:
    try:
        async with asyncio.timeout(CANCEL_SECONDS):
            match await pika.cancel(ticket):
                case Cancellation.IMPOSSIBLE:
                    return "impossible"
                case Cancellation.TOO_LATE:
                    return "too_late"
    except (PikaError, TimeoutError):
        return "unknown"
    # A job that still waited has ended by now; one that had started may go on and be billed.
    try:
        async with asyncio.timeout(CANCEL_SECONDS):
            return _outcome_of(await pika.check(ticket))
    except (PikaError, TimeoutError):
        return "requested"


def _outcome_of(status: Status) -> StopOutcome:
    match status:
        case Done():
            return "too_late"
        case Failed(error) if not error.may_be_charged:
            return "cancelled"
        case _:
            return "requested"
