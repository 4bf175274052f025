"""Deletes in transactions what was kept for long enough. Sums stay, and what moderators decided.

What a member asked for goes some days after the clip has ended. Whose it was goes when no limit
counts it any more: as if its member had asked for that (`erasure`). What there is of a guild goes
some days after the bot has left it. Each function does a part and is called until nothing is left,
so that no other write waits for long; whatever is done twice changes nothing.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.base import to_ms
from bot.personal_data import erasure
from bot.personal_data.columns import DETAILS, PERSONAL

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from bot.base import SqlValue, Transaction

LEFT_GUILD_KEPT: Final = timedelta(days=30)
_JOBS_AT_ONCE: Final = 100
_ROWS_AT_ONCE: Final = 500
_MEMBERS_AT_ONCE: Final = 10
_BOOKS_SLICE_MS: Final = 10 * 86_400_000


def jobs_with_details(tx: Transaction, before: datetime) -> list[int]:
    """The ids of some jobs that ended before then, and still have their details."""
    return _ids(tx, f"{_OVER} AND has_details = 1", before)


def jobs_with_names(tx: Transaction, before: datetime) -> list[int]:
    """The ids of some jobs that ended before then, and still say whose they are."""
    return _ids(tx, _OVER, before)


def jobs_of_guild(tx: Transaction, guild_id: int) -> list[int]:
    """The ids of some jobs of a guild that have ended, and still say whose they are."""
    if _is_back(tx, guild_id):
        return []
    return _ids(tx, f"guild_id = :guild AND {_OVER}", None, guild_id)


def _ids(
    tx: Transaction, condition: str, before: datetime | None, guild_id: int | None = None
) -> list[int]:
    values: dict[str, SqlValue] = {"before": _LAST if before is None else to_ms(before)}
    sql = f"SELECT id FROM jobs WHERE {condition} ORDER BY ended_at LIMIT {_JOBS_AT_ONCE}"
    return [row["id"] for row in tx.all(sql, values | {"guild": guild_id})]


def delete_details(tx: Transaction, job_ids: Collection[int], now: datetime) -> list[str]:
    """Delete the details of jobs; return the names of the files that they named."""
    jobs = tx.all(
        "SELECT id, provider, order_json, ticket_json, picture_file, poster_file FROM jobs"
        f" WHERE {_CHOSEN} AND has_details = 1",
        _chosen(job_ids),
    )
    for job in jobs:
        erasure.add_provider_erasures(tx, job, now)
    erased = PERSONAL["jobs"].erased
    changes = ", ".join(f"{column} = {erased[column]}" for column in DETAILS)
    tx.execute(f"UPDATE jobs SET {changes} WHERE {_CHOSEN}", _chosen(job_ids))
    tx.execute(f"DELETE FROM picture_requests WHERE job_id IN {_LISTED}", _chosen(job_ids))
    files = [job[it] for job in jobs for it in ("picture_file", "poster_file")]
    return [it for it in files if it is not None]


def delete_names(tx: Transaction, job_ids: list[int], now: datetime) -> list[str]:
    """Delete whose jobs were, and all that is left of their details; return as `delete_details`."""
    files = erasure.erase(tx, job_ids, now)
    tx.execute(
        "UPDATE jobs SET member_id = 0,"
        " cancelled_by = iif(cancelled_by = member_id, 0, cancelled_by),"
        f" removed_by = iif(removed_by = member_id, 0, removed_by) WHERE {_CHOSEN}",
        _chosen(job_ids),
    )
    tx.execute(f"DELETE FROM picture_requests WHERE job_id IN {_LISTED}", _chosen(job_ids))
    return files


def named_guilds(tx: Transaction) -> list[int]:
    """The ids of all guilds with entries in the books."""
    return [row["guild_id"] for row in tx.all("SELECT DISTINCT guild_id FROM ledger")]


def first_named(tx: Transaction, guild_id: int, since_ms: int, before_ms: int) -> int | None:
    """When the first of a guild's entries counts that name a member, after and up to an instant."""
    values = {"guild": guild_id, "since": since_ms, "before": before_ms}
    found = tx.all(f"SELECT min(counts_at) FROM ledger WHERE {_NAMED}", values)[0][0]
    return None if found is None else int(found)


def unname_entries(tx: Transaction, guild_id: int, since_ms: int, before_ms: int) -> bool:
    """Take some members out of a guild's entries, which count after `since` and up to `before`.

    Returns:
        Whether any were left to be taken out.
    """
    values = {"guild": guild_id, "since": since_ms, "before": before_ms}
    sql = f"SELECT DISTINCT member_id FROM ledger WHERE {_NAMED} LIMIT {_MEMBERS_AT_ONCE}"
    members = [row["member_id"] for row in tx.all(sql, values)]
    for member_id in members:
        erasure.move_totals(tx, member_id, before_ms, guild_id)
    tx.execute(
        "UPDATE ledger SET member_id = 0, actor_id = iif(actor_id = member_id, 0, actor_id)"
        f" WHERE {_NAMED} AND member_id IN {_LISTED}",
        values | _chosen(members),
    )
    return bool(members)


