"""What a decision costs in a database of many years: limits, reserve and job, down to the disk.

The file is filled as years would fill it, then asked through the real service, with
`synchronous=FULL` as ever. Rows, times and members are drawn with a fixed seed.

What the disk takes differs from machine to machine and from hour to hour, so a decision is
held against a bare transaction beside it, which stores the same picture and decides nothing. Both
write the picture as a file first, in the same way, and then a row that names it.
"""

from __future__ import annotations

import asyncio
import os
import random
import textwrap
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, NamedTuple
from zoneinfo import ZoneInfo

from bench import filled_database
from bench.filled_database import BIGGEST, HEAVIEST, NOW, ROLE
from bench.outcome import Outcome, table
from bench.query_plans import plans, statements
from bot.base import PICTURE_FOLDER, Limit, Timeouts, write_picture
from bot.base.database import Transaction, open_database
from bot.guilds import guild_settings
from bot.jobs.animate_options import AnimateOptions
from bot.jobs.breaker import Breaker
from bot.jobs.job import ReplyTo
from bot.jobs.picture_files import PictureFiles
from bot.media.still import Still
from bot.quota.allowances import AllowanceReader, OwnerLimits
from bot.quota.rule_store import RuleStore
from bot.quota.rules import EVERYONE, GUILD, LimitTarget, Rule, Scope
from bot.requests.request import AnimateRequest, Place, Requester
from bot.requests.service import RequestService
from pika import Pika

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from bench.query_plans import Plan
    from bot.base import Database

REQUESTS: Final = 300
PICTURE_BYTES: Final = 150_000
CROWD: Final = "members as they come"
MOST_TIMES_BARE: Final = 1.5
"""The target for these: the median of a decision over the median of a bare transaction."""
CEILING: Final = 1_000_000_000_000
_RULES: Final = (
    (EVERYONE, "5 clips a day"),
    (LimitTarget(Scope.ROLE, ROLE), "100000 clips a day"),
    (LimitTarget(Scope.ROLE, ROLE), "$100000 a week"),
    (LimitTarget(Scope.MEMBER, HEAVIEST), "100000 clips a month"),
    (LimitTarget(Scope.MEMBER, HEAVIEST), "$100000 a month"),
    (GUILD, "$1000000 a month"),
    (GUILD, "1000000 clips a day"),
)
_OWNERS: Final = Limit.parse("5 clips a day")
_numbers = count(10_000_000)


class Figures(NamedTuple):
    """Milliseconds."""

    median: float
    p95: float
    worst: float

    @classmethod
    def of(cls, took: Iterable[float]) -> Figures:
        """Sum up some durations in milliseconds."""
        by_length = sorted(took)
        return cls(median(by_length), by_length[int(0.95 * len(by_length))], by_length[-1])


class Pair(NamedTuple):
    """What decisions took, and the bare transactions between them."""

    decision: Figures
    bare: Figures

    @property
    def ratio(self) -> float:
        """The median of the decisions over that of the bare transactions."""
        return self.decision.median / self.bare.median


def run() -> Outcome:
    """Fill a file, ask in it, and read the plans of all that was asked of SQLite."""
    with TemporaryDirectory(prefix="bench-decision-") as folder:
        return asyncio.run(_measure(Path(folder) / "animate-bot.sqlite3"))


async def _measure(path: Path) -> Outcome:
    async with open_database(path):
        pass
    about = await asyncio.to_thread(_fill, path)
    async with open_database(path) as database, Pika("key", base="http://127.0.0.1:9") as pika:
        requests = await furnished(database, pika, path.with_name(PICTURE_FOLDER))
        store = _Bare(database, path.with_name("bare")).store
        draw = random.Random(filled_database.SEED)  # noqa: S311 - a simulation
        crowd = [filled_database.anybody(draw) for _ in range(REQUESTS)]
        figures = {
            CROWD: await _ask(requests, store, crowd),
            "the heaviest member": await _ask(requests, store, [HEAVIEST] * REQUESTS),
        }
        async with statements(database) as found:
            await _decide(requests, HEAVIEST)
        known = await plans(database, found)
    missed = (*_slow(figures[CROWD]), *_scanning(known))
    return Outcome(f"{about}\n\n{_times(figures)}\n\n{_shown(known)}", missed)


def _fill(path: Path) -> str:
    began = time.perf_counter()
    entries = filled_database.fill(path)
    took = time.perf_counter() - began
    return (
        f"{entries:,} ledger entries, {path.stat().st_size / 1e6:.0f} MB, filled in {took:.0f} s;"
        f" one fsync takes {_fsync_ms(path.parent):.2f} ms here.\n"
        f"Asked in the guild that has half of them, under {len(_RULES)} limits and the owner's"
        f" ceiling, with a picture of {PICTURE_BYTES // 1000} kB.\n"
        "Between the requests, a bare transaction stores the same picture, in a file too.\n"
        f"Target: a decision for {CROWD} takes at most {MOST_TIMES_BARE:g} times as long as a bare"
        " transaction, by the medians, and no table is read from end to end."
    )


