"""What moderators did, for their log channel: acts that come close together share a message.

In a raid there are dozens a minute, and Discord takes about one message a second in a channel.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from bot.base import Timeouts, from_ms, to_ms
from bot.guilds import log_messages
from bot.guilds.log_messages import LogMessage, LogMessageKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.base import SqlValue, Transaction


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


def update_reports(
    tx: Transaction,
    guild_id: int,
    now: datetime,
    *,
    job_id: int = 0,
    member_ids: Iterable[int] = (),
) -> None:
    """Have the reports of a clip, or of members' clips, say in the log channel what was done.

    Args:
        tx: The transaction of the act.
        guild_id: Where it was done.
        now: The time of the act.
        job_id: The clip's.
        member_ids: Those of whom the latest reports are updated.
    """
    members = json.dumps(list(member_ids))
    values: dict[str, SqlValue] = {
        "guild": guild_id,
        "job": job_id,
        "members": members,
        "most": _UPDATED_AT_ONCE,
    }
    kind = LogMessageKind.REPORT_OUTDATED
    for row in tx.all(_REPORTS, values):
        key = f"{kind}-{row['id']}-{to_ms(now)}"
        log_messages.add(tx, guild_id, LogMessage(key, kind, {"report": row["id"]}), now)


def entry_ids(message: LogMessage) -> list[int]:
    """The audit entries that a message is about, in the order of the acts."""
    return [int(it) for it in str(message.data["acts"]).split()]


_UPDATED_AT_ONCE: Final = 20
_REPORTS: Final = """
    SELECT id FROM log_messages WHERE guild_id = :guild AND kind = 'clip_reported'
    AND (json_extract(data_json, '$.job') = :job
        OR json_extract(data_json, '$.member') IN (SELECT value FROM json_each(:members)))
    ORDER BY id DESC LIMIT :most
"""
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
