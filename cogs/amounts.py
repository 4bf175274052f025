"""Limits and what is left of them, as people say it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.purse.limits import Unit, Window
from bot.purse.rules import Scope
from cogs.text import plural, usd

if TYPE_CHECKING:
    from datetime import datetime

    from bot.purse.limits import Cost, Limit
    from bot.purse.rules import Rule, Standing, Subject

WINDOWS: Final = {
    Window.HOUR: "this hour",
    Window.DAY: "today",
    Window.WEEK: "this week",
    Window.MONTH: "this month",
}


def amount_words(amount: int, unit: Unit) -> str:
    """Return `5 clips` or `$2.00`; the amount is clips or micro-USD."""
    return plural(amount, "clip") if unit is Unit.CLIPS else usd(amount)


def cost_words(cost: Cost) -> str:
    """Return `3 clips and $2.00`, or what of it there is, or `nothing`."""
    parts = [amount_words(cost.of(unit), unit) for unit in Unit if cost.of(unit)]
    return " and ".join(parts) or "nothing"


def limit_words(limit: Limit) -> str:
    """Return a limit as people say it: `5 clips a day`, `$2.00 an hour`."""
    article = "an" if limit.window is Window.HOUR else "a"
    return f"{amount_words(limit.amount, limit.unit)} {article} {limit.window}"


def left_words(standing: Standing) -> str:
    """Return what is left of a limit: `2 of 5 clips`, `$0.60 of $2.00`."""
    limit = standing.limit
    left = str(standing.left) if limit.unit is Unit.CLIPS else usd(standing.left)
    return f"{left} of {amount_words(limit.amount, limit.unit)}"


def subject_words(subject: Subject) -> str:
    """Return whom a rule is for. Mentions of roles show their name and notify nobody."""
    match subject.scope:
        case Scope.MEMBER:
            return f"<@{subject.id}>"
        case Scope.ROLE:
            return f"<@&{subject.id}>"
        case Scope.EVERYONE:
            return "everyone"
        case Scope.GUILD:
            return "the server's budget"
        case Scope.OWNER:
            return "the bot owner's budget"


def rule_words(rule: Rule) -> str:
    """Return a rule to a member: `your limit of 5 clips a day`."""
    limit = limit_words(rule.limit)
    match rule.subject.scope:
        case Scope.MEMBER:
            return f"your own limit of {limit}"
        case Scope.ROLE:
            return f"the limit of {limit} for <@&{rule.subject.id}>"
        case Scope.EVERYONE:
            return f"the limit of {limit} for everyone"
        case Scope.GUILD:
            return f"this server's budget of {limit}"
        case Scope.OWNER:
            return f"the budget of {limit} that the bot's owner has set"


def rule_title(rule: Rule) -> str:
    """Return a rule to a moderator: `5 clips a day for everyone`."""
    limit, whom = limit_words(rule.limit), subject_words(rule.subject)
    return f"{whom} of {limit}" if rule.is_shared else f"{limit} for {whom}"


def left_line(standing: Standing) -> str:
    """Return `4 of 5 clips left today, renews in 3 hours`, and whose it is if many share it."""
    window = WINDOWS[standing.limit.window]
    shared = f" of {subject_words(standing.rule.subject)}" if standing.rule.is_shared else ""
    return f"{left_words(standing)} left {window}{shared}, renews {when(standing.renews_at)}"


def when(instant: datetime, style: str = "R") -> str:
    """Return a Discord timestamp, which each reader sees in their own time zone."""
    return f"<t:{int(instant.timestamp())}:{style}>"
