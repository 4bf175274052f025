"""How many decisions a second come down to the disk when a crowd asks at once.

The file is filled as years would fill it. In each round a crowd's requests are decided at once,
through the real service: access, limits, job, reserve, each all or nothing, in commits that they
share. Between the rounds, raw transactions run one after the other in one thread of plain sqlite3,
which knows no ledger: each inserts one row and is committed with `synchronous=FULL`, as the bot's
are, before the next begins. Rows are in WAL files of the same folder.

Each decision has a picture that is on disk before its row, so each raw transaction has one too,
written in the same way: a file and its folder, both with fsync. What rows alone take is shown
beside them; nothing is held to that, for nobody asks without a picture.
"""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, NamedTuple

from bench import filled_database
from bench.decision import PICTURE_BYTES, furnished, prechecked
from bench.outcome import Outcome, table
from bot.base import PICTURE_FOLDER, write_picture
from bot.base.database import open_database
from pika import Pika

if TYPE_CHECKING:
    from bot.base import Transaction
    from bot.requests.service import RequestService

CROWD: Final = 200
ROUNDS: Final = 7
LEAST_TIMES_RAW: Final = 1.0
"""The target: decisions a second over raw transactions a second, by the median of the rounds."""


class Round(NamedTuple):
    """How many a second, in one round."""

    decisions: float
    raw: float
    rows: float

    @property
    def ratio(self) -> float:
        """Decisions over raw transactions with the same pictures."""
        return self.decisions / self.raw


def run() -> Outcome:
    """Fill a file, then let crowds ask in it and plain SQLite write beside it, by turns."""
    with TemporaryDirectory(prefix="bench-throughput-") as folder:
        return asyncio.run(_measure(Path(folder) / "animate-bot.sqlite3"))


async def _measure(path: Path) -> Outcome:
    async with open_database(path):
        pass
    entries = await asyncio.to_thread(filled_database.fill, path)
    draw = random.Random(filled_database.SEED)  # noqa: S311 - a simulation
    rounds = list[Round]()
    async with open_database(path) as database, Pika("key", base="http://127.0.0.1:9") as pika:
        requests = await furnished(database, pika, path.with_name(PICTURE_FOLDER))
        with closing(_raw_file(path.with_name("raw.sqlite3"))) as raw:
            for number in range(ROUNDS):
                pictures = [os.urandom(PICTURE_BYTES) for _ in range(CROWD)]
                # By turns, so that neither is always the one that comes after the other's writes.
                before = _raw(raw, path.with_name("raw"), pictures) if number % 2 else None
                decisions = await _decisions(requests, draw)
                await database.write(_end_jobs)
                with_pictures = before or _raw(raw, path.with_name("raw"), pictures)
                rounds.append(Round(decisions, with_pictures, _raw(raw, None, pictures)))
    return _outcome(entries, rounds)


async def _decisions(requests: RequestService, draw: random.Random) -> float:
    """Decide as `enqueue` does once it has the pictures; all are committed when this ends."""
    crowd = [await prechecked(requests, filled_database.anybody(draw)) for _ in range(CROWD)]
    began = time.perf_counter()
    await asyncio.gather(*(requests._reserve(*asked) for asked in crowd))  # noqa: SLF001 - see above
    return CROWD / (time.perf_counter() - began)


def _end_jobs(tx: Transaction) -> None:
    """End what waits, which servers have a limit for: else each crowd found a longer queue."""
    tx.execute(
        "UPDATE jobs SET state = 'notified', failure = 'too_late', ended_at = created_at"
        " WHERE state NOT IN ('delivered', 'notified')"
    )


def _raw_file(path: Path) -> sqlite3.Connection:
    raw = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        raw.execute(f"PRAGMA {pragma}")
    raw.execute("CREATE TABLE raw (picture_file TEXT NOT NULL)")
    return raw


def _raw(raw: sqlite3.Connection, folder: Path | None, pictures: list[bytes]) -> float:
    """Insert a row for each picture, which is written first if there is a folder for it."""
    began = time.perf_counter()
    for picture in pictures:
        name = write_picture(folder, picture) if folder else "none"
        raw.execute("BEGIN IMMEDIATE")
        raw.execute("INSERT INTO raw (picture_file) VALUES (?)", (name,))
        raw.execute("COMMIT")
    return len(pictures) / (time.perf_counter() - began)


def _outcome(entries: int, rounds: list[Round]) -> Outcome:
    ratio = median(it.ratio for it in rounds)
    rows = [
        ("decisions of a crowd at once", *_cells([it.decisions for it in rounds])),
        ("raw transactions, one by one", *_cells([it.raw for it in rounds])),
        ("  the same without pictures", *_cells([it.rows for it in rounds])),
    ]
    text = (
        f"{entries:,} ledger entries; {ROUNDS} rounds of {CROWD} by turns, each with a picture of"
        f" {PICTURE_BYTES // 1000} kB in a file.\n"
        f"Target: at least {LEAST_TIMES_RAW:g} times as many decisions a second as raw"
        f" transactions, by the median of the rounds.\n\n"
        f"{table(('a second', 'median', 'least', 'most'), rows)}\n\n"
        f"{ratio:.2f} times as many decisions as raw transactions"
        f" ({min(it.ratio for it in rounds):.2f} to {max(it.ratio for it in rounds):.2f})"
    )
    missed = f"{ratio:.2f} times the raw transactions, target {LEAST_TIMES_RAW:g}"
    return Outcome(text, () if ratio >= LEAST_TIMES_RAW else (missed,))


def _cells(a_second: list[float]) -> tuple[str, ...]:
    return tuple(f"{of(a_second):,.0f}" for of in (median, min, max))
