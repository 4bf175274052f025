"""The messages, at their longest and shortest."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.base import Cost, Limit
from bot.base.errors import TextError, TextProblem
from bot.jobs.accepted_notes import AcceptedNotes
from bot.jobs.estimates import ExpectedTime
from bot.jobs.job import COUNTED_UNSEEN, Doubt, Failure
from bot.jobs.progress import Stage
from bot.media.errors import PictureError, PictureProblem
from bot.media.still import PictureChange
from bot.quota.rules import EVERYONE, GUILD, OWNER, LimitStatus, Rule
from bot.requests.errors import LimitReachedError
from bot.requests.request import MemberUsage
from cogs.animate.answer_texts import accepted_text
from cogs.animate.usage import bar, usage_text
from cogs.delivery import job_messages
from cogs.texts.error_texts import REFUNDED, error_text
from cogs.texts.markdown import CONTENT_LIMIT
from tests.cogs.samples import LARGEST_ID, MANY, NOW, accepted, allowance, clip, job, shown

EXPECTATIONS = [
    None,
    ExpectedTime(1, 1),
    ExpectedTime(50, 119),
    ExpectedTime(86_000, 90_000),
]


def every_message() -> dict[str, str]:
    limit = LimitReachedError(MANY, Cost(1, 999_999_999_999))
    noted = accepted(*PictureChange).job
    messages = {
        "accepted": accepted_text(accepted(PictureChange.FIRST_FRAME, PictureChange.PRINT_COLOURS)),
        "busy": job_messages.busy_text(noted, NOW, is_down=False),
        "down": job_messages.busy_text(noted, NOW, is_down=True),
        "stopped": job_messages.stopped_text(noted, NOW),
        "clip": job_messages.clip_text(noted),
        "clip notification": job_messages.clip_notification_text(job()),
        "failure notification": job_messages.failure_notification_text(job()),
        "interrupted": job_messages.interrupted_request_text(LARGEST_ID),
        "limit": error_text(limit),
        "usage": usage_text(
            MemberUsage(
                allowance(MANY),
                9_999,
                tuple(job(failure=failure) for failure in Failure)[:3],
                running=(clip(),) * 100,
            )
        ),
    }
    for number, expectation in enumerate(EXPECTATIONS):
        messages[f"rendering {number}"] = job_messages.progress_text(
            noted, shown(expected_time=expectation)
        )
    for stage in Stage:
        late = shown(stage, 99_999, is_late=True)
        messages[f"at Pika {stage}"] = job_messages.progress_text(noted, late)
    for failure in Failure:
        messages[f"failed {failure}"] = job_messages.failed_text(job(failure=failure))
    for problem in PictureProblem:
        sentence = error_text(PictureError(problem))
        messages[f"picture {problem}"] = sentence
    for words in TextProblem:
        sentence = error_text(TextError("negative_prompt", words, 6000))
        messages[f"words {words}"] = sentence
    return messages


MESSAGES = every_message()


@pytest.mark.parametrize("text", MESSAGES.values(), ids=MESSAGES)
def test_every_message_fits_at_its_longest(text: str) -> None:
    assert 0 < len(text) <= CONTENT_LIMIT
    assert "secret" not in text


@pytest.mark.parametrize("text", MESSAGES.values(), ids=MESSAGES)
def test_no_message_mentions_more_than_its_member(text: str) -> None:
    bare = re.sub(r"\\.", "", text)
    assert set(re.findall(r"<@[^>]*>", bare)) <= {f"<@{LARGEST_ID}>"}
    assert "@everyone" not in bare


def test_words_cannot_leave_their_quote() -> None:
    evil = "hi\\ ```*x* <@1> @everyone [a](https://b.c) # z -# s"
    for text in (
        job_messages.clip_text(job(prompt=evil, negative_prompt=evil)),
        accepted_text(accepted(of=job(prompt=evil))),
    ):
        (quoted, *_) = [line for line in text.splitlines() if line.startswith("> ")]
        bare = re.sub(r"\\[^0-9A-Za-z\s]", "", quoted.removeprefix("> "))
        assert set(bare).isdisjoint("\\*_~|`>#-[]()<@:./")
        member = f"<@{LARGEST_ID}>"
        assert re.findall(r"(?<!\\)<@\d+>", text) == [member]


def test_a_usage_with_everything_is_not_cut() -> None:
    assert len(MESSAGES["usage"]) < CONTENT_LIMIT
    assert MESSAGES["usage"].count("(reference ABCDE)") == 3


@pytest.mark.parametrize(
    ("limit", "used", "filled"),
    [
        ("5 clips a day", 0, 20),
        ("5 clips a day", 1, 16),
        ("1000 clips a day", 1, 19),
        ("1000 clips a day", 999, 1),
        ("5 clips a day", 5, 0),
        ("5 clips a day", 9, 0),
        ("0 clips a day", 0, 0),
    ],
)
def test_a_bar_is_full_or_empty_only_where_the_limit_is(limit: str, used: int, filled: int) -> None:
    drawn = bar(LimitStatus(Rule(EVERYONE, Limit.parse(limit)), used, NOW))
    assert drawn == "█" * filled + "░" * (20 - filled)


def test_an_accepted_request_tells_cost_rest_and_options() -> None:
    status = LimitStatus(Rule(EVERYONE, Limit.parse("5 clips a day")), 1, NOW + timedelta(hours=3))
    chosen = job(prompt="a b", negative_prompt="", price_micro_usd=450_000, seed=7)
    text = accepted_text(accepted(of=chosen, statuses=(status,), clips_before=0))
    assert "$0.45" in text
    assert "seed 7" in text
    assert "4 of 5 clips left today" in text
    assert f"<t:{int(status.renews_at.timestamp())}:R>" in text
    assert "starting now" in text
    assert "> a b\n" in text


def test_members_read_of_the_owners_budget_only_that_it_is_used_up() -> None:
    def status(used: int) -> LimitStatus:
        return LimitStatus(Rule(OWNER, Limit.parse("$77 a month")), used, NOW)

    left, empty = allowance(status(76_000_000)), allowance(status(77_000_000))
    for text in (
        accepted_text(accepted(statuses=left.statuses)),
        usage_text(MemberUsage(left, 1, ())),
        usage_text(MemberUsage(empty, 1, ())),
    ):
        assert "$77" not in text
        assert "left" not in text
    assert "used up" in usage_text(MemberUsage(empty, 0, ()))


@pytest.mark.parametrize("note", PictureChange)
def test_what_was_changed_about_a_picture_is_told(note: PictureChange) -> None:
    plain, noted = (
        accepted_text(accepted()),
        accepted_text(accepted(note)),
    )
    assert len(noted) > len(plain) + 20


def test_without_words_there_is_no_quote() -> None:
    quiet = job(prompt="", negative_prompt="", failure=Failure.BUSY)
    for text in (
        job_messages.clip_text(quiet),
        job_messages.progress_text(quiet, shown()),
        job_messages.failed_text(quiet),
        accepted_text(accepted(of=quiet)),
    ):
        assert ">" not in re.sub(r"<[@t][^>]*>", "", text)
        assert "\n\n" not in text


def test_a_clip_tells_that_a_machine_made_it_and_what_it_cost() -> None:
    text = job_messages.clip_text(
        job(prompt="a", negative_prompt="b", charge_micro_usd=390_000, seed=7)
    )
    assert "AI-generated" in text
    assert "$0.39" in text
    assert "seed 7" in text
    assert "without" in text


@pytest.mark.parametrize("failure", Failure)
def test_a_failure_tells_its_reference_and_whether_it_cost_nothing(failure: Failure) -> None:
    text = job_messages.failed_text(job(failure=failure))
    assert "ABCDE" in text
    counts = failure in COUNTED_UNSEEN
    assert (REFUNDED in text) is not counts
    assert ("and counts" in text) is counts


def test_a_clip_that_was_made_when_its_member_left_counts() -> None:
    gone = job(failure=Failure.MEMBER_GONE, may_be_billed=1)
    assert "It was made already, and counts." in job_messages.failed_text(gone)
    assert REFUNDED not in job_messages.failed_text(gone)
    assert REFUNDED not in job_messages.failed_text(replace(gone, doubt=Doubt.OPEN))


@pytest.mark.parametrize(
    ("expectation", "expected"),
    [
        (
            ExpectedTime(60, 300),
            "are made within 60 seconds, nine in ten within 5 minutes.",
        ),
        (ExpectedTime(20, 43), "within 20 seconds, nine in ten within 45 seconds."),
        (ExpectedTime(75, 75), "Nine in ten such clips are made within 75 seconds."),
        (ExpectedTime(0.2, 0.4), "within 1 second."),
        (ExpectedTime(110, 118), "within 110 seconds, nine in ten within 120 seconds."),
        (ExpectedTime(170, 175), "within 3 minutes."),
        (None, f"sent to Pika <t:{int(NOW.timestamp())}:R>.\n"),
    ],
)
def test_a_time_is_told_in_the_unit_that_fits_and_never_too_short(
    expectation: ExpectedTime | None, expected: str
) -> None:
    text = job_messages.progress_text(job(), shown(expected_time=expectation))
    assert expected in text


def test_what_pika_tells_is_told_and_no_more() -> None:
    def text(stage: Stage, place: int | None = None, *, is_late: bool = False) -> str:
        return job_messages.progress_text(job(), shown(stage, place, is_late=is_late))

    assert "Number 7 in Pika's queue" in text(Stage.IN_QUEUE, 7)
    assert "In Pika's queue" in text(Stage.IN_QUEUE)
    assert "Sent to Pika" in text(Stage.SENT)
    assert "Rendering" in text(Stage.RENDERING)
    assert "Rendering" not in text(Stage.SENT) + text(Stage.IN_QUEUE, 7)
    late = text(Stage.RENDERING, is_late=True)
    assert "longer than nine in ten" in late
    assert "Half of" not in late


def test_what_was_said_stays_until_the_end() -> None:
    own = LimitStatus(Rule(EVERYONE, Limit.parse("$2 a day")), 450_000, NOW)
    budget = LimitStatus(Rule(GUILD, Limit.parse("$50 a month")), 450_000, NOW)
    asked = job(needs_review=True, price_micro_usd=450_000)
    noted = accepted(PictureChange.FIRST_FRAME, of=asked, statuses=(own, budget)).job
    for text in (
        job_messages.progress_text(noted, shown(Stage.IN_QUEUE, 3)),
        job_messages.busy_text(noted, NOW, is_down=True),
        job_messages.stopped_text(noted, NOW),
        job_messages.waiting_text(noted, NOW),
    ):
        assert "first frame" in text
        assert "$1.55 of $2.00 left today" in text
        assert "server's budget" in text
        assert "oderator" in text
        assert "Pika 2.5" in text


def test_the_end_says_what_it_cost_and_what_was_left() -> None:
    own = LimitStatus(Rule(EVERYONE, Limit.parse("$2 a day")), 450_000, NOW)
    budget = LimitStatus(Rule(GUILD, Limit.parse("$50 a month")), 450_000, NOW)
    notes = AcceptedNotes((PictureChange.FIRST_FRAME,), (own, budget), 450_000)
    made = job(
        price_micro_usd=450_000, charge_micro_usd=400_000, prompt="a", notes_json=notes.to_json()
    )
    text = job_messages.clip_text(made)
    assert "$0.40" in text
    assert "After this clip: $1.60 of $2.00 left today" in text
    assert "budget" not in text
    assert "first frame" not in text


def test_a_wire_that_tells_no_moderation_sends_nobody_to_try_the_same_again() -> None:
    failed = {"failure": Failure.RENDER_FAILED}
    silent = job_messages.reason_text(job(provider="comfy-proxy", **failed))
    assert "content rules may have refused" in silent
    assert "try again." not in silent.replace("before you try again.", "")
    assert "Please try again." in job_messages.reason_text(job(**failed))
