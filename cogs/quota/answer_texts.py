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
from cogs.texts.languages import N_, _, number
from cogs.texts.markdown import fit_lines
from cogs.texts.punctuation import listed, sentences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from bot.quota.rules import Allowance, LimitTarget, Rule
    from bot.quota.service import ExemptionResult, GrantResult, LimitResult, RemovalResult

BUDGET_OF_SOMEBODY: Final = N_(
    "The budget is the whole server's: please leave out either `who` or `budget`. Nothing was "
    "changed."
)
_LISTED: Final = 6


def limit_answer(done: LimitResult) -> str:
    """Word the answer to `/quota limit`."""
    rule, target = done.rule, done.rule.target
    head = _("**{rule_title}**, from now on.", rule_title=amounts.rule_title(rule))
    lines = [f"✅ {sentences(head, _was(done))}"]
    if done.default is not None and done.default != done.replaced:
        lines.append(
            _(
                "The bot owner's {rule_title} stays beside it, and is yours to change from now on.",
                rule_title=amounts.rule_title(done.default),
            )
        )
    if rule.limit.amount == 0:
        lines.append(_(_ZERO.get(target.scope, _ZERO_FOR_ALL)))
    if target.scope is Scope.MEMBER:
        lines += [amounts.left_line(it) for it in done.allowance.statuses if it.rule == rule]
    if done.exceptions:
        lines.append(
            _(
                "These go before it: {rules_in_a_row}.",
                rules_in_a_row=rules_in_a_row(done.exceptions),
            )
        )
    lines += _also(done.allowance, rule, done.default)
    return fit_lines(lines)


def budget_answer(done: LimitResult) -> str:
    """Word the answer to `/quota budget`."""
    limit = done.rule.limit
    head = _("**The server's budget is {limit}**, from now on.", limit=amounts.limit_text(limit))
    lines = [f"✅ {sentences(head, _was(done))}"]
    lines += [amounts.left_line(it) for it in done.allowance.statuses if it.rule == done.rule]
    if limit.amount == 0:
        lines.append(_("Zero forbids: nobody can make clips, and no grant lifts that."))
    others = [s.rule for s in done.allowance.statuses if s.rule.is_shared and s.rule != done.rule]
    if others:
        lines.append(
            _("Beside it, this holds: {rules_in_a_row}.", rules_in_a_row=rules_in_a_row(others))
        )
    lines.append(
        _("-# At 75 % and at 100 % I say so in the log channel, if `/clips settings` names one.")
    )
    return fit_lines(lines)


def removal_answer(done: RemovalResult) -> str:
    """Word the answer to `/quota unlimit`."""
    target = done.rules[0].target
    lines = [
        ("✅ " + _("Removed: **{rules_in_a_row}**.", rules_in_a_row=rules_in_a_row(done.rules)))
    ]
    if done.default in done.rules:
        lines.append(_("That one was the bot owner's; it does not come back by itself."))
    shared = [it.rule for it in done.allowance.statuses if it.rule.is_shared]
    own = [it.rule for it in done.allowance.statuses if not it.rule.is_shared]
    if target == GUILD:
        left = _("What is left: {rules_in_a_row}.", rules_in_a_row=rules_in_a_row(shared))
        lines.append(left if shared else _("The server has no budget now."))
    elif own:
        lines.append(
            _(
                "Now for {target}: {rules_in_a_row}.",
                target=amounts.target_text(target),
                rules_in_a_row=rules_in_a_row((*own, *shared)),
            )
        )
    else:
        rest = _(" but {rules_in_a_row}", rules_in_a_row=rules_in_a_row(shared)) if shared else ""
        lines.append(
            "⚠️ "
            + _(
                "Nothing limits {target} any more{rest}.",
                target=amounts.target_text(target),
                rest=rest,
            )
        )
    if target == EVERYONE:
        lines.append(_("-# Limits that roles and members have of their own stay."))
    return fit_lines((*lines, *_forbidden(done.allowance, target)))


