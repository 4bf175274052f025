"""Alerts of budgets and of the ceiling: three quarters are spent, or all of it.

An alert goes by what is spent or ordered at Pika. What is only reserved for a clip that waits may
come back, and is not counted. Triggers list the guilds where that may have changed
(`budget_checks`), also where a budget was set; from what is so then, alerts are added, and taken
back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot.base import service, to_ms, value
from bot.guilds import guild_settings, log_messages
from bot.guilds.log_messages import OWNER, LogMessage, LogMessageKind
from bot.quota import reserved
from bot.quota.rules import Scope

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime

    from bot.base import Clock, Cost, Database, SqlRow, Transaction
    from bot.quota.allowances import AllowanceReader
    from bot.quota.rules import LimitStatus, Rule

_LOW_PERCENT: Final = 75


@value
class _Kinds:
    low: LogMessageKind
    spent: LogMessageKind
    corrected: LogMessageKind


_KINDS: Final[Mapping[Scope, _Kinds]] = {
    Scope.GUILD: _Kinds(
        LogMessageKind.BUDGET_LOW, LogMessageKind.BUDGET_SPENT, LogMessageKind.BUDGET_CORRECTED
    ),
    Scope.OWNER: _Kinds(
        LogMessageKind.CEILING_LOW, LogMessageKind.CEILING_SPENT, LogMessageKind.CEILING_CORRECTED
    ),
}


@service
class BudgetAlerts:
    """Keeps the alerts of all guilds true."""

    database: Database
    allowances: AllowanceReader
    clock: Clock

    async def update(self, busy: Collection[int]) -> None:
        """Add and take back the alerts of the guilds where something was ordered or paid.

        Args:
            busy: Guilds, or `OWNER`, to whom messages are being sent now: theirs are left for
                later, as nobody can tell whether an alert was posted already.
        """
        now = self.clock()
        guild_ids = await self.database.read(lambda tx: _waiting_checks(tx, busy))
        if guild_ids and OWNER not in busy:
            await self.database.write(lambda tx: self._update(tx, busy, now))

    def _update(self, tx: Transaction, busy: Collection[int], now: datetime) -> None:
        for guild_id in _waiting_checks(tx, busy):
            for status in due_statuses(tx, self.allowances, guild_id, now):
                _Alerts(tx, guild_id, status, now).update()
            tx.execute("DELETE FROM budget_checks WHERE guild_id = :guild", {"guild": guild_id})


def due_statuses(
    tx: Transaction, allowances: AllowanceReader, guild_id: int, now: datetime
) -> Iterator[LimitStatus]:
    """A guild's budgets and the ceiling, used by what is spent or ordered."""
    settings = guild_settings.get(tx, guild_id)
    for status, since in allowances.shared(tx, settings, guild_id, now):
        whose = None if status.rule.target.scope is Scope.OWNER else guild_id
        waiting = reserved.waiting(tx, whose, since).of(status.limit.unit)
        yield replace(status, used=status.used - waiting)


def add_refused(
    tx: Transaction,
    allowances: AllowanceReader,
    guild_id: int,
    refused: tuple[Rule, Cost],
    now: datetime,
) -> None:
    """Add the alert that a budget or the ceiling pays for no more, if that is so.

    It is not where clips that wait might give back what is missing; other limits have no alert.
    """
    rule, cost = refused
    for status in due_statuses(tx, allowances, guild_id, now):
        if status.rule == rule and (status.excess(cost) or rule.limit.amount == 0):
            _Alerts(tx, guild_id, status, now).add_spent()


@value
class _Alerts:
    """The alerts of one budget, or of the ceiling, in one of its windows."""

    tx: Transaction
    guild_id: int
    status: LimitStatus
    now: datetime

    def update(self) -> None:
        limit, used = self.status.limit, self.status.used
        is_low = used * 100 >= limit.amount * _LOW_PERCENT
        spent, low = self._find(self._kinds.spent), self._find(self._kinds.low)
        # It may have been told with something left, which was too little for a clip.
        if spent is not None and used < min(limit.amount, spent["used"]):
            self._take_back(spent, self._kinds.low if is_low and low is None else None)
            spent, low = None, low or self._find(self._kinds.low)
        if low is not None and not is_low:
            self._take_back(low)
        # A zero forbids; it is not used up.
        if limit.amount and used >= limit.amount:
            self.add_spent()
        elif limit.amount and is_low and spent is None:
            self._add(self._kinds.low)

    def add_spent(self) -> None:
        self._add(self._kinds.spent)

    @property
    def _kinds(self) -> _Kinds:
        return _KINDS[self.status.rule.target.scope]

    @property
    def _whose(self) -> int:
        # Nobody else moderates direct messages.
        return OWNER if self.status.rule.is_owners else self.guild_id

    def _key(self, kind: LogMessageKind) -> str:
        # Names the window, so that each alert is added once until the budget renews or changes.
        limit, renews = self.status.limit, to_ms(self.status.renews_at)
        return f"{kind}-{limit.amount}-{limit.unit}-{limit.window}-{renews}"

    def _find(self, kind: LogMessageKind) -> SqlRow | None:
        return self.tx.one(_FIND, {"guild": self._whose, "key": self._key(kind)})

    def _add(self, kind: LogMessageKind, key: str = "") -> None:
        limit, renews = self.status.limit, to_ms(self.status.renews_at)
        data: dict[str, int | str] = {
            "amount": limit.amount,
            "unit": limit.unit.value,
            "window": limit.window.value,
            "used": self.status.used,
            "renews_at": renews,
        }
        message = LogMessage(key or self._key(kind), kind, data)
        log_messages.add(self.tx, self._whose, message, self.now)

    def _take_back(self, alert: SqlRow, in_place_of: LogMessageKind | None = None) -> None:
        """Forget an alert, so that it is told again, and correct it if it was posted.

        The correction stands in place of a lesser alert that is true now.
        """
        values = {"id": alert["id"]}
        if alert["sent_at"] is None:
            self.tx.execute("DELETE FROM log_messages WHERE id = :id", values)
            return
        self.tx.execute(_FORGET, values)
        kind = self._kinds.corrected
        key = f"{kind}-{alert['id']}" if in_place_of is None else self._key(in_place_of)
        self._add(kind, key)


def _waiting_checks(tx: Transaction, busy: Collection[int]) -> list[int]:
    rows = tx.all("SELECT guild_id FROM budget_checks")
    return [row["guild_id"] for row in rows if row["guild_id"] not in busy]


_FIND: Final = """
    SELECT id, sent_at, json_extract(data_json, '$.used') AS used FROM log_messages
    WHERE guild_id = :guild AND dedup_key = :key
"""
_FORGET: Final = """
    UPDATE log_messages SET dedup_key = dedup_key || '-taken-back-' || id WHERE id = :id
"""
