"""What moderators read of the purse, at its longest."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.guilds.audit import AuditAction, AuditEntry, AuditEvent, AuditSubject
from bot.guilds.audit_reader import EVENTS_PER_PAGE, AuditPage
from bot.quota.amounts import LARGEST_AMOUNT
from bot.quota.ledger import ZERO_COST
from bot.quota.limits import Cost, Limit, Unit, Window
from bot.quota.overview import ChosenTarget, Overview, RuleDetails
from bot.quota.rules import EVERYONE, GUILD, OWNER, Allowance, LimitStatus, LimitTarget, Rule, Scope
from bot.quota.service import GrantResult, LimitResult, RemovalResult
from cogs.interactions.reason_option import LONGEST_REASON
from cogs.quota import answer_texts
from cogs.quota.audit_texts import ACTIONS, audit_page_text
from cogs.quota.show import overview_text
from cogs.texts.markdown import CONTENT_LIMIT, fit_lines

if TYPE_CHECKING:
    from bot.guilds.audit import AuditValues

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LARGEST_ID = 2**63 - 1
MEMBER, ROLE = LimitTarget(Scope.MEMBER, LARGEST_ID), LimitTarget(Scope.ROLE, LARGEST_ID)
AMOUNT = LARGEST_AMOUNT * 1_000_000 - 1
EVERY_SLOT = [(unit, window) for unit in Unit for window in Window]


def rules(subject: LimitTarget, amount: int = AMOUNT) -> tuple[Rule, ...]:
    return tuple(Rule(subject, Limit(amount, unit, window)) for unit, window in EVERY_SLOT)


def purse(subject: LimitTarget, amount: int = AMOUNT) -> Allowance:
    held = (*rules(subject, amount), *rules(GUILD, amount), *rules(OWNER, amount))
    return Allowance(
        tuple(LimitStatus(rule, AMOUNT, NOW) for rule in held), Cost(LARGEST_AMOUNT, AMOUNT)
    )


def every_answer() -> dict[str, str]:
    answers = {}
    many = rules(ROLE) * 50
    for subject in (MEMBER, ROLE, EVERYONE):
        for amount in (0, AMOUNT):
            rule = rules(subject, amount)[0]
            done = LimitResult(rule, None, rule, many, many, purse(subject, amount))
            answers[f"limit {subject.scope} {amount}"] = answer_texts.limit_answer(done)
            gone = RemovalResult(rules(subject) * 9, rule, purse(subject, amount))
            answers[f"unlimit {subject.scope} {amount}"] = answer_texts.removal_answer(gone)
        lines = tuple(RuleDetails(it, AMOUNT, many) for it in purse(subject).statuses)
        seen = Overview(
            ChosenTarget(subject, is_certain=False), lines, Cost(LARGEST_AMOUNT, AMOUNT), many, None
        )
        answers[f"show {subject.scope}"] = overview_text(seen)
    budget = LimitResult(rules(GUILD)[0], None, None, (), (), purse(EVERYONE))
    answers["budget"] = answer_texts.budget_answer(budget)
    for amount in (0, AMOUNT):
        had = GrantResult(Cost(LARGEST_AMOUNT, AMOUNT), purse(MEMBER, amount))
        answers[f"grant {amount}"] = answer_texts.grant_answer(LARGEST_ID, Unit.USD, AMOUNT, had)
    answers["reset"] = answer_texts.reset_answer(LARGEST_ID, purse(MEMBER))
    return answers


ANSWERS = every_answer()


@pytest.mark.parametrize("text", ANSWERS.values(), ids=ANSWERS)
def test_every_answer_fits_at_its_longest(text: str) -> None:
    assert 0 < len(text) <= CONTENT_LIMIT
    # Lines are left out whole, so that no mention or timestamp is cut.
    assert text.count("<") == text.count(">")


def test_what_does_not_fit_is_counted() -> None:
    assert fit_lines(["a" * 1000, "b" * 900, "c" * 900, "d"]).endswith("b\n-# and 2 more")
    assert fit_lines(["a", "b"]) == "a\nb"


def entry(deed: AuditEvent) -> AuditEntry:
    return AuditEntry(1, NOW, deed)


@pytest.mark.parametrize("about", AuditSubject)
@pytest.mark.parametrize("action", AuditAction)
def test_every_page_of_the_record_fits(action: AuditAction, about: AuditSubject) -> None:
    was: AuditValues = {"a_log_channel": LARGEST_ID, "word": "*" * 300, "until": 10**13}
    now: AuditValues = {"a_log_channel": None, "word": "_" * 300, "until": 10**12}
    reason = "*" * LONGEST_REASON
    deed = AuditEvent(LARGEST_ID, action, about, LARGEST_ID, was, now, reason)
    text = audit_page_text(AuditPage((entry(deed),) * EVENTS_PER_PAGE, 999_998, 999_999))
    assert len(text) <= CONTENT_LIMIT
    assert text.count(ACTIONS[action]) == EVENTS_PER_PAGE


def test_a_short_page_shows_reasons_in_full() -> None:
    deed = AuditEvent(1, AuditAction.PAUSE, AuditSubject.GUILD, reason="a" * LONGEST_REASON)
    assert "a" * LONGEST_REASON in audit_page_text(AuditPage((entry(deed),), 0, 1))


@pytest.mark.parametrize("number", [1, 8])
def test_a_reset_of_every_window_is_told(number: int) -> None:
    before: AuditValues = {f"{unit} a {window}": 7 for unit, window in EVERY_SLOT[:number]}
    deed = AuditEvent(
        1, AuditAction.RESET, AuditSubject.MEMBER, 2, before, dict.fromkeys(before, 0)
    )
    text = audit_page_text(AuditPage((entry(deed),) * EVENTS_PER_PAGE, 0, 1))
    assert "7 clips in the hour" in text
    assert len(text) <= CONTENT_LIMIT


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({"mode": "off", "channel": 5}, {"mode": "all", "channel": 5}, "mode: off → mode: all"),
        (None, {"is_pattern": True, "word": "a*"}, r"nothing → is pattern: yes, word: a\*"),
        ({"until": None}, {"until": 1_000}, "until: no end → until: <t:1:f>"),
        (None, {"log_channel_id": 7}, "nothing → log channel: <#7>"),
        ({"allowed": "1 2"}, None, "allowed: 1 2 → nothing"),
        ({"clips a day": 0}, {"clips a day": 0}, "no change"),
    ],
)
def test_facts_read_as_words(
    before: AuditValues | None, after: AuditValues | None, told: str
) -> None:
    deed = AuditEvent(1, AuditAction.REVIEW, AuditSubject.GUILD, 0, before, after)
    assert audit_page_text(AuditPage((entry(deed),), 0, 1)).endswith(f": {told}")


def test_an_owner_who_limits_nobody_and_a_guild_without_a_budget() -> None:
    seen = Overview(ChosenTarget(EVERYONE), (), ZERO_COST, (), None)
    text = overview_text(seen)
    assert "No limit." in text
    assert "no budget" in text