def grant_answer(
    target: LimitTarget, unit: Unit, change: int, done: GrantResult, until: datetime | None = None
) -> str:
    """Word the answer to `/quota grant`; `change` is in clips or micro-USD, and may be negative."""
    now, before = amounts.cost_text(done.after), amounts.cost_text(done.before)
    amount, whom = amounts.amount_text(abs(change), unit), amounts.target_text(target)
    is_role = target.scope is Scope.ROLE
    given = {"it": _("Each member with {whom}", whom=whom) if is_role else whom, "amount": amount}
    did = _("{it} gets **{amount}** on top", **given)
    if change < 0:
        did = _("Took **{amount}** back from {whom}", amount=amount, whom=whom)
    elif until is not None:
        when = amounts.timestamp(until, "f")
        did = _("{it} gets **{amount}** on top until {when}", **given, when=when)
    values = {"did": did, "now": now, "before": before}
    hold = _("{did}. Their grants hold {now} now; before, {before}.", **values)
    if is_role:
        hold = _("{did}. The role's grants hold {now} now; before, {before}.", **values)
    kept = _("until then") if until is not None and change > 0 else _("until spent")
    lines = [
        f"✅ {hold}",
        ("-# " + _("Grants are used after the limits of each window, and kept {kept}.", kept=kept)),
    ]
    if is_role:
        lines.append(_("-# Whoever has the role when asking has them, each member once."))
    if change > 0:
        lines += _not_helped(unit, done.allowance)
    return fit_lines(lines)


def exemption_answer(done: ExemptionResult) -> str:
    """Word the answer to `/quota exempt`."""
    target = amounts.target_text(done.rule.target)
    lines = [("✅ " + _("**No limit for {target}**, from now on.", target=target))]
    if done.rule in done.replaced:
        lines[0] = sentences(lines[0], _("It was so before."))
    elif done.replaced:
        lines.append(
            _("It replaces {rules_in_a_row}.", rules_in_a_row=rules_in_a_row(done.replaced))
        )
    if done.exceptions:
        lines.append(
            _(
                "These go before it: {rules_in_a_row}.",
                rules_in_a_row=rules_in_a_row(done.exceptions),
            )
        )
    shared = [it.rule for it in done.allowance.statuses if it.rule.is_shared]
    if shared:
        lines.append(
            _("This still holds: {rules_in_a_row}.", rules_in_a_row=rules_in_a_row(shared))
        )
    lines.append(_("-# `/quota unlimit` ends it; so does a new `/quota limit` for the same."))
    return fit_lines(lines)


def reset_answer(member_id: int, allowance: Allowance) -> str:
    """Word the answer to `/quota reset`."""
    lines = [("✅ " + _("<@{member_id}> starts afresh.", member_id=member_id))]
    lines += [amounts.left_line(it) for it in allowance.statuses if not it.rule.is_shared]
    lines.append(_("-# Their grants and what the server has spent stay as they are."))
    return fit_lines(lines)


def rules_in_a_row(rules: Sequence[Rule]) -> str:
    """Name rules in a row, six of them at most."""
    shown = listed((amounts.rule_title(rule) for rule in rules[:_LISTED]), with_commas=True)
    more = len(rules) - _LISTED
    return _("{shown}; and {more} more", shown=shown, more=more) if more > 0 else shown


def _was(done: LimitResult) -> str:
    if done.replaced is None:
        return (
            _(
                "It holds instead of {rules_in_a_row}.",
                rules_in_a_row=rules_in_a_row(done.instead_of),
            )
            if done.instead_of
            else ""
        )
    if done.replaced == done.default:
        return _(
            "Before, the bot's owner had set {limit}.",
            limit=amounts.limit_text(done.replaced.limit),
        )
    if done.replaced == done.rule:
        return _("It was so before.")
    if done.replaced.is_exemption:
        return _("Before, they were exempt from limits; that has ended.")
    return _("Before, it was {limit}.", limit=amounts.limit_text(done.replaced.limit))


def _also(allowance: Allowance, rule: Rule, default: Rule | None) -> Iterator[str]:
    others = [it.rule for it in allowance.statuses if it.rule not in (rule, default)]
    if others:
        yield _("Beside it, this holds: {rules_in_a_row}.", rules_in_a_row=rules_in_a_row(others))
    if rule.limit.amount:
        yield from _forbidden(allowance, rule.target)


def _forbidden(allowance: Allowance, target: LimitTarget) -> Iterator[str]:
    zero = [it.rule for it in allowance.statuses if it.limit.amount == 0]
    if zero:
        still = _STILL.get(target.scope, _STILL_ALL)
        yield "⚠️ " + _(still, rules_in_a_row=rules_in_a_row(zero))


