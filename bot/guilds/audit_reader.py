"""The audit log for those who read it: page by page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.guilds import audit

if TYPE_CHECKING:
    from bot.base.database import Database
    from bot.guilds.audit import Entry, Search

PAGE: Final = 5
"""Deeds a page."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some deeds, the newest first.

    Attributes:
        number: Which page it is; 0 has the newest.
        pages: How many there are; none where nothing was found.
    """

    entries: tuple[Entry, ...]
    number: int
    pages: int


class Records:
    """Reads what moderators did."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, guild_id: int, search: Search, number: int = 0) -> Page:
        """Return a page, or the last one where there are fewer."""
        async with self._database.transaction() as tx:
            pages = -(-await audit.count(tx, guild_id, search) // PAGE)
            number = max(0, min(number, pages - 1))
            entries = await audit.page(tx, guild_id, search, size=PAGE, skip=number * PAGE)
        return Page(tuple(entries), number, pages)
