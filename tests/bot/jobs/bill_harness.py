"""What orders, renders and shows, on a real file and against the real stand-in Pika, step by step.

Only the chat is not real. Steps are taken one at a time, when the test says so, and trouble comes
at a chosen call to SQLite: so the same draws take the same way.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import AsyncExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from bot.base import PICTURE_FOLDER, Limit, Timeouts
from bot.base.child_process import child_processes
from bot.base.database import open_database
from bot.base.errors import ChannelUnreachableError, DeliveryError
from bot.guilds import guild_settings
from bot.jobs import job_store
from bot.jobs.breaker import Breaker
from bot.jobs.cancel_step import CancelStep, cancel_job
from bot.jobs.delivery import MessageStage, MessageState, ShownClip, Told
from bot.jobs.errors import LeaseLostError
from bot.jobs.picture_files import PictureFiles
from bot.jobs.recovery import Recovery
from bot.jobs.step_places import StepPlaces
from bot.jobs.transitions import Transitions
from bot.jobs.video_files import VideoFiles
from bot.jobs.worker import Worker
from bot.jobs.workflow import Workflow
from bot.media.still import Still
from bot.media.video_processor import VideoProcessor
from bot.owner.guild_access import GuildAccess
from bot.owner.guild_records import GuildRecords
from bot.quota.allowances import AllowanceReader, OwnerLimits
from bot.quota.doubts import DoubtService
from bot.quota.rule_store import RuleStore
from bot.requests.service import RequestService
from pika import Pika
from playground.pika import PikaStandIn
from tests.bot.rows import NOON, address, request, requester
from tests.house import photo
from tests.new_database import make_database

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping

    from bot.base import SqlRow, SqlValue, Transaction
    from bot.jobs.animate_options import AnimateOptions
    from bot.jobs.job import Job, ReplyTo
    from playground.pika import WireName
    from playground.pika.jobs.job import Job as Render

T = TypeVar("T")

HOME, ELSEWHERE, CLOSED = 10, 11, 12
MODERATOR, OWNER = 1, 2
STILL = Still(photo(), 320, 180)
_WITHOUT_END = "PRAGMA max_page_count=1000000"
"""Pages; more than a test makes."""
_UNTIL_ROOM = 500
"""Calls to SQLite; more than a step makes, but for one that waits for room with a paid ticket."""
GENEROUS = Limit.parse("1000 clips a day")


class KilledError(BaseException):
    """The process is no more."""


class Kind(Enum):
    LOCKED = auto()
    """Another program begins to write."""
    FULL = auto()
    """The database cannot grow any more."""
    KILLED = auto()
    NO_ROOM = auto()
    """No video can be kept."""
    SILENT_CHAT = auto()


@dataclass(frozen=True)
class Trouble:
    """What breaks here, while something is done.

    Attributes:
        after: Calls to SQLite before it begins; the last two kinds begin at once.
        lasting: Calls to SQLite, or to the chat, that it lasts; `NO_ROOM` lasts to the end, and
            `FULL` for `_UNTIL_ROOM` calls.
        since_order: Count calls only from when Pika has accepted an order.
    """

    kind: Kind
    after: int = 0
    lasting: int = 1
    since_order: bool = False

    @property
    def is_at_a_call(self) -> bool:
        return self.kind in {Kind.LOCKED, Kind.FULL, Kind.KILLED}


CALM = Trouble(Kind.SILENT_CHAT, lasting=0)


def _only_reads(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("PRAGMA query_only").fetchone()[0])


class Disturbed:
    """A `sqlite3.Connection` that tells of each call before it is made."""

    def __init__(self, connection: sqlite3.Connection, call: Callable[[Disturbed], None]) -> None:
        self.connection = connection
        self._call = call

    def execute(self, sql: str, values: Mapping[str, SqlValue] | None = None) -> sqlite3.Cursor:
        self._call(self)
        return self.connection.execute(sql, values or {})

    def commit(self) -> None:
        self._call(self)
        self.connection.commit()
        self._call(self)

    def rollback(self) -> None:
        self.connection.rollback()

    def close(self) -> None:
        self.connection.close()


class Chat:
    """Implements `Delivery`: what each member reads, by interaction."""

    def __init__(self) -> None:
        self.stages: dict[int, MessageStage] = {}
        self.failing_calls = 0
        self.closed: set[int] = set()

    def _show(self, reply_to: ReplyTo, stage: MessageStage) -> int:
        if self.failing_calls:
            self.failing_calls -= 1
            raise DeliveryError
        if reply_to.interaction_id in self.closed:
            raise ChannelUnreachableError
        self.stages[reply_to.interaction_id] = stage
        return reply_to.message_id

    async def check_message(self, _job: Job) -> None:
        """Nobody deletes one."""

    async def check_member(self, _job: Job) -> None:
        """All stay."""

    async def show_progress(self, job: Job, *_: object) -> None:
        self._show(job.reply_to, MessageStage.BEGUN)

    async def show_busy(self, job: Job, *_: object, **__: object) -> None:
        self._show(job.reply_to, MessageStage.WAITING)

    async def show_clip(self, job: Job, clip: Path) -> ShownClip:
        assert clip.stat().st_size  # noqa: ASYNC240 - the stand-in's own, a small one
        return ShownClip(self._show(job.reply_to, MessageStage.CLIP))

    async def show_failure(self, job: Job) -> Told:
        self._show(job.reply_to, MessageStage.FAILURE)
        return Told()

    async def read_back(self, job: Job) -> MessageState:
        where = job.reply_to
        stage = self.stages.get(where.interaction_id, MessageStage.WAITING)
        return MessageState(stage, where.message_id, job.created_at)

    async def notify(self, job: Job, state: MessageState) -> Told:
        del job, state  # the message says it already
        return Told()


class Names:
    """What `GuildAccess` asks of Discord where the owner has named the open guilds."""

    def describe(self, guild_id: int) -> str:
        return str(guild_id)

    def is_member(self, _guild_id: int) -> bool:
        return True


class BillHarness:
    """One wire's Pika, and the services and steps of a bot that may be killed."""

    def __init__(self, wire: WireName) -> None:
        self.now = NOON
        self.chat = Chat()
        self._runner = asyncio.Runner()
        self._folder = TemporaryDirectory(prefix="bills-")
        self._path = Path(self._folder.name) / "0.sqlite3"
        self._copies = 0
        self._reader: sqlite3.Connection | None = None
        """Our own, for what is asked after each step: to open a file takes longer."""
        self._videos = Path(self._folder.name) / "clips"
        self._stand_in = AsyncExitStack()
        self._bot = AsyncExitStack()
        self.outcomes: list[object] = []
        """What members have read right after they asked, in order."""
        self._calls_left: int | None = None
        self._trouble = CALM
        self._orders = 0
        self._release: Callable[[], None] | None = None
        self._pause, Timeouts.DATABASE_PAUSE_SECONDS = Timeouts.DATABASE_PAUSE_SECONDS, 0.0
        self.run(self._open(wire))

    def run(self, deed: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(deed)

    def close(self) -> None:
        Timeouts.DATABASE_PAUSE_SECONDS = self._pause
        self._stop_reading()
        self.run(self._bot.aclose())
        self.run(self._stand_in.aclose())
        self._runner.close()
        self._folder.cleanup()

    async def _open(self, wire: WireName) -> None:
        self.pika = await self._stand_in.enter_async_context(PikaStandIn(wire=wire))
        behaviour = self.pika.behaviour
        behaviour.result, behaviour.queue_seconds, behaviour.render_seconds = "canned", 0, 0
        # One child for all of the bots that follow each other: to start another takes time.
        (self._child,) = await self._stand_in.enter_async_context(
            child_processes(VideoProcessor.MEMORY_BYTES)
        )
        make_database(self._path)
        await self._start()

        def put_settings(tx: Transaction) -> None:
            for guild in (HOME, ELSEWHERE):
                guild_settings.put(tx, guild, member_at_once=1000, queue_length=1000)

        await self.database.write(put_settings)

    async def _start(self) -> None:
        self.database = database = await self._bot.enter_async_context(open_database(self._path))
        for connection in (database._writer, database._reader):
            # A kill loses nothing that was committed, synced or not; and nobody waits for a lock.
            for pragma in ("synchronous=OFF", "busy_timeout=0"):
                await connection.execute(f"PRAGMA {pragma}")
            vars(connection)["_connection"] = Disturbed(connection._conn, self._call)
        client = Pika(
            self.pika.key,
            provider=self.pika.wire,
            base=self.pika.origin,
            upload_base=self.pika.upload_origin,
        )
        pika = await self._bot.enter_async_context(client)
        self._compose(pika)
        await self.recovery.take_over()

    def _compose(self, pika: Pika) -> None:
        database, times, chat = self.database, Timeouts(), self.chat
        nobody: Any = None
        names: Any = Names()
        rules, breaker = RuleStore(GENEROUS), Breaker(self.clock, times)
        records = GuildRecords(database, self.clock, lambda: None)
        pictures = PictureFiles(
            self._path.with_name(PICTURE_FOLDER), database, self.clock, timedelta()
        )
        self.access = GuildAccess(frozenset({HOME, ELSEWHERE}), names, records, times)
        self.requests = RequestService(
            database,
            pika,
            AllowanceReader(rules, OwnerLimits(GENEROUS, None, ZoneInfo("UTC"))),
            pictures=pictures,
            renders_at_once=8,
            breaker=breaker,
            clock=self.clock,
            wake=lambda: None,
        )
        self.doubts = DoubtService(database, self.clock)
        files = VideoFiles(self._videos, VideoProcessor(self._child))
        moves = Transitions(database, files, self.clock, times, lambda: None)
        delivery: Any = chat
        cancel = CancelStep(pika, breaker, delivery, moves, self.clock, times)
        workflow = Workflow(
            *(database, pika, breaker, pictures, files, delivery, moves, nobody, cancel),
            *(self.clock, times),
        )
        self.worker = Worker(database, workflow, moves, self.clock, StepPlaces(8), breaker)
        self.recovery = Recovery(
            *(database, pika, delivery, moves, workflow, self.clock, times),
            wake_worker=lambda: None,
        )

    def clock(self) -> Any:
        return self.now

    # Members and moderators

    async def ask(self, guild: int, member: int, options: AnimateOptions) -> None:
        """Ask as a member does, who then reads whatever has come of it."""
        # As before every command: raises for a closed guild.
        await self.access.require_open(guild)
        where = address(member, guild)

        async def read_picture() -> Still:
            return STILL

        async def show(outcome: object) -> bool:
            self.outcomes.append(outcome)
            return True

        asked = await self.requests.precheck(request(options, requester(member, guild)))
        await self.requests.enqueue(asked, where, read_picture, show)

    async def cancel(self, job_id: int, *, by_member: bool = False) -> None:
        """Cancel a job as a moderator does, or as its own member by the button under it."""

        def cancel(tx: Transaction) -> None:
            job = job_store.get(tx, job_id)
            if by_member and job.cancelled_by is None:
                job_store.let_cancel_count(tx, job_id)
            by = job.reply_to.member_id if by_member else MODERATOR
            cancel_job(tx, job, job.cancelled_by or by, "", self.now)

        await self.database.write(cancel)

    async def settle_doubts(self) -> int:
        """Enter what the provider's bill says; return how many doubts that were."""
        doubts = await self.doubts.list_open(1000)
        for doubt in doubts:
            prompt = self.prompt_of(doubt.job_id)
            charge = sum(it.charge_micro_usd for it in await self.renders(prompt))
            if charge:
                await self.doubts.settle_as_billed(OWNER, doubt.job_id, charge)
            else:
                await self.doubts.settle_as_not_billed(OWNER, doubt.job_id)
        return len(doubts)

    # Steps

    async def step(self, trouble: Trouble = CALM) -> bool:
        """Let time pass until a job is due, and take its step; `False` if there is none."""
        for render in self.pika.jobs.values():
            await render.made()  # or it would depend on a thread how far Pika is
        await self._read_back()
        job = await self._claim()
        if job is not None:
            await self.in_trouble(self.worker._step(job), trouble)
        return job is not None

    async def in_trouble(self, deed: Awaitable[object], trouble: Trouble) -> None:
        """Do something, while this breaks here; after a kill the next process starts."""
        self._trouble, self._orders, self._release = trouble, self.pika.paid_submits, None
        self._calls_left = trouble.after if trouble.is_at_a_call else None
        self.chat.failing_calls = trouble.lasting if trouble.kind is Kind.SILENT_CHAT else 0
        try:
            with self._no_room() if trouble.kind is Kind.NO_ROOM else nullcontext():
                await deed
        except KilledError:
            await self._die()
        finally:
            self._calls_left, self.chat.failing_calls = None, 0
            await self._end_trouble()

    async def _claim(self) -> Job | None:
        while True:
            job = await self.worker._claim()
            if job is not None:
                return job
            # What is due and was not claimed waits for room, which a later one makes.
            due = await self.database.read(lambda tx: job_store.next_due(tx, self.now))
            if due is None:
                return None
            self.now = due

    async def _read_back(self) -> None:
        for job_id in await self.database.read(job_store.awaiting_read_back):
            with suppress(DeliveryError, LeaseLostError):
                await self.recovery._read_back(job_id)

    # Trouble

    def _call(self, connection: Disturbed) -> None:
        """On the connection's thread, before each of its calls."""
        if self._calls_left is None:
            return
        if self._trouble.since_order and self.pika.paid_submits == self._orders:
            return
        self._calls_left -= 1
        if self._calls_left >= 0:
            return
        if self._trouble.kind is Kind.KILLED:
            self._keep_copy()
            raise KilledError
        if self._release is None:
            self._release = self._disturb(connection)
            self._calls_left = self._lasting() if self._release else 0
        elif self._trouble.kind is Kind.LOCKED:
            self._release()
            self._calls_left = None
        elif not _only_reads(connection.connection):
            connection.connection.execute(_WITHOUT_END)
            self._calls_left = None

    def _lasting(self) -> int:
        return _UNTIL_ROOM if self._trouble.kind is Kind.FULL else self._trouble.lasting

    def _disturb(self, connection: Disturbed) -> Callable[[], None] | None:
        """Begin the trouble, and return what ends it; `None` if it cannot begin now."""
        raw = connection.connection
        if _only_reads(raw) or raw.in_transaction:
            return None  # the bot reads, or is writing itself
        if self._trouble.kind is Kind.LOCKED:
            other = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
            other.execute("BEGIN IMMEDIATE")
            return other.close
        (pages,) = raw.execute("PRAGMA page_count").fetchone()
        raw.execute(f"PRAGMA max_page_count={pages}")
        return lambda: None

    async def _end_trouble(self) -> None:
        if self._release is not None:
            self._release()
        await self.database._writer.execute(_WITHOUT_END)

    @contextmanager
    def _no_room(self) -> Generator[None, None, None]:
        kept = self._videos.with_name("kept")
        self._videos.rename(kept)
        self._videos.write_bytes(b"")
        try:
            yield
        finally:
            self._videos.unlink()
            kept.rename(self._videos)

    def _keep_copy(self) -> None:
        """Keep what is on disk at this moment, for the next process to find."""
        self._copies += 1
        copy = self._path.with_name(f"{self._copies}.sqlite3")
        for suffix in ("", "-wal"):
            found = self._path.with_name(self._path.name + suffix)
            if found.exists():
                shutil.copy(found, copy.with_name(copy.name + suffix))
        self._next_path = copy

    async def _die(self) -> None:
        self._calls_left = None
        self._stop_reading()
        await self._bot.aclose()
        self._path = self._next_path
        await self._start()

    # What has come of it

    async def renders(self, prompt: str) -> list[Render]:
        """What Pika has accepted for a clip, with its work done."""
        found = []
        for render in self.pika.jobs.values():
            body = render.body
            if not render.refused and body.get("prompt", body.get("promptText")) == prompt:
                await render.made()
                found.append(render)
        return found

    def prompt_of(self, job_id: int) -> str:
        (row,) = self.rows(
            f"SELECT json_extract(options_json, '$.prompt') AS prompt FROM jobs WHERE id = {job_id}"
        )
        return str(row["prompt"])

    def rows(self, sql: str) -> list[SqlRow]:
        if self._reader is None:
            self._reader = sqlite3.connect(self._path)
            self._reader.row_factory = sqlite3.Row
        return self._reader.execute(sql).fetchall()

    def _stop_reading(self) -> None:
        if self._reader is not None:
            self._reader.close()
        self._reader = None
