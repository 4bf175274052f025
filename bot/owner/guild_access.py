"""Which guilds may use the bot. Each is closed until it is known to be its owner's.

What the owner has decided by command holds. Of the other guilds those are open that the setting
names or, where it names none, those that the owner of the application can manage. What is in the
making in a guild that is closed later is finished.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from bot.owner.errors import (
    DirectMessagesClosedError,
    GuildClosedError,
    GuildLookupError,
    GuildUnknownError,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from bot.base import Timeouts
    from bot.owner.guild_records import GuildRecords

log = logging.getLogger(__name__)


class GuildLookup(Protocol):
    """The questions about guilds that the chat answers."""

    async def guild_ids(self) -> Collection[int]:
        """Read anew who owns the application, then return the guilds that the bot is in."""

    def describe(self, guild_id: int) -> str:
        """Name a guild to the owner: its name, id and size, on one line."""

    def is_member(self, guild_id: int) -> bool:
        """Whether the bot is in a guild, as far as is known."""

    async def is_managed(self, guild_id: int) -> bool:
        """Ask whether an owner of the application owns the guild or may manage it.

        Raises:
            GuildLookupError: No answer now; a later question may get one.
        """


class GuildAccess:
    """Decides for each guild, remembers it, and looks again from time to time.

    Args:
        allowed: The ids of the open guilds; `None` for those that the owner manages.
        lookup: Asked about each guild in the latter case.
        records: Told of what becomes known of guilds.
        timeouts: How often guilds are looked at, and how soon again after a failure.
        direct: Whether direct messages are open.
    """

    def __init__(
        self,
        allowed: frozenset[int] | None,
        lookup: GuildLookup,
        records: GuildRecords,
        timeouts: Timeouts,
        *,
        direct: bool = False,
    ) -> None:
        self._allowed = allowed
        self.is_open_directly = direct
        self._lookup = lookup
        self._records = records
        self._timeouts = timeouts
        self._open: dict[int, bool] = {}
        self._looks: dict[int, asyncio.Task[None]] = {}
        self._failed: set[int] = set()
        self._look_failed = asyncio.Event()

    async def require_open(self, guild_id: int | None) -> None:
        """Check that a guild is open; wait a moment for the first look at one.

        Outside of guilds (`None`) the setting alone decides.

        Raises:
            DatabaseLostError: Nothing that anybody asks for could be kept.
            DirectMessagesClosedError: Outside of guilds, nobody may ask for anything.
            GuildClosedError: It is closed.
            GuildUnknownError: Whether it is open is not known yet.
        """
        self._records.database.check_file()
        if guild_id is None:
            if not self.is_open_directly:
                raise DirectMessagesClosedError
            return
        if guild_id not in self._open:
            await self._first_look(guild_id)
        is_open = self._open.get(guild_id)
        if is_open is None:
            raise GuildUnknownError
        if not is_open:
            raise GuildClosedError(guild_id)

    def is_open(self, guild_id: int) -> bool | None:
        """Whether a guild is open, as last looked at; `None` before the first look."""
        return self._open.get(guild_id)

    def decisions(self) -> Mapping[int, bool]:
        """Guilds that the owner has opened (true) or closed by command, by id."""
        return self._records.decisions

    async def decide(self, actor_id: int, guild_id: int, *, decision: bool | None) -> bool | None:
        """Open or close a guild at once, as `GuildRecords.decide`; return the decision before."""
        before = await self._records.decide(actor_id, guild_id, decision=decision)
        if self._lookup.is_member(guild_id):
            await asyncio.wait({self.look(guild_id)})
        else:
            self._open.pop(guild_id, None)
        return before

    async def run(self) -> None:
        """Look at all guilds, and again from time to time: nobody tells of members' roles."""
        time = asyncio.get_running_loop().time
        attempts, next_round = 0, time()
        try:
            while True:
                guild_ids = await self._lookup.guild_ids()
                self._failed.intersection_update(guild_ids)
                # However long the looks at one fail, the others are looked at all the same.
                is_round = time() >= next_round
                if is_round:
                    next_round = time() + self._timeouts.guild_look.total_seconds()
                    self._records.found(guild_ids)
                for guild_id in guild_ids if is_round else sorted(self._failed):
                    await asyncio.wait({self.look(guild_id)})
                if is_round:
                    self._log_counts(guild_ids)
                attempts = attempts + 1 if self._failed else 0
                await self._sleep(attempts)
        finally:
            looks = tuple(self._looks.values())
            for look in looks:
                look.cancel()
            await asyncio.gather(*looks, return_exceptions=True)

    def look(self, guild_id: int) -> asyncio.Task[None]:
        """Begin to look at a guild; a look on its way may be out of date and is given up."""
        if earlier := self._looks.get(guild_id):
            earlier.cancel()
        look = asyncio.create_task(self._look(guild_id), name=f"look at guild {guild_id}")
        self._looks[guild_id] = look
        look.add_done_callback(lambda done: self._looked(guild_id, done))
        return look

    def forget(self, guild_id: int, server: str) -> None:
        """Forget a guild that the bot is no longer in; `server` names it to the owner."""
        self._records.left(guild_id, server)
        if look := self._looks.get(guild_id):
            look.cancel()
        self._open.pop(guild_id, None)
        self._failed.discard(guild_id)

    async def _first_look(self, guild_id: int) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._timeouts.FIRST_LOOK_SECONDS):
                # In a loop, as a look may be given up for a later one.
                look: asyncio.Task[None] | None = self._looks.get(guild_id) or self.look(guild_id)
                while look is not None:
                    await asyncio.wait({look})
                    look = self._looks.get(guild_id)

    async def _look(self, guild_id: int) -> None:
        try:
            async with asyncio.timeout(self._timeouts.LOOK_SECONDS):
                is_open = await self._is_open(guild_id)
        except (GuildLookupError, TimeoutError) as error:
            log.warning(
                "could not find out who manages server %s (%r); until then it %s.",
                self._lookup.describe(guild_id),
                error,
                "stays open" if self._open.get(guild_id) else "is closed",
            )
            self._failed.add(guild_id)
            self._look_failed.set()
        else:
            self._failed.discard(guild_id)
            self._decide(guild_id, is_open=is_open)

    async def _is_open(self, guild_id: int) -> bool:
        decision = self._records.decisions.get(guild_id)
        if decision is not None:
            return decision
        if self._allowed is not None:
            return guild_id in self._allowed
        return await self._lookup.is_managed(guild_id)

    def _looked(self, guild_id: int, look: asyncio.Task[None]) -> None:
        if self._looks.get(guild_id) is look:
            del self._looks[guild_id]
        if not look.cancelled() and (error := look.exception()):
            log.error("a look at guild %d failed", guild_id, exc_info=error)

    def _decide(self, guild_id: int, *, is_open: bool) -> None:
        before = self._open.get(guild_id)
        self._open[guild_id] = is_open
        if is_open is before:
            return
        server = self._lookup.describe(guild_id)
        # A guild may also have the commands alone, and not the bot.
        if self._lookup.is_member(guild_id):
            self._records.looked(guild_id, server, is_open=is_open)
        if is_open:
            log.info("server %s is open.", server)
            return
        if guild_id in self._records.decisions:
            why = "its owner has closed it by /owner servers"
        elif self._allowed is None:
            why = (
                "nobody who owns this application manages it, as its owner or by a role with"
                " Administrator or Manage Server"
            )
        else:
            why = "ALLOWED_GUILDS does not name it"
        rest = " What is in the making there is finished." if before else ""
        log.warning("server %s is closed: %s.%s", server, why, rest)

    def _log_counts(self, guild_ids: Collection[int]) -> None:
        is_open = [self._open.get(guild_id, False) for guild_id in guild_ids]
        log.info("servers: %d open, %d closed.", sum(is_open), is_open.count(False))

    async def _sleep(self, attempts: int) -> None:
        """Sleep until it is time to look again, or until a look fails meanwhile."""
        self._look_failed.clear()
        pause = self._timeouts.pause(attempts) if attempts else self._timeouts.guild_look
        with suppress(TimeoutError):
            async with asyncio.timeout(pause.total_seconds()):
                await self._look_failed.wait()
                # Not at once: others may fail in the same outage.
                await asyncio.sleep(self._timeouts.backoff.total_seconds())
