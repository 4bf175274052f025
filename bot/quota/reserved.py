"""Reserves that are not final yet: those of clips in progress. Reads jobs beside the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.base import Cost, to_ms
from bot.quota import ledger

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base import SqlRow, Transaction
    from bot.quota.ledger import MemberKey

# From the jobs, of which few are open, to their reserves: an index holds the open ones.
_RESERVED: Final = """
    SELECT coalesce(sum(entry.clips), 0) AS clips,
        coalesce(sum(entry.micro_usd), 0) AS micro_usd,
        coalesce(sum(entry.member_clips), 0) AS member_clips,
        coalesce(sum(entry.member_micro_usd), 0) AS member_micro_usd
    FROM jobs JOIN ledger AS entry ON entry.job_id = jobs.id AND entry.kind = 'reserve'
    WHERE jobs.guild_id = :guild AND jobs.state NOT IN ('delivered', 'notified')
        AND jobs.member_id = coalesce(:member, jobs.member_id)
        AND entry.counts_at >= :since
        AND NOT EXISTS (SELECT 1 FROM ledger AS closing
            WHERE closing.job_id = jobs.id AND closing.kind IN ('settle', 'refund'))
"""
# An order in doubt is in line again, and may be billed. From the open jobs, by their index.
_WAITING_IN_ALL: Final = """
    SELECT coalesce(sum(entry.clips), 0) AS clips, coalesce(sum(entry.micro_usd), 0) AS micro_usd
    FROM jobs CROSS JOIN ledger AS entry ON entry.job_id = jobs.id AND entry.kind = 'reserve'
    WHERE jobs.state NOT IN ('delivered', 'notified')
        AND jobs.state IN ('queued', 'submitting') AND jobs.may_be_billed = 0
        AND entry.counts_at >= :since
"""
_WAITING: Final = f"{_WAITING_IN_ALL} AND jobs.guild_id = :guild"


def reserved_by_member(tx: Transaction, member_key: MemberKey, since: datetime) -> Cost:
    """The part of `ledger.used_by_member` that is only reserved."""
    start = max(since, ledger.last_reset(tx, member_key))
    row = _reserved(tx, member_key.guild_id, member_key.member_id, start)
    return Cost(row["member_clips"], row["member_micro_usd"])


def reserved_by_guild(tx: Transaction, guild_id: int, since: datetime) -> Cost:
    """The part of `ledger.spent_by_guild` that is only reserved."""
    row = _reserved(tx, guild_id, None, since)
    return Cost(row["clips"], row["micro_usd"])


def waiting(tx: Transaction, guild_id: int | None, since: datetime) -> Cost:
    """What is reserved from `since` on for clips that are not ordered; `None` for all guilds."""
    values = {"guild": guild_id, "since": to_ms(since)}
    (row,) = tx.all(_WAITING_IN_ALL if guild_id is None else _WAITING, values)
    return Cost(row["clips"], row["micro_usd"])


def _reserved(tx: Transaction, guild_id: int, member_id: int | None, since: datetime) -> SqlRow:
    values = {"guild": guild_id, "member": member_id, "since": to_ms(since)}
    (row,) = tx.all(_RESERVED, values)
    return row
