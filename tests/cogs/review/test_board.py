"""What moderators read of clips and in their log channel, at its longest."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from bot.guilds.log_messages import LogMessage, LogMessageKind
from bot.jobs.job import Failure, JobState
from bot.jobs.reviews import Decision, Verdict
from bot.moderation.errors import AlreadyDecidedError, ReviewClosedError
from cogs.delivery.log_channel import log_message_text
from cogs.review.board import outcome_text, question_text
from cogs.texts.error_texts import error_text
from cogs.texts.markdown import CONTENT_LIMIT
from tests.cogs.samples import LARGEST_ID, NOW, job

WEEK = NOW + timedelta(days=7)
APPROVED = Decision(Verdict.APPROVED, 1, NOW)
REFUSED = Decision(Verdict.REJECTED, 1, NOW)
BUDGET: dict[str, int | str] = {
    "amount": 10_000_000,
    "unit": "usd",
    "window": "week",
    "renews_at": 1_800_000_000_000,
}


def test_a_question_fits_and_disarms_what_was_typed() -> None:
    text = question_text(job(), WEEK)
    assert len(text) <= CONTENT_LIMIT
    bare = re.sub(r"\\.", "", question_text(job(prompt="<@5> @everyone **x**"), WEEK))
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


@pytest.mark.parametrize(
    ("kind", "data", "told"),
    [
        (
            LogMessageKind.BUDGET_LOW,
            BUDGET | {"used": 7_600_000},
            "$7.60 of $10.00 a week, renews <t:",
        ),
        (
            LogMessageKind.BUDGET_SPENT,
            BUDGET | {"used": 9_900_000},
            "$9.90 of $10.00 a week, renews <t:",
        ),
        (
            LogMessageKind.BUDGET_SPENT,
            BUDGET | {"used": 5, "amount": 5, "unit": "clips"},
            "5 of 5 clips a week, renews <t:",
        ),
        (
            LogMessageKind.MAY_BE_BILLED,
            {"job": 7, "reference": "ABCDE", "micro_usd": 200_000},
            "bill $0.20",
        ),
        (LogMessageKind.REVIEW_CLOSED, {"channel": 8, "days": 7}, "<#8>"),
    ],
)
def test_every_notice_says_what_and_how_much(
    kind: LogMessageKind, data: dict[str, int | str], told: str
) -> None:
    text = log_message_text(LogMessage("name", kind, data))
    assert told in text
    assert text.endswith(".")
    assert "**" in text


def test_no_kind_of_notice_is_without_words() -> None:
    everything: dict[str, int | str] = BUDGET | {
        "used": 1,
        "job": 1,
        "reference": "A",
        "micro_usd": 1,
    }
    everything |= {"channel": 1, "days": 1}
    assert len(
        {log_message_text(LogMessage("name", kind, everything)) for kind in LogMessageKind}
    ) == len(LogMessageKind)


def test_who_comes_late_reads_who_was_first() -> None:
    told = error_text(AlreadyDecidedError(REFUSED))
    assert told.startswith("<@1> refused this clip already")
    assert "Nothing was changed" in error_text(ReviewClosedError())
