"""How a paid request is sent again without paying twice.

`after_failed_submit` decides, from plain data alone: a program that keeps its jobs in a database
calls it with what the job's row says. `submit_with_retries` is the loop around it for a program
that waits.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pika.errors import InDoubtError, PikaError, RenderError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from pika.models import Ticket
    from pika.provider import Capabilities

log = logging.getLogger(__name__)

SUBMIT_PAUSES: Final = (1.0, 2.0, 4.0)
"""Seconds between the tries of `submit_with_retries`, which are one more."""
LONGEST_PAUSE: Final = 60.0
"""Seconds. A provider that asks for a longer pause is not waited for by `submit_with_retries`."""


@dataclass(frozen=True, slots=True)
class SubmitAttempts:
    """What is to be remembered of the failed tries of one order, all under one idempotency key.

    Attributes:
        failed: How many tries have failed.
        in_doubt: One of them may have been accepted, and no later answer has settled it. A
            program that may be killed stores `True` before each try, and what
            `after_failed_submit` says after it.
    """

    failed: int = 0
    in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Retry:
    """Send the same order again, under the same key.

    Attributes:
        seconds: The pause before that.
        attempts: What to remember until then.
    """

    seconds: float
    attempts: SubmitAttempts


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Never send the order again.

    Attributes:
        in_doubt: It may have been accepted and be billed; otherwise it was refused.
    """

    in_doubt: bool


def after_failed_submit(
    error: PikaError,
    wire: Capabilities,
    earlier: SubmitAttempts,
    pause: float | None,
    *,
    longest: float = math.inf,
) -> Retry | GiveUp:
    """Decide what follows a submit that raised `error`.

    Args:
        error: What `Pika.submit` raised. For a try whose end nobody saw, because the program
            was killed meanwhile, an `InDoubtError`.
        wire: What the order's provider can do.
        earlier: What was remembered before this try.
        pause: Seconds to wait at least before another try; `None` if there is to be none.
        longest: Give up if the provider asks for a longer pause than this, in seconds.
    """
    # A job that failed is the one job of this key, and is not billed: that settles a doubt. No
    # other refusal does, because credit or rules may be looked at before the key is.
    settled = isinstance(error, RenderError) and not error.may_be_charged
    in_doubt = not settled and (earlier.in_doubt or error.may_be_charged)
    seconds = max(pause or 0.0, error.retry_after or 0.0)
    cannot_pay_twice = wire.replays_keys or not in_doubt
    if pause is None or seconds > longest or not error.retryable or not cannot_pay_twice:
        return GiveUp(in_doubt)
    return Retry(seconds, SubmitAttempts(earlier.failed + 1, in_doubt))


async def submit_with_retries(
    submit: Callable[[], Awaitable[Ticket]],
    wire: Capabilities,
    *,
    sleep: Callable[[Retry], Awaitable[None]],
    wanted: Callable[[], bool] = lambda: True,
) -> Ticket:
    """Send one order until it is accepted or refused, at most four times.

    `submit` sends the order under the same idempotency key each time, `sleep` waits before the
    next try, and `wanted` says after each failed try whether there is to be another.

    Raises:
        InDoubtError: A try may have been accepted, this one or an earlier one.
        PikaError: The last try's; nothing was accepted.
    """
    attempts = SubmitAttempts()
    while True:
        try:
            return await submit()
        except PikaError as error:
            more = attempts.failed < len(SUBMIT_PAUSES) and wanted()
            pause = SUBMIT_PAUSES[attempts.failed] if more else None
            step = after_failed_submit(error, wire, attempts, pause, longest=LONGEST_PAUSE)
            if isinstance(step, GiveUp):
                # This try was refused, but an earlier one may be billed: who is told of
                # a refusal alone would order again and pay twice.
                if step.in_doubt and not error.may_be_charged:
                    detail = f"an earlier try may have been accepted; then: {error}"
                    raise InDoubtError(detail, request_id=error.request_id) from error
                raise
            log.info("the order was not taken: %s", error)
        await sleep(step)
        attempts = step.attempts
