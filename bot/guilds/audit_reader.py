"""The audit log, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.base import service, value
from bot.guilds import audit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.base import Database, Transaction
    from bot.guilds.audit import AuditEntry, AuditFilter

EVENTS_PER_PAGE: Final = 10
"""So many fit one message of Discord's, whatever they are."""


@value
class AuditPage:
    """Some events, the newest first; page number 0 has the newest of all, `pages` may be 0."""

    entries: tuple[AuditEntry, ...]
    number: int
    pages: int


@service
class AuditReader:
    """Reads what moderators did."""

    database: Database

    async def page(self, guild_id: int, search: AuditFilter, number: int = 0) -> AuditPage:
        """The page of that number, or the last one where there are fewer."""

        def read_page(tx: Transaction) -> AuditPage:
            pages = -(-audit.count(tx, guild_id, search) // EVENTS_PER_PAGE)
            shown = max(0, min(number, pages - 1))
            skip = shown * EVENTS_PER_PAGE
            entries = audit.page(tx, guild_id, search, size=EVENTS_PER_PAGE, skip=skip)
            return AuditPage(tuple(entries), shown, pages)

        return await self.database.read(read_page)

    async def of_ids(self, entry_ids: Iterable[int]) -> list[AuditEntry]:
        """The events with these ids, the oldest first."""
        return await self.database.read(lambda tx: audit.of_ids(tx, entry_ids))
