"""Deletes what is kept about a member, in transactions. Sums, limits and blocks stay.

All of it but the clips in the making is deleted at once, these when they have ended. For
`LIMITS_LOOK_BACK` the books, and the emptied rows of clips, go on naming the member by number: so
deleting gives nobody a limit anew. Then `unlink` takes that away too.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.base import to_ms
from bot.personal_data.columns import PERSONAL
from pika import Order, Ticket, traces_of

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base import SqlRow, Transaction
    from bot.personal_data.columns import PersonalTable

LIMITS_LOOK_BACK: Final = timedelta(days=62)
"""Longer than any window of a limit: a month, and what a change of the time zone adds to it."""
_JOBS_AT_ONCE: Final = 200
"""So many jobs a transaction erases: all other writes wait for it, some milliseconds."""

_LATE_REQUESTS: Final = timedelta(minutes=15)
"""A request may have been decided while its member asked; its row, dated before, comes after."""
_WANTED: Final = """
    member_id = :member AND interaction_id > 0
    AND created_at <= (SELECT asked_at FROM erasures WHERE erasures.member_id = :member)
"""
# Of an order in doubt, Pika or the owner is still asked what it cost.
_OVER: Final = "ended_at IS NOT NULL AND doubt IS NOT 'open'"


def begin(tx: Transaction, member_id: int, now: datetime) -> None:
    """Write down that a member wants their data deleted, and delete what is of no clip."""
    tx.execute(
        "INSERT INTO erasures (member_id, asked_at) VALUES (:member, :now)"
        " ON CONFLICT DO UPDATE SET asked_at = max(asked_at, excluded.asked_at), done = 0",
        {"member": member_id, "now": to_ms(now)},
    )
    for name, table in PERSONAL.items():
        if table.deletes_rows:
            tx.execute(f"DELETE FROM {name} WHERE {table.whose}", {"member": member_id})
        elif table.erased and not table.job:
            tx.execute(
                f"UPDATE {name} SET {_assignments(table)}"
                f" WHERE ({table.whose}) OR ({table.also_erased})",
                {"member": member_id},
            )


def erasable(tx: Transaction, member_id: int) -> list[int]:
    """The ids of a member's clips that have ended and are to be erased, some at a time."""
    sql = f"SELECT id FROM jobs WHERE {_WANTED} AND {_OVER} LIMIT {_JOBS_AT_ONCE}"
    return [row["id"] for row in tx.all(sql, {"member": member_id})]


def erase(tx: Transaction, job_ids: list[int], now: datetime) -> list[str]:
    """Erase clips; the names of the files that they named, of pictures and posters.

    What their providers have of them is written down for `ProviderEraser`.
    """
    ids = {"ids": json.dumps(job_ids)}
    jobs = tx.all(
        "SELECT id, provider, order_json, ticket_json, picture_file, poster_file FROM jobs"
        f" WHERE id IN (SELECT value FROM json_each(:ids)) AND interaction_id > 0 AND {_OVER}",
        ids,
    )
    for job in jobs:
        add_provider_erasures(tx, job, now)
    ids = {"ids": json.dumps([job["id"] for job in jobs])}
    for name, table in PERSONAL.items():
        if table.job:
            where = f"{table.job} IN (SELECT value FROM json_each(:ids))"
            tx.execute(f"UPDATE {name} SET {_assignments(table)} WHERE {where}", ids)
    files = [job[it] for job in jobs for it in ("picture_file", "poster_file")]
    return [it for it in files if it is not None]


def count_clips(tx: Transaction, member_id: int) -> int:
    """The number of a member's clips that are not erased."""
    sql = "SELECT count(*) FROM jobs WHERE member_id = :member AND interaction_id > 0"
    return int(tx.all(sql, {"member": member_id})[0][0])


def undone(tx: Transaction) -> list[int]:
    """The members some of whose clips may still have to be erased."""
    return [row["member_id"] for row in tx.all("SELECT member_id FROM erasures WHERE done = 0")]


