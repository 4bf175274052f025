"""What is put together is grammatical and punctuated where its parts meet, in each language."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.base import Cost, Limit
from bot.base.errors import TextError, TextProblem
from bot.guilds.errors import UnknownTimeZoneError
from bot.guilds.guild_settings import AgeRestriction, GuildSettings, Pause
from bot.jobs.estimates import ExpectedTime
from bot.jobs.job import Failure, Job, JobState, MemberHistory
from bot.moderation.block_service import BlockResult
from bot.moderation.blocks import Block
from bot.moderation.channel_rules import Verdict
from bot.moderation.channel_service import ChannelRules
from bot.moderation.clip_selection import SelectedClips
from bot.quota.overview import ChosenTarget, Overview, RuleDetails
from bot.quota.rules import EVERYONE, GUILD, LimitStatus, LimitTarget, Rule, Scope
from bot.reports.forecast import Forecast, SpendingRate
from bot.reports.service import CurrentState
from bot.requests.errors import (
    BlockedError,
    ChannelNotAllowedError,
    LimitReachedError,
    OwnerPausedError,
)
from bot.requests.request import MemberUsage
from cogs.animate.usage import usage_text
from cogs.clips.block import blocked_text
from cogs.clips.status import ServerStatus, status_text
from cogs.delivery import job_messages
from cogs.interactions.channel_rights import names_text
from cogs.interactions.member_facts import member_facts
from cogs.interactions.reason_option import reason_in, with_reason
from cogs.quota.report_texts import report_text
from cogs.quota.show import overview_text
from cogs.texts.error_texts import REFUSED_CLIP, error_text
from cogs.texts.languages import LANGUAGES, _, use_language
from tests.cogs.quota.test_report_texts import report
from tests.cogs.samples import NOW, allowance, job, shown

EXPECTED = Path(__file__).with_name("fragments")
"""The texts below by language; `~` is a blank at which no line is broken."""
A_DAY, A_MONTH = Limit.parse("3 clips a day"), Limit.parse("$2 a month")
REASON = "too loud"


def left(scope: Scope, limit: Limit) -> LimitStatus:
    return LimitStatus(Rule(LimitTarget(scope, 7), limit), 1, NOW)


def wordless(**changes: object) -> Job:
    return job(prompt="", negative_prompt="", **changes)


def members_texts() -> list[str]:
    cost, granted = Cost(1, 450_000), Cost(1, 2_000_000)
    usage = replace(allowance(left(Scope.GUILD, A_DAY)), granted=granted)
    cancelled = wordless(state=JobState.CANCELLED, cancelled_by=5, cancel_reason=f"{REASON}!")
    in_a_minute = shown(expected_time=ExpectedTime(60, 300))
    return [
        error_text(LimitReachedError(left(Scope.MEMBER, A_DAY), cost, 1)),
        error_text(LimitReachedError(left(Scope.ROLE, Limit.parse("0")), cost)),
        error_text(TextError("negative_prompt", TextProblem.TOO_LONG, 4000)),
        error_text(BlockedError(NOW, REFUSED_CLIP)),
        error_text(OwnerPausedError(f"{REASON}.")),
        error_text(ChannelNotAllowedError(set(range(1, 8)))),
        usage_text(MemberUsage(usage, 0, ())),
        job_messages.progress_text(wordless(), in_a_minute),
        job_messages.failed_text(cancelled),
        job_messages.removed_notice_text(wordless(remove_reason=REASON), refunded=False),
    ]


def server_status() -> ServerStatus:
    budget = LimitStatus(Rule(GUILD, A_MONTH), 500_000, NOW)
    return ServerStatus(
        settings=GuildSettings(pause=Pause(NOW, REASON, NOW)),
        everywhere=None,
        paused_by=5,
        orders_stopped=False,
        words=(),
        channels=ChannelRules({1: Verdict.FORBID, 2: Verdict.FORBID}, AgeRestriction.NEVER),
        blocked=1,
        overview=Overview(
            ChosenTarget(EVERYONE), (RuleDetails(budget, 0, ()),), Cost(0, 0), (), None
        ),
        current=CurrentState(
            SpendingRate(Cost(0, 0), timedelta(7)),
            (Forecast(budget, None),),
            Counter({Failure.BUSY.value: 3, Failure.RENDER_FAILED.value: 1}),
        ),
        states=Counter({_("in review"): 2, _("waiting"): 1}),
        default_price=0,
    )


def moderators_texts() -> list[str]:
    history = MemberHistory(shown=1, removed=1, refused_by_pika=2, refused=1, cancelled=2, failed=1)
    block = Block(7, NOW, None, "")
    running = SelectedClips((job(), job()))
    zero = Rule(LimitTarget(Scope.ROLE, 7), Limit.parse("0"))
    other = Rule(LimitTarget(Scope.ROLE, 8), A_DAY)
    overview = Overview(
        ChosenTarget(LimitTarget(Scope.MEMBER, 5)),
        (RuleDetails(LimitStatus(zero, 0, NOW), 0, (other,)),),
        Cost(0, 0),
        (),
        None,
    )
    busy = Counter({Failure.BUSY: 1})
    total = report(1, delivered=1, failures=busy, cancelled=1, clips=31_000)
    return [
        asyncio.run(member_facts(None, 2**22, history)),
        *status_text(server_status(), 0).splitlines()[1:],
        blocked_text(BlockResult(block, replace(block, until=NOW), running, cancelled=True)),
        overview_text(overview),
        report_text(total),
        names_text(["View Channel", "Send Messages", "Attach Files"]),
        error_text(UnknownTimeZoneError("Berlin", ("Europe/Berlin", "Asia/Berlin"))),
        with_reason(_("Delete it"), REASON),
    ]


@pytest.mark.parametrize("code", LANGUAGES)
def test_fragments_are_grammatical_where_they_meet(code: str) -> None:
    with use_language(code):
        texts = "\n".join((*members_texts(), *moderators_texts(), ""))
    expected = (EXPECTED / f"{code}.txt").read_text(encoding="utf-8")
    assert texts.replace("\u00a0", "~").replace("\u202f", "~").splitlines() == (
        expected.splitlines()
    )


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_reason_is_read_again_in_whichever_language_it_was_asked(code: str) -> None:
    with use_language(code):
        question = with_reason(_("Delete it"), "a: *b*")
    assert reason_in(question) == "a: *b*"
    assert reason_in(_("Delete it")) == ""
