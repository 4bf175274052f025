"""Where requests come in: the one transaction that decides, reserves and queues."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from bot import intakes, jobs
from bot.clock import Clock, to_ms
from bot.errors import LimitReachedError, PictureError, PictureProblem
from bot.estimates import Expectation, expect
from bot.failures import new_reference
from bot.job import State
from bot.purse import ledger
from bot.purse.limits import Cost, Limit, Standing, first_refusal, span
from bot.stills import PLAIN_FORMATS
from pika import MAX_SEED, Picture, Shot

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from bot.job import Address, Job
    from bot.stills import Still
    from bot.storage import Database, Transaction
    from pika import Duration, Pika, Resolution

HOLD: Final = timedelta(seconds=10)
"""A new job waits so long for `Desk.release`, so that the member reads that it was
accepted before reading anything later. Without the call it goes on by itself."""
FAILURES_SHOWN_FOR: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a member typed, checked. `seed=None` has one drawn."""

    prompt: str
    negative_prompt: str
    seed: int | None
    resolution: Resolution
    duration: Duration


@dataclass(frozen=True, slots=True)
class Ask:
    """A request in full.

    Attributes:
        upload_limit: The largest file, in bytes, that the chat says it takes here.
        picture_url: Where the chat keeps the original picture, for about a day.
    """

    address: Address
    still: Still
    wish: Wish
    upload_limit: int
    picture_url: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """An accepted request.

    Attributes:
        place: Its place in the line: 0 starts at once, 1 starts when one is finished.
        wait: Seconds until its turn, as far as can be told.
        expectation: How long it will render, once its turn has come.
        standings: What each limit has left, this request included.
    """

    job: Job
    place: int
    wait: float
    expectation: Expectation
    standings: tuple[Standing, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """What a member may know of their own spending.

    Attributes:
        live: Clips still being made.
        failures: The latest jobs without a clip, within a day; their cost came back.
    """

    standings: tuple[Standing, ...]
    live: int
    failures: tuple[Job, ...]


class Desk:
    """Takes requests in.

    Args:
        default_limit: What each member of each guild may spend.
        zone: Whose days and weeks windows follow.
        renders_at_once: As the worker has it, to tell members their place in the line.
        wake: Called when there is a job that the worker does not know of.
    """

    def __init__(  # noqa: PLR0913 - the domain's parts, each used
        self,
        database: Database,
        pika: Pika,
        *,
        default_limit: Limit,
        zone: ZoneInfo,
        renders_at_once: int,
        clock: Clock,
        wake: Callable[[], None],
    ) -> None:
        self._database = database
        self._pika = pika
        self._limits = (default_limit,)
        self._zone = zone
        self._renders_at_once = renders_at_once
        self._clock = clock
        self._wake = wake

    async def open(self, address: Address) -> None:
        """Remember that a member waits for a decision, so that a restart can answer."""
        async with self._database.transaction() as tx:
            await intakes.open_intake(tx, address)

    async def dismiss(self, address: Address) -> None:
        """Forget a request that was answered without a job."""
        async with self._database.transaction() as tx:
            await intakes.close_intake(tx, address.interaction_id)

    async def request(self, ask: Ask) -> Accepted:
        """Decide, reserve and queue, all or nothing.

        Raises:
            LimitReachedError: A limit leaves too little. Nothing was written.
            PictureError: The provider fetches originals, and this one is of a format that
                it does not read.
        """
        if self._pika.capabilities().needs_url and ask.still.original not in PLAIN_FORMATS:
            raise PictureError(PictureProblem.NOT_PLAIN)
        now = self._clock()
        price = self._pika.price(_shot(ask))
        cost = Cost(clips=1, micro_usd=price)
        where = ask.address
        async with self._database.transaction() as tx:
            standings = await self._standings(tx, where.guild_id, where.member_id, now)
            refusal = first_refusal(standings, cost)
            if refusal is not None:
                raise LimitReachedError(refusal, cost)
            job = await self._queue(tx, ask, price, now)
            await ledger.reserve(
                tx,
                job_id=job.id,
                guild_id=where.guild_id,
                member_id=where.member_id,
                cost=cost,
                now=now,
            )
            await intakes.close_intake(tx, where.interaction_id)
            ahead = await jobs.count_ahead(tx, job.id)
            seconds = await jobs.recent_seconds(tx, job.provider, job.resolution, job.duration)
            left = await self._standings(tx, where.guild_id, where.member_id, now)
        # So that the hold ends on time even if the release never comes.
        self._wake()
        expectation = expect(seconds)
        place = max(0, ahead - self._renders_at_once + 1)
        wait = place / self._renders_at_once * expectation.usual
        return Accepted(job, place, wait, expectation, left)

    async def release(self, accepted: Accepted) -> None:
        """Let the job start: its member has been told that it was accepted."""
        async with self._database.transaction() as tx:
            await jobs.make_due(tx, accepted.job, self._clock())
        self._wake()

    async def account(self, guild_id: int, member_id: int) -> Account:
        """Return how a member stands."""
        now = self._clock()
        async with self._database.transaction() as tx:
            return Account(
                standings=await self._standings(tx, guild_id, member_id, now),
                live=await jobs.count_live(tx, guild_id, member_id),
                failures=tuple(
                    await jobs.latest_failures(tx, guild_id, member_id, now - FAILURES_SHOWN_FOR)
                ),
            )

    async def _standings(
        self, tx: Transaction, guild_id: int, member_id: int, now: datetime
    ) -> tuple[Standing, ...]:
        standings = []
        for limit in self._limits:
            window = span(limit.window, now, self._zone)
            used = await ledger.used(tx, guild_id, member_id, window.start)
            standings.append(Standing(limit, used.of(limit.unit), window.end))
        return tuple(standings)

    async def _queue(self, tx: Transaction, ask: Ask, price: int, now: datetime) -> Job:
        wish = ask.wish
        seed = secrets.randbelow(MAX_SEED + 1) if wish.seed is None else wish.seed
        job_id = await jobs.insert(
            tx,
            {
                **ask.address.columns(),
                "upload_limit": ask.upload_limit,
                "picture_url": ask.picture_url,
                "provider": self._pika.provider,
                "prompt": wish.prompt,
                "negative_prompt": wish.negative_prompt,
                "seed": seed,
                "resolution": wish.resolution,
                "duration": wish.duration,
                "price_micro_usd": price,
                "state": State.QUEUED,
                "reference": new_reference(),
                "created_at": to_ms(now),
                "due_at": to_ms(now + HOLD),
            },
        )
        await jobs.put_still(tx, job_id, ask.still.data)
        return await jobs.get(tx, job_id)


def _shot(ask: Ask) -> Shot:
    return Shot(
        picture=Picture(data=ask.still.data, media_type="image/jpeg"),
        prompt=ask.wish.prompt,
        negative_prompt=ask.wish.negative_prompt,
        seed=ask.wish.seed,
        resolution=ask.wish.resolution,
        duration=ask.wish.duration,
    )
