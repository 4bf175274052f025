"""The real services and transitions on a real file, broken off at any call to SQLite."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import threading
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from bot.base import PICTURE_FOLDER, Timeouts
from bot.base import database as database_module
from bot.base.child_process import ChildProcess
from bot.base.clock import to_ms
from bot.base.database import Transaction, open_database
from bot.base.errors import ChannelUnreachableError, DeliveryError
from bot.guilds import guild_settings
from bot.guilds.languages import GuildLanguages
from bot.guilds.settings_service import SettingsService
from bot.jobs import job_store
from bot.jobs.breaker import Breaker
from bot.jobs.cancel_step import cancel_job
from bot.jobs.delivery import ShownClip
from bot.jobs.job import JobState
from bot.jobs.picture_files import PictureFiles
from bot.jobs.transitions import Bill, Transitions
from bot.jobs.video_files import VideoFiles
from bot.media.video_processor import VideoProcessor
from bot.quota import ledger, reserved
from bot.quota.allowances import AllowanceReader, OwnerLimits
from bot.quota.budget_alerts import BudgetAlerts
from bot.quota.doubts import DoubtService
from bot.quota.rule_store import RuleStore
from bot.quota.service import QuotaService
from bot.requests.service import RequestService
from pika import InDoubtError, Pika, Ticket
from tests.bot.rows import STILL, address, rows
from tests.new_database import make_database

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    import aiosqlite

    from bot.base import Cost, Limit
    from bot.base.database import Database, SqlRow, SqlValue
    from bot.media.still import Still
    from bot.quota.ledger import MemberKey
    from bot.requests.request import AcceptedRequest, AnimateRequest

T = TypeVar("T")

OWNER_ZONE = ZoneInfo("America/New_York")
BERLIN, ANYWHERE = 10, 11
ZONES = {BERLIN: ZoneInfo("Europe/Berlin")}
UNSUMMED = """
    SELECT guild_id, quarter_hour AS at FROM guild_totals AS kept
    WHERE (clips, micro_usd) <> (
        SELECT coalesce(sum(clips), 0), coalesce(sum(micro_usd), 0) FROM ledger
        WHERE kept.guild_id IN (0, guild_id) AND counts_at / 900000 <= quarter_hour)
    UNION ALL
    SELECT guild_id, counts_at FROM member_totals AS kept
    WHERE (clips, micro_usd, grant_clips, grant_micro_usd) <> (
        SELECT coalesce(sum(member_clips), 0), coalesce(sum(member_micro_usd), 0),
            coalesce(sum(grant_clips), 0), coalesce(sum(grant_micro_usd), 0) FROM ledger
        WHERE (guild_id, member_id) = (kept.guild_id, kept.member_id)
            AND counts_at <= kept.counts_at)
    UNION ALL
    SELECT guild_id, counts_at FROM ledger
    WHERE (clips <> 0 OR micro_usd <> 0) AND (
        (guild_id, counts_at / 900000) NOT IN (SELECT guild_id, quarter_hour FROM guild_totals)
        OR counts_at / 900000 NOT IN (SELECT quarter_hour FROM guild_totals WHERE guild_id = 0))
    UNION ALL
    SELECT guild_id, counts_at FROM ledger
    WHERE (member_clips <> 0 OR member_micro_usd <> 0 OR grant_clips <> 0 OR grant_micro_usd <> 0)
        AND (guild_id, member_id, counts_at) NOT IN (
            SELECT guild_id, member_id, counts_at FROM member_totals)
"""
"""Rows of the totals that are not those of the ledger, and entries without such a row."""


class KilledError(BaseException):
    """The process is no more."""


class BreakOff(Enum):
    """How a call to the database breaks off what was under way."""

    KILLED = auto()
    """The process ends."""
    CANCELLED = auto()
    """Nobody waits for the answer any more; the connection's thread goes on."""
    FAILED = auto()
    """The call raises, as for a full disk."""


class Fuse:
    """Counts calls to the database, on whichever connection, and acts at one of them."""

    def __init__(self) -> None:
        self._calls_left: int | None = None
        self._act: Callable[[], None]
        self.is_dead = False

    def arm(self, calls: int, act: Callable[[], None]) -> None:
        self._calls_left, self._act = calls, act

    def disarm(self) -> None:
        self._calls_left = None

    def call(self) -> None:
        if self.is_dead:
            raise KilledError
        if self._calls_left is not None:
            self._calls_left -= 1
            if self._calls_left < 0:
                self._calls_left = None
                self._act()


