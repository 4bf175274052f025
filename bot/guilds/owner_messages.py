"""Messages to the owner of the application: each once, and never a flood.

They lie beside those for log channels. Add one in the transaction of the act that it is about.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from bot.base import to_ms
from bot.guilds import log_messages
from bot.guilds.log_messages import OWNER, LogMessage, LogMessageKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.base import Transaction

__all__ = ["LogMessageKind", "put"]

_MOST_A_DAY: Final[Mapping[LogMessageKind, int]] = {
    LogMessageKind.ACCOUNT_REFUSED: 3,
    LogMessageKind.ORDERS_IN_DOUBT: 1,
    LogMessageKind.GUILD_JOINED: 3,
    LogMessageKind.GUILD_LEFT: 3,
    LogMessageKind.GUILD_CLOSED: 3,
    LogMessageKind.UNCLEAN_STOP: 3,
    LogMessageKind.CLOCK_SET: 3,
    LogMessageKind.BACKUP_FAILED: 1,
}
"""Of each day in UTC; what strangers or a fault may bring about without end."""


def put(
    tx: Transaction, kind: LogMessageKind, occasion: str, now: datetime, **data: int | str
) -> None:
    """Have the owner told, unless a message of this kind and occasion was put before.

    Of kinds that may come in bursts only the first few of a day are sent at once. The others are
    counted, and told in one message after that day.

    Args:
        tx: The transaction of the act.
        kind: What happened; `cogs.delivery.owner_messages` words it.
        occasion: Names the event within its kind, as its window or its time does.
        now: The time of the event.
        data: Plain values for the sentence, as `LogMessage.data`.
    """
    message = LogMessage(f"{kind}-{occasion}", kind, data)
    if log_messages.is_known(tx, OWNER, message.dedup_key):
        return
    day = datetime.combine(now.astimezone(UTC), time(), UTC)
    most = _MOST_A_DAY.get(kind)
    if most is None or _count(tx, kind, day) < most:
        log_messages.add(tx, OWNER, message, now)
    else:
        _count_one_more(tx, kind, day, now)


def _count(tx: Transaction, kind: LogMessageKind, day: datetime) -> int:
    sql = (
        "SELECT count(*) FROM log_messages"
        " WHERE guild_id = :owner AND kind = :kind AND created_at >= :day"
    )
    values = {"owner": OWNER, "kind": kind.value, "day": to_ms(day)}
    return int(tx.all(sql, values)[0][0])


def _count_one_more(tx: Transaction, kind: LogMessageKind, day: datetime, now: datetime) -> None:
    key = f"{LogMessageKind.MORE}-{kind}-{day:%Y-%m-%d}"
    message = LogMessage(key, LogMessageKind.MORE, {"kind": kind.value, "count": 0})
    log_messages.add(tx, OWNER, message, now, day + timedelta(days=1))
    tx.execute(
        "UPDATE log_messages SET data_json ="
        " json_set(data_json, '$.count', json_extract(data_json, '$.count') + 1)"
        " WHERE guild_id = :owner AND dedup_key = :key",
        {"owner": OWNER, "key": key},
    )
