"""Every refusal and failure has words: few, plain, and with what to do next."""

from __future__ import annotations

import logging
import re
from datetime import timedelta

import pytest
from discord import AppCommandOptionType, app_commands

from bot.base import Cost, Limit
from bot.base.checked_text import MAX_CHARACTERS
from bot.base.errors import TextError, TextProblem
from bot.jobs.job import Failure
from bot.media.errors import PictureError, PictureProblem
from bot.media.still import MAX_BYTES, MIN_SIDE
from bot.quota.rules import EVERYONE, LimitStatus, Rule
from bot.requests.errors import LimitReachedError, PausedError
from cogs.texts.amounts import left_text, limit_text
from cogs.texts.error_texts import REFUNDED, error_text, failure_text, interrupted_text
from pika import BadInputError, ModeratedError
from tests.cogs.samples import NOW

ADVICE = re.compile(r"\b([Pp]lease|send it again)\b")
JARGON = re.compile(
    r"\b(none|null|error|http|json|exception|traceback|provider|token|invalid|api|status)\b",
    re.IGNORECASE,
)


def assert_reads_well(sentence: str) -> None:
    assert sentence == sentence.strip()
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert "  " not in sentence
    assert "\n" not in sentence
    assert len(sentence) <= 220
    assert JARGON.search(sentence) is None, sentence


def sentences_in(text: str) -> int:
    return len(re.findall(r"[.!?](?:\s|$)", text))


@pytest.mark.parametrize("failure", Failure)
def test_every_failure_says_what_to_do(failure: Failure) -> None:
    sentence = failure_text(failure)
    assert_reads_well(sentence)
    assert 1 <= sentences_in(sentence) <= 2
    assert ADVICE.search(sentence)


def test_no_two_failures_read_the_same() -> None:
    assert len({failure_text(failure) for failure in Failure}) == len(Failure)


@pytest.mark.parametrize("problem", PictureProblem)
def test_every_problem_of_a_picture_says_what_to_do(problem: PictureProblem) -> None:
    sentence = error_text(PictureError(problem))
    assert sentence.endswith(REFUNDED)
    own = sentence.removesuffix(REFUNDED).strip()
    assert_reads_well(own)
    assert 1 <= sentences_in(own) <= 2
    assert ADVICE.search(own)


@pytest.mark.parametrize("field", ["prompt", "negative_prompt", "reason"])
@pytest.mark.parametrize("problem", TextProblem)
def test_every_problem_of_words_says_what_to_do(problem: TextProblem, field: str) -> None:
    sentence = error_text(TextError(field, problem, 4000))
    ending = "Nothing was changed." if field == "reason" else REFUNDED
    assert sentence.endswith(f" {ending}")
    own = sentence.removesuffix(ending).strip()
    assert_reads_well(own)
    assert sentences_in(own) == 2
    assert ADVICE.search(own)
    assert field.replace("_", " ") in own
    assert "_" not in own


@pytest.mark.parametrize("reason", ["Raid", "Raid.", "Raid!", "Raid?!"])
def test_a_moderators_reason_ends_its_sentence_once(reason: str) -> None:
    assert "paused new clips here: Raid. Please" in error_text(PausedError(reason))


def test_the_rules_numbers_are_told() -> None:
    too_large = error_text(PictureError(PictureProblem.TOO_MANY_BYTES))
    assert f"{MAX_BYTES // 1024 // 1024} MB" in too_large
    too_small = error_text(PictureError(PictureProblem.TOO_SMALL))
    assert f"{MIN_SIDE} by {MIN_SIDE}" in too_small
    too_long = error_text(TextError("prompt", TextProblem.TOO_LONG, 4000))
    assert "4,000" in too_long
    assert f"{MAX_CHARACTERS:,}" in too_long


@pytest.mark.parametrize(
    ("limit", "used", "left"),
    [
        ("5 clips a day", 5, "there is nothing left"),
        ("$2 an hour", 1_900_000, "there is only $0.10 left"),
        ("$0.30 a week", 0, "there is only $0.30 left"),
    ],
)
def test_a_reached_limit_tells_price_limit_rest_and_renewal(
    limit: str, used: int, left: str
) -> None:
    renews = NOW + timedelta(hours=3)
    status = LimitStatus(Rule(EVERYONE, Limit.parse(limit)), used, renews)
    sentence = error_text(LimitReachedError(status, Cost(1, 450_000)))
    assert "$0.45" in sentence
    assert limit_text(status.limit) in sentence
    assert left in sentence
    assert f"<t:{int(renews.timestamp())}:R>" in sentence
    assert REFUNDED in sentence


@pytest.mark.parametrize(("cost", "expected"), [(600_000, True), (500_000, False)])
def test_what_no_window_will_ever_pay_is_told(cost: int, *, expected: bool) -> None:
    status = LimitStatus(Rule(EVERYONE, Limit.parse("$0.50 a day")), 100_000, NOW)
    sentence = error_text(LimitReachedError(status, Cost(1, cost)))
    assert ("more than the whole limit" in sentence) is expected


def test_a_limit_of_zero_is_told_without_a_renewal() -> None:
    status = LimitStatus(Rule(EVERYONE, Limit.parse("0")), 0, NOW)
    sentence = error_text(LimitReachedError(status, Cost(1, 450_000)))
    assert "by the limit of 0 clips a day for everyone none is allowed" in sentence
    assert "<t:" not in sentence


def test_limits_are_told_as_people_say_them() -> None:
    def words(text: str, used: int = 0) -> tuple[str, str]:
        status = LimitStatus(Rule(EVERYONE, Limit.parse(text)), used, NOW)
        return limit_text(status.limit), left_text(status)

    assert words("5", 3) == ("5 clips a day", "2 of 5 clips")
    assert words("1 clip an hour") == ("1 clip an hour", "1 of 1 clip")
    assert words("$2 a month", 500_000) == ("$2.00 a month", "$1.50 of $2.00")


SECRET = "internal request 7f3a at 10.0.0.7"


@pytest.mark.parametrize(
    "error", [ModeratedError(SECRET), BadInputError(SECRET), RuntimeError(SECRET), KeyError(SECRET)]
)
def test_what_nobody_foresaw_is_logged_under_the_reference_that_is_shown(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        sentence = error_text(error)
    assert SECRET not in sentence
    assert REFUNDED in sentence
    found = re.search(r"\(reference ([A-Z2-9]{5})\)", sentence)
    assert found is not None
    (record,) = caplog.records
    assert found[1] in record.getMessage()
    assert record.exc_info is not None
    assert record.exc_info[1] is error


def test_a_wrapped_refusal_gives_its_own_sentence() -> None:
    refusal = TextError("prompt", TextProblem.TOO_LONG, 2000)
    option = app_commands.TransformerError(
        "x", AppCommandOptionType.string, app_commands.Transformer()
    )
    option.__cause__ = refusal
    assert error_text(option) == error_text(refusal)


def test_an_option_that_does_not_fit_is_told_without_its_details() -> None:
    option = app_commands.TransformerError(
        SECRET, AppCommandOptionType.integer, app_commands.Transformer()
    )
    sentence = error_text(option)
    assert_reads_well(sentence)
    assert SECRET not in sentence
    assert ADVICE.search(sentence)


def test_private_messages_are_told_where_to_go() -> None:
    assert_reads_well(error_text(app_commands.NoPrivateMessage()))


def test_an_interrupted_request_is_told_to_be_sent_again() -> None:
    assert ADVICE.search(interrupted_text())
    assert REFUNDED.rstrip(".") in interrupted_text()
