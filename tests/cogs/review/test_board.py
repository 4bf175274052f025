"""The questions and outcomes in a review channel, at their longest."""

from __future__ import annotations

import asyncio
import re
from dataclasses import fields
from datetime import timedelta

import pytest

from bot.jobs.job import Failure, JobState, MemberHistory
from bot.jobs.reviews import Decision, Verdict
from bot.moderation.errors import AlreadyDecidedError, ReviewClosedError
from cogs.delivery.job_messages import request_text
from cogs.interactions.member_facts import member_facts
from cogs.review.board import outcome_text, picture_text, question_text
from cogs.texts.error_texts import error_text
from cogs.texts.languages import LANGUAGES, use_language
from cogs.texts.markdown import CONTENT_LIMIT
from tests.cogs.samples import LARGEST_ID, NOW, job

FACTS = "-# facts"
WEEK = NOW + timedelta(days=7)
APPROVED = Decision(Verdict.APPROVED, 1, NOW)
REFUSED = Decision(Verdict.REJECTED, 1, NOW)


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_is_posted_about_a_clip_fits_in_each_language(language: str) -> None:
    with use_language(language):
        undecided = job(state=JobState.FAILED, failure=Failure.NOT_REVIEWED)
        for text in (
            question_text(job(), WEEK, facts()),
            picture_text(job()),
            f"{outcome_text(undecided, None)}\n{request_text(undecided)}",
        ):
            assert len(text) <= CONTENT_LIMIT


def facts() -> str:
    """What is known of a member of whom there is much to say, in the task's language."""
    history = MemberHistory(*[10_000] * len(fields(MemberHistory)))
    return asyncio.run(member_facts(None, LARGEST_ID, history))


def test_a_question_disarms_what_was_typed() -> None:
    text = question_text(job(), WEEK, FACTS)
    bare = re.sub(r"\\.", "", question_text(job(prompt="<@5> @everyone **x**"), WEEK, FACTS))
    assert set(re.findall(r"<@\d+>", bare)) == {f"<@{LARGEST_ID}>"}
    assert "@everyone" not in bare
    assert f"<t:{int(WEEK.timestamp())}:R>" in text


@pytest.mark.parametrize(
    ("state", "failure", "decision", "begins", "ends"),
    [
        (JobState.RENDERED, None, APPROVED, "✅ Approved by <@1>", "."),
        (JobState.FAILED, Failure.NO_PLACE, APPROVED, "✅ Approved by <@1>", "not shown"),
        (JobState.FAILED, Failure.NOT_APPROVED, REFUSED, "⛔ Refused by <@1>", "not shown"),
        (JobState.FAILED, Failure.NOT_REVIEWED, None, "⌛ Nobody decided", "not shown"),
        (JobState.CANCELLED, None, None, "🚫 Ended before", "not shown"),
    ],
)
def test_every_outcome_is_told(
    state: JobState, failure: Failure | None, decision: Decision | None, begins: str, ends: str
) -> None:
    text = outcome_text(job(state=state, failure=failure), decision)
    assert text.startswith(begins)
    assert ends in text
    assert (ends == ".") == ("not charged" not in text)


def test_who_comes_late_reads_who_was_first() -> None:
    told = error_text(AlreadyDecidedError(REFUSED))
    assert told.startswith("<@1> refused this clip already")
    assert "Nothing was changed" in error_text(ReviewClosedError())
