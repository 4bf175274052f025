"""What moderators are to be told in their log channel: each thing once, even over restarts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from bot.base.clock import from_ms, to_ms

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.base.database import SqlRow, Transaction

LOG_MESSAGE_LIFE: Final = timedelta(days=1)
"""How long a notice waits for a log channel. After that it is no news."""


class LogMessageKind(StrEnum):
    """What happened. Stored; `cogs` has a sentence for each."""

    BUDGET_LOW = "budget_low"
    BUDGET_SPENT = "budget_spent"
    MAY_BE_BILLED = "may_be_billed"
    REVIEW_CLOSED = "review_closed"


@dataclass(frozen=True, slots=True)
class LogMessage:
    """A thing to tell.

    Attributes:
        dedup_key: What makes it the same thing, in its guild.
        data: Plain values that the sentence needs. `renews_at`, in milliseconds since 1970,
            is when it is no news any more.
    """

    dedup_key: str
    kind: LogMessageKind
    data: Mapping[str, int | str]

    def is_over(self, now: datetime) -> bool:
        """Whether what it tells of has been renewed meanwhile."""
        return to_ms(now) >= int(self.data.get("renews_at", to_ms(now) + 1))


@dataclass(frozen=True, slots=True)
class UnsentLogMessage:
    """A notice that waits, and where it goes."""

    id: int
    channel_id: int
    message: LogMessage
    created_at: datetime


def add(tx: Transaction, guild_id: int, notice: LogMessage, now: datetime) -> bool:
    """Have something told, unless it was noted before; return whether it is news."""
    wake_log_sender = tx.execute(
        "INSERT INTO notices (guild_id, name, kind, data_json, noted_at)"
        " VALUES (:guild, :name, :kind, :data, :now) ON CONFLICT DO NOTHING",
        {
            "guild": guild_id,
            "name": notice.dedup_key,
            "kind": notice.kind.value,
            "data": json.dumps(dict(notice.data)),
            "now": to_ms(now),
        },
    )
    return wake_log_sender == 1


def unsent(
    tx: Transaction, now: datetime, *, after_id: int = 0, most: int = 20
) -> list[UnsentLogMessage]:
    """Return what waits for guilds that have a log channel, the oldest first.

    Args:
        tx: To read in.
        now: What is older than `LOG_MESSAGE_LIFE` by then is left out.
        after_id: The id of the last one that was returned before.
        most: How many at a time.
    """
    rows = tx.all(
        "SELECT notices.*, log_channel_id FROM notices JOIN guilds USING (guild_id)"
        " WHERE told_at IS NULL AND id > :after"
        " AND log_channel_id IS NOT NULL AND noted_at > :since ORDER BY id LIMIT :most",
        {"after": after_id, "since": to_ms(now - LOG_MESSAGE_LIFE), "most": most},
    )
    return [_unsent(row) for row in rows]


def mark_sent(tx: Transaction, notice_id: int, now: datetime) -> None:
    """Remember that it was told, or cannot be."""
    tx.execute(
        "UPDATE notices SET told_at = :now WHERE id = :id", {"id": notice_id, "now": to_ms(now)}
    )


def _unsent(row: SqlRow) -> UnsentLogMessage:
    data: dict[str, Any] = json.loads(row["data_json"])
    notice = LogMessage(row["name"], LogMessageKind(row["kind"]), data)
    return UnsentLogMessage(row["id"], row["log_channel_id"], notice, from_ms(row["noted_at"]))
