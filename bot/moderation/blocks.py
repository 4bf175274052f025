"""Blocks as rows: members who may not start clips, for a time or until the block is lifted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.base import from_ms, to_ms, value

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base import SqlRow, Transaction


@value
class Block:
    """A member's block, never over by itself if `until` is `None`.

    The member reads `reason` too, which may be empty.
    """

    member_id: int
    since: datetime
    until: datetime | None
    reason: str


def put(tx: Transaction, guild_id: int, block: Block) -> None:
    """Block a member, in place of any earlier block."""
    tx.execute(
        "INSERT INTO blocks (guild_id, member_id, blocked_at, blocked_until, reason)"
        " VALUES (:guild, :member, :since, :until, :reason)"
        " ON CONFLICT (guild_id, member_id) DO UPDATE SET blocked_at = excluded.blocked_at,"
        " blocked_until = excluded.blocked_until, reason = excluded.reason",
        {
            "guild": guild_id,
            "member": block.member_id,
            "since": to_ms(block.since),
            "until": None if block.until is None else to_ms(block.until),
            "reason": block.reason,
        },
    )


def get(tx: Transaction, guild_id: int, member_id: int, now: datetime) -> Block | None:
    """Find a member's block that is in force."""
    row = tx.one(
        "SELECT * FROM blocks WHERE guild_id = :guild AND member_id = :member"
        " AND (blocked_until IS NULL OR blocked_until > :now)",
        {"guild": guild_id, "member": member_id, "now": to_ms(now)},
    )
    return None if row is None else _block(row)


def remove(tx: Transaction, guild_id: int, member_id: int) -> None:
    """Lift a member's block."""
    tx.execute(
        "DELETE FROM blocks WHERE guild_id = :guild AND member_id = :member",
        {"guild": guild_id, "member": member_id},
    )


def in_force(tx: Transaction, guild_id: int, now: datetime) -> list[Block]:
    """The blocks in force in a guild, the newest first."""
    rows = tx.all(
        "SELECT * FROM blocks WHERE guild_id = :guild"
        " AND (blocked_until IS NULL OR blocked_until > :now) ORDER BY blocked_at DESC",
        {"guild": guild_id, "now": to_ms(now)},
    )
    return [_block(row) for row in rows]


def _block(row: SqlRow) -> Block:
    until = row["blocked_until"]
    return Block(
        member_id=row["member_id"],
        since=from_ms(row["blocked_at"]),
        until=None if until is None else from_ms(until),
        reason=row["reason"],
    )
