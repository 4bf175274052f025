"""The answers to commands that change limits and grants: what applies now, and what to mind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.base import Unit
from bot.quota.amounts import LARGEST_AMOUNT
from bot.quota.errors import (
    AmountError,
    AmountProblem,
    EveryoneError,
    GrantTooSmallError,
    NoDoubtError,
    NoSuchLimitError,
)
from bot.quota.rules import EVERYONE, GUILD, Scope
from cogs.texts import amounts
from cogs.texts.error_texts import UNCHANGED, error_text
from cogs.texts.markdown import fit_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from bot.quota.rules import Allowance, LimitTarget, Rule
    from bot.quota.service import ExemptionResult, GrantResult, LimitResult, RemovalResult

BUDGET_OF_SOMEBODY: Final = (
    "The budget is the whole server's: please leave out either `who` or `budget`. " + UNCHANGED
)
_LISTED: Final = 6


def limit_answer(done: LimitResult) -> str:
    """Word the answer to `/quota limit`."""
    rule, target = done.rule, done.rule.target
    lines = [f"✅ **{amounts.rule_title(rule)}**, from now on.{_was(done)}"]
    if done.default is not None and done.default != done.replaced:
        lines.append(
            f"The bot owner's {amounts.rule_title(done.default)} stays beside it, "
            "and is yours to change from now on."
        )
    if rule.limit.amount == 0:
        lines.append(f"Zero forbids: {_they(target)} cannot make clips, and no grant lifts that.")
    if target.scope is Scope.MEMBER:
        lines += [amounts.left_line(it) for it in done.allowance.statuses if it.rule == rule]
    if done.exceptions:
        lines.append(f"These go before it: {rules_in_a_row(done.exceptions)}.")
    lines += _also(done.allowance, rule, done.default)
    return fit_lines(lines)


def budget_answer(done: LimitResult) -> str:
    """Word the answer to `/quota budget`."""
    limit = done.rule.limit
    lines = [f"✅ **The server's budget is {amounts.limit_text(limit)}**, from now on.{_was(done)}"]
    lines += [amounts.left_line(it) for it in done.allowance.statuses if it.rule == done.rule]
    if limit.amount == 0:
        lines.append("Zero forbids: nobody can make clips, and no grant lifts that.")
    others = [s.rule for s in done.allowance.statuses if s.rule.is_shared and s.rule != done.rule]
    if others:
        lines.append(f"Beside it, this holds: {rules_in_a_row(others)}.")
    lines.append(
        "-# At 75 % and at 100 % I say so in the log channel, if `/clips settings` names one."
    )
    return fit_lines(lines)


def removal_answer(done: RemovalResult) -> str:
    """Word the answer to `/quota unlimit`."""
    target = done.rules[0].target
    lines = [f"✅ Removed: **{rules_in_a_row(done.rules)}**."]
    if done.default in done.rules:
        lines.append("That one was the bot owner's; it does not come back by itself.")
    shared = [it.rule for it in done.allowance.statuses if it.rule.is_shared]
    own = [it.rule for it in done.allowance.statuses if not it.rule.is_shared]
    if target == GUILD:
        left = f"What is left: {rules_in_a_row(shared)}."
        lines.append(left if shared else "The server has no budget now.")
    elif own:
        lines.append(f"Now for {amounts.target_text(target)}: {rules_in_a_row((*own, *shared))}.")
    else:
        rest = f" but {rules_in_a_row(shared)}" if shared else ""
        lines.append(f"⚠️ Nothing limits {amounts.target_text(target)} any more{rest}.")
    if target == EVERYONE:
        lines.append("-# Limits that roles and members have of their own stay.")
    return fit_lines((*lines, *_forbidden(done.allowance, target)))


def grant_answer(
    target: LimitTarget, unit: Unit, change: int, done: GrantResult, until: datetime | None = None
) -> str:
    """Word the answer to `/quota grant`; `change` is in clips or micro-USD, and may be negative."""
    now, before = amounts.cost_text(done.after), amounts.cost_text(done.before)
    amount, whom = amounts.amount_text(abs(change), unit), amounts.target_text(target)
    is_role = target.scope is Scope.ROLE
    did = f"{f'Each member with {whom}' if is_role else whom} gets **{amount}** on top"
    if change < 0:
        did = f"Took **{amount}** back from {whom}"
    elif until is not None:
        did += f" until {amounts.timestamp(until, 'f')}"
    whose = "The role's" if is_role else "Their"
    kept = "until then" if until is not None and change > 0 else "until spent"
    lines = [
        f"✅ {did}. {whose} grants hold {now} now; before, {before}.",
        f"-# Grants are used after the limits of each window, and kept {kept}.",
    ]
    if is_role:
        lines.append("-# Whoever has the role when asking has them, each member once.")
    if change > 0:
        lines += _not_helped(unit, done.allowance)
    return fit_lines(lines)


def exemption_answer(done: ExemptionResult) -> str:
    """Word the answer to `/quota exempt`."""
    target = amounts.target_text(done.rule.target)
    lines = [f"✅ **No limit for {target}**, from now on."]
    if done.rule in done.replaced:
        lines[0] += " It was so before."
    elif done.replaced:
        lines.append(f"It replaces {rules_in_a_row(done.replaced)}.")
    if done.exceptions:
        lines.append(f"These go before it: {rules_in_a_row(done.exceptions)}.")
    shared = [it.rule for it in done.allowance.statuses if it.rule.is_shared]
    if shared:
        lines.append(f"This still holds: {rules_in_a_row(shared)}.")
    lines.append("-# `/quota unlimit` ends it; so does a new `/quota limit` for the same.")
    return fit_lines(lines)


def reset_answer(member_id: int, allowance: Allowance) -> str:
    """Word the answer to `/quota reset`."""
    lines = [f"✅ <@{member_id}> starts afresh."]
    lines += [amounts.left_line(it) for it in allowance.statuses if not it.rule.is_shared]
    lines.append("-# Their grants and what the server has spent stay as they are.")
    return fit_lines(lines)


def rules_in_a_row(rules: Sequence[Rule]) -> str:
    """Name rules in a row, six of them at most."""
    shown = "; ".join(amounts.rule_title(rule) for rule in rules[:_LISTED])
    more = len(rules) - _LISTED
    return f"{shown}; and {more} more" if more > 0 else shown


def _was(done: LimitResult) -> str:
    if done.replaced is None:
        return f" It holds instead of {rules_in_a_row(done.instead_of)}." if done.instead_of else ""
    if done.replaced == done.default:
        return f" Before, the bot's owner had set {amounts.limit_text(done.replaced.limit)}."
    if done.replaced == done.rule:
        return " It was so before."
    if done.replaced.is_exemption:
        return " Before, they were exempt from limits; that has ended."
    return f" Before, it was {amounts.limit_text(done.replaced.limit)}."


def _also(allowance: Allowance, rule: Rule, default: Rule | None) -> Iterator[str]:
    others = [it.rule for it in allowance.statuses if it.rule not in (rule, default)]
    if others:
        yield f"Beside it, this holds: {rules_in_a_row(others)}."
    if rule.limit.amount:
        yield from _forbidden(allowance, rule.target)


def _forbidden(allowance: Allowance, target: LimitTarget) -> Iterator[str]:
    zero = [it.rule for it in allowance.statuses if it.limit.amount == 0]
    if zero:
        yield f"⚠️ {_they(target).capitalize()} still cannot make clips: {rules_in_a_row(zero)}."


def _not_helped(unit: Unit, allowance: Allowance) -> Iterator[str]:
    """Warn of rules under which the grant does not help."""
    zero = [status.rule for status in allowance.statuses if status.limit.amount == 0]
    if zero:
        yield f"⚠️ It does not lift {rules_in_a_row(zero)}: they cannot make clips."
        return
    own = [status.rule for status in allowance.statuses if not status.rule.is_shared]
    others = [rule for rule in own if rule.limit.unit is not unit]
    if others and len(others) == len(own):
        counted = "clips" if others[0].limit.unit is Unit.CLIPS else "dollars"
        yield f"⚠️ It does not widen {rules_in_a_row(others)}: these count {counted}."
    for status in allowance.statuses:
        if status.rule.is_shared and status.left == 0:
            title, renews = amounts.rule_title(status.rule), amounts.timestamp(status.renews_at)
            yield f"⚠️ There is nothing left of {title}. It renews {renews}."


def _they(target: LimitTarget) -> str:
    return _MEMBERS.get(target.scope, "members")


_MEMBERS: Final = {Scope.MEMBER: "they", Scope.ROLE: "members with this role"}
_AMOUNTS: Final = {
    AmountProblem.NOT_A_NUMBER: "That amount is not a number.",
    AmountProblem.NEGATIVE: "A limit cannot be less than zero.",
    AmountProblem.NOTHING: "A grant of nothing changes nothing: please give an amount.",
    AmountProblem.TOO_MUCH: f"That amount is too large: please stay within {LARGEST_AMOUNT:,}.",
}


@error_text.register
def _amount(error: AmountError) -> str:
    if error.problem is AmountProblem.TOO_FINE:
        whole = "Clips come whole: please give a number without a fraction."
        fine = "That amount is too fine: please give at most six digits after the point."
        return f"{whole if error.unit is Unit.CLIPS else fine} {UNCHANGED}"
    return f"{_AMOUNTS[error.problem]} {UNCHANGED}"


@error_text.register
def _no_such_limit(error: NoSuchLimitError) -> str:
    start = f"For {amounts.target_text(error.target)} there is no such limit"
    if error.target == GUILD:
        start = "The server has no such budget"
    others = "; ".join(
        "an exemption" if it.is_exemption else amounts.limit_text(it.limit) for it in error.rules
    )
    only = f", only {others}" if others else ""
    return f"{start}{only}. {UNCHANGED} `/quota limits` lists what there is."


@error_text.register
def _everyone(_error: EveryoneError) -> str:
    return (
        "Only a member or a role can be exempt or get a grant. For everyone, please use "
        f"`/quota limit` or `/quota unlimit`. {UNCHANGED}"
    )


@error_text.register
def _no_doubt(error: NoDoubtError) -> str:
    return f"Order {error.job_id} is not in doubt, or no more. {UNCHANGED}"


@error_text.register
def _grant_too_small(error: GrantTooSmallError) -> str:
    held = amounts.amount_text(error.held, error.unit)
    asked = amounts.amount_text(error.asked, error.unit)
    return (
        f"Their grants hold {held}, so {asked} cannot be taken back. {UNCHANGED} "
        "Please take back what they hold, or less."
    )
