"""Messages for a guild's log channel: each is sent once, even over restarts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from bot.base import Timeouts, from_ms, to_ms

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.base import SqlRow, Transaction


class LogMessageKind(StrEnum):
    """The event that a message is about. Stored; `cogs` words it."""

    BUDGET_LOW = "budget_low"
    BUDGET_SPENT = "budget_spent"
    MAY_BE_BILLED = "may_be_billed"
    REVIEW_CLOSED = "review_closed"


@dataclass(frozen=True, slots=True)
class LogMessage:
    """A message to moderators.

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


@dataclass(frozen=True, slots=True)
class UnsentLogMessage:
    """A message that waits, and its log channel."""

    id: int
    channel_id: int
    message: LogMessage
    created_at: datetime


def add(tx: Transaction, guild_id: int, message: LogMessage, now: datetime) -> bool:
    """Have a message sent, unless its key was added before; return whether it is new."""
    added = tx.execute(
        "INSERT INTO log_messages (guild_id, dedup_key, kind, data_json, created_at)"
        " VALUES (:guild, :key, :kind, :data, :now) ON CONFLICT DO NOTHING",
        {
            "guild": guild_id,
            "key": message.dedup_key,
            "kind": message.kind.value,
            "data": json.dumps(dict(message.data)),
            "now": to_ms(now),
        },
    )
    return added == 1


def unsent(
    tx: Transaction, now: datetime, *, after_id: int = 0, most: int = 20
) -> list[UnsentLogMessage]:
    """At most `most` unsent messages of guilds that have a log channel, the oldest first.

    Those older than `Timeouts.LOG_MESSAGE_LIFE` are left out, and ids up to `after_id`.
    """
    rows = tx.all(
        "SELECT log_messages.*, log_channel_id FROM log_messages"
        " JOIN guild_settings USING (guild_id) WHERE sent_at IS NULL AND id > :after"
        " AND log_channel_id IS NOT NULL AND created_at > :since ORDER BY id LIMIT :most",
        {"after": after_id, "since": to_ms(now - Timeouts.LOG_MESSAGE_LIFE), "most": most},
    )
    return [_unsent(row) for row in rows]


def mark_sent(tx: Transaction, message_id: int, now: datetime) -> None:
    """Send a message no more: it was posted, or cannot be."""
    values = {"id": message_id, "now": to_ms(now)}
    tx.execute("UPDATE log_messages SET sent_at = :now WHERE id = :id", values)


def _unsent(row: SqlRow) -> UnsentLogMessage:
    data: dict[str, Any] = json.loads(row["data_json"])
    message = LogMessage(row["dedup_key"], LogMessageKind(row["kind"]), data)
    return UnsentLogMessage(row["id"], row["log_channel_id"], message, from_ms(row["created_at"]))
