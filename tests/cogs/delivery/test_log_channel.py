"""What moderators read in their log channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.guilds.audit import AuditAction, AuditEntry, AuditEvent, AuditSubject
from bot.guilds.clip_reports import Report
from bot.guilds.languages import ENGLISH
from bot.guilds.log_messages import LogMessage, LogMessageKind
from bot.moderation.reported_clips import ReportState
from cogs.delivery.log_channel import acts_message_text, log_message_text
from cogs.delivery.report_messages import report_text
from cogs.texts.audit_sentences import act_sentence
from cogs.texts.languages import LANGUAGES, use_language
from cogs.texts.markdown import CONTENT_LIMIT
from tests.cogs.samples import NOW

if TYPE_CHECKING:
    from bot.guilds.audit import AuditValues

BUDGET: dict[str, int | str] = {
    "amount": 10_000_000,
    "unit": "usd",
    "window": "week",
    "renews_at": 1_800_000_000_000,
}


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
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
        (LogMessageKind.PAUSE_ENDED, {"actor": 9, "since": 60_000}, "began <t:60:f> has ended"),
    ],
)
def test_every_message_says_what_and_how_much(
    kind: LogMessageKind, data: dict[str, int | str], expected: str
) -> None:
    text = log_message_text(LogMessage("name", kind, data))
    assert expected in text
    assert text.endswith(".")
    assert "**" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_a_text_of_its_own_in_each_language(language: str) -> None:
    everything: dict[str, int | str] = BUDGET | {
        "used": 1,
        "job": 1,
        "reference": "A",
        "micro_usd": 1,
    }
    everything |= {"channel": 1, "days": 1, "provider": "pika", "reason": "credit", "count": 2}
    everything |= {"server": "x", "is_open": 0, "jobs": 1, "doubts": 0, "running_since": 1}
    everything |= {"actor": 9, "since": 1, "seconds": 60}
    everything |= {"kind": LogMessageKind.GUILD_LEFT.value}
    everything |= {"saved": "a/b", "folder": "a", "latest": "", "error": "no room"}
    # Acts and reports are worded from the audit log.
    others = {"ACTS", "CLIP_REPORTED", "REPORT_OUTDATED"}
    kinds = {it for it in LogMessageKind if it.name not in others}
    english = {log_message_text(LogMessage("name", kind, everything)) for kind in kinds}
    with use_language(language):
        texts = {log_message_text(LogMessage("name", kind, everything)) for kind in kinds}
    assert len(texts) == len(english) == len(kinds)
    assert texts == english if language == ENGLISH else not texts & english
    assert all(len(it) <= CONTENT_LIMIT for it in texts)


def test_a_report_says_who_why_and_where() -> None:
    data = dict.fromkeys(("guild", "channel", "message", "job", "member", "reporter"), 5)
    message = LogMessage("name", LogMessageKind.CLIP_REPORTED, data | {"reason": "not *nice*."})
    text = report_text(ReportState(Report(message, ()), is_shown=True))
    assert "<@5>:** not \\*nice\\*\nhttps://discord.com/channels/5/5/5" in text
    assert text.endswith(".")


def act(number: int, action: AuditAction, reason: str = "", actor: int = 1) -> AuditEntry:
    event = AuditEvent(
        *(actor, action, AuditSubject.JOB, number),
        after={"member": 10**17 + number % 12, "state": "cancelled"},
        reason=reason,
    )
    return AuditEntry(number, NOW, event)


def test_a_few_acts_have_a_sentence_each() -> None:
    entries = [act(number, AuditAction.CANCEL, "raid") for number in range(10)]
    lines = acts_message_text(entries).splitlines()
    assert lines == [f"📋 {act_sentence(it)}" for it in entries]


def test_many_acts_are_summed_up_by_who_did_what_and_why() -> None:
    entries = [act(number, AuditAction.CANCEL, "raid") for number in range(40)]
    entries += [act(number, AuditAction.APPROVE, actor=2) for number in range(2)]
    entries.append(act(50, AuditAction.REMOVE, "rude"))
    first, second, third, rest = acts_message_text(entries).splitlines()
    assert first.startswith(f"📋 <@1> cancelled 40 clips (<@{10**17}>, <@{10**17 + 1}>, ")
    assert first.endswith(f"<@{10**17 + 7}> and 4 more): raid")
    assert second == f"📋 <@2> approved 2 clips (<@{10**17}>, <@{10**17 + 1}>)"
    assert third == f"📋 <@1> removed clip #50 of <@{10**17 + 2}> (state cancelled): rude"
    assert rest == "-# `/clips audit` has each of them."


def test_an_act_about_many_clips_counts_as_many() -> None:
    after: AuditValues = {"cancelled": 200, "members": 40, "saved": 1}
    all_of_them = AuditEvent(1, AuditAction.CANCEL, AuditSubject.GUILD, 0, None, after, "raid")
    entries = [act(number, AuditAction.CANCEL, "raid") for number in range(11)]
    text = acts_message_text([*entries, AuditEntry(12, NOW, all_of_them)])
    assert "<@1> cancelled 211 clips (" in text


@pytest.mark.slow  # every kind of act in every language
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("count", [1, 10, 200])
def test_whatever_was_done_is_one_message(count: int, language: str) -> None:
    entries = [
        act(number, action, f"{number}" + "*" * 200, actor=10**18)
        for number in range(count)
        for action in AuditAction
    ]
    with use_language(language):
        text = acts_message_text(entries)
    assert 0 < len(text) <= CONTENT_LIMIT
    assert "`/clips audit`" in text


@pytest.mark.parametrize("action", AuditAction)
def test_every_kind_of_act_can_be_summed_up(action: AuditAction) -> None:
    text = acts_message_text([act(number, action) for number in range(20)])
    assert "<@1> " in text
    assert " 20 " in text
