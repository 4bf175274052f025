"""The real desk, treasurer and moves on a real file, that can be killed at every statement."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from bot.base.clock import to_ms
from bot.base.database import Transaction, open_database
from bot.base.errors import DeliveryError
from bot.base.timeouts import Timeouts
from bot.guilds import guild_settings
from bot.jobs import job_store
from bot.jobs.cancel_step import cancel_job
from bot.jobs.job import JobState
from bot.jobs.transitions import Transitions
from bot.jobs.video_files import VideoFiles
from bot.media.videos import VideoProcessor
from bot.quota import ledger, reserved
from bot.quota.allowances import AllowanceReader, OwnerLimits
from bot.quota.rule_store import RuleStore
from bot.quota.service import QuotaService
from bot.requests.service import RequestService
from pika import Pika, Ticket
from tests.bot.rows import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from bot.base.database import Database, SqlRow
    from bot.quota.ledger import MemberKey
    from bot.quota.limits import Cost, Limit

T = TypeVar("T")

OWNER_ZONE = ZoneInfo("America/New_York")
BERLIN, ANYWHERE = 10, 11
ZONES = {BERLIN: ZoneInfo("Europe/Berlin")}


class KilledError(BaseException):
    """The process is no more."""


class Brittle:
    """A connection that breaks when so many calls were made; what was on disk by then is kept."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._calls_left: int | None = None
        self._break: Callable[[], BaseException] = KilledError
        self.dead = False
        self.commits = 0

    def arm(self, calls: int, how: Callable[[], BaseException]) -> None:
        self._calls_left, self._break, self.commits = calls, how, 0

    def disarm(self) -> None:
        self._calls_left = None

    def _call(self) -> None:
        if self._calls_left is not None:
            self._calls_left -= 1
            if self._calls_left < 0:
                self._calls_left = None
                raise self._break()

    def execute(self, sql: str, values: Any = ()) -> Any:
        self._call()
        return self._connection.execute(sql, values)

    async def execute_fetchall(self, sql: str, values: Any = ()) -> Any:
        self._call()
        return await self._connection.execute_fetchall(sql, values)

    async def set_trace_callback(self, handler: Callable[[str], None]) -> None:
        await self._connection.set_trace_callback(handler)

    async def commit(self) -> None:
        self._call()
        await self._connection.commit()
        self.commits += 1
        self._call()

    async def rollback(self) -> None:
        if not self.dead:
            await self._connection.rollback()


class Bank:
    """Everything that moves money, and the clock it goes by."""

    def __init__(self, default: Limit, ceiling: int | None) -> None:
        self.now = datetime(2026, 10, 24, 20, 30, 0, 250_000, tzinfo=UTC)
        self._runner = asyncio.Runner()
        self._folder = TemporaryDirectory(prefix="purse-")
        self._copies = 0
        self._path = Path(self._folder.name) / "0.sqlite3"
        self._open = AsyncExitStack()
        self.run(self._enter(default, ceiling))
        self.run(self._furnish())

    def run(self, deed: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(deed)

    async def _enter(self, default: Limit, ceiling: int | None) -> None:
        self.database: Database = await self._open.enter_async_context(open_database(self._path))
        raw: Any = self.database._connection
        # A kill loses nothing that was committed, synced or not; only a power cut would.
        await raw.execute("PRAGMA synchronous=OFF")
        self.brittle = Brittle(raw)
        vars(self.database)["_connection"] = self.brittle
        pika = await self._open.enter_async_context(Pika("key", base="http://127.0.0.1:9"))
        rulebook = RuleStore(default)
        self.accounts = AllowanceReader(rulebook, OwnerLimits(default, ceiling, OWNER_ZONE))
        self.desk = RequestService(
            self.database,
            pika,
            self.accounts,
            renders_at_once=2,
            clock=lambda: self.now,
            wake=lambda: None,
        )
        self.treasurer = QuotaService(self.database, rulebook, self.accounts, lambda: self.now)
        outbox = VideoFiles(Path(self._folder.name) / "clips", VideoProcessor())
        self.moves = Transitions(self.database, outbox, lambda: self.now, Timeouts(), lambda: None)

    async def _furnish(self) -> None:
        def work(tx: Transaction) -> None:
            for guild in (BERLIN, ANYWHERE):
                zone = {"time_zone": ZONES[guild].key} if guild in ZONES else {}
                guild_settings.put(tx, guild, member_at_once=1000, **zone)

        await self.database.write(work)

    def reopen(self, default: Limit, ceiling: int | None) -> None:
        """Stop in order, and start with what the owner has set now."""
        self.run(self._open.aclose())
        self.run(self._enter(default, ceiling))

    def close(self) -> None:
        self.run(self._open.aclose())
        self._runner.close()
        self._folder.cleanup()

    def broken_off(self, deed: Coroutine[Any, Any, object], calls: int, *, kill: bool) -> int:
        """Do something that is killed, or cancelled, after so many calls to the database.

        Returns:
            How many transactions were committed by then.
        """
        self.brittle.arm(calls, self._kill if kill else asyncio.CancelledError)
        try:
            self.run(deed)
        except (KilledError, asyncio.CancelledError):
            pass
        finally:
            self.brittle.disarm()
        return self.brittle.commits

    def _kill(self) -> KilledError:
        """Keep what is on disk at this moment, for the next process to find."""
        self.brittle.dead = True
        self._copies += 1
        copy = self._path.with_name(f"{self._copies}.sqlite3")
        for suffix in ("", "-wal"):
            found = self._path.with_name(self._path.name + suffix)
            if found.exists():
                shutil.copy(found, copy.with_name(copy.name + suffix))
        self._path = copy
        return KilledError()

    async def render(self, job_id: int, charge: int | None = None) -> None:
        """Bring a queued job to its finished video."""
        job = await self.database.read(lambda tx: job_store.get(tx, job_id))
        ticket = Ticket(provider="pika", id=f"media_{job_id}").model_dump_json()
        await self.moves.move_to(
            job,
            JobState.RENDERED,
            ticket_json=ticket,
            submitted_at=to_ms(self.now),
            rendered_at=to_ms(self.now),
            charge_micro_usd=charge,
        )

    async def deliver(self, job_id: int) -> None:
        job = await self.database.read(lambda tx: job_store.get(tx, job_id))
        await self.moves.mark_delivered(job, 1)

    async def refuse(self, job_id: int) -> None:
        job = await self.database.read(lambda tx: job_store.get(tx, job_id))
        await self.moves.fail(job, DeliveryError())

    async def call_off(self, job_id: int) -> None:
        """What waits ends here; what Pika has made, and bills, in its next step."""
        job = await self.database.read(lambda tx: job_store.get(tx, job_id))
        await self.database.write(
            lambda tx: cancel_job(tx, job, job.reply_to.member_id, "", self.now)
        )
        if job.state is JobState.RENDERED:
            job = await self.database.read(lambda tx: job_store.get(tx, job_id))
            await self.moves.end_cancelled(job, billed=True)

    async def credit(self, job_id: int, actor_id: int) -> None:
        await self.database.write(lambda tx: ledger.credit(tx, job_id, actor_id, self.now))

    async def held(self, holder: MemberKey, since: datetime) -> Cost:
        return await self.database.read(lambda tx: reserved.reserved_by_member(tx, holder, since))

    def rows(self, sql: str) -> list[SqlRow]:
        return self.run(rows(self.database, sql))
