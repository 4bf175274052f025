"""The one transaction in which requests are decided."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from bot.guilds import guild_settings
from bot.jobs.job import Job, State
from bot.media.pictures import Still
from bot.quota import ledger
from bot.quota.allowances import Accounts, OwnerTerms
from bot.quota.limits import Cost, Limit
from bot.quota.rule_store import Rulebook
from bot.requests import service, unanswered_interactions
from bot.requests.errors import LimitReachedError
from bot.requests.request import Accepted, Ask, Wish
from bot.requests.service import Desk
from pika import MAX_SEED, Pika
from tests.bot.rows import (
    GUILD,
    MIA,
    NOAH,
    NOON,
    address,
    front,
    number,
    put_job,
    requester,
    reserve,
    rows,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from bot.base.database import Database
    from bot.jobs.job import Address

STILL = Still(b"\xff\xd8 a picture \xff\xd9", 640, 360, "JPEG")
WISH = Wish("the sun rises", "rain", 7, "720p", 5)


@pytest.fixture
async def pika() -> AsyncGenerator[Pika, None]:
    # Asked for prices alone, which it knows without a connection; nobody listens there.
    async with Pika("key", base="http://127.0.0.1:9") as pika:
        yield pika


def asked(wish: Wish, where: Address | None = None) -> Ask:
    where = where or address()
    who = requester(where.member_id, where.guild_id)
    return Ask(where, front(wish, who), STILL)


@pytest.fixture(autouse=True)
async def room(database: Database) -> None:
    """These are about limits, and not about how many may be in the making at once."""
    async with database.transaction() as tx:
        await guild_settings.put(tx, GUILD, member_at_once=1000)


class Hall:
    """A desk, the time it goes by, and how often it woke the worker."""

    def __init__(self, database: Database, pika: Pika, limit: str, zone: str = "UTC") -> None:
        self.now = NOON
        self.woken = 0
        self.database = database
        self.desk = Desk(
            database,
            pika,
            Accounts(
                Rulebook(Limit.parse(limit)), OwnerTerms(Limit.parse(limit), None, ZoneInfo(zone))
            ),
            renders_at_once=2,
            clock=lambda: self.now,
            wake=self._wake,
        )

    def _wake(self) -> None:
        self.woken += 1

    async def request(self, member: int = MIA, wish: Wish = WISH) -> Accepted:
        ask = asked(wish, address(member))
        return await self.desk.request(ask)

    async def tries(self, times: int, member: int = MIA) -> tuple[int, int]:
        """Ask so often at once; return how many were accepted and refused."""
        asked = (self.request(member) for _ in range(times))
        answers = await asyncio.gather(*asked, return_exceptions=True)
        refused = sum(isinstance(answer, LimitReachedError) for answer in answers)
        accepted = sum(isinstance(answer, Accepted) for answer in answers)
        return accepted, refused


async def test_an_accepted_request_is_queued_paid_for_and_told(
    database: Database, pika: Pika
) -> None:
    hall = Hall(database, pika, "5 clips a day")
    accepted = await hall.request()
    job = accepted.job
    assert (job.state, job.prompt, job.negative_prompt) == (State.QUEUED, "the sun rises", "rain")
    assert (job.seed, job.resolution, job.duration) == (7, "720p", 5)
    assert job.price_micro_usd == 200_000
    assert (accepted.place, accepted.wait) == (0, 0)
    assert [standing.left for standing in accepted.purse.standings] == [4]
    assert accepted.purse.standings[0].renews_at == datetime(2026, 11, 23, tzinfo=UTC)
    entries = await rows(database, "SELECT kind, clips, micro_usd FROM ledger")
    assert [tuple(entry) for entry in entries] == [("reserve", 1, 200_000)]
    assert [bytes(row["data"]) for row in await rows(database, "SELECT data FROM stills")] == [
        STILL.data
    ]


async def test_a_refused_request_writes_nothing(database: Database, pika: Pika) -> None:
    hall = Hall(database, pika, "0")
    with pytest.raises(LimitReachedError) as refusal:
        await hall.request()
    assert refusal.value.cost == Cost(1, 200_000)
    assert refusal.value.standing.left == 0
    for table in ("jobs", "ledger", "stills"):
        assert await number(database, f"SELECT count(*) FROM {table}") == 0


async def test_fifty_at_once_with_three_left_are_three(database: Database, pika: Pika) -> None:
    hall = Hall(database, pika, "5 clips a day")
    assert await hall.tries(2) == (2, 0)
    assert await hall.tries(50) == (3, 47)
    assert await number(database, "SELECT count(*) FROM jobs") == 5
    assert await number(database, "SELECT sum(clips) FROM ledger") == 5


async def test_money_runs_out_to_the_cent(database: Database, pika: Pika) -> None:
    hall = Hall(database, pika, "$1 a day")
    assert await hall.tries(20) == (5, 15)
    assert await number(database, "SELECT sum(micro_usd) FROM ledger") == 1_000_000


async def test_a_dearer_clip_is_refused_where_a_cheaper_one_fits(
    database: Database, pika: Pika
) -> None:
    hall = Hall(database, pika, "$0.40 a day")
    dear = dataclasses.replace(WISH, resolution="1080p")
    with pytest.raises(LimitReachedError) as refusal:
        await hall.request(wish=dear)
    assert refusal.value.cost.micro_usd == 450_000
    assert (await hall.request()).purse.standings[0].left == 200_000


async def test_members_and_servers_do_not_share(database: Database, pika: Pika) -> None:
    hall = Hall(database, pika, "1 clip a day")
    assert await hall.tries(3) == (1, 2)
    assert await hall.tries(3, NOAH) == (1, 2)
    elsewhere = asked(WISH, address(MIA, GUILD + 1))
    await hall.desk.request(elsewhere)


async def test_a_refund_makes_room_and_a_settle_does_not(database: Database, pika: Pika) -> None:
    hall = Hall(database, pika, "2 clips a day")
    first, second = await hall.request(), await hall.request()
    async with database.transaction() as tx:
        await ledger.settle(tx, first.job.id, 200_000, NOON)
        await ledger.refund(tx, second.job.id, NOON)
    assert await hall.tries(3) == (1, 2)


async def test_the_next_window_begins_at_midnight_of_the_zone(
    database: Database, pika: Pika
) -> None:
    hall = Hall(database, pika, "1 clip a day", "Europe/Berlin")
    hall.now = datetime(2026, 11, 22, 22, 59, 59, tzinfo=UTC)
    assert await hall.tries(2) == (1, 1)
    hall.now += timedelta(seconds=1)
    assert await hall.tries(2) == (1, 1)


async def test_a_refund_after_midnight_does_not_add_to_the_new_day(
    database: Database, pika: Pika
) -> None:
    hall = Hall(database, pika, "1 clip a day")
    old = await hall.request()
    hall.now += timedelta(days=1)
    async with database.transaction() as tx:
        await ledger.refund(tx, old.job.id, hall.now)
    assert await hall.tries(3) == (1, 2)


async def test_a_seed_is_drawn_where_none_was_given(database: Database, pika: Pika) -> None:
    hall = Hall(database, pika, "100")
    wish = dataclasses.replace(WISH, seed=None)
    seeds = {(await hall.request(wish=wish)).job.seed for _ in range(8)}
    assert len(seeds) == 8
    assert all(0 <= seed <= MAX_SEED for seed in seeds)
    assert (await hall.request(wish=dataclasses.replace(WISH, seed=0))).job.seed == 0


async def test_a_decision_closes_the_intake_and_a_refusal_leaves_it(
    database: Database, pika: Pika
) -> None:
    hall = Hall(database, pika, "1")
    ask = asked(WISH)
    await hall.desk.open(ask.address)
    await hall.desk.request(ask)
    late = asked(WISH)
    await hall.desk.open(late.address)
    with pytest.raises(LimitReachedError):
        await hall.desk.request(late)
    async with database.transaction() as tx:
        (left,) = await unanswered_interactions.open_intakes(tx)
    assert left == late.address
    await hall.desk.dismiss(late.address)
    async with database.transaction() as tx:
        assert await unanswered_interactions.open_intakes(tx) == []


async def test_a_job_waits_until_it_is_released(database: Database, pika: Pika) -> None:
    hall = Hall(database, pika, "5")
    accepted = await hall.request()
    due = "SELECT due_at FROM jobs"
    held = await number(database, due)
    # The worker learns of the job at once, to know when its hold ends, and again of its release.
    assert hall.woken == 1
    await hall.desk.release(accepted)
    assert hall.woken == 2
    assert held - await number(database, due) == service.HOLD / timedelta(milliseconds=1)


async def test_the_line_begins_behind_those_that_render_at_once(
    database: Database, pika: Pika
) -> None:
    hall = Hall(database, pika, "5")
    answers = [await hall.request(member) for member in (MIA, NOAH, MIA, NOAH)]
    assert [answer.place for answer in answers] == [0, 0, 1, 2]
    waits = [answer.wait for answer in answers]
    assert waits[:2] == [0, 0]
    assert 0 < waits[2] < waits[3] <= 2 * answers[3].expectation.slow


async def test_an_account_shows_what_is_left_runs_and_came_back(
    database: Database, pika: Pika
) -> None:
    hall = Hall(database, pika, "5")
    assert (await hall.desk.account(requester())).purse.standings[0].left == 5
    await hall.request()
    await hall.request(NOAH)
    async with database.transaction() as tx:
        failed: Job = await put_job(tx, State.TOLD, failure="busy")
        await reserve(tx, failed)
        await ledger.refund(tx, failed.id, NOON)
    account = await hall.desk.account(requester())
    assert account.purse.standings[0].left == 4
    assert account.live == 1
    assert [job.id for job in account.failures] == [failed.id]
    hall.now += service.FAILURES_SHOWN_FOR + timedelta(seconds=1)
    assert (await hall.desk.account(requester())).failures == ()
