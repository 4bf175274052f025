"""What the bot has written about a job is known again, in whatever language it was written."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.jobs.estimates import DEFAULT_EXPECTED_TIME
from bot.jobs.job import Failure
from cogs.delivery import job_messages
from tests.cogs.samples import NOW, job

MINE = job(prompt="a kite", seed=7, reference="ABCDE")


def spanish(content: str) -> str:
    """As another language would word it around the same facts."""
    words = {"AI-generated": "Generado por IA", "seed": "semilla", "(reference": "(referencia"}
    for english, other in words.items():
        assert english not in words.values()
        content = content.replace(english, other)
    return content


@pytest.mark.parametrize("cost", [None, 123_456])
def test_a_clip_is_known_whatever_it_has_cost(cost: int | None) -> None:
    shown = job_messages.clip_text(job(prompt="a kite", seed=7, charge_micro_usd=cost))
    assert job_messages.is_clip_of(MINE, shown)
    assert spanish(shown) != shown
    assert job_messages.is_clip_of(MINE, spanish(shown))


@pytest.mark.parametrize("other", [{"seed": 8}, {"resolution": "720p"}, {"duration": 5}])
def test_the_clip_of_another_job_is_another(other: dict[str, object]) -> None:
    shown = job_messages.clip_text(job(prompt="a kite", **({"seed": 7} | other)))
    assert not job_messages.is_clip_of(MINE, shown)


def test_a_failure_is_known_by_its_reference() -> None:
    content = job_messages.failed_text(
        job(prompt="a kite", failure=Failure.BUSY, reference="ABCDE")
    )
    assert job_messages.is_failure_of(MINE, content)
    assert job_messages.is_failure_of(MINE, spanish(content))
    assert not job_messages.is_failure_of(job(reference="VWXYZ"), content)


def test_only_what_has_not_begun_is_waiting() -> None:
    assert job_messages.is_waiting(job_messages.busy_text(MINE))
    for later in (
        job_messages.rendering_text(MINE, DEFAULT_EXPECTED_TIME, NOW),
        job_messages.waiting_text(MINE, NOW + timedelta(days=1)),
        job_messages.clip_text(MINE),
        job_messages.failed_text(job(failure=Failure.BUSY)),
    ):
        assert not job_messages.is_waiting(later)
        assert not job_messages.is_clip_of(job(seed=9), later)