def is_over(tx: Transaction, member_id: int, now: datetime) -> bool:
    """Whether all is erased that a member wanted to be, and nothing comes after it."""
    values = {"member": member_id, "before": to_ms(now - _LATE_REQUESTS)}
    row = tx.one(
        "SELECT 1 FROM erasures WHERE member_id = :member AND asked_at < :before"
        f" AND NOT EXISTS (SELECT 1 FROM jobs WHERE {_WANTED})",
        values,
    )
    return row is not None


def mark_done(tx: Transaction, member_id: int) -> None:
    """Look for a member's clips no more."""
    tx.execute("UPDATE erasures SET done = 1 WHERE member_id = :member", {"member": member_id})


def unlink(tx: Transaction, now: datetime) -> None:
    """Take members out of the books whose entries no limit counts any more."""
    due = tx.all(
        "SELECT member_id AS member, asked_at AS asked FROM erasures"
        " WHERE done = 1 AND asked_at <= :before",
        {"before": to_ms(now - LIMITS_LOOK_BACK)},
    )
    for row in due:
        whose = dict(row)
        move_totals(tx, whose["member"], whose["asked"])
        for statement in _UNLINK:
            tx.execute(statement, whose)


def move_totals(
    tx: Transaction, member_id: int, until_ms: int, guild_id: int | None = None
) -> None:
    """Give nobody what a member used until an instant, in all guilds or one; grants stay theirs."""
    whose = {"member": member_id, "asked": until_ms, "only": guild_id}
    for totals in tx.all(_TOTALS, whose):
        values = whose | dict(totals)
        for statement in _MOVE_TOTALS:
            tx.execute(statement, values)


_UNLINK: Final = (
    """UPDATE ledger SET member_id = 0, actor_id = iif(actor_id = :member, 0, actor_id)
    WHERE member_id = :member AND counts_at <= :asked""",
    """UPDATE jobs SET member_id = 0, cancelled_by = iif(cancelled_by = :member, 0, cancelled_by),
        removed_by = iif(removed_by = :member, 0, removed_by)
    WHERE member_id = :member AND interaction_id < 0""",
    """DELETE FROM log_messages WHERE kind = 'clip_reported' AND created_at <= :asked
    AND :member IN (json_extract(data_json, '$.reporter'), json_extract(data_json, '$.member'))""",
    "DELETE FROM erasures WHERE member_id = :member",
)
# With `max`, SQLite takes the other columns from the row that has it.
_TOTALS: Final = """
    SELECT guild_id AS guild, max(counts_at) AS last, clips, micro_usd, grant_clips, grant_micro_usd
    FROM member_totals WHERE member_id = :member AND counts_at <= :asked
        AND guild_id = coalesce(:only, guild_id) GROUP BY guild_id
"""
# Running totals: what leaves the member's first row leaves all that follow, and comes to nobody's.
# What is left of grants stays theirs.
_MOVE_TOTALS: Final = (
    """DELETE FROM member_totals
    WHERE guild_id = :guild AND member_id = :member AND counts_at <= :asked""",
    """UPDATE member_totals SET clips = clips - :clips, micro_usd = micro_usd - :micro_usd
    WHERE guild_id = :guild AND member_id = :member""",
    """INSERT INTO member_totals
    SELECT :guild, :member, :last, 0, 0, :grant_clips, :grant_micro_usd
    WHERE :grant_clips <> 0 OR :grant_micro_usd <> 0""",
    "INSERT INTO member_totals VALUES (:guild, 0, 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING",
    """UPDATE member_totals SET clips = clips + :clips, micro_usd = micro_usd + :micro_usd
    WHERE guild_id = :guild AND member_id = 0""",
)


def _assignments(table: PersonalTable) -> str:
    return ", ".join(f"{column} = {value}" for column, value in table.erased.items())


def add_provider_erasures(tx: Transaction, job: SqlRow, now: datetime) -> None:
    """Have what a job's provider keeps of it deleted there too, where that can be asked for."""
    order, ticket = job["order_json"], job["ticket_json"]
    traces = traces_of(
        job["provider"],
        Order.model_validate_json(order) if order else None,
        Ticket.model_validate_json(ticket) if ticket else None,
    )
    at = to_ms(now)
    for trace in traces:
        row = {"provider": job["provider"], "trace": trace, "added_at": at, "due_at": at}
        tx.insert("provider_erasures", row)