async def furnished(database: Database, pika: Pika, pictures: Path) -> RequestService:
    """Put limits into a filled database; return the service that decides in it."""
    began = time.perf_counter()

    def clock() -> datetime:
        return NOW + timedelta(seconds=time.perf_counter() - began)

    rule_store = RuleStore(_OWNERS)

    def put_settings(tx: Transaction) -> None:
        most = 10 * REQUESTS
        guild_settings.put(tx, BIGGEST, member_at_once=most, queue_length=most)
        for subject, limit in _RULES:
            rule_store.put(tx, BIGGEST, Rule(subject, Limit.parse(limit)))
        tx.execute("CREATE TABLE bare (picture_file TEXT NOT NULL)")

    await database.write(put_settings)
    terms = OwnerLimits(_OWNERS, CEILING, ZoneInfo("UTC"))
    return RequestService(
        database,
        pika,
        AllowanceReader(rule_store, terms),
        pictures=PictureFiles(pictures, database, clock, timedelta(days=30)),
        breaker=Breaker(clock, Timeouts()),
        renders_at_once=4,
        clock=clock,
        wake=lambda: None,
    )


@dataclass(frozen=True)
class _Bare:
    """Stores a picture and decides nothing; in a folder of its own, where none is found again."""

    database: Database
    folder: Path

    async def store(self, picture: bytes) -> None:
        name = await asyncio.to_thread(write_picture, self.folder, picture)
        insert = "INSERT INTO bare (picture_file) VALUES (:name)"
        await self.database.write(lambda tx: tx.execute(insert, {"name": name}))


async def _ask(
    requests: RequestService, store: Callable[[bytes], Awaitable[None]], members: Sequence[int]
) -> Pair:
    decided, bare = list[float](), list[float]()
    for number, member in enumerate(members):
        request, reply_to, still = await prechecked(requests, member)
        # By turns, so that neither is always the one that comes after the other's pages.
        if number % 2:
            bare.append(await _ms(store(still.data)))
        decided.append(await _ms(requests._reserve(request, reply_to, still)))  # noqa: SLF001 - see `_decide`
        if not number % 2:
            bare.append(await _ms(store(still.data)))
    return Pair(Figures.of(decided), Figures.of(bare))


async def _ms(work: Awaitable[object]) -> float:
    began = time.perf_counter()
    await work
    return (time.perf_counter() - began) * 1000


async def _decide(requests: RequestService, member: int) -> None:
    """Decide as `enqueue` does once it has the picture: its file, then the one that reserves.

    What `enqueue` writes before and after is for the member's answer, and small; the number in
    line, which it reads afterwards beside all writes, is not.
    """
    await requests._reserve(*await prechecked(requests, member))  # noqa: SLF001 - see above


async def prechecked(
    requests: RequestService, member: int
) -> tuple[AnimateRequest, ReplyTo, Still]:
    """A member's request that has come as far as its picture, which no other request has."""
    number = next(_numbers)
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    who = Requester(BIGGEST, member, frozenset({ROLE}), long_ago, long_ago)
    options = AnimateOptions(prompt="the sun rises over the harbour", resolution="720p", duration=5)
    where = ReplyTo(
        interaction_id=number,
        guild_id=BIGGEST,
        channel_id=30,
        member_id=member,
        message_id=number,
        application_id=40,
        token=None,
        token_until=NOW + timedelta(minutes=15),
    )
    url = "https://cdn.example/photo.jpg"
    request = AnimateRequest(who, options, Place((30,)), 10_000_000, url, 1_000_000)
    still = Still(os.urandom(PICTURE_BYTES), 1920, 1080)
    return await requests.precheck(request), where, still


def _fsync_ms(folder: Path) -> float:
    took = []
    with (folder / "probe").open("wb", buffering=0) as probe:
        for _ in range(50):
            began = time.perf_counter()
            probe.write(bytes(4096))
            os.fsync(probe.fileno())
            took.append((time.perf_counter() - began) * 1000)
    return median(took)


def _slow(pair: Pair) -> list[str]:
    if pair.ratio <= MOST_TIMES_BARE:
        return []
    return [f"{pair.ratio:.2f} times a bare transaction, target {MOST_TIMES_BARE:g}"]


def _scanning(known: Sequence[Plan]) -> list[str]:
    return [f"{step}: {_short(plan.sql)}" for plan in known for step in plan.scans()]


def _times(figures: dict[str, Pair]) -> str:
    head = (f"{REQUESTS} requests by", "median/ms", "p95/ms", "worst/ms", "ratio")
    rows = list[tuple[str, ...]]()
    for name, pair in figures.items():
        rows.append((name, *(f"{ms:.2f}" for ms in pair.decision), f"{pair.ratio:.2f}"))
        rows.append(("  bare between them", *(f"{ms:.2f}" for ms in pair.bare), ""))
    return table(head, rows)


def _shown(known: Sequence[Plan]) -> str:
    """Show each way of reading once, under the first statement that takes it."""
    lines = {step: _short(plan.sql) for plan in reversed(known) for step in plan.steps}
    text = "\n".join(f"{step}\n    {sql}" for step, sql in reversed(lines.items()))
    return f"How SQLite reads ({len(known)} statements):\n\n{text}"


def _short(sql: str) -> str:
    return textwrap.shorten(sql, 110, placeholder=" …")
