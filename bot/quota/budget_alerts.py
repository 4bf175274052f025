"""What a guild's moderators are told of their budgets: three quarters spent, and all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.base.clock import to_ms
from bot.guilds.log_messages import LogMessage, LogMessageKind
from bot.quota.rules import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.quota.limits import Cost
    from bot.quota.rules import Allowance, LimitStatus

_LOW: Final = 75
_SPENT: Final = 100


def budget_alerts(purse: Allowance, cost: Cost) -> Iterator[LogMessage]:
    """Yield what is to be told once this cost is reserved, by how the purse stood before.

    Whether it was told already in this window is seen by the notice's name.
    """
    for standing in purse.statuses:
        if standing.rule.target.scope is Scope.GUILD:
            used = standing.used + cost.of(standing.limit.unit)
            if used * 100 >= standing.limit.amount * _SPENT:
                yield budget_spent_alert(standing, used)
            elif used * 100 >= standing.limit.amount * _LOW:
                yield _notice(standing, LogMessageKind.BUDGET_LOW, used)


def budget_spent_alert(standing: LimitStatus, used: int) -> LogMessage:
    """Return the notice that a budget does not pay for any more."""
    return _notice(standing, LogMessageKind.BUDGET_SPENT, used)


def _notice(standing: LimitStatus, kind: LogMessageKind, used: int) -> LogMessage:
    limit = standing.limit
    renews = to_ms(standing.renews_at)
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
