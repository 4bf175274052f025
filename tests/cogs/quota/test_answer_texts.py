"""The answers to commands about limits and grants, at their longest."""

from __future__ import annotations

import pytest

from bot.base import ZERO_COST, Cost, Limit, Unit, Window
from bot.quota.amounts import LARGEST_AMOUNT
from bot.quota.overview import ChosenTarget, Overview, RuleDetails
from bot.quota.rules import EVERYONE, GUILD, OWNER, Allowance, LimitStatus, LimitTarget, Rule, Scope
from bot.quota.service import GrantResult, LimitResult, RemovalResult
from cogs.quota import answer_texts
from cogs.quota.show import overview_text
from cogs.texts.markdown import CONTENT_LIMIT, fit_lines
from tests.cogs.samples import NOW

LARGEST_ID = 2**63 - 1
MEMBER, ROLE = LimitTarget(Scope.MEMBER, LARGEST_ID), LimitTarget(Scope.ROLE, LARGEST_ID)
AMOUNT = LARGEST_AMOUNT * 1_000_000 - 1
EVERY_SLOT = [(unit, window) for unit in Unit for window in Window]


def rules(target: LimitTarget, amount: int = AMOUNT) -> tuple[Rule, ...]:
    return tuple(Rule(target, Limit(amount, unit, window)) for unit, window in EVERY_SLOT)


def allowance(target: LimitTarget, amount: int = AMOUNT) -> Allowance:
    held = (*rules(target, amount), *rules(GUILD, amount), *rules(OWNER, amount))
    return Allowance(
        tuple(LimitStatus(rule, AMOUNT, NOW) for rule in held), Cost(LARGEST_AMOUNT, AMOUNT)
    )


def every_answer() -> dict[str, str]:
    answers = {}
    many = rules(ROLE) * 50
    for target in (MEMBER, ROLE, EVERYONE):
        for amount in (0, AMOUNT):
            rule = rules(target, amount)[0]
            done = LimitResult(rule, None, rule, many, many, allowance(target, amount))
            answers[f"limit {target.scope} {amount}"] = answer_texts.limit_answer(done)
            gone = RemovalResult(rules(target) * 9, rule, allowance(target, amount))
            answers[f"unlimit {target.scope} {amount}"] = answer_texts.removal_answer(gone)
        lines = tuple(RuleDetails(it, AMOUNT, many) for it in allowance(target).statuses)
        seen = Overview(
            ChosenTarget(target, is_certain=False), lines, Cost(LARGEST_AMOUNT, AMOUNT), many, None
        )
        answers[f"show {target.scope}"] = overview_text(seen)
    budget = LimitResult(rules(GUILD)[0], None, None, (), (), allowance(EVERYONE))
    answers["budget"] = answer_texts.budget_answer(budget)
    for amount in (0, AMOUNT):
        had = GrantResult(*(Cost(LARGEST_AMOUNT, AMOUNT),) * 2, allowance(MEMBER, amount))
        answers[f"grant {amount}"] = answer_texts.grant_answer(ROLE, Unit.USD, AMOUNT, had, NOW)
    answers["reset"] = answer_texts.reset_answer(LARGEST_ID, allowance(MEMBER))
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


def test_an_owner_who_limits_nobody_and_a_guild_without_a_budget() -> None:
    seen = Overview(ChosenTarget(EVERYONE), (), ZERO_COST, (), None)
    text = overview_text(seen)
    assert "No limit." in text
    assert "no budget" in text


def test_an_overview_that_does_not_fit_counts_the_limits_left_out() -> None:
    others = tuple(
        Rule(LimitTarget(Scope.ROLE, LARGEST_ID - it), Limit.parse("5 clips a day"))
        for it in range(50)
    )
    text = overview_text(Overview(ChosenTarget(EVERYONE), (), ZERO_COST, others, None))
    shown = text.count("5 clips a day for <@&")
    assert shown > 10
    assert text.endswith(f"-# {50 - shown} more: `/quota limits`")
