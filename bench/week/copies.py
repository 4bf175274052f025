"""Copies of the database, opened and looked into: daily backups, and those from before upgrades."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final

from bot.base.database_file import DATABASE_FILE, check_copy
from bot.maintenance.restore import restore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from tests.house import House

_ENTRIES: Final = "SELECT id, job_id, kind, micro_usd, member_micro_usd FROM ledger ORDER BY id"
_WRONG: Final = {
    "jobs without one reserve, or with another number of ends than they have": """
        SELECT jobs.id FROM jobs LEFT JOIN ledger ON job_id = jobs.id GROUP BY jobs.id
        HAVING total(kind = 'reserve') <> 1
        OR total(kind IN ('settle', 'refund')) <> (jobs.ended_at IS NOT NULL)
    """,
    "owner's totals that are not the entries' sum": """
        SELECT micro_usd FROM (
            SELECT micro_usd, max(quarter_hour) FROM guild_totals WHERE guild_id = 0)
        WHERE micro_usd <> (SELECT total(micro_usd) FROM ledger)
    """,
    "members whose totals are not their entries' sum": """
        SELECT member_id FROM (
            SELECT guild_id, member_id, micro_usd, max(counts_at) FROM member_totals
            GROUP BY guild_id, member_id
        ) AS totals
        WHERE micro_usd <> (
            SELECT total(member_micro_usd) FROM ledger
            WHERE guild_id = totals.guild_id AND member_id = totals.member_id)
    """,
}


def check_backup(house: House, backup: Path, scratch: Path, now: datetime) -> Iterator[str]:
    """Restore a backup into a new folder; say what is wrong with its books, or unlike the bot's."""
    scratch.mkdir()
    restore(scratch, backup, now)
    for problem in check_books(house, scratch / DATABASE_FILE):
        yield f"{backup.name}: {problem}"


def check_upgrade_copy(house: House, folder: Path, schema: int) -> Iterator[str]:
    """Say what is wrong with the copy from before the upgrade from that schema."""
    copy = folder / f"animate-bot-schema-{schema}.sqlite3"
    if not copy.exists():
        yield f"there is no {copy.name}"
        return
    if (found := check_copy(copy)) != schema:
        yield f"{copy.name} has schema {found}"
    for problem in check_books(house, copy):
        yield f"{copy.name}: {problem}"


def check_books(house: House, copy: Path) -> Iterator[str]:
    """Hold the books of a copy against themselves and those of the bot, which has more by now."""
    with closing(sqlite3.connect(f"{copy.as_uri()}?mode=ro", uri=True)) as file:
        for what, sql in _WRONG.items():
            if found := file.execute(sql).fetchall():
                yield f"{what}: {[it for (it,) in found]}"
        entries = file.execute(_ENTRIES).fetchall()
    if entries != house.query(_ENTRIES)[: len(entries)]:
        yield "its entries are not those of the bot"
