"""Messages for a guild's log channel, and for the owner: each is sent once, even over restarts."""

from __future__ import annotations

import json
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from bot.base import Timeouts, from_ms, to_ms, value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.base import SqlRow, SqlValue, Transaction


class LogMessageKind(StrEnum):
    """The event that a message is about. Stored; `cogs` words it."""

    BUDGET_LOW = "budget_low"
    BUDGET_SPENT = "budget_spent"
    BUDGET_CORRECTED = "budget_corrected"
    MAY_BE_BILLED = "may_be_billed"
    REVIEW_CLOSED = "review_closed"
    ACTS = "acts"
    PAUSE_ENDED = "pause_ended"
    CLIP_REPORTED = "clip_reported"
    REPORT_OUTDATED = "report_outdated"
    """The message about a report is to say what was done since: edited, not sent."""
    # To the owner of the application (`bot.guilds.owner_messages`).
    CEILING_LOW = "ceiling_low"
    CEILING_SPENT = "ceiling_spent"
    CEILING_CORRECTED = "ceiling_corrected"
    ACCOUNT_REFUSED = "account_refused"
    ORDERS_IN_DOUBT = "orders_in_doubt"
    GUILD_JOINED = "guild_joined"
    GUILD_LEFT = "guild_left"
    GUILD_CLOSED = "guild_closed"
    UNCLEAN_STOP = "unclean_stop"
    CLOCK_SET = "clock_set"
    DATABASE_LOST = "database_lost"
    BACKUP_FAILED = "backup_failed"
    MORE = "more"


_ALERTS: Final = frozenset(
    {
        LogMessageKind.BUDGET_LOW,
        LogMessageKind.BUDGET_SPENT,
        LogMessageKind.MAY_BE_BILLED,
        LogMessageKind.REVIEW_CLOSED,
        LogMessageKind.CLIP_REPORTED,
    }
)
"""What the guild's role for alerts is mentioned for."""

OWNER: Final = 0
"""In place of a guild's id: the message is for the owner of the application."""


@value
class LogMessage:
    """A message to moderators, or to the owner.

    Attributes:
        dedup_key: Another message of the guild with this key is never added.
        data: Plain values for the sentence. From `renews_at` on, in milliseconds since 1970,
            the message is outdated.
    """

    dedup_key: str
    kind: LogMessageKind
    data: Mapping[str, int | str]

    def is_over(self, now: datetime) -> bool:
        """Whether the budget or the like that the message is about has been renewed since."""
        return to_ms(now) >= int(self.data.get("renews_at", to_ms(now) + 1))


@value
class UnsentLogMessage:
    """A message that waits.

    Attributes:
        guild_id: Whose it is; `OWNER` for a message to the owner.
        channel_id: The guild's log channel; `None` for a message to the owner.
        alert_role_id: The role to mention, if any: of the guild's messages of a kind, the first in
            each stretch of `Timeouts.PINGS_APART` mentions one.
    """

    id: int
    guild_id: int
    channel_id: int | None
    message: LogMessage
    created_at: datetime
    alert_role_id: int | None = None


def add(
    tx: Transaction,
    guild_id: int,
    message: LogMessage,
    now: datetime,
    due_at: datetime | None = None,
) -> bool:
    """Have a message sent, unless its key was added before; return whether it is new.

    It is sent at once, or from `due_at` on.
    """
    added = tx.execute(
        "INSERT INTO log_messages (guild_id, dedup_key, kind, data_json, created_at, due_at)"
        " VALUES (:guild, :key, :kind, :data, :now, :due) ON CONFLICT DO NOTHING",
        {
            "guild": guild_id,
            "key": message.dedup_key,
            "kind": message.kind.value,
            "data": json.dumps(dict(message.data)),
            "now": to_ms(now),
            "due": 0 if due_at is None else to_ms(due_at),
        },
    )
    return added == 1


def withdraw(tx: Transaction, guild_id: int, kind: LogMessageKind) -> None:
    """Drop a guild's messages of a kind that are not sent yet: they will not come true."""
    tx.execute(
        "DELETE FROM log_messages WHERE guild_id = :guild AND kind = :kind AND sent_at IS NULL",
        {"guild": guild_id, "kind": kind.value},
    )


