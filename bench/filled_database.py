"""A database as years fill it: a million entries of the ledger, and the jobs they are about."""

from __future__ import annotations

import json
import os
import random
import sqlite3
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from bot.base.clock import to_ms

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEED: Final = 20250101
ENTRIES: Final = 1_000_000
NOW: Final = datetime(2026, 11, 28, 12, 17, tzinfo=UTC)
DAYS: Final = 400
THIS_MONTH: Final = 0.25
"""The share of all jobs; a month of 400 days would have a thirteenth."""
GUILDS: Final = tuple(range(100, 140))
BIGGEST: Final = GUILDS[0]
BIGGEST_SHARE: Final = 0.5
"""Of all jobs, and of all members."""
MEMBERS: Final = 5000
HEAVIEST: Final = 100_000
HEAVIEST_JOBS: Final = 4000
"""All of them this month."""
FROM_GRANTS: Final = 0.1
"""The share of those that grants paid."""
ROLE: Final = 7
LIVE: Final = 150
"""Jobs that are still in the making."""
_PRICES: Final = {("720p", 5): 200_000, ("1080p", 5): 450_000, ("720p", 10): 400_000}
_JOB: Final = """
    INSERT INTO jobs (id, interaction_id, guild_id, channel_id, member_id, message_id,
        application_id, token_until, upload_limit, provider, options_json, price_micro_usd,
        state, idempotency_key, order_json, ticket_json, failure, reference, created_at,
        submitted_at, rendered_at, ended_at, due_at, role_ids)
    VALUES (?, ?, ?, 30, ?, ?, 40, ?, 10485760, 'pika', ?, ?, ?, ?, ?, ?, ?, 'ABCDE', ?, ?, ?, ?,
        ?, '[7]')
"""
_ENTRY: Final = """
    INSERT INTO ledger (guild_id, member_id, job_id, kind, clips, micro_usd, member_clips,
        member_micro_usd, grant_clips, grant_micro_usd, actor_id, counts_at, entered_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


class Job(NamedTuple):
    """One job and how its money went; `at` in milliseconds."""

    at: int
    guild: int
    member: int
    size: tuple[str, int]
    end: str
    is_granted: bool


def fill(path: Path) -> int:
    """Fill a migrated file in one transaction; return how many ledger entries it has."""
    draw = random.Random(SEED)  # noqa: S311 - a simulation
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA synchronous=OFF")
    database.execute("PRAGMA cache_size=-400000")
    database.execute("BEGIN")
    jobs = _jobs(draw)
    with _without_indexes(database):
        database.executemany(_JOB, _job_rows(jobs))
        database.executemany(_ENTRY, _entry_rows(jobs, draw))
    database.execute("COMMIT")
    (entries,) = database.execute("SELECT count(*) FROM ledger").fetchone()
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    with path.open("rb+") as file:
        # Or the first request would pay for it.
        os.fsync(file.fileno())
    return int(entries)


@contextmanager
def _without_indexes(database: sqlite3.Connection) -> Iterator[None]:
    """Drop the indexes inside and make them again: they fill faster at once than row by row."""
    indexes = database.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall()
    for name, _ in indexes:
        database.execute(f"DROP INDEX {name}")
    yield
    for _, sql in indexes:
        database.execute(sql)


def anybody(draw: random.Random, guild: int = BIGGEST) -> int:
    """Return a member of a guild; some ask far more often than others."""
    share = BIGGEST_SHARE if guild == BIGGEST else (1 - BIGGEST_SHARE) / (len(GUILDS) - 1)
    return 1000 * guild + int(MEMBERS * share * draw.random() ** 2)


def _jobs(draw: random.Random) -> list[Job]:
    """Return as many jobs as the entries need, the oldest first."""
    first_of_month = to_ms(NOW.replace(day=1, hour=0, minute=0))
    since, now = to_ms(NOW - timedelta(days=DAYS)), to_ms(NOW)
    sizes = list(_PRICES)

    def drawn(guild: int, member: int, *, recent: bool) -> Job:
        at = draw.randrange(first_of_month if recent else since, now)
        end = draw.choices(("settled", "refunded", "credited"), (92, 6, 2))[0]
        is_granted = member == HEAVIEST and draw.random() < FROM_GRANTS
        return Job(at, guild, member, draw.choice(sizes), end, is_granted)

    jobs = [drawn(BIGGEST, HEAVIEST, recent=True) for _ in range(HEAVIEST_JOBS)]
    # Two entries each, three where one is credited; grants and resets are the rest.
    for _ in range(int(ENTRIES * 0.99 / 2.02) - HEAVIEST_JOBS):
        guild = BIGGEST if draw.random() < BIGGEST_SHARE else draw.choice(GUILDS[1:])
        jobs.append(drawn(guild, anybody(draw, guild), recent=draw.random() < THIS_MONTH))
    jobs.sort()
    return jobs


def _job_rows(jobs: list[Job]) -> Iterator[tuple[object, ...]]:
    order = json.dumps({"provider": "pika", "path": "/", "body": {"text": "x" * 250}})
    for number, job in enumerate(jobs, start=1):
        is_live = number > len(jobs) - LIVE
        was_made = not is_live and job.end != "refunded"
        state = "queued" if is_live else "delivered" if job.end == "settled" else "notified"
        yield (
            *(number, number, job.guild, job.member, number, job.at + 900_000),
            _options(number, job.size),
            *(_PRICES[job.size], state, f"key-{number}", order),
            '{"provider":"pika","id":"media_1"}' if was_made else None,
            None if is_live or job.end == "settled" else "render_failed",
            job.at,
            *((job.at + 2_000, job.at + 80_000) if was_made else (None, None)),
            *(None if is_live else job.at + 90_000, job.at + 90_000),
        )


def _options(seed: int, size: tuple[str, int]) -> str:
    prompt = "a slow pan over the harbour while lanterns drift up into the evening sky"
    chosen = {"prompt": prompt, "negative_prompt": "", "seed": seed}
    return json.dumps({**chosen, "resolution": size[0], "duration": size[1]})


def _entry_rows(jobs: list[Job], draw: random.Random) -> Iterator[tuple[object, ...]]:
    entries = 0
    for number, job in enumerate(jobs, start=1):
        price = _PRICES[job.size]
        own, granted = ((0, 0), (1, price)) if job.is_granted else ((1, price), (0, 0))
        whose = job.guild, job.member, number
        entered = job.member, job.at, job.at + 90_000
        yield (*whose, "reserve", 1, price, *own, -granted[0], -granted[1], *entered)
        entries += 1
        if number > len(jobs) - LIVE:
            continue
        back = (-own[0], -own[1], *granted)
        if job.end == "refunded":
            yield (*whose, "refund", -1, -price, *back, *entered)
        else:
            yield (*whose, "settle", 0, 0, 0, 0, 0, 0, *entered)
        entries += 1
        if job.end == "credited":
            yield (*whose, "credit", 0, 0, *back, *entered)
            entries += 1
    yield from _gifts(ENTRIES - entries, draw)


def _gifts(count: int, draw: random.Random) -> Iterator[tuple[object, ...]]:
    """Yield grants, the heaviest member's first, and a reset after every nine."""
    for number in range(count):
        guild = draw.choice(GUILDS)
        whose = (guild, anybody(draw, guild)) if number else (BIGGEST, HEAVIEST)
        granted = (3, 0) if number else (HEAVIEST_JOBS, HEAVIEST_JOBS * max(_PRICES.values()))
        is_reset = number % 10 == 9  # noqa: PLR2004 - every tenth
        at = to_ms(NOW) - draw.randrange(DAYS * 86_400_000)
        kind, given = ("reset", (0, 0)) if is_reset else ("grant", granted)
        yield (*whose, None, kind, 0, 0, 0, 0, *given, 1, at, at)
