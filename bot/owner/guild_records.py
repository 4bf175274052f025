"""The guilds that the bot is in, written down, and what their owner has decided about each.

The owner hears of guilds that are new, left or closed, also of what happened while no process ran.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from dataclasses import field
from typing import TYPE_CHECKING, Final, Self, TypeAlias

from bot.base import Timeouts, service, to_ms
from bot.guilds import audit, owner_messages
from bot.guilds.audit import AuditAction, AuditEvent, AuditSubject
from bot.guilds.owner_messages import LogMessageKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from bot.base import Clock, Database, SqlRow, Transaction

    Change: TypeAlias = Callable[[Transaction, datetime], None]

log = logging.getLogger(__name__)

_NO_GUILD: Final = 0
"""The row that says that the owner's guilds were written down once."""


@service
class GuildRecords:
    """Writes down what becomes known of guilds, in the order in which it does.

    Attributes:
        wake: Called when there may be a message for the owner.
        decisions: Guilds that the owner has opened (true) or closed by command, by id.
    """

    database: Database
    clock: Clock
    wake: Callable[[], None]
    decisions: dict[int, bool] = field(default_factory=dict)
    _changes: asyncio.Queue[Change] = field(default_factory=asyncio.Queue, init=False)

    @classmethod
    async def load(cls, database: Database, clock: Clock, wake: Callable[[], None]) -> Self:
        """Begin with the decisions of earlier processes."""
        sql = "SELECT guild_id, decision FROM known_guilds WHERE decision IS NOT NULL"
        rows = await database.read(lambda tx: tx.all(sql))
        return cls(database, clock, wake, {it["guild_id"]: bool(it["decision"]) for it in rows})

    async def decide(self, actor_id: int, guild_id: int, *, decision: bool | None) -> bool | None:
        """Open or close a guild whatever settings say, or undo that with `None`.

        Returns:
            The decision before.
        """
        sides = {"open": self.decisions.get(guild_id)}, {"open": decision}
        event = AuditEvent(actor_id, AuditAction.SETTINGS, AuditSubject.GUILD, guild_id, *sides)

        def put(tx: Transaction) -> None:
            tx.execute(
                "INSERT INTO known_guilds (guild_id, is_member, decision)"
                " VALUES (:guild, 0, :decision)"
                " ON CONFLICT (guild_id) DO UPDATE SET decision = excluded.decision",
                {"guild": guild_id, "decision": decision},
            )
            audit.record(tx, audit.OWNERS_LOG, event, self.clock())

        await self.database.write(put)
        if decision is None:
            return self.decisions.pop(guild_id, None)
        before = self.decisions.get(guild_id)
        self.decisions[guild_id] = decision
        return before

    def found(self, guild_ids: Collection[int]) -> None:
        """Note all guilds that the bot is in now."""
        ids = frozenset(guild_ids)
        self._changes.put_nowait(lambda tx, now: _note_all(tx, ids, now))

    def looked(self, guild_id: int, server: str, *, is_open: bool) -> None:
        """Note whether a guild is open; `server` names it to the owner."""
        self._changes.put_nowait(
            lambda tx, now: _note_look(tx, guild_id, server, now, is_open=is_open)
        )

    def left(self, guild_id: int, server: str) -> None:
        """Note that the bot is in a guild no more."""
        self._changes.put_nowait(lambda tx, now: _note_left(tx, guild_id, server, now))

    async def run(self) -> None:
        """Write down what was noted, until cancelled."""
        while True:
            await self._write(await self._changes.get())

    async def _write(self, change: Change) -> None:
        while True:
            try:
                await self.database.write(lambda tx: change(tx, self.clock()))
            except sqlite3.OperationalError:
                log.exception("the database did not answer")
                await asyncio.sleep(Timeouts.DATABASE_PAUSE_SECONDS)
            else:
                self.wake()
                return


def _note_all(tx: Transaction, guild_ids: frozenset[int], now: datetime) -> None:
    for row in tx.all("SELECT guild_id FROM known_guilds WHERE is_member = 1"):
        if row["guild_id"] not in guild_ids:
            _note_left(tx, row["guild_id"], f"(id {row['guild_id']})", now)
    if _find(tx, _NO_GUILD) is None:
        # A database from before, or a new one: the owner knows these guilds.
        _put(tx, _NO_GUILD, is_member=False)
        for guild_id in guild_ids:
            _put(tx, guild_id, is_member=True)


def _note_look(
    tx: Transaction, guild_id: int, server: str, now: datetime, *, is_open: bool
) -> None:
    row = _find(tx, guild_id)
    occasion = f"{guild_id}-{to_ms(now)}"
    if row is None or not row["is_member"]:
        if _find(tx, _NO_GUILD) is not None:
            kind = LogMessageKind.GUILD_JOINED
            owner_messages.put(tx, kind, occasion, now, server=server, is_open=int(is_open))
    elif row["was_open"] and not is_open:
        owner_messages.put(tx, LogMessageKind.GUILD_CLOSED, occasion, now, server=server)
    _put(tx, guild_id, is_member=True, was_open=is_open)


def _note_left(tx: Transaction, guild_id: int, server: str, now: datetime) -> None:
    row = _find(tx, guild_id)
    if row is not None and row["is_member"]:
        occasion = f"{guild_id}-{to_ms(now)}"
        owner_messages.put(tx, LogMessageKind.GUILD_LEFT, occasion, now, server=server)
        _put(tx, guild_id, is_member=False, left_at=now)


def _find(tx: Transaction, guild_id: int) -> SqlRow | None:
    return tx.one("SELECT * FROM known_guilds WHERE guild_id = :guild", {"guild": guild_id})


def _put(
    tx: Transaction,
    guild_id: int,
    *,
    is_member: bool,
    was_open: bool | None = None,
    left_at: datetime | None = None,
) -> None:
    tx.execute(
        "INSERT INTO known_guilds (guild_id, is_member, was_open, left_at)"
        " VALUES (:guild, :member, :open, :left) ON CONFLICT (guild_id) DO UPDATE"
        " SET is_member = excluded.is_member, was_open = excluded.was_open,"
        " left_at = excluded.left_at",
        {
            "guild": guild_id,
            "member": is_member,
            "open": was_open,
            "left": None if left_at is None else to_ms(left_at),
        },
    )