def _not_helped(unit: Unit, allowance: Allowance) -> Iterator[str]:
    """Warn of rules under which the grant does not help."""
    zero = [status.rule for status in allowance.statuses if status.limit.amount == 0]
    if zero:
        yield (
            "⚠️ "
            + _(
                "It does not lift {rules_in_a_row}: they cannot make clips.",
                rules_in_a_row=rules_in_a_row(zero),
            )
        )
        return
    own = [status.rule for status in allowance.statuses if not status.rule.is_shared]
    others = [rule for rule in own if rule.limit.unit is not unit]
    if others and len(others) == len(own):
        counted = _("clips") if others[0].limit.unit is Unit.CLIPS else _("dollars")
        yield (
            "⚠️ "
            + _(
                "It does not widen {rules_in_a_row}: these count {counted}.",
                rules_in_a_row=rules_in_a_row(others),
                counted=counted,
            )
        )
    for status in allowance.statuses:
        if status.rule.is_shared and status.left == 0:
            title, renews = amounts.rule_title(status.rule), amounts.timestamp(status.renews_at)
            yield (
                "⚠️ "
                + _(
                    "There is nothing left of {title}. It renews {renews}.",
                    title=title,
                    renews=renews,
                )
            )


_ZERO: Final = {
    Scope.MEMBER: N_("Zero forbids: they cannot make clips, and no grant lifts that."),
    Scope.ROLE: N_(
        "Zero forbids: members with this role cannot make clips, and no grant lifts that."
    ),
}
_ZERO_FOR_ALL: Final = N_("Zero forbids: members cannot make clips, and no grant lifts that.")
_STILL: Final = {
    Scope.MEMBER: N_("They still cannot make clips: {rules_in_a_row}."),
    Scope.ROLE: N_("Members with this role still cannot make clips: {rules_in_a_row}."),
}
_STILL_ALL: Final = N_("Members still cannot make clips: {rules_in_a_row}.")
_AMOUNTS: Final = {
    AmountProblem.NOT_A_NUMBER: N_("That amount is not a number."),
    AmountProblem.NEGATIVE: N_("A limit cannot be less than zero."),
    AmountProblem.NOTHING: N_("A grant of nothing changes nothing: please give an amount."),
    AmountProblem.TOO_MUCH: N_("That amount is too large: please stay within {most}."),
}


@error_text.register
def _amount(error: AmountError) -> str:
    if error.problem is AmountProblem.TOO_FINE:
        whole = _("Clips come whole: please give a number without a fraction.")
        fine = _("That amount is too fine: please give at most six digits after the point.")
        return sentences(whole if error.unit is Unit.CLIPS else fine, _(UNCHANGED))
    return sentences(_(_AMOUNTS[error.problem], most=number(LARGEST_AMOUNT)), _(UNCHANGED))


@error_text.register
def _no_such_limit(error: NoSuchLimitError) -> str:
    start = _("For {target} there is no such limit", target=amounts.target_text(error.target))
    if error.target == GUILD:
        start = _("The server has no such budget")
    texts = (
        _("an exemption") if it.is_exemption else amounts.limit_text(it.limit) for it in error.rules
    )
    others = listed(texts, with_commas=True)
    only = _(", only {others}", others=others) if others else ""
    return _(
        "{start}{only}. {unchanged} `/quota limits` lists what there is.",
        start=start,
        only=only,
        unchanged=_(UNCHANGED),
    )


@error_text.register
def _everyone(_error: EveryoneError) -> str:
    return _(
        "Only a member or a role can be exempt or get a grant. For everyone, please "
        "use `/quota limit` or `/quota unlimit`. {unchanged}",
        unchanged=_(UNCHANGED),
    )


@error_text.register
def _no_doubt(error: NoDoubtError) -> str:
    return _(
        "Order {job_id} is not in doubt, or no more. {unchanged}",
        job_id=error.job_id,
        unchanged=_(UNCHANGED),
    )


@error_text.register
def _grant_too_small(error: GrantTooSmallError) -> str:
    held = amounts.amount_text(error.held, error.unit)
    asked = amounts.amount_text(error.asked, error.unit)
    return _(
        "Their grants hold {held}, so {asked} cannot be taken back. {unchanged} Please "
        "take back what they hold, or less.",
        held=held,
        asked=asked,
        unchanged=_(UNCHANGED),
    )