class Brittle:
    """What the bot uses of a `sqlite3.Connection`, on its thread; each call burns the fuse."""

    def __init__(self, connection: sqlite3.Connection, fuse: Fuse) -> None:
        self._connection = connection
        self._fuse = fuse
        self.commits = 0

    def execute(self, sql: str, values: Mapping[str, SqlValue] | None = None) -> sqlite3.Cursor:
        self._fuse.call()
        return self._connection.execute(sql, values or {})

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def commit(self) -> None:
        self._fuse.call()
        self._connection.commit()
        self.commits += 1
        self._fuse.call()

    def rollback(self) -> None:
        if not self._fuse.is_dead:
            self._connection.rollback()

    def set_trace_callback(self, handler: Callable[[str], None]) -> None:
        self._connection.set_trace_callback(handler)

    def close(self) -> None:
        self._connection.close()


class LedgerHarness:
    """Everything that moves money, and the clock it goes by."""

    def __init__(self, default: Limit, ceiling: int | None) -> None:
        self.now = datetime(2026, 10, 24, 20, 30, 0, 250_000, tzinfo=UTC)
        self._runner = asyncio.Runner()
        self._folder = TemporaryDirectory(prefix="purse-")
        self._copies = 0
        self._path = Path(self._folder.name) / "0.sqlite3"
        self._open = AsyncExitStack()
        make_database(self._path)
        self.run(self._enter(default, ceiling))
        self.run(self._furnish())

    def run(self, deed: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(deed)

    async def _enter(self, default: Limit, ceiling: int | None) -> None:
        self.database: Database = await self._open.enter_async_context(open_database(self._path))
        # A kill loses nothing that was committed, synced or not; only a power cut would.
        await self.database._writer.execute("PRAGMA synchronous=OFF")
        self.fuse = Fuse()
        self._brittle_writer = _make_brittle(self.database._writer, self.fuse)
        _make_brittle(self.database._reader, self.fuse)
        pika = await self._open.enter_async_context(Pika("key", base="http://127.0.0.1:9"))
        self.pictures = PictureFiles(
            self._path.with_name(PICTURE_FOLDER), self.database, lambda: self.now, timedelta()
        )
        # One group at a time: of two, which is written first is chance, and with it which of some
        # requests at once is decided first. Hypothesis draws by what it found before.
        self.pictures._writing = asyncio.Semaphore(1)
        rulebook = RuleStore(default)
        self.accounts = AllowanceReader(rulebook, OwnerLimits(default, ceiling, OWNER_ZONE))
        self.requests = RequestService(
            self.database,
            pika,
            self.accounts,
            pictures=self.pictures,
            breaker=Breaker(lambda: self.now, Timeouts()),
            renders_at_once=2,
            clock=lambda: self.now,
            wake=lambda: None,
        )
        self.quota = QuotaService(self.database, self.accounts, lambda: self.now)
        self.alerts = BudgetAlerts(self.database, self.accounts, lambda: self.now)
        self.doubts = DoubtService(self.database, lambda: self.now)
        self.settings = SettingsService(
            self.database,
            lambda: self.now,
            GuildLanguages({}),
            lambda: None,
            self.accounts.keep_windows,
        )
        outbox = VideoFiles(Path(self._folder.name) / "clips", VideoProcessor(ChildProcess(0)))
        self.transitions = Transitions(
            self.database, outbox, lambda: self.now, Timeouts(), lambda: None
        )

    async def _furnish(self) -> None:
        def put_settings(tx: Transaction) -> None:
            for guild in (BERLIN, ANYWHERE):
                zone = {"time_zone": ZONES[guild].key} if guild in ZONES else {}
                guild_settings.put(tx, guild, member_at_once=1000, **zone)

        await self.database.write(put_settings)

    async def decide(self, asked: AnimateRequest, still: Still = STILL) -> AcceptedRequest:
        """The decision alone, without what is written around it for the member's sake."""
        where = address(asked.who.member_id, asked.who.guild_id)
        return await self.requests._accept(asked, where, still)

    def reopen(self, default: Limit, ceiling: int | None) -> None:
        """Stop in order, and start with what the owner has set now."""
        self.run(self._open.aclose())
        self.run(self._enter(default, ceiling))

    def close(self) -> None:
        self.run(self._open.aclose())
        self._runner.close()
        self._folder.cleanup()

    def broken_off(self, deed: Coroutine[Any, Any, object], calls: int, how: BreakOff) -> int:
        """Do something that is broken off after so many calls to the database.

        Returns:
            How many transactions that may write were committed in the end.
        """
        writer, before = self._brittle_writer, self._brittle_writer.commits

        async def watched() -> None:
            task, loop = asyncio.current_task(), asyncio.get_running_loop()
            acts = {
                BreakOff.KILLED: self._kill,
                BreakOff.CANCELLED: lambda: _cancel(loop, task),
                BreakOff.FAILED: _fail,
            }
            self.fuse.arm(calls, acts[how])
            await deed

        try:
            self.run(watched())
        except (KilledError, asyncio.CancelledError, sqlite3.OperationalError):
            pass
        finally:
            self.fuse.disarm()
        # The thread may be at a transaction that nobody waits for any more.
        self.run(database_module._on_its_thread(self.database._writer, lambda _: None))
        return writer.commits - before

    def _kill(self) -> None:
        """Keep what is on disk at this moment, for the next process to find."""
        self.fuse.is_dead = True
        self._copies += 1
        copy = self._path.with_name(f"{self._copies}.sqlite3")
        for suffix in ("", "-wal"):
            found = self._path.with_name(self._path.name + suffix)
            if found.exists():
                shutil.copy(found, copy.with_name(copy.name + suffix))
        self._path = copy
        raise KilledError

    async def render(self, job_id: int, charge: int | None = None) -> None:
        """Bring a queued job to its finished video."""
        job = await self.database.read(lambda tx: job_store.get(tx, job_id))
        ticket = Ticket(provider="pika", id=f"media_{job_id}").model_dump_json()
        await self.transitions.move_to(
            job,
            JobState.RENDERED,
            ticket_json=ticket,
            submitted_at=to_ms(self.now),
            rendered_at=to_ms(self.now),
            charge_micro_usd=charge,
        )

    async def deliver(self, job_id: int) -> None:
        job = await self.database.read(lambda tx: job_store.get(tx, job_id))
        await self.transitions.mark_delivered(job, ShownClip(1))

    async def refuse(self, job_id: int) -> None:
        job = await self.database.read(lambda tx: job_store.get(tx, job_id))
        await self.transitions.fail(job, DeliveryError())

    async def lose_place(self, job_id: int) -> None:
        """The channel of a finished clip is gone."""
        job = await self.database.read(lambda tx: job_store.get(tx, job_id))
        await self.transitions.fail(job, ChannelUnreachableError())

    async def lose_the_answer(self, job_id: int) -> None:
        job = await self.database.read(lambda tx: job_store.get(tx, job_id))
        await self.transitions.fail(job, InDoubtError())

    async def know(self, job_id: int, bill: int | None, *, says_how_much: bool) -> None:
        """Settle a doubt as billed, at a bill or at what was counted, or as not billed."""
        if bill is None:
            await self.doubts.settle_as_not_billed(1, job_id)
        else:
            await self.doubts.settle_as_billed(1, job_id, bill if says_how_much else None)

    async def call_off(self, job_id: int) -> None:
        """What waits ends here; what Pika has made, and bills, in its next step."""
        job = await self.database.read(lambda tx: job_store.get(tx, job_id))
        await self.database.write(
            lambda tx: cancel_job(tx, job, job.reply_to.member_id, "", self.now)
        )
        if job.state is JobState.RENDERED:
            job = await self.database.read(lambda tx: job_store.get(tx, job_id))
            await self.transitions.end_cancelled(job, Bill.CERTAIN)

    async def credit(self, job_id: int, actor_id: int) -> None:
        await self.database.write(lambda tx: ledger.credit(tx, job_id, actor_id, self.now))

    async def held(self, holder: MemberKey, since: datetime) -> Cost:
        return await self.database.read(lambda tx: reserved.reserved_by_member(tx, holder, since))

    def rows(self, sql: str) -> list[SqlRow]:
        return self.run(rows(self.database, sql))

    def try_to_write(self, sql: str) -> None:
        self.run(self.database.write(lambda tx: tx.execute(sql)))


def _make_brittle(connection: aiosqlite.Connection, fuse: Fuse) -> Brittle:
    brittle = Brittle(connection._conn, fuse)
    vars(connection)["_connection"] = brittle
    return brittle


def _cancel(loop: asyncio.AbstractEventLoop, task: asyncio.Task[Any] | None) -> None:
    """Go on, on the connection's thread, only after the caller has been cancelled."""
    cancelled = threading.Event()

    def cancel() -> None:
        assert task
        task.cancel()
        cancelled.set()

    loop.call_soon_threadsafe(cancel)
    assert cancelled.wait(10)


def _fail() -> None:
    raise sqlite3.OperationalError("database or disk is full")
