"""Each table and column of the schema has its place in what members are given, or have deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.personal_data.columns import NOT_PERSONAL, PERSONAL, columns_in
from tests.bot.rows import rows

if TYPE_CHECKING:
    from bot.base import Database

_WORDS_OF_PEOPLE = ("member", "actor", "user", "prompt", "picture", "reason", "token", "message_id")
"""Parts of columns' names that say something about somebody."""


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
