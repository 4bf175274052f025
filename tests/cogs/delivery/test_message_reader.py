"""What the bot has written about a job is known again, in whatever language it was written."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.jobs.job import Failure
from cogs.animate.answer_texts import accepted_text
from cogs.delivery import job_messages
from cogs.delivery.message_reader import video_name
from cogs.texts.languages import LANGUAGES, use_language
from tests.cogs.samples import NOW, accepted, job, shown

MINE = job(prompt="a kite", seed=7, reference="ABCDE")


def test_a_clip_is_known_by_its_file_alone() -> None:
    assert video_name(MINE) == video_name(job(seed=8, charge_micro_usd=123_456, reference="ABCDE"))


def test_the_clip_of_another_job_is_another() -> None:
    """Numbers come again after a copy of the database was put back; references do not."""
    assert video_name(job(reference="VWXYZ")) != video_name(MINE)
    assert video_name(job(id=1, reference="ABCDE")) != video_name(MINE)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_failure_is_known_by_its_reference(code: str) -> None:
    with use_language(code):
        content = job_messages.failed_text(
            job(prompt="a kite", failure=Failure.BUSY, reference="ABCDE")
        )
    assert job_messages.is_failure_of(MINE, content)
    assert not job_messages.is_failure_of(job(reference="VWXYZ"), content)


def test_only_what_has_not_begun_is_waiting() -> None:
    icons = job_messages.WAITING_ICONS
    assert job_messages.busy_text(MINE, NOW, is_down=True).startswith(icons)
    assert accepted_text(accepted()).startswith(icons)
    for later in (
        job_messages.progress_text(MINE, shown()),
        job_messages.waiting_text(MINE, NOW + timedelta(days=1)),
        job_messages.clip_text(MINE),
        job_messages.failed_text(job(failure=Failure.BUSY)),
    ):
        assert not later.startswith(icons)
