"""Behind the scenes: what passes between the parts, the bot's books, the stand-in Pika's queue."""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import asdict
from functools import partial
from itertools import islice, takewhile
from pathlib import Path
from typing import Any, Final

from playground.discord.gateway.gateway_log import GatewayEvent
from playground.faults import Exchange
from playground.json_types import Json
from playground.stack.stack import LocalStack

KEPT: Final = 400
"""Events and requests that can still be looked at, the latest ones."""

SHOWN: Final = 80
"""How many of them, and of jobs and entries of the ledger, are listed."""

_SECRETS: Final = frozenset({"token", "key", "authorization"})
_JOBS: Final = """
    SELECT id, member_id, provider, state, resolution, duration, price_micro_usd,
        json_extract(options_json, '$.prompt') AS prompt,
        json_extract(options_json, '$.seed') AS seed,
        charge_micro_usd, attempts, failure, reference, needs_review, may_be_billed,
        cancelled_by, removed_by, created_at, submitted_at, rendered_at, ended_at, due_at
    FROM jobs ORDER BY id DESC LIMIT :shown
"""
_LEDGER: Final = """
    SELECT id, member_id, job_id, kind, clips, micro_usd, member_clips, member_micro_usd,
        grant_clips, grant_micro_usd, actor_id, entered_at
    FROM ledger ORDER BY id DESC LIMIT :shown
"""
_AUDIT: Final = """
    SELECT id, actor_id, action, subject_kind, subject_id, after_json, reason, done_at
    FROM audit ORDER BY id DESC LIMIT :shown
"""
_IDS: Final = (
    "id",
    "member_id",
    "job_id",
    "actor_id",
    "subject_id",
    "cancelled_by",
    "removed_by",
    "seed",
)


class BehindTheScenes:
    """Numbers what passes, so that a page can ask for the whole of one thing."""

    def __init__(self, stack: LocalStack) -> None:
        self._stack = stack
        self._kept: deque[tuple[int, Json, object]] = deque(maxlen=KEPT)
        self._count = 0
        self._sources: list[_Source] = [
            _Source(stack.discord.gateway.log.events, _of_event),
            _Source(stack.discord.exchanges, partial(_of_exchange, "discord")),
            _Source(stack.pika.exchanges, partial(_of_exchange, "pika")),
        ]

    async def summary(self) -> Json:
        """Everything in short; `passed` is without the JSON of what passed."""
        self._collect()
        books = await asyncio.to_thread(_read_database, self._stack.database)
        recent = list(self._kept)[-SHOWN:]
        passed = [{"number": number, **short} for number, short, _ in recent]
        return {"passed": passed, "books": books, "pika": self._pika()}

    def find(self, number: int) -> Json | None:
        """One thing that passed with its JSON, secrets masked; None when it is forgotten."""
        self._collect()
        for kept, short, item in self._kept:
            if kept == number:
                whole = item.data if isinstance(item, GatewayEvent) else _fields(item)
                return {**short, "json": masked(whole)}
        return None

    def _collect(self) -> None:
        fresh = [entry for source in self._sources for entry in source.fresh()]
        for short, item in sorted(fresh, key=lambda entry: entry[0]["at"]):
            self._count += 1
            self._kept.append((self._count, short, item))

    def _pika(self) -> Json:
        pika = self._stack.pika
        jobs = list(pika.jobs.values())[-SHOWN:]
        return {
            "jobs": [
                {
                    "id": job.id,
                    "model": job.model,
                    "status": job.status,
                    "percent": job.percent,
                    "seconds": None if job.seconds is None else round(job.seconds, 1),
                    "charge_micro_usd": job.charge_micro_usd,
                    "error": job.error_code,
                }
                for job in reversed(jobs)
            ],
            "charged_micro_usd": pika.counters.charged_micro_usd,
            "balance_micro_usd": pika.balance_micro_usd,
        }


class _Source:
    """What is remembered elsewhere, and how far it was read."""

    def __init__(self, items: deque[Any], describe: Callable[[Any], Json]) -> None:
        self._items = items
        self._describe = describe
        self._last: object = None

    def fresh(self) -> list[tuple[Json, object]]:
        """What was added since, in short and as it is; of very much only the latest."""
        added = list(
            takewhile(lambda item: item is not self._last, islice(reversed(self._items), KEPT))
        )
        if added:
            self._last = added[0]
        return [(self._describe(item), item) for item in reversed(added)]


def _of_event(event: GatewayEvent) -> Json:
    return {"kind": "gateway", "way": event.way, "name": event.name, "at": event.at}


def _of_exchange(kind: str, exchange: Exchange) -> Json:
    return {
        "kind": kind,
        "name": exchange.operation.partition(".")[2],
        "method": exchange.method,
        "path": exchange.path,
        "status": exchange.status,
        "milliseconds": round(exchange.seconds * 1000),
        "at": exchange.at,
    }


def _fields(exchange: object) -> Json:
    return asdict(exchange) if isinstance(exchange, Exchange) else {}


def masked(data: object) -> Any:  # noqa: ANN401 - any JSON
    """The JSON with the values of secret keys replaced, however deep."""
    if isinstance(data, dict):
        return {k: "***" if str(k).lower() in _SECRETS else masked(v) for k, v in data.items()}
    if isinstance(data, list | tuple):
        return [masked(entry) for entry in data]
    return data if isinstance(data, str | int | float | None) else str(data)


def _read_database(database: Path) -> Json:
    """The bot's latest jobs, entries and moderators' actions, read without a chance to write."""
    try:
        connection = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=1.0)
        try:
            connection.row_factory = sqlite3.Row
            parts = {"jobs": _JOBS, "ledger": _LEDGER, "audit": _AUDIT}
            found = {
                part: _rows(connection.execute(sql, {"shown": SHOWN}))
                for part, sql in parts.items()
            }
            return {**found, "error": None}
        finally:
            connection.close()
    except sqlite3.Error as error:
        sentence = f"The bot's books cannot be read: {error}."
        return {"jobs": [], "ledger": [], "audit": [], "error": sentence}


def _rows(rows: Iterable[sqlite3.Row]) -> list[Json]:
    # JavaScript's numbers cannot hold ids.
    described = [dict(row) for row in rows]
    return [
        row | {key: str(row[key]) for key in _IDS if row.get(key) is not None} for row in described
    ]
