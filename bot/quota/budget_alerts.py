"""What a guild's moderators are told of their budgets: three quarters spent, and all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.base import to_ms
from bot.guilds.log_messages import LogMessage, LogMessageKind
from bot.quota.rules import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.quota.limits import Cost
    from bot.quota.rules import Allowance, LimitStatus

_LOW: Final = 75
_SPENT: Final = 100


def budget_alerts(allowance: Allowance, cost: Cost) -> Iterator[LogMessage]:
    """Yield what is to be told once this cost is reserved, by how the purse stood before.

    Whether it was told already in this window is seen by the notice's name.
    """
    for status in allowance.statuses:
        if status.rule.target.scope is Scope.GUILD:
            used = status.used + cost.of(status.limit.unit)
            if used * 100 >= status.limit.amount * _SPENT:
                yield budget_spent_alert(status, used)
            elif used * 100 >= status.limit.amount * _LOW:
                yield _notice(status, LogMessageKind.BUDGET_LOW, used)


def budget_spent_alert(status: LimitStatus, used: int) -> LogMessage:
    """Return the notice that a budget does not pay for any more."""
    return _notice(status, LogMessageKind.BUDGET_SPENT, used)


def _notice(status: LimitStatus, kind: LogMessageKind, used: int) -> LogMessage:
    limit = status.limit
    renews = to_ms(status.renews_at)
    return LogMessage(
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
