"""What a clip took and when. Its SQL reads jobs too, a table of a higher room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.base import Cost, from_ms, value

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base import Transaction


@value
class Receipt:
    """The times of a clip, and what the ledger says that it took.

    Attributes:
        rendered_at: When Pika had made it; `None` where an earlier version did not note it.
        shown_at: When it was shown.
        reserved_micro_usd: Set aside when it was asked for.
        paid_micro_usd: What the server paid for it in the end.
        counted: What counts against its member's limits.
        from_grants: What came out of their grants.
    """

    rendered_at: datetime | None
    shown_at: datetime | None
    reserved_micro_usd: int
    paid_micro_usd: int
    counted: Cost
    from_grants: Cost


def read(tx: Transaction, job_id: int) -> Receipt:
    """Read the receipt of a job, of which an unknown one has none but zeros."""
    times = tx.one("SELECT rendered_at, ended_at FROM jobs WHERE id = :id", {"id": job_id})
    rendered, ended = (None, None) if times is None else (times["rendered_at"], times["ended_at"])
    (sums,) = tx.all(_SUMS, {"id": job_id})
    return Receipt(
        None if rendered is None else from_ms(rendered),
        None if ended is None else from_ms(ended),
        sums["reserved"] or 0,
        sums["paid"] or 0,
        Cost(sums["member_clips"] or 0, sums["member_micro_usd"] or 0),
        Cost(-(sums["grant_clips"] or 0), -(sums["grant_micro_usd"] or 0)),
    )


# Grants that were drawn, and given back, are entries of the kind `grant`: those are not the clip's.
_SUMS = """
    SELECT sum(micro_usd) FILTER (WHERE kind = 'reserve') AS reserved, sum(micro_usd) AS paid,
        sum(member_clips) AS member_clips, sum(member_micro_usd) AS member_micro_usd,
        sum(grant_clips) AS grant_clips, sum(grant_micro_usd) AS grant_micro_usd
    FROM ledger WHERE job_id = :id
"""
