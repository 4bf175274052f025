"""How many of the times that members are told hold, over twelve busy hours.

A replay with the bot's own line, turns and estimates, in its own database, on a clock of its own:
more is asked for than Pika makes, then less, and Pika is slower in some hours than in others.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, Literal

from bench.outcome import Outcome, table
from bot.base import open_database, to_ms
from bot.jobs import job_store
from bot.jobs.animate_options import AnimateOptions
from bot.jobs.estimates import expected_time
from bot.jobs.job import JobState
from bot.jobs.wait_forecast import LATEST, forecast
from pika import Ticket

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.base import SqlValue, Transaction
    from bot.jobs.estimates import ExpectedTime
    from bot.jobs.job import Job

SEEDS: Final = (1, 2, 3)
HOURS: Final = 12
PLACES: Final = 3
LINE: Final = 100
"""The most clips in line; who asks beyond that is refused."""
OWN: Final = 3
"""The most clips of a member that are open at once."""
TARGET: Final = 0.85
BEGAN: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
KINDS: Final[Sequence[tuple[Literal["720p", "1080p"], Literal[5, 10], float, int]]] = (
    ("720p", 5, 60.0, 5),
    ("1080p", 5, 90.0, 4),
    ("1080p", 10, 150.0, 1),
)
"""Size, length, median seconds of a render, and how often it is asked for."""
SIGMA: Final = 0.35
STRAGGLERS: Final = 0.03
STRAGGLER_TAKES: Final = 4.0
MEMBERS: Final = tuple(
    (guild, member) for guild, count in ((1, 30), (2, 10)) for member in range(count)
)
MEAN_SECONDS: Final = 92.0
"""Of a render, about: by it the crowd is as large as the places."""

AT_ONCE, IN_LINE, AT_PIKA = "begins at once", "in line", "at Pika"


@dataclass(slots=True)
class Tally:
    """The promises of one kind: how many were made, held, and could not be made."""

    told: int = 0
    within_usual: int = 0
    within_slow: int = 0
    untold: int = 0
    widths: list[float] = field(default_factory=list)

    def add(self, promised: ExpectedTime | None, seconds: float) -> None:
        """Hold a promise against the seconds that it took."""
        if promised is None:
            self.untold += 1
            return
        self.told += 1
        self.within_usual += seconds <= promised.usual
        self.within_slow += seconds <= promised.slow
        self.widths.append(promised.slow / promised.usual)


class Replay:
    """Twelve hours of requests and renders, one event after the other."""

    def __init__(self, tx: Transaction, seed: int) -> None:
        self.tx = tx
        self.rng = random.Random(seed)  # noqa: S311 - a simulation
        self.tallies: dict[str, Tally] = defaultdict(Tally)
        self._promised: dict[int, tuple[str, ExpectedTime | None]] = {}
        self._ends: list[tuple[datetime, int]] = []
        self._rendering: dict[int, tuple[Job, ExpectedTime | None, datetime]] = {}

    def run(self) -> dict[str, Tally]:
        """Play to the last clip."""
        asked_at, last = BEGAN, BEGAN + timedelta(hours=HOURS)
        while asked_at < last or self._ends:
            if self._ends and (asked_at >= last or self._ends[0][0] <= asked_at):
                now, job_id = heappop(self._ends)
                self._finish(job_id, now)
            else:
                now = asked_at
                self._ask(now)
                asked_at += timedelta(seconds=self.rng.expovariate(self._demand(now)))
            self._send(now)
        return self.tallies

    def _demand(self, now: datetime) -> float:
        """Requests a second: from two thirds of what Pika makes to four thirds, in waves."""
        hours = (now - BEGAN) / timedelta(hours=1)
        return PLACES / MEAN_SECONDS * (1 + math.sin(2 * math.pi * hours / 4) / 3)

    def _seconds(self, job: Job, now: datetime) -> float:
        """How long Pika renders: up to a third longer in its slow hours, and rarely four times."""
        options = job.options
        usual = next(it[2] for it in KINDS if it[:2] == (options.resolution, options.duration))
        hours = (now - BEGAN) / timedelta(hours=1)
        slow = math.exp(0.25 * math.sin(2 * math.pi * hours / 5))
        straggler = STRAGGLER_TAKES if self.rng.random() < STRAGGLERS else 1.0
        return usual * slow * straggler * math.exp(self.rng.gauss(0, SIGMA))

    def _ask(self, now: datetime) -> None:
        guild, member = self.rng.choice(MEMBERS)
        counts = job_store.count_open(self.tx, guild, member)
        if counts.of_member >= OWN or counts.queued >= LINE:
            return
        resolution, duration, *_ = self.rng.choices(KINDS, [it[3] for it in KINDS])[0]
        options = AnimateOptions(seed=1, resolution=resolution, duration=duration)
        job = job_store.add(
            self.tx, _row(len(self._promised), guild, member, options, now), options
        )
        found = forecast(self.tx, job, now, PLACES)
        if found.mean_wait_ms is not None:
            job_store.set_mean_wait(self.tx, job, found.mean_wait_ms)
        kind = IN_LINE if found.clips_before else AT_ONCE
        self._promised[job.id] = kind, found.expected_time

    def _send(self, now: datetime) -> None:
        while (job := job_store.claim_next(self.tx, now, PLACES)) is not None:
            known = job_store.recent_render_seconds(self.tx, job.provider, job.options, LATEST)
            # Due in the order in which they began, and never by itself.
            due = now + timedelta(days=1)
            ticket = Ticket(provider=job.provider, id=str(job.id)).model_dump_json()
            at: dict[str, SqlValue] = {"submitted_at": to_ms(now), "ticket_json": ticket}
            sent = job_store.change_state(self.tx, job, JobState.RENDERING, due, **at)
            self._rendering[job.id] = sent, expected_time(known), now
            heappush(self._ends, (now + timedelta(seconds=self._seconds(job, now)), job.id))

    def _finish(self, job_id: int, now: datetime) -> None:
        job, promised, began = self._rendering.pop(job_id)
        ms = to_ms(now)
        at: dict[str, SqlValue] = {"rendered_at": ms, "ended_at": ms}
        job_store.change_state(self.tx, job, JobState.DELIVERED, now, **at)
        self.tallies[AT_PIKA].add(promised, (now - began).total_seconds())
        kind, whole = self._promised[job_id]
        self.tallies[kind].add(whole, (now - job.created_at).total_seconds())


def _row(
    number: int, guild: int, member: int, options: AnimateOptions, now: datetime
) -> dict[str, SqlValue]:
    ids = ("interaction_id", "channel_id", "message_id", "application_id")
    return {
        **dict.fromkeys(ids, number),
        "upload_limit": 10_000_000,
        "guild_id": guild,
        "member_id": member,
        "token": "none",
        "token_until": to_ms(now),
        "provider": "pika",
        "options_json": options.model_dump_json(),
        "price_micro_usd": 200_000,
        "reference": "ABCDE",
        "created_at": to_ms(now),
        "due_at": to_ms(now),
    }


async def _replay(seed: int) -> dict[str, Tally]:
    with TemporaryDirectory() as folder:
        async with open_database(Path(folder) / "replay.sqlite3") as database:
            return await database.write(lambda tx: Replay(tx, seed).run())


def run() -> Outcome:
    """Replay with several seeds; the target is for each kind of promise of each."""
    rows, missed = [], []
    for seed in SEEDS:
        for kind, tally in sorted(asyncio.run(_replay(seed)).items()):
            held = tally.within_slow / max(tally.told, 1)
            if held < TARGET:
                missed.append(f"{kind}, seed {seed}: {held:.1%} hold, target {TARGET:.0%}")
            cells = (tally.within_usual / max(tally.told, 1), held)
            width = median(tally.widths) if tally.widths else math.nan
            told = (str(seed), str(tally.told), str(tally.untold))
            rows.append((kind, *told, *(f"{it:.1%}" for it in cells), f"{width:.2f}"))
    head = ("promise", "seed", "told", "no time told", "within half", "within nine in ten", "ratio")
    text = (
        f"{HOURS} busy hours, {PLACES} clips at once; target: {TARGET:.0%} within nine in ten.\n\n"
    )
    return Outcome(text + table(head, rows), tuple(missed))
