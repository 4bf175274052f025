"""Amounts, limits and what is left of them, as people say it."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Final

from bot.base import DIRECT_MESSAGES, Unit, Window
from bot.quota.rules import Scope
from cogs.texts.languages import N_, _, money, ngettext
from cogs.texts.markdown import MENTIONS
from cogs.texts.punctuation import both, joined

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.base import Cost, Limit
    from bot.quota.grants import Grant
    from bot.quota.rules import LimitStatus, LimitTarget, Rule
    from bot.reports.forecast import Forecast

_EACH: Final = {
    Window.HOUR: N_("{amount} an hour"),
    Window.DAY: N_("{amount} a day"),
    Window.WEEK: N_("{amount} a week"),
    Window.MONTH: N_("{amount} a month"),
}
_LEFT: Final = {
    Window.HOUR: N_("{left} left this hour{whose}, renews {when}"),
    Window.DAY: N_("{left} left today{whose}, renews {when}"),
    Window.WEEK: N_("{left} left this week{whose}, renews {when}"),
    Window.MONTH: N_("{left} left this month{whose}, renews {when}"),
}


def clips(count: int) -> str:
    """Say a number of clips in the task's language: `1 clip`, `3 clips`."""
    return ngettext("{n} clip", "{n} clips", count)


def amount_text(amount: int, unit: Unit) -> str:
    """Say an amount, in clips or micro-USD, as `5 clips` or `$2.00`."""
    return clips(amount) if unit is Unit.CLIPS else money(amount)


def cost_text(cost: Cost) -> str:
    """Say a cost as `3 clips and $2.00`, without a part that is zero, or as `nothing`."""
    parts = [amount_text(cost.of(unit), unit) for unit in Unit if cost.of(unit)]
    return joined(parts) or _("nothing")


def limit_text(limit: Limit) -> str:
    """Say a limit as `5 clips a day` or `$2.00 an hour`."""
    return _(_EACH[limit.window], amount=amount_text(limit.amount, limit.unit))


def limits_text(limits: Iterable[Limit]) -> str:
    """Say limits that hold together: `5 clips a day and $2.00 an hour`; empty without any."""
    texts = [limit_text(limit) for limit in limits]
    return reduce(both, texts) if texts else ""


def left_text(status: LimitStatus) -> str:
    """Say what is left of a limit: `2 of 5 clips`, `$0.60 of $2.00`."""
    limit = status.limit
    left = str(status.left) if limit.unit is Unit.CLIPS else money(status.left)
    return _("{left} of {all}", left=left, all=amount_text(limit.amount, limit.unit))


def target_text(target: LimitTarget) -> str:
    """Name a rule's target to moderators. A role's mention shows its name and notifies nobody."""
    mention = MENTIONS.get(target.scope)
    return mention.format(id=target.id) if mention else _(_SHARED[target.scope])


_SHARED: Final = {
    Scope.EVERYONE: N_("everyone"),
    Scope.GUILD: N_("the server's budget"),
    Scope.OWNER: N_("the bot owner's budget"),
}


def rule_text(rule: Rule) -> str:
    """Name a rule to a member, after `of` or `by`: `your own limit of 5 clips a day`.

    How much the bot's owner pays is the owner's to tell: of that budget, no amount is named.
    """
    limit = limit_text(rule.limit)
    if rule.target.id == DIRECT_MESSAGES:
        return _(_DIRECT_RULES[rule.target.scope], limit=limit)
    return _(_RULES[rule.target.scope], limit=limit, role=rule.target.id)


_RULES: Final = {
    Scope.MEMBER: N_("your own limit of {limit}"),
    Scope.ROLE: N_("the limit of {limit} for <@&{role}>"),
    Scope.EVERYONE: N_("the limit of {limit} for everyone"),
    Scope.GUILD: N_("this server's budget of {limit}"),
    Scope.OWNER: N_("the budget that the bot's owner has set"),
}
_DIRECT_RULES: Final = {
    Scope.EVERYONE: N_("the limit of {limit} for each person in direct messages"),
    Scope.GUILD: N_("the budget that the bot's owner has set for direct messages"),
}


def rule_title(rule: Rule) -> str:
    """Name a rule to a moderator: `5 clips a day for everyone`; without the owner's amount."""
    if rule.target.scope is Scope.OWNER:
        return target_text(rule.target)
    if rule.is_exemption:
        return _("no limit for {target}", target=target_text(rule.target))
    limit, target = limit_text(rule.limit), target_text(rule.target)
    return (
        _("{target} of {limit}", target=target, limit=limit)
        if rule.is_shared
        else _("{limit} for {target}", limit=limit, target=target)
    )


def by_owner_text(limit: str) -> str:
    """Say of a limit's words that the bot's owner has set it."""
    return _("{limit} (the bot owner's, until you set one)", limit=limit)


def grant_text(grant: Grant) -> str:
    """Name a grant to moderators: `3 clips on top for @VIP until 30 November`."""
    until = "" if grant.ends_at is None else _(" until {when}", when=timestamp(grant.ends_at, "f"))
    return _(
        "{cost} on top for {target}{until}",
        cost=cost_text(grant.left),
        target=target_text(grant.target),
        until=until,
    )


def left_line(status: LimitStatus) -> str:
    """Say `4 of 5 clips left today, renews in 3 hours`; of a budget, also whose it is.

    Of the bot owner's, it says only whether anything is left.
    """
    when = timestamp(status.renews_at)
    if status.rule.target.scope is Scope.OWNER:
        if status.left == 0:
            return _("The budget of the bot's owner is used up, renews {when}", when=when)
        return _("The budget of the bot's owner is not used up, renews {when}", when=when)
    if status.rule.is_owners:
        if status.left == 0:
            return _("The budget for direct messages is used up, renews {when}", when=when)
        return _("The budget for direct messages is not used up, renews {when}", when=when)
    whose = _(" of the server's budget") if status.rule.target.scope is Scope.GUILD else ""
    return _(_LEFT[status.limit.window], left=left_text(status), whose=whose, when=when)


def ceiling_line(bound: tuple[LimitStatus, int] | None) -> str:
    """Say for how many clips the bot owner's budget is enough; nothing where others end first.

    Args:
        bound: As `Allowance.ceiling_bound` found it. How much is left is the owner's to tell.
    """
    if bound is None:
        return ""
    status, clips_left = bound
    if status.left == 0:
        return left_line(status)
    when = timestamp(status.renews_at)
    if clips_left == 0:
        return _(
            "The budget of the bot's owner ends before another clip of the usual size, "
            "renews {when}",
            when=when,
        )
    return ngettext(
        "The budget of the bot's owner is enough for {n} more clip of the usual size, "
        "renews {when}",
        "The budget of the bot's owner is enough for {n} more clips of the usual size, "
        "renews {when}",
        clips_left,
        when=when,
    )


def budget_end_text(forecast: Forecast) -> str:
    """Say to moderators whether a budget ends before it renews, and when."""
    renews = timestamp(forecast.status.renews_at, "f")
    if forecast.status.left == 0:
        return _("has ended; it renews {renews}", renews=renews)
    if forecast.ends_at is None:
        return _("lasts until it renews {renews}", renews=renews)
    return _(
        "ends {when}, before it renews {renews}",
        when=timestamp(forecast.ends_at, "f"),
        renews=renews,
    )


def timestamp(instant: datetime, style: str = "R") -> str:
    """Write an instant, to the second, so that each reader sees it in their own time zone.

    By Discord's letters: `R` is *in 3 hours*, and goes on counting; `f` a date with time.
    """
    return f"<t:{int(instant.timestamp())}:{style}>"
