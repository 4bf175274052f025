"""What follows a failed submit, from plain data: again, refused, or in doubt."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pika
from pika import (
    BadKeyError,
    CancelledError,
    Capabilities,
    GiveUp,
    InDoubtError,
    KeyReusedError,
    ModeratedError,
    NoCreditError,
    PikaError,
    RateLimitedError,
    RenderError,
    Retry,
    SubmitAttempts,
    TimedOutError,
    UnavailableError,
    after_failed_submit,
)

REPLAYS = Capabilities(replays_keys=True)
FORGETS = Capabilities(replays_keys=False)
FRESH = SubmitAttempts()
DOUBTED = SubmitAttempts(1, in_doubt=True)
ERRORS = [
    kind for kind in vars(pika).values() if isinstance(kind, type) and issubclass(kind, PikaError)
]


@dataclass(frozen=True)
class Case:
    error: PikaError
    wire: Capabilities
    earlier: SubmitAttempts
    then: Retry | GiveUp


def again(seconds: float, failed: int, *, in_doubt: bool) -> Retry:
    return Retry(seconds, SubmitAttempts(failed, in_doubt))


@pytest.mark.parametrize(
    "case",
    [
        Case(UnavailableError(), REPLAYS, FRESH, again(2, 1, in_doubt=False)),
        Case(UnavailableError(), FORGETS, FRESH, again(2, 1, in_doubt=False)),
        Case(InDoubtError(), REPLAYS, FRESH, again(2, 1, in_doubt=True)),
        Case(InDoubtError(), FORGETS, FRESH, GiveUp(in_doubt=True)),
        Case(RateLimitedError(), REPLAYS, DOUBTED, again(2, 2, in_doubt=True)),
        # Only a program that was killed can come here: it must not begin anew.
        Case(RateLimitedError(), FORGETS, DOUBTED, GiveUp(in_doubt=True)),
        Case(BadKeyError(), REPLAYS, FRESH, GiveUp(in_doubt=False)),
        Case(BadKeyError(), REPLAYS, DOUBTED, GiveUp(in_doubt=True)),
        Case(NoCreditError(), REPLAYS, DOUBTED, GiveUp(in_doubt=True)),
        Case(ModeratedError(), REPLAYS, DOUBTED, GiveUp(in_doubt=True)),
        Case(KeyReusedError(), REPLAYS, FRESH, GiveUp(in_doubt=True)),
        # The job that the key made is known, has failed and is not billed.
        Case(RenderError(), REPLAYS, DOUBTED, GiveUp(in_doubt=False)),
        Case(CancelledError(), REPLAYS, DOUBTED, GiveUp(in_doubt=False)),
        Case(TimedOutError(), REPLAYS, FRESH, GiveUp(in_doubt=True)),
    ],
    ids=repr,
)
def test_each_error_has_its_consequence(case: Case) -> None:
    assert after_failed_submit(case.error, case.wire, case.earlier, 2.0) == case.then


@pytest.mark.parametrize(
    ("asked", "pause", "longest", "seconds"),
    [
        (None, 2.0, 60.0, 2.0),
        (1.0, 2.0, 60.0, 2.0),
        (9.0, 2.0, 60.0, 9.0),
        (9.0, 0.0, 9.0, 9.0),
        (9.0, 2.0, 8.0, None),
        (None, 2.0, 1.0, None),
        (None, None, 60.0, None),
    ],
)
def test_the_longer_pause_counts_and_one_that_is_too_long_ends_it(
    asked: float | None, pause: float | None, longest: float, seconds: float | None
) -> None:
    error = UnavailableError(retry_after=asked)
    step = after_failed_submit(error, REPLAYS, DOUBTED, pause, longest=longest)
    if seconds is None:
        assert step == GiveUp(in_doubt=True)
    else:
        assert step == again(seconds, 2, in_doubt=True)


@given(st.lists(st.sampled_from(ERRORS), min_size=1), st.booleans())
def test_what_may_have_been_accepted_is_sent_again_only_where_keys_are_replayed(
    kinds: list[type[PikaError]],
    replays: bool,  # noqa: FBT001 - as hypothesis gives it
) -> None:
    wire, earlier = Capabilities(replays_keys=replays), FRESH
    for kind in kinds:
        step = after_failed_submit(kind(), wire, earlier, 1.0)
        if isinstance(step, GiveUp):
            assert step.in_doubt or not kind.may_be_charged
            break
        assert kind.retryable
        assert replays or not kind.may_be_charged
        assert step.attempts.in_doubt == (earlier.in_doubt or kind.may_be_charged)
        assert step.attempts.failed == earlier.failed + 1
        earlier = step.attempts
