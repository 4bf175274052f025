"""Reads AutoMod's rules again where they hold for prompts: when they change, and now and then."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from bot.moderation.errors import AutomodUnreadError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from bot.moderation.automod_service import AutomodService

log = logging.getLogger(__name__)

REFRESH_SECONDS: Final = 600.0
"""How often they are read, should no event tell of a change."""

ReadRules: TypeAlias = "Callable[[int], Awaitable[Iterable[Any] | None]]"
"""Asks Discord for a guild's rules, by its id; raises `AutomodUnreadError`."""


class AutomodRefresher:
    """Has the rules of all guilds where it is on read again."""

    def __init__(self, automod: AutomodService, read: ReadRules) -> None:
        self._automod = automod
        self._read = read
        self._changed: set[int] = set()
        self._unread: set[int] = set()
        self._wake = asyncio.Event()

    def look(self, guild_id: int) -> None:
        """Have a guild's rules read at once: one of them has changed."""
        self._changed.add(guild_id)
        self._wake.set()

    async def run(self) -> None:
        """Refresh until cancelled; all guilds at the start."""
        changed: set[int] = set()
        while True:
            try:
                for guild_id in await self._automod.guild_ids():
                    if not changed or guild_id in changed:
                        await self._refresh(guild_id)
            except sqlite3.OperationalError:
                log.exception("the database did not answer")
            with suppress(TimeoutError):
                async with asyncio.timeout(REFRESH_SECONDS):
                    await self._wake.wait()
            self._wake.clear()
            changed, self._changed = self._changed, set()

    async def _refresh(self, guild_id: int) -> None:
        try:
            await self._automod.refresh(guild_id, await self._read(guild_id))
            self._unread.discard(guild_id)
        except AutomodUnreadError as error:
            # Once: a server that took the right away may leave it so.
            level = logging.DEBUG if guild_id in self._unread else logging.WARNING
            self._unread.add(guild_id)
            text = "the AutoMod rules of server %d cannot be read, so the last ones hold: %s"
            log.log(level, text, guild_id, error)