def is_known(tx: Transaction, guild_id: int, dedup_key: str) -> bool:
    """Whether a message of that key was ever added."""
    sql = "SELECT 1 FROM log_messages WHERE guild_id = :guild AND dedup_key = :key"
    return tx.one(sql, {"guild": guild_id, "key": dedup_key}) is not None


def find(tx: Transaction, guild_id: int, dedup_key: str) -> tuple[LogMessage, datetime] | None:
    """A message by its key, sent or not, and when it was added."""
    sql = "SELECT * FROM log_messages WHERE guild_id = :guild AND dedup_key = :key"
    return _found(tx.one(sql, {"guild": guild_id, "key": dedup_key}))


def of_id(tx: Transaction, message_id: int) -> tuple[LogMessage, datetime] | None:
    """As `find`, by its id."""
    return _found(tx.one("SELECT * FROM log_messages WHERE id = :id", {"id": message_id}))


def add_data(tx: Transaction, message_id: int, data: Mapping[str, int | str]) -> None:
    """Add to the values of a message."""
    tx.execute(
        "UPDATE log_messages SET data_json = json_patch(data_json, :more) WHERE id = :id",
        {"id": message_id, "more": json.dumps(dict(data))},
    )


def _found(row: SqlRow | None) -> tuple[LogMessage, datetime] | None:
    return None if row is None else (_message(row), from_ms(row["created_at"]))


def unsent(
    tx: Transaction, now: datetime, *, most_each: int = 20
) -> dict[int, list[UnsentLogMessage]]:
    """The unsent messages to the owner and to guilds with a log channel, by the guild's id.

    Of each guild the oldest `most_each`. Those older than `Timeouts.LOG_MESSAGE_LIFE`, or
    `OWNER_MESSAGE_LIFE`, are left out.
    """
    values: dict[str, SqlValue] = {
        "now": to_ms(now),
        "owner": OWNER,
        "owner_since": to_ms(now - Timeouts.OWNER_MESSAGE_LIFE),
        "since": to_ms(now - Timeouts.LOG_MESSAGE_LIFE),
        "most": most_each,
        "apart": Timeouts.PINGS_APART // timedelta(milliseconds=1),
    }
    found: dict[int, list[UnsentLogMessage]] = {}
    for row in tx.all(_UNSENT, values):
        found.setdefault(row["guild_id"], []).append(_unsent(row))
    return found


# By the instants at which messages were added: sent again, a message mentions as it did before.
_UNSENT: Final = """
    SELECT *, alert_role_id IS NOT NULL AND EXISTS (
        SELECT 1 FROM log_messages AS earlier
        WHERE earlier.guild_id = waiting.guild_id AND earlier.kind = waiting.kind
        AND earlier.id < waiting.id
        AND earlier.created_at / :apart = waiting.created_at / :apart
    ) AS mentioned_lately
    FROM (
        SELECT log_messages.*, log_channel_id, alert_role_id,
            row_number() OVER (PARTITION BY guild_id ORDER BY id) AS place
        FROM log_messages LEFT JOIN guild_settings USING (guild_id)
        WHERE sent_at IS NULL AND due_at <= :now AND CASE guild_id
            WHEN :owner THEN created_at > :owner_since
            ELSE log_channel_id IS NOT NULL AND created_at > :since END
    ) AS waiting
    WHERE place <= :most ORDER BY id
"""


def mark_sent(tx: Transaction, message_id: int, now: datetime) -> None:
    """Send a message no more: it was posted, or cannot be."""
    values = {"id": message_id, "now": to_ms(now)}
    tx.execute("UPDATE log_messages SET sent_at = :now WHERE id = :id", values)


def _unsent(row: SqlRow) -> UnsentLogMessage:
    message = _message(row)
    mentions = message.kind in _ALERTS and not row["mentioned_lately"]
    return UnsentLogMessage(
        row["id"],
        row["guild_id"],
        row["log_channel_id"],
        message,
        from_ms(row["created_at"]),
        row["alert_role_id"] if mentions else None,
    )


def _message(row: SqlRow) -> LogMessage:
    data: dict[str, Any] = json.loads(row["data_json"])
    return LogMessage(row["dedup_key"], LogMessageKind(row["kind"]), data)
