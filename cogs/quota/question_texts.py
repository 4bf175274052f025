"""The questions before a limit reaches everyone: whom it hits, and what it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.quota.overview import overriding_rules
from bot.quota.rules import Scope
from cogs.quota.answer_texts import rules_in_a_row
from cogs.texts import amounts
from cogs.texts.languages import N_, _, number
from cogs.texts.markdown import fit_lines, plural
from cogs.texts.punctuation import joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.quota.overview import Overview
    from bot.quota.rules import Rule

_UNTIL_THEN: Final = N_("-# Nothing is changed before you press.")
_LONGEST: Final = 1500
"""Characters, so that a reason fits below."""


def limit_question(rule: Rule, everyones: Overview, members: int | None) -> str:
    """Ask whether everyone is to have a limit, and say whom it would hit.

    Args:
        rule: The limit for everyone.
        everyones: What holds for everyone now.
        members: Of the server, with bots; `None` where Discord has not said.
    """
    whom = _("all {members} members", members=number(members)) if members else _("every member")
    exceptions = overriding_rules(rule, everyones.others)
    lines = [
        _(
            "Set **{rule_title}**? It hits {whom}{but}.",
            rule_title=amounts.rule_title(rule),
            whom=whom,
            but=_but(exceptions),
        ),
        *_instead(rule, everyones),
    ]
    if rule.limit.amount == 0:
        lines.append("⚠️ " + _("Zero forbids: none of them can make clips then."))
    lines.append(
        _(
            "{until_then} To limit one member or role, name it with `who`.",
            until_then=_(_UNTIL_THEN),
        )
    )
    return fit_lines(lines, most=_LONGEST)


def removal_question(rules: Sequence[Rule], everyones: Overview) -> str:
    """Ask whether limits of everyone are to be removed, and say what holds then."""
    statuses = [it.status.rule for it in everyones.rules]
    left = [it for it in statuses if it not in rules]
    lines = [_("Remove **{rules_in_a_row}**?", rules_in_a_row=rules_in_a_row(rules))]
    if left:
        lines.append(
            _(
                "Then this holds for everyone: {rules_in_a_row}.",
                rules_in_a_row=rules_in_a_row(left),
            )
        )
    else:
        lines.append("⚠️ " + _("Then nothing limits members who have no limit of their own."))
    if everyones.others:
        lines.append(_("The limits of {counted} stay.", counted=_counted(everyones.others)))
    lines.append(
        _(
            "{until_then} To remove those of a member or role, name it with `who`.",
            until_then=_(_UNTIL_THEN),
        )
    )
    return fit_lines(lines, most=_LONGEST)


def _but(exceptions: Sequence[Rule]) -> str:
    if not exceptions:
        return ""
    return _(" but {counted}, who have their own (`/quota limits`)", counted=_counted(exceptions))


def _counted(rules: Iterable[Rule]) -> str:
    targets = {rule.target for rule in rules}
    roles = sum(it.scope is Scope.ROLE for it in targets)
    counts = {"role": roles, "member": len(targets) - roles}
    return joined(plural(count, noun) for noun, count in counts.items() if count)


def _instead(rule: Rule, everyones: Overview) -> Iterable[str]:
    for details in everyones.rules:
        if details.status.rule.is_replaced_by(rule):
            yield _("It replaces {limit}.", limit=amounts.limit_text(details.status.limit))
