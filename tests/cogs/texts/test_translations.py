"""What members read, as it comes together in each language."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from bot.base import Cost, Limit, Unit, Window
from bot.base.errors import UnknownChoiceError
from bot.guilds.languages import ENGLISH
from bot.jobs.animate_options import AnimateOptions
from bot.jobs.job import Failure, JobState
from bot.jobs.progress import Progress, ShownProgress, Stage
from bot.media.still import PictureChange
from bot.quota.rules import GUILD, Allowance, LimitStatus, LimitTarget, Rule, Scope
from bot.requests.errors import (
    BlockedError,
    BlockedWordError,
    ChannelNotAllowedError,
    LimitReachedError,
    OfferGoneError,
    OptionAboveMaximumError,
    PausedError,
    QueueFullError,
    QueueLimit,
)
from bot.requests.request import MemberUsage, PricedOptions
from cogs.animate.answer_texts import accepted_text, untold_refusal_text
from cogs.animate.offer_buttons import offer_buttons
from cogs.animate.usage import usage_text
from cogs.delivery import job_messages
from cogs.interactions.rights import MissingRightError, UnknownRolesError
from cogs.texts.error_texts import REFUSED_CLIP, error_text, reason_suffix
from cogs.texts.languages import LANGUAGES, use_language
from cogs.texts.markdown import CONTENT_LIMIT
from tests.cogs.delivery.test_job_messages import every_message
from tests.cogs.samples import LARGEST_ID, NOW, accepted, allowance, job, shown

FIT = PricedOptions(AnimateOptions(resolution="720p", duration=5), 200_000)
LONG_REASON = "*" * 500


def statuses() -> dict[str, LimitStatus]:
    """A limit of each kind, nearly used up."""
    rules = {
        f"{scope} {unit} {window}": Rule(LimitTarget(scope, LARGEST_ID), Limit(3, unit, window))
        for scope in Scope
        for unit in Unit
        for window in Window
    }
    return {name: LimitStatus(rule, 1, NOW) for name, rule in rules.items()}


def refusal_sentences() -> dict[str, str]:
    until = NOW + timedelta(days=9)
    errors: dict[str, Exception] = {
        "blocked": BlockedError(until, LONG_REASON),
        "blocked for good": BlockedError(None, ""),
        "blocked in a review": BlockedError(None, REFUSED_CLIP),
        "paused": PausedError(LONG_REASON, until),
        "paused without a word": PausedError(""),
        "channel": ChannelNotAllowedError({LARGEST_ID - n for n in range(9)}),
        "word": BlockedWordError(),
        "option": UnknownChoiceError(),
        "too high": OptionAboveMaximumError("720p", 5),
        "offer": OfferGoneError(),
        "right": MissingRightError("manage_guild"),
        "right here alone": MissingRightError("manage_messages", only_here=True),
        "roles unknown": UnknownRolesError(),
    }
    for line in QueueLimit:
        errors |= {f"{line} {most}": QueueFullError(line, most) for most in (1, 2)}
    for name, status in statuses().items():
        empty = LimitStatus(status.rule, status.limit.amount, NOW)
        none = LimitStatus(Rule(status.rule.target, Limit.parse("0")), 0, NOW)
        cost = Cost(1, 450_000)
        errors[f"left {name}"] = LimitReachedError(status, cost, 7, (FIT,), 1)
        errors[f"empty {name}"] = LimitReachedError(empty, cost)
        errors[f"none {name}"] = LimitReachedError(none, cost)
    return {name: error_text(it) for name, it in errors.items()}


def all_messages() -> dict[str, str]:
    """What members read, in the language that is spoken: the builders one by one."""
    found = every_message() | refusal_sentences()
    found["review"] = job_messages.waiting_text(job(), NOW)
    found["accepted for review"] = accepted_text(accepted(of=job(needs_review=True)))
    found["accepted in time"] = accepted_text(accepted(*PictureChange, clips_before=0))
    for stage in Stage:
        for place in (None, 7):
            at_pika = job_messages.progress_text(job(), shown(stage, place))
            found[f"at Pika {stage} {place}"] = at_pika
    overdue = ShownProgress(Progress(Stage.IN_LINE, 7, is_late=True), NOW, None)
    found["overdue in line"] = job_messages.progress_text(job(), overdue)
    found["silent"] = job_messages.reason_text(
        job(provider="comfy-proxy", failure=Failure.RENDER_FAILED)
    )
    cancelled = job(state=JobState.CANCELLED, cancelled_by=LARGEST_ID, cancel_reason=LONG_REASON)
    found["untold"] = untold_refusal_text(LARGEST_ID)
    found["public failure"] = job_messages.public_failure_text(job())
    found["direct clip"] = job_messages.direct_clip_text(job())
    found["direct failure"] = job_messages.direct_failure_text(job(failure=Failure.BUSY))
    found["cancelled"] = job_messages.failed_text(cancelled)
    for name, status in statuses().items():
        left = Allowance((status,), Cost(3, 2_000_000))
        found[f"usage {name}"] = usage_text(MemberUsage(left, 1, ()))
        found[f"accepted {name}"] = accepted_text(accepted(statuses=left.statuses))
    spent = LimitStatus(Rule(LimitTarget(Scope.OWNER, 0), Limit.parse("$1 a day")), 1_000_000, NOW)
    found["owner"] = usage_text(MemberUsage(allowance(spent), 0, ()))
    return found


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_message_fits_and_is_filled_in(code: str) -> None:
    english = all_messages()
    with use_language(code):
        spoken = all_messages()
    assert spoken.keys() == english.keys()
    for name, text in spoken.items():
        assert 0 < len(text) <= CONTENT_LIMIT, name
        assert "{" not in text, name
        assert "}" not in text, name
        assert "  " not in text, name
        assert (text == english[name]) is (code == ENGLISH), name


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_usage_with_everything_is_not_cut(code: str) -> None:
    with use_language(code):
        usage = every_message()["usage"]
    assert len(usage) < CONTENT_LIMIT
    assert len(re.findall(r"ABCDE\W", usage)) == 3


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_button_of_an_offer_fits(code: str) -> None:
    status = LimitStatus(Rule(GUILD, Limit.parse("$1 a day")), 0, NOW)
    with use_language(code):
        view = offer_buttons(LimitReachedError(status, Cost(1, 1), 0, (FIT,), 1))
    assert view is not None
    (button,) = view.to_components()[0]["components"]
    assert button["label"].startswith("720p")
    assert re.search(r"0[.,]20", button["label"])
    assert ("for" in button["label"]) is (code == ENGLISH)


def test_a_moderators_own_words_are_nobody_elses_to_translate() -> None:
    with use_language("de"):
        assert reason_suffix("nothing") == ": nothing"
