"""The one transaction in which requests are decided."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from bot.base import PICTURE_FOLDER, Cost, Limit, Timeouts
from bot.guilds import guild_settings
from bot.jobs.animate_options import AnimateOptions
from bot.jobs.breaker import Breaker
from bot.jobs.job import Job, JobState
from bot.jobs.picture_files import PictureFiles
from bot.jobs.wait_forecast import WaitForecast
from bot.quota import ledger
from bot.quota.allowances import AllowanceReader, OwnerLimits
from bot.quota.rule_store import RuleStore
from bot.requests import service, unanswered_interactions
from bot.requests.errors import LimitReachedError, PausedError
from bot.requests.request import AcceptedRequest
from bot.requests.service import RequestService
from pika import MAX_SEED, Pika
from tests.bot.rows import (
    GUILD,
    MIA,
    NOAH,
    NOON,
    STILL,
    address,
    enqueue,
    number,
    put_job,
    request,
    requester,
    reserve,
    rows,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from bot.base.database import Database, Transaction
    from bot.media.still import Still

pytestmark = pytest.mark.usefixtures("bystanders")

WISH = AnimateOptions(
    prompt="the sun rises", negative_prompt="rain", seed=7, resolution="720p", duration=5
)


@pytest.fixture
async def pika() -> AsyncGenerator[Pika, None]:
    # Asked for prices alone, which it knows without a connection; nobody listens there.
    async with Pika("key", base="http://127.0.0.1:9") as pika:
        yield pika


@pytest.fixture(autouse=True)
async def room(database: Database) -> None:
    """These are about limits, and not about how many may be in the making at once."""
    await database.write(lambda tx: guild_settings.put(tx, GUILD, member_at_once=1000))


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Hall, "pictures", tmp_path / PICTURE_FOLDER, raising=False)


class Hall:
    """A desk, the time it goes by, and how often it woke the worker."""

    pictures: Path

    def __init__(self, database: Database, pika: Pika, limit: str, zone: str = "UTC") -> None:
        self.now = NOON
        self.woken = 0
        self.database = database
        self.service = RequestService(
            database,
            pika,
            AllowanceReader(
                RuleStore(Limit.parse(limit)), OwnerLimits(Limit.parse(limit), None, ZoneInfo(zone))
            ),
            pictures=PictureFiles(self.pictures, database, lambda: NOON, timedelta()),
            breaker=Breaker(lambda: self.now, Timeouts()),
            renders_at_once=2,
            clock=lambda: self.now,
            wake=self._wake,
        )

    def _wake(self) -> None:
        self.woken += 1

    async def request(self, member: int = MIA, wish: AnimateOptions = WISH) -> AcceptedRequest:
        return await enqueue(self.service, request(wish, requester(member)))

    async def tries(self, times: int, member: int = MIA) -> tuple[int, int]:
        """Ask so often at once; return how many were accepted and refused."""
        asked = (self.request(member) for _ in range(times))
        answers = await asyncio.gather(*asked, return_exceptions=True)
        refused = sum(isinstance(answer, LimitReachedError) for answer in answers)
        accepted = sum(isinstance(answer, AcceptedRequest) for answer in answers)
        return accepted, refused


async def test_an_accepted_request_is_queued_paid_for_and_told(
    database: Database, pika: Pika
) -> None:
    hall = Hall(database, pika, "5 clips a day")
    accepted = await hall.request()
    job = accepted.job
    assert (job.state, job.options) == (JobState.QUEUED, WISH)
    assert job.price_micro_usd == 200_000
    assert accepted.wait == WaitForecast(0, None)
    assert [standing.left for standing in accepted.job.notes.statuses] == [4]
    assert accepted.job.notes.statuses[0].renews_at == datetime(2026, 11, 23, tzinfo=UTC)
    entries = await rows(database, "SELECT kind, clips, micro_usd FROM ledger")
    assert [tuple(entry) for entry in entries] == [("reserve", 1, 200_000)]
    (picture,) = hall.pictures.iterdir()
    assert picture.read_bytes() == STILL.data
    assert await number(database, "SELECT picture_file = :name FROM jobs", name=picture.name)


async def test_a_refused_request_writes_nothing(database: Database, pika: Pika) -> None:
    hall = Hall(database, pika, "0")
    with pytest.raises(LimitReachedError) as refusal:
        await hall.request()
    assert refusal.value.cost == Cost(1, 200_000)
    assert refusal.value.status.left == 0
    for table in ("jobs", "ledger"):
        assert await number(database, f"SELECT count(*) FROM {table}") == 0
    await hall.service.pictures.sweep()
    assert list(hall.pictures.iterdir()) == []


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
    dear = WISH.model_copy(update={"resolution": "1080p"})
    with pytest.raises(LimitReachedError) as refusal:
        await hall.request(wish=dear)
    assert refusal.value.cost.micro_usd == 450_000
    assert (await hall.request()).job.notes.statuses[0].left == 200_000


async def test_members_and_servers_do_not_share(database: Database, pika: Pika) -> None:
    hall = Hall(database, pika, "1 clip a day")
    assert await hall.tries(3) == (1, 2)
    assert await hall.tries(3, NOAH) == (1, 2)
    await enqueue(hall.service, request(WISH, requester(MIA, GUILD + 1)))


async def test_a_refund_makes_room_and_a_settle_does_not(database: Database, pika: Pika) -> None:
    hall = Hall(database, pika, "2 clips a day")
    first, second = await hall.request(), await hall.request()

    def end_both(tx: Transaction) -> None:
        ledger.settle(tx, first.job.id, 200_000, NOON)
        ledger.refund(tx, second.job.id, NOON)

    await database.write(end_both)
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
    await database.write(lambda tx: ledger.refund(tx, old.job.id, hall.now))
    assert await hall.tries(3) == (1, 2)


async def test_a_seed_is_drawn_where_none_was_given(database: Database, pika: Pika) -> None:
    hall = Hall(database, pika, "100")
    wish = WISH.model_copy(update={"seed": None})
    seeds = {(await hall.request(wish=wish)).job.options.seed for _ in range(8)}
    assert len(seeds) == 8
    assert all(seed is not None and 0 <= seed <= MAX_SEED for seed in seeds)
    assert (await hall.request(wish=WISH.model_copy(update={"seed": 0}))).job.options.seed == 0


UNANSWERED = "SELECT count(*) FROM unanswered_interactions"


async def test_who_was_not_told_is_left_for_the_next_start(database: Database, pika: Pika) -> None:
    hall = Hall(database, pika, "1")
    await enqueue(hall.service, request(WISH), is_shown=False)
    assert await number(database, UNANSWERED) == 0
    with pytest.raises(LimitReachedError):
        await enqueue(hall.service, request(WISH))
    assert await number(database, UNANSWERED) == 0
    where = address()
    with pytest.raises(LimitReachedError):
        await enqueue(hall.service, request(WISH), where, is_shown=False)
    assert where in await database.read(unanswered_interactions.all_unanswered)
    assert await number(database, UNANSWERED) == 1


async def test_a_job_waits_until_its_member_was_told(database: Database, pika: Pika) -> None:
    hall = Hall(database, pika, "5")
    due: list[int] = []

    async def show(_outcome: AcceptedRequest | Exception) -> bool:
        due.append(await number(database, "SELECT due_at FROM jobs"))
        # The worker learns of the job at once, to know when its delay ends, and again when told.
        assert hall.woken == 1
        return True

    async def read_picture() -> Still:
        return STILL

    await hall.service.enqueue(request(WISH), address(), read_picture, show)
    assert hall.woken == 2
    due.append(await number(database, "SELECT due_at FROM jobs"))
    assert due[0] - due[1] == Timeouts.START_DELAY / timedelta(milliseconds=1)


async def test_a_precheck_is_not_done_twice_and_its_seed_stays(
    database: Database, pika: Pika
) -> None:
    hall = Hall(database, pika, "5")
    checked = await hall.service.precheck(request(WISH.model_copy(update={"seed": None})))
    assert checked.priced is not None
    accepted = await enqueue(hall.service, checked)
    assert accepted.job.options == checked.priced.options


async def test_a_pause_after_the_precheck_holds(database: Database, pika: Pika) -> None:
    hall = Hall(database, pika, "5")
    checked = await hall.service.precheck(request(WISH))
    await database.write(lambda tx: guild_settings.put(tx, GUILD, paused_at=1, pause_reason=""))
    with pytest.raises(PausedError):
        await enqueue(hall.service, checked)
    assert await number(database, "SELECT count(*) FROM jobs") == 0


async def test_the_line_begins_behind_those_that_render_at_once(
    database: Database, pika: Pika
) -> None:
    hall = Hall(database, pika, "5")
    answers = [await hall.request(member) for member in (MIA, NOAH, MIA, NOAH)]
    assert [answer.wait.clips_before for answer in answers] == [0, 0, 1, 2]
    assert all(answer.wait.expected_time is None for answer in answers), "nothing is invented"


async def test_an_account_shows_what_is_left_runs_and_came_back(
    database: Database, pika: Pika
) -> None:
    hall = Hall(database, pika, "5")
    assert (await hall.service.usage(requester())).allowance.statuses[0].left == 5
    await hall.request()
    await hall.request(NOAH)

    def put_failed(tx: Transaction) -> Job:
        failed = put_job(tx, JobState.NOTIFIED, failure="busy")
        reserve(tx, failed)
        ledger.refund(tx, failed.id, NOON)
        return failed

    failed = await database.write(put_failed)
    account = await hall.service.usage(requester())
    assert account.allowance.statuses[0].left == 4
    assert account.open_jobs == 1
    assert [job.id for job in account.failures] == [failed.id]
    hall.now += service.FAILURES_SHOWN_FOR + timedelta(seconds=1)
    assert (await hall.service.usage(requester())).failures == ()
