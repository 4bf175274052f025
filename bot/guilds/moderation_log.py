"""What moderators did, for their log channel: acts that come close together share a message.

In a raid there are dozens a minute, and Discord takes about one message a second in a channel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.base import Timeouts, from_ms, to_ms
from bot.guilds import log_messages
from bot.guilds.log_messages import LogMessage, LogMessageKind

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base import Transaction


def add(
    tx: Transaction, guild_id: int, entry_id: int, now: datetime, *, even_if_off: bool = False
) -> None:
    """Have an act posted, by the id of its audit entry, where the guild has a log channel.

    It joins the message that is not due yet, if there is one. Else it has one of its own, soon
    after a quiet time, and later where another was due a moment ago.

    Args:
        tx: The transaction of the act.
        guild_id: Where it was done.
        entry_id: The act; its words are made when it is posted.
        now: The time of the act.
        even_if_off: Whether it is posted also where moderators want no acts there.
    """
    if tx.one(_WANTED, {"guild": guild_id, "always": int(even_if_off)}) is None:
        return
    latest = tx.one(_LATEST, {"guild": guild_id, "kind": LogMessageKind.ACTS.value})
    if latest is not None and latest["due_at"] > to_ms(now):
        # Whatever is due may have been read by the sender, and is never changed again.
        tx.execute(_JOIN, {"id": latest["id"], "act": f" {entry_id}"})
        return
    due = now + Timeouts.ACTS_TOGETHER
    if latest is not None:
        due = max(due, from_ms(latest["due_at"]) + Timeouts.ACTS_APART)
    kind = LogMessageKind.ACTS
    message = LogMessage(f"{kind}-{entry_id}", kind, {"acts": str(entry_id)})
    log_messages.add(tx, guild_id, message, now, due)


def entry_ids(message: LogMessage) -> list[int]:
    """The audit entries that a message is about, in the order of the acts."""
    return [int(it) for it in str(message.data["acts"]).split()]


_WANTED: Final = """
    SELECT 1 FROM guild_settings WHERE guild_id = :guild AND log_channel_id IS NOT NULL
    AND (log_acts IS NOT 0 OR :always)
"""
_LATEST: Final = """
    SELECT id, due_at FROM log_messages WHERE guild_id = :guild AND kind = :kind
    ORDER BY id DESC LIMIT 1
"""
_JOIN: Final = """
    UPDATE log_messages
    SET data_json = json_set(data_json, '$.acts', json_extract(data_json, '$.acts') || :act)
    WHERE id = :id
"""