def books_slice(first_ms: int, before_ms: int) -> tuple[int, int]:
    """The part of the time up to `before` that is looked at next: after and up to an instant."""
    return first_ms - 1, min(first_ms + _BOOKS_SLICE_MS, before_ms)


def delete_old_rows(tx: Transaction, details: datetime, names: datetime) -> bool:
    """Delete some texts older than `details`, and some rows that name members older than `names`.

    Returns:
        Whether there may be more.
    """
    values = {"details": to_ms(details), "names": to_ms(names)}
    return max(tx.execute(sql, values) for sql in _OLD_ROWS) >= _ROWS_AT_ONCE


def guilds_to_delete(tx: Transaction, now: datetime) -> list[int]:
    """The ids of guilds that the bot has left long enough ago."""
    sql = "SELECT guild_id FROM known_guilds WHERE is_member = 0 AND left_at < :before"
    return [row["guild_id"] for row in tx.all(sql, {"before": to_ms(now - LEFT_GUILD_KEPT)})]


def delete_guild_rows(tx: Transaction, guild_id: int) -> bool:
    """Delete some of what there is of a left guild besides jobs and books; return as above."""
    if _is_back(tx, guild_id):
        return False
    return max(tx.execute(sql, {"guild": guild_id}) for sql in _GUILD_ROWS) >= _ROWS_AT_ONCE


def end_deletion(tx: Transaction, guild_id: int) -> None:
    """Write down that all of a guild is deleted, once nothing of it goes on."""
    if _is_back(tx, guild_id):
        return
    tx.execute(
        "UPDATE known_guilds SET left_at = NULL WHERE guild_id = :guild AND is_member = 0"
        " AND NOT EXISTS (SELECT 1 FROM jobs WHERE guild_id = :guild AND interaction_id > 0)",
        {"guild": guild_id},
    )


def _is_back(tx: Transaction, guild_id: int) -> bool:
    sql = "SELECT 1 FROM known_guilds WHERE guild_id = :guild AND is_member = 1"
    return tx.one(sql, {"guild": guild_id}) is not None


def _chosen(ids: Collection[int]) -> dict[str, SqlValue]:
    return {"ids": json.dumps(list(ids))}


_LAST: Final = 2**62
# In the words of the index; an order in doubt is looked up on the bill, by what is deleted here.
_OVER: Final = (
    "ended_at IS NOT NULL AND interaction_id > 0 AND ended_at < :before AND doubt IS NOT 'open'"
)
_LISTED: Final = "(SELECT value FROM json_each(:ids))"
_CHOSEN: Final = f"id IN {_LISTED}"
_NAMED: Final = (
    "guild_id = :guild AND counts_at > :since AND counts_at <= :before AND member_id <> 0"
)
_OLD_ROWS: Final = (
    f"""UPDATE audit SET reason = '' WHERE id IN (
        SELECT id FROM audit WHERE reason <> '' AND done_at < :details LIMIT {_ROWS_AT_ONCE})""",
    f"""DELETE FROM picture_requests WHERE id IN (
        SELECT id FROM picture_requests WHERE expires_at < :details LIMIT {_ROWS_AT_ONCE})""",
    """UPDATE remembered_pictures SET last_member_id = 0
    WHERE last_member_id <> 0 AND last_refused_at < :details""",
    f"""DELETE FROM log_messages WHERE id IN (
        SELECT id FROM log_messages WHERE created_at < :names AND created_at > 0
        LIMIT {_ROWS_AT_ONCE})""",
)
# What others refer to comes after them.
_GUILD_ROWS: Final = (
    "DELETE FROM grant_draws WHERE grant_id IN (SELECT id FROM grants WHERE guild_id = :guild)",
    *(
        f"DELETE FROM {table} WHERE guild_id = :guild"
        for table in (
            "automod_rules",
            "blocked_words",
            "blocks",
            "budget_checks",
            "channel_rules",
            "exemptions",
            "grants",
            "guild_settings",
            "member_defaults",
            "notices",
            "offers",
            "picture_consents",
            "picture_requests",
            "remembered_pictures",
            "rules",
            "unanswered_interactions",
            "word_hits",
        )
    ),
    *(
        f"""DELETE FROM {table} WHERE id IN (
            SELECT id FROM {table} WHERE guild_id = :guild LIMIT {_ROWS_AT_ONCE})"""
        for table in ("audit", "log_messages")
    ),
)
