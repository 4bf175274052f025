"""Who takes no direct messages of the bot's, as Discord has said of late."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.base import Tell, to_ms

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base import Transaction

_CLOSED_FOR: Final = timedelta(days=7)


def add(tx: Transaction, member_id: int, now: datetime) -> None:
    """Remember that Discord refused a direct message to a member."""
    tx.execute(
        "INSERT OR REPLACE INTO closed_direct_messages VALUES (:member, :now)",
        {"member": member_id, "now": to_ms(now)},
    )


def possible_way(tx: Transaction, member_id: int, tell: Tell, now: datetime) -> Tell:
    """How to tell a member who chose a way: by a mention where direct messages were refused."""
    if tell is not Tell.DIRECT:
        return tell
    values = {"member": member_id, "after": to_ms(now - _CLOSED_FOR)}
    closed = tx.one(
        "SELECT 1 FROM closed_direct_messages WHERE member_id = :member AND since > :after", values
    )
    return tell if closed is None else Tell.MENTION


def forget(tx: Transaction, member_id: int) -> None:
    """Try direct messages again: the member has just chosen them."""
    tx.execute(
        "DELETE FROM closed_direct_messages WHERE member_id = :member", {"member": member_id}
    )
