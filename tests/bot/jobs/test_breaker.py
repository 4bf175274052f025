"""When orders to a provider are stopped, tried and taken again, as plain values."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.base import Timeouts
from bot.jobs.breaker import Breaker, StopReason, stop_reason
from pika import (
    BadInputError,
    BadKeyError,
    ConfigurationError,
    InDoubtError,
    ModeratedError,
    NoCreditError,
    PikaError,
    RateLimitedError,
    UnavailableError,
)
from tests.bot.rows import NOON, put_job

if TYPE_CHECKING:
    from bot.base.database import Database

PIKA = "pika"
CREDIT = NoCreditError("none", code="insufficient_balance", http_status=403)
KEY = BadKeyError("no", http_status=401)
PROBE = Timeouts().probe


class Told:
    """A breaker and the time it goes by."""

    def __init__(self) -> None:
        self.now = NOON
        self.breaker = Breaker(lambda: self.now, Timeouts())

    def trip(self, error: PikaError = CREDIT) -> bool:
        return self.breaker.trip(PIKA, error)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (CREDIT, StopReason.CREDIT),
        (NoCreditError(code="membership_required"), StopReason.CREDIT),
        (NoCreditError(code="cycle_limit_exceeded"), StopReason.CYCLE_LIMIT),
        (NoCreditError(code="cycle_limit"), StopReason.CYCLE_LIMIT),
        (KEY, StopReason.KEY),
        (BadKeyError(code="admission_suspended"), StopReason.KEY),
        (UnavailableError(http_status=401), None),
        (RateLimitedError(), None),
        (ModeratedError(), None),
        (BadInputError(), None),
        (InDoubtError(), None),
        (ConfigurationError(), None),
    ],
    ids=str,
)
def test_what_an_error_says_of_the_account(error: PikaError, reason: StopReason | None) -> None:
    told = Told()
    assert stop_reason(error) is reason
    assert told.trip(error) is (reason is not None)
    assert bool(told.breaker.held_providers()) is (reason is not None)


def test_a_stop_is_of_one_provider_and_begins_with_the_first_refusal() -> None:
    told = Told()
    told.trip()
    told.now += timedelta(minutes=1)
    told.trip(NoCreditError(code="cycle_limit"))
    (stop,) = told.breaker.stops()
    assert (stop.since, stop.reason) == (NOON, StopReason.CYCLE_LIMIT)
    assert told.breaker.stop_of("fal") is None
    assert told.breaker.held_providers() == (PIKA,)


async def test_where_free_calls_tell_nothing_one_job_is_let_through(database: Database) -> None:
    first, other = await database.write(lambda tx: (put_job(tx), put_job(tx)))
    told = Told()
    told.trip()
    told.breaker.free_call_answered(PIKA)
    assert told.breaker.held_providers() == (PIKA,), "it was refused a moment ago"
    told.now += PROBE
    told.breaker.free_call_answered(PIKA)
    assert told.breaker.held_providers() == ()
    told.breaker.job_claimed(first)
    assert told.breaker.held_providers() == (PIKA,)
    assert told.breaker.holds(other)
    assert not told.breaker.holds(first)
    told.breaker.order_taken(other)
    assert told.breaker.stops(), "it was sent before the refusal"
    told.breaker.order_taken(first)
    assert told.breaker.stops() == ()


async def test_a_job_that_was_let_through_and_refused_lets_no_other_through(
    database: Database,
) -> None:
    job = await database.write(put_job)
    told = Told()
    told.trip()
    told.now += PROBE
    told.breaker.free_call_answered(PIKA)
    told.breaker.job_claimed(job)
    told.now += timedelta(seconds=7)
    told.trip()
    (stop,) = told.breaker.stops()
    assert stop.next_probe == told.now + PROBE
    assert told.breaker.holds(job)
    told.now += PROBE
    told.breaker.free_call_answered(PIKA)
    assert told.breaker.held_providers() == ()


def test_a_free_call_that_was_refused_and_is_answered_tells_enough() -> None:
    told = Told()
    told.trip(KEY)
    told.breaker.free_call_failed(PIKA, KEY)
    told.now += PROBE
    told.breaker.free_call_failed(PIKA, UnavailableError())
    assert told.breaker.held_providers() == (PIKA,)
    told.breaker.free_call_answered(PIKA)
    assert told.breaker.stops() == ()


def test_a_free_call_that_fails_otherwise_tells_nothing() -> None:
    told = Told()
    told.trip()
    told.breaker.free_call_failed(PIKA, UnavailableError())
    told.now += PROBE
    told.breaker.free_call_answered(PIKA)
    assert told.breaker.stops()
    assert told.breaker.held_providers() == ()
    told.breaker.free_call_failed(PIKA, KEY)
    assert told.breaker.held_providers() == (PIKA,), "the key is refused as well now"


def test_the_next_process_goes_on_and_tries_at_once() -> None:
    told, later = Told(), Told()
    told.trip()
    later.now += timedelta(minutes=1)
    later.breaker.restore(told.breaker.to_json())
    (stop,) = later.breaker.stops()
    assert (stop.reason, stop.since, stop.next_probe) == (StopReason.CREDIT, NOON, later.now)
    assert later.breaker.held_providers() == (PIKA,)
    assert later.breaker.to_json() == told.breaker.to_json()
    later.breaker.free_call_answered(PIKA)
    assert later.breaker.held_providers() == ()
