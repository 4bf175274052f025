"""Newer versions of the bot, as far as its database can tell: each has one more migration."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.base import database

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_MIGRATION: Final = """
    CREATE TABLE later (job_id INTEGER PRIMARY KEY, since INTEGER NOT NULL) STRICT;
    INSERT INTO later SELECT id, created_at FROM jobs;
    CREATE INDEX later_since ON later (since);
"""


@dataclass(slots=True)
class Versions:
    """The migrations of the version that runs, in a folder of their own."""

    folder: Path

    def __post_init__(self) -> None:
        """Begin with the present version's."""
        self.folder.mkdir()
        for script in database.MIGRATIONS.glob("[0-9]*.sql"):
            shutil.copy(script, self.folder)

    @property
    def schema(self) -> int:
        """The schema that the version makes."""
        return len(list(self.folder.glob("[0-9]*.sql")))

    def publish(self) -> None:
        """Add a migration that fills a table from all jobs, and makes an index."""
        number = self.schema + 1
        script = _MIGRATION.replace("later", f"later_{number}")
        (self.folder / f"{number:04}_later.sql").write_text(script)

    @contextmanager
    def known_here(self) -> Generator[None, None, None]:
        """Let this process open the database of that version too."""
        own = database.MIGRATIONS
        database.MIGRATIONS = self.folder  # type: ignore[misc] # for a while
        try:
            yield
        finally:
            database.MIGRATIONS = own  # type: ignore[misc] # as before
