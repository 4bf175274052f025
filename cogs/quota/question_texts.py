"""The questions before a limit reaches everyone: whom it hits, and what it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.quota.overview import overriding_rules
from bot.quota.rules import Scope
from cogs.quota.answer_texts import rules_in_a_row
from cogs.texts import amounts
from cogs.texts.markdown import fit_lines, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.quota.overview import Overview
    from bot.quota.rules import Rule

_UNTIL_THEN: Final = "-# Nothing is changed before you press."
_LONGEST: Final = 1500
"""Characters, so that a reason fits below."""


def limit_question(rule: Rule, everyones: Overview, members: int | None) -> str:
    """Ask whether everyone is to have a limit, and say whom it would hit.

    Args:
        rule: The limit for everyone.
        everyones: What holds for everyone now.
        members: Of the server, with bots; `None` where Discord has not said.
    """
    whom = f"all {members:,} members" if members else "every member"
    exceptions = overriding_rules(rule, everyones.others)
    lines = [
        f"Set **{amounts.rule_title(rule)}**? It hits {whom}{_but(exceptions)}.",
        *_instead(rule, everyones),
    ]
    if rule.limit.amount == 0:
        lines.append("⚠️ Zero forbids: none of them can make clips then.")
    lines.append(f"{_UNTIL_THEN} To limit one member or role, name it with `who`.")
    return fit_lines(lines, most=_LONGEST)


def removal_question(rules: Sequence[Rule], everyones: Overview) -> str:
    """Ask whether limits of everyone are to be removed, and say what holds then."""
    statuses = [it.status.rule for it in everyones.rules]
    left = [it for it in statuses if it not in rules]
    lines = [f"Remove **{rules_in_a_row(rules)}**?"]
    if left:
        lines.append(f"Then this holds for everyone: {rules_in_a_row(left)}.")
    else:
        lines.append("⚠️ Then nothing limits members who have no limit of their own.")
    if everyones.others:
        lines.append(f"The limits of {_counted(everyones.others)} stay.")
    lines.append(f"{_UNTIL_THEN} To remove those of a member or role, name it with `who`.")
    return fit_lines(lines, most=_LONGEST)


def _but(exceptions: Sequence[Rule]) -> str:
    if not exceptions:
        return ""
    return f" but {_counted(exceptions)}, who have their own (`/quota limits`)"


def _counted(rules: Iterable[Rule]) -> str:
    targets = {rule.target for rule in rules}
    roles = sum(it.scope is Scope.ROLE for it in targets)
    counts = {"role": roles, "member": len(targets) - roles}
    return " and ".join(plural(count, noun) for noun, count in counts.items() if count)


def _instead(rule: Rule, everyones: Overview) -> Iterable[str]:
    for details in everyones.rules:
        if details.status.rule.is_replaced_by(rule):
            yield f"It replaces {amounts.limit_text(details.status.limit)}."
