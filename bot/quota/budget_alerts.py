"""Alerts of budgets and of the ceiling: three quarters are spent, or all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.base import to_ms
from bot.guilds import log_messages, owner_messages
from bot.guilds.log_messages import LogMessage, LogMessageKind
from bot.quota.rules import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.base import Transaction
    from bot.quota.limits import Cost
    from bot.quota.rules import Allowance, LimitStatus

_LOW_PERCENT: Final = 75
_LOW: Final[Mapping[Scope, LogMessageKind]] = {
    Scope.GUILD: LogMessageKind.BUDGET_LOW,
    Scope.OWNER: LogMessageKind.CEILING_LOW,
}
_SPENT: Final[Mapping[Scope, LogMessageKind]] = {
    Scope.GUILD: LogMessageKind.BUDGET_SPENT,
    Scope.OWNER: LogMessageKind.CEILING_SPENT,
}


def add_alerts(
    tx: Transaction, guild_id: int, allowance: Allowance, cost: Cost, now: datetime
) -> None:
    """Add the alerts that reserving a cost gives rise to, by the allowance before it."""
    for before in allowance.statuses:
        if not before.rule.is_shared:
            continue
        status = before.after(cost)
        if status.left == 0:
            _add(tx, guild_id, status, _SPENT, now)
        elif status.used * 100 >= status.limit.amount * _LOW_PERCENT:
            _add(tx, guild_id, status, _LOW, now)


def add_spent_alert(tx: Transaction, guild_id: int, status: LimitStatus, now: datetime) -> None:
    """Add the alert that a budget or the ceiling pays for no more; other limits have none."""
    _add(tx, guild_id, status, _SPENT, now)


def _add(
    tx: Transaction,
    guild_id: int,
    status: LimitStatus,
    kinds: Mapping[Scope, LogMessageKind],
    now: datetime,
) -> None:
    scope, limit = status.rule.target.scope, status.limit
    if scope not in kinds:
        return
    kind, renews = kinds[scope], to_ms(status.renews_at)
    # Names the window, so that each alert is added once until the budget renews or changes.
    occasion = f"{limit.amount}-{limit.unit}-{limit.window}-{renews}"
    data: dict[str, int | str] = {
        "amount": limit.amount,
        "unit": limit.unit.value,
        "window": limit.window.value,
        "used": status.used,
        "renews_at": renews,
    }
    if scope is Scope.OWNER:
        owner_messages.put(tx, kind, occasion, now, **data)
    else:
        log_messages.add(tx, guild_id, LogMessage(f"{kind}-{occasion}", kind, data), now)
