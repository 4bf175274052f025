"""A database as the bot makes it at its first start, without applying the migrations once more.

They take a tenth of the time of a test that runs the bot. `tests/bot/base/test_migrations.py`
is about them, and the tests that start the bot as a process do without these files.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

from bot.base import database


def make_database(path: Path) -> None:
    """Write an empty database of the present schema, and its folder, unless the file is there."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_bytes(_migrated())


@cache
def _migrated() -> bytes:
    # In memory, so that opening the file still has to set up everything but the tables.
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
        database._migrate(connection, Path())
        return connection.serialize()
