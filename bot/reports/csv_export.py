"""The jobs of a report as a spreadsheet, for privacy without prompts and pictures."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC
from typing import TYPE_CHECKING, Final

from bot.base import from_ms
from bot.jobs.job import JobState
from pika import plain_usd

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.base import SqlRow

COLUMNS: Final = (
    "when_utc",
    "member",
    "name",
    "job",
    "state",
    "resolution",
    "seconds",
    "price_usd",
    "charged_usd",
    "refunded_usd",
    "credited_usd",
    "failure",
)
# At a cell's start, these make a spreadsheet program compute the cell instead of showing it.
# So do their wide forms, of East Asian keyboards.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", *"\uff1d\uff0b\uff0d\uff20")
# What ends a cell or a line where a program takes another separator than the comma, as in countries
# with a decimal comma. Behind it, a name could begin a cell of its own.
_SEPARATORS: Final = re.compile(r"[;|\s]+")
# What people's spreadsheets know these states by, from before the code had words of its own.
_STATES: Final[Mapping[str, str]] = {JobState.FAILED: "refused", JobState.NOTIFIED: "told"}


def jobs_csv(jobs: Iterable[SqlRow], names: Mapping[int, str]) -> bytes:
    """A CSV file with a line for each job; amounts in US dollars, instants in UTC.

    Args:
        jobs: Rows of a report.
        names: Of members by id, as they name themselves; who has none is a number alone.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(map(without_formula, _cells(job, names)) for job in jobs)
    # With a mark at its start: without one, Excel takes other letters than ASCII for others.
    return out.getvalue().encode("utf-8-sig")


def without_formula(cell: str) -> str:
    """A cell that no spreadsheet program takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _cells(job: SqlRow, names: Mapping[int, str]) -> tuple[str, ...]:
    return (
        from_ms(job["created_at"]).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        # A spreadsheet program rounds a bare id to 15 digits. As a mention it is kept, and becomes
        # a name where it is pasted into the chat.
        f"<@{job['member_id']}>",
        _SEPARATORS.sub(" ", names.get(job["member_id"], "")).strip(),
        str(job["id"]),
        _STATES.get(job["state"], job["state"]),
        job["resolution"],
        str(job["duration"]),
        *(_usd(job[amount]) for amount in ("price", "charge", "refunded", "credited")),
        job["failure"] or "",
    )


def _usd(micro_usd: int | None) -> str:
    return "" if micro_usd is None else plain_usd(micro_usd)
