"""Each table and column of the schema has its place in what members are given, or have deleted."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from bot.config import Settings
from bot.personal_data import retention
from bot.personal_data.columns import NOT_PERSONAL, PERSONAL, columns_in
from bot.personal_data.erasure import LIMITS_LOOK_BACK
from tests.bot.rows import rows

if TYPE_CHECKING:
    from bot.base import Database

_WORDS_OF_PEOPLE = ("member", "actor", "user", "prompt", "picture", "reason", "token", "message_id")
"""Parts of columns' names that say something about somebody."""


_KEPT = re.compile(r"^\| .+ \| (`[^|]+`) \| (.+) \|$", re.MULTILINE)
_UNTIL_DETAILS = {"jobs", "picture_requests", "remembered_pictures", "audit"}
_UNTIL_NAMES = {"jobs", "reviews", "ledger", "member_totals", "log_messages"}
"""What `retention` deletes a part of with the details of clips, and with names."""


def test_the_privacy_policy_has_each_table_and_says_how_long_it_is_kept() -> None:
    """A new table gets a row there."""
    rows = _KEPT.findall((Path(__file__).parents[3] / "PRIVACY.md").read_text("utf-8"))
    named = [(table, kept) for tables, kept in rows for table in re.findall(r"`(\w+)`", tables)]
    assert {table for table, _ in named} == PERSONAL.keys()
    assert {table for table, kept in named if "details" in kept} == _UNTIL_DETAILS
    assert {table for table, kept in named if "names" in kept} == _UNTIL_NAMES
    deleted = " ".join(retention._OLD_ROWS)
    assert all(it in deleted for it in _UNTIL_DETAILS - {"jobs"})


def test_the_privacy_policy_has_the_numbers_of_the_program() -> None:
    text = (Path(__file__).parents[3] / "PRIVACY.md").read_text("utf-8")
    defaults = {it.name: it.default for it in fields(Settings)}
    for words in (
        f"which is {defaults['retention_days']} days unless",
        f"`BACKUPS_KEPT` says, {defaults['backups_kept']} unless",
        f"not before {LIMITS_LOOK_BACK.days} days",
        f"has left is deleted after {retention.LEFT_GUILD_KEPT.days} days",
    ):
        assert words in text


async def schema(database: Database) -> dict[str, set[str]]:
    """All columns by table; those that are computed too."""
    tables = await rows(
        database,
        "WITH it AS (SELECT name FROM sqlite_schema WHERE type = 'table'"
        " AND name NOT LIKE 'sqlite_%') SELECT name FROM it",
    )
    found = {}
    for (table,) in tables:
        columns = await rows(database, f"PRAGMA table_xinfo({table})")
        found[table] = {column["name"] for column in columns}
    return found


async def test_each_table_is_personal_or_is_not(database: Database) -> None:
    """A new table goes into `PERSONAL`, or into `NOT_PERSONAL` if it is about nobody."""
    tables = await schema(database)
    assert not NOT_PERSONAL & PERSONAL.keys()
    assert tables.keys() == NOT_PERSONAL | PERSONAL.keys()
    odd = {
        f"{table}.{column}"
        for table in NOT_PERSONAL
        for column in tables[table]
        if any(word in column for word in _WORDS_OF_PEOPLE)
    }
    # Whether the bot is in a guild; settings for all its members.
    settings = {"pause_reason", "member_at_once", "others_pictures"}
    assert odd == {"known_guilds.is_member", *(f"guild_settings.{it}" for it in settings)}


async def test_each_column_is_exported_or_withheld_and_erased_or_kept(database: Database) -> None:
    """A new column is placed twice: what a member is given, and what becomes of it."""
    tables = await schema(database)
    for name, table in PERSONAL.items():
        given, withheld = columns_in(table.exported), columns_in(table.withheld)
        assert sorted(given + withheld) == sorted(tables[name]), f"{name}: exported or withheld?"
        if table.deletes_rows:
            assert not table.erased, name
            assert not table.kept, name
            continue
        becomes = [*table.erased, *columns_in(table.kept)]
        assert sorted(becomes) == sorted(tables[name]), f"{name}: erased or kept?"
