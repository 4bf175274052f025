"""Limits and what is left of them, as people say it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.quota.limits import Unit, Window
from bot.quota.rules import Scope
from cogs.texts.languages import later, say, say_many
from cogs.texts.markdown import usd

if TYPE_CHECKING:
    from datetime import datetime

    from bot.quota.limits import Cost, Limit
    from bot.quota.rules import LimitStatus, LimitTarget, Rule

_EACH: Final = {
    Window.HOUR: later("{amount} an hour"),
    Window.DAY: later("{amount} a day"),
    Window.WEEK: later("{amount} a week"),
    Window.MONTH: later("{amount} a month"),
}
_LEFT: Final = {
    Window.HOUR: later("{left} left this hour{whose}, renews {when}"),
    Window.DAY: later("{left} left today{whose}, renews {when}"),
    Window.WEEK: later("{left} left this week{whose}, renews {when}"),
    Window.MONTH: later("{left} left this month{whose}, renews {when}"),
}


def clips(count: int) -> str:
    """Return `1 clip` or `3 clips`."""
    return say_many("{n} clip", "{n} clips", count)


def amount_words(amount: int, unit: Unit) -> str:
    """Return `5 clips` or `$2.00`; the amount is clips or micro-USD."""
    return clips(amount) if unit is Unit.CLIPS else usd(amount)


def cost_words(cost: Cost) -> str:
    """Return `3 clips and $2.00`, or what of it there is, or `nothing`."""
    parts = [amount_words(cost.of(unit), unit) for unit in Unit if cost.of(unit)]
    return say(" and ").join(parts) or say("nothing")


def limit_words(limit: Limit) -> str:
    """Return a limit as people say it: `5 clips a day`, `$2.00 an hour`."""
    return say(_EACH[limit.window], amount=amount_words(limit.amount, limit.unit))


def left_words(standing: LimitStatus) -> str:
    """Return what is left of a limit: `2 of 5 clips`, `$0.60 of $2.00`."""
    limit = standing.limit
    left = str(standing.left) if limit.unit is Unit.CLIPS else usd(standing.left)
    return say("{left} of {all}", left=left, all=amount_words(limit.amount, limit.unit))


def subject_words(subject: LimitTarget) -> str:
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
    """Return a rule to a member, after `of` or `by`: `your own limit of 5 clips a day`."""
    return say(_RULES[rule.target.scope], limit=limit_words(rule.limit), role=rule.target.id)


_RULES: Final = {
    Scope.MEMBER: later("your own limit of {limit}"),
    Scope.ROLE: later("the limit of {limit} for <@&{role}>"),
    Scope.EVERYONE: later("the limit of {limit} for everyone"),
    Scope.GUILD: later("this server's budget of {limit}"),
    Scope.OWNER: later("the budget of {limit} that the bot's owner has set"),
}


def rule_title(rule: Rule) -> str:
    """Return a rule to a moderator: `5 clips a day for everyone`."""
    limit, whom = limit_words(rule.limit), subject_words(rule.target)
    return f"{whom} of {limit}" if rule.is_shared else f"{limit} for {whom}"


def left_line(standing: LimitStatus) -> str:
    """Return `4 of 5 clips left today, renews in 3 hours`, and whose it is if many share it."""
    shared = _SHARED.get(standing.rule.target.scope)
    return say(
        _LEFT[standing.limit.window],
        left=left_words(standing),
        whose=say(shared) if shared else "",
        when=when(standing.renews_at),
    )


_SHARED: Final = {
    Scope.GUILD: later(" of the server's budget"),
    Scope.OWNER: later(" of the bot owner's budget"),
}


def when(instant: datetime, style: str = "R") -> str:
    """Return a Discord timestamp, which each reader sees in their own time zone."""
    return f"<t:{int(instant.timestamp())}:{style}>"
