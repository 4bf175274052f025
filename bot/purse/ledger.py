"""The book of spending. What was spent is the sum of its entries, never a stored number.

Amounts count what is taken from the purse: a reserve is positive, a refund cancels it,
and a settle corrects it to the provider's real charge. All three count in the window in
which the reserve was made. Every function runs inside the caller's transaction, so that
money and state change together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.clock import to_ms
from bot.errors import BotError
from bot.purse.limits import Cost

if TYPE_CHECKING:
    from datetime import datetime

    from bot.storage import Transaction


class LedgerError(BotError):
    """An entry does not fit the book. The transaction must not be committed."""


async def reserve(  # noqa: PLR0913 - one parameter a column
    tx: Transaction, *, job_id: int, guild_id: int, member_id: int, cost: Cost, now: datetime
) -> None:
    """Set the cost of a job aside."""
    await tx.execute(
        "INSERT INTO ledger (guild_id, member_id, job_id, kind, clips, micro_usd,"
        " actor_id, counts_at, entered_at)"
        " VALUES (:guild, :member, :job, 'reserve', :clips, :micro_usd, :member, :now, :now)",
        {
            "guild": guild_id,
            "member": member_id,
            "job": job_id,
            "clips": cost.clips,
            "micro_usd": cost.micro_usd,
            "now": to_ms(now),
        },
    )


async def settle(tx: Transaction, job_id: int, charge_micro_usd: int, now: datetime) -> None:
    """Replace a job's reserve by its real charge.

    Raises:
        LedgerError: Nothing is reserved for this job.
        sqlite3.IntegrityError: It was settled or refunded before.
    """
    await _close(tx, "settle", job_id, charge_micro_usd, now)


async def refund(tx: Transaction, job_id: int, now: datetime) -> None:
    """Give a job's reserve back.

    Raises:
        LedgerError: Nothing is reserved for this job.
        sqlite3.IntegrityError: It was settled or refunded before.
    """
    await _close(tx, "refund", job_id, 0, now)


async def used(tx: Transaction, guild_id: int, member_id: int, since: datetime) -> Cost:
    """Return what a member has spent and reserved in a guild from `since` on."""
    row = await tx.one(
        "SELECT coalesce(sum(clips), 0) AS clips, coalesce(sum(micro_usd), 0) AS micro_usd"
        " FROM ledger"
        " WHERE guild_id = :guild AND member_id = :member AND counts_at >= :since",
        {"guild": guild_id, "member": member_id, "since": to_ms(since)},
    )
    return Cost(0, 0) if row is None else Cost(row["clips"], row["micro_usd"])


async def _close(
    tx: Transaction, kind: str, job_id: int, charge_micro_usd: int, now: datetime
) -> None:
    entered = await tx.execute(
        "INSERT INTO ledger (guild_id, member_id, job_id, kind, clips, micro_usd,"
        " actor_id, counts_at, entered_at)"
        " SELECT guild_id, member_id, job_id, :kind,"
        " CASE :kind WHEN 'refund' THEN -clips ELSE 0 END, :charge - micro_usd,"
        " actor_id, counts_at, :now"
        " FROM ledger WHERE job_id = :job AND kind = 'reserve'",
        {"job": job_id, "kind": kind, "charge": charge_micro_usd, "now": to_ms(now)},
    )
    if entered != 1:
        raise LedgerError(f"job {job_id} has no reserve to {kind}")
