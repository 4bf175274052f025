"""What the database says of all guilds at one moment, for metrics. Its SQL reads many tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.jobs import job_store

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.base import Transaction
    from bot.quota.allowances import OwnerLimits


@dataclass(frozen=True, slots=True)
class DatabaseFigures:
    """Sums over all guilds; money in micro-USD.

    Attributes:
        open_clips: The number of clips that have not ended, by state and provider.
        spent: What was spent and reserved this month.
        ceiling: The most that may be, if there is a ceiling.
        doubts: Orders of which nobody knows whether Pika bills them.
        doubtful: What is counted for these.
    """

    open_clips: Mapping[tuple[str, ...], int]
    spent: int
    ceiling: int | None
    doubts: int
    doubtful: int


def read_figures(tx: Transaction, owner: OwnerLimits, now: datetime) -> DatabaseFigures:
    """Read the figures."""
    return DatabaseFigures(
        open_clips={(row["state"], row["provider"]): row["clips"] for row in tx.all(_OPEN)},
        spent=owner.used(tx, now),
        ceiling=owner.ceiling(tx).micro_usd,
        doubts=job_store.count_in_doubt(tx),
        doubtful=tx.all(_DOUBTFUL)[0]["micro_usd"],
    )


_OPEN: Final = """
    SELECT state, provider, count(*) AS clips FROM jobs
    WHERE state NOT IN ('delivered', 'notified') GROUP BY state, provider
"""
_DOUBTFUL: Final = """
    SELECT coalesce(sum(ledger.micro_usd), 0) AS micro_usd
    FROM jobs JOIN ledger ON job_id = jobs.id WHERE doubt = 'open'
"""
