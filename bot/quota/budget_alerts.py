"""Messages to a guild's log channel: three quarters of a budget are spent, or all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.base import to_ms
from bot.guilds.log_messages import LogMessage, LogMessageKind
from bot.quota.rules import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.quota.limits import Cost
    from bot.quota.rules import Allowance, LimitStatus

_LOW_PERCENT: Final = 75


def budget_alerts(allowance: Allowance, cost: Cost) -> Iterator[LogMessage]:
    """Yield the alerts that reserving a cost gives rise to, by the allowance before it."""
    for status in allowance.statuses:
        if status.rule.target.scope is Scope.GUILD:
            used = status.used + cost.of(status.limit.unit)
            if used >= status.limit.amount:
                yield budget_spent_alert(status, used)
            elif used * 100 >= status.limit.amount * _LOW_PERCENT:
                yield _alert(status, LogMessageKind.BUDGET_LOW, used)


def budget_spent_alert(status: LimitStatus, used: int) -> LogMessage:
    """The alert that a budget pays for no more; `used` in the limit's unit."""
    return _alert(status, LogMessageKind.BUDGET_SPENT, used)


def _alert(status: LimitStatus, kind: LogMessageKind, used: int) -> LogMessage:
    limit = status.limit
    renews = to_ms(status.renews_at)
    return LogMessage(
        # Names the window, so that each alert is added once until the budget renews or changes.
        dedup_key=f"{kind}-{limit.amount}-{limit.unit}-{limit.window}-{renews}",
        kind=kind,
        data={
            "amount": limit.amount,
            "unit": limit.unit.value,
            "window": limit.window.value,
            "used": used,
            "renews_at": renews,
        },
    )
