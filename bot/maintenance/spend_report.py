"""What a month's clips cost by server and provider, beside what was billed."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from bot.base import Window, midnight, next_period, to_ms
from pika import plain_usd

if TYPE_CHECKING:
    from datetime import date
    from zoneinfo import ZoneInfo

    from bot.base import SqlRow, Transaction

COLUMNS: Final = (
    "month",
    "server",
    "provider",
    "clips",
    "counted_usd",
    "billed_clips",
    "billed_usd",
    "unbilled_clips",
    "unbilled_usd",
    "in_doubt_clips",
    "in_doubt_usd",
    "in_the_making_clips",
    "in_the_making_usd",
)
"""`counted` is what limits and budgets count, and the sum of the other four. Billed are clips whose
charge the provider told; unbilled those counted at the published price, as it did not."""


def spend_csv(tx: Transaction, month: date, zone: ZoneInfo) -> str:
    """A CSV table with a line for each server and provider, and none where nothing was spent.

    Args:
        tx: On any connection.
        month: The first day of it.
        zone: Whose midnights begin and end the month, as in the owner's budget.
    """
    span = {
        "start": to_ms(midnight(month, zone)),
        "end": to_ms(midnight(next_period(Window.MONTH, month), zone)),
    }
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((f"{month:%Y-%m}", *_cells(row)) for row in tx.all(_SPENT, span))
    return out.getvalue()


def _cells(row: SqlRow) -> tuple[str, ...]:
    cells = {name: str(row[name]) for name in COLUMNS[1:] if not name.endswith("_usd")}
    amounts = {name: plain_usd(row[name]) for name in COLUMNS[1:] if name.endswith("_usd")}
    return tuple((cells | amounts)[name] for name in COLUMNS[1:])


# What a job counts is the sum of its entries, all of which count in the window of its reserve.
_SPENT: Final = """
    WITH counted AS (
        SELECT job_id, sum(clips) AS clips, sum(micro_usd) AS micro_usd FROM ledger
        WHERE job_id IS NOT NULL AND counts_at >= :start AND counts_at < :end GROUP BY job_id
    ), placed AS (
        SELECT guild_id, provider, counted.clips, counted.micro_usd,
            CASE WHEN doubt = 'open' THEN 'doubt'
                WHEN state NOT IN ('delivered', 'notified') THEN 'open'
                WHEN charge_micro_usd IS NULL THEN 'unbilled' ELSE 'billed' END AS kind
        FROM counted JOIN jobs ON jobs.id = job_id
        WHERE counted.clips <> 0 OR counted.micro_usd <> 0
    )
    SELECT guild_id AS server, provider, sum(clips) AS clips, sum(micro_usd) AS counted_usd,
        coalesce(sum(clips) FILTER (WHERE kind = 'billed'), 0) AS billed_clips,
        coalesce(sum(micro_usd) FILTER (WHERE kind = 'billed'), 0) AS billed_usd,
        coalesce(sum(clips) FILTER (WHERE kind = 'unbilled'), 0) AS unbilled_clips,
        coalesce(sum(micro_usd) FILTER (WHERE kind = 'unbilled'), 0) AS unbilled_usd,
        coalesce(sum(clips) FILTER (WHERE kind = 'doubt'), 0) AS in_doubt_clips,
        coalesce(sum(micro_usd) FILTER (WHERE kind = 'doubt'), 0) AS in_doubt_usd,
        coalesce(sum(clips) FILTER (WHERE kind = 'open'), 0) AS in_the_making_clips,
        coalesce(sum(micro_usd) FILTER (WHERE kind = 'open'), 0) AS in_the_making_usd
    FROM placed GROUP BY guild_id, provider ORDER BY guild_id, provider
"""
