from __future__ import annotations

import asyncio
import sqlite3
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.base import Timeouts
from bot.base.clock import from_ms, to_ms
from bot.base.database import Transaction, open_database
from bot.jobs import job_store, turns
from bot.jobs.errors import LeaseLostError
from bot.jobs.job import Job, JobState
from bot.jobs.step_places import Unclaimable
from bot.quota import ledger
from bot.quota.ledger import MemberKey
from bot.quota.ledger_sides import reserve_sides
from tests.bot.rows import (
    COST,
    GUILD,
    MIA,
    MODERATOR,
    NOAH,
    NOON,
    OPTIONS,
    number,
    put_job,
    rows,
)
from tests.new_database import make_database

if TYPE_CHECKING:
    from datetime import datetime

    from bot.base.database import Database, SqlValue

pytestmark = pytest.mark.usefixtures("bystanders")

SECOND = timedelta(seconds=1)
MANY = 100
KEEPING = (
    JobState.QUEUED,
    JobState.SUBMITTING,
    JobState.RENDERING,
    JobState.RENDERED,
    JobState.DELIVERED,
    JobState.FAILED,
)


async def put(
    database: Database, state: JobState = JobState.QUEUED, due: datetime = NOON, **columns: SqlValue
) -> Job:
    return await database.write(lambda tx: put_job(tx, state, due, **columns))


async def claim(database: Database, now: datetime = NOON, renders: int = MANY) -> Job | None:
    return await database.write(lambda tx: job_store.claim_next(tx, now, renders))


async def move(database: Database, job: Job, state: JobState, due: datetime = NOON) -> Job:
    return await database.write(lambda tx: job_store.change_state(tx, job, state, due))


async def claimed_ids(database: Database, now: datetime = NOON, renders: int = MANY) -> list[int]:
    found = []
    while (job := await claim(database, now, renders)) is not None:
        found.append(job.id)
    return found


async def test_a_row_comes_back_as_it_was_written(database: Database) -> None:
    job = await put(database, JobState.RENDERING, charge_micro_usd=3, attempts=2, failing_since=5)
    assert job.state is JobState.RENDERING
    assert job.order is not None
    assert job.ticket is not None
    assert job.created_at == NOON
    assert job.failing_since == from_ms(5)
    assert (job.attempts, job.charge_micro_usd, job.cost_micro_usd) == (2, 3, 3)
    assert job.reply_to.token_until == NOON + timedelta(minutes=15)


@pytest.mark.parametrize("columns", [{}, {"language": "de", "needs_review": 1, "claim": 3}])
async def test_a_job_is_added_as_it_is_then_read(
    database: Database, columns: dict[str, SqlValue]
) -> None:
    added = await database.write(lambda tx: put_job(tx, JobState.QUEUED, NOON, **columns))
    assert await database.read(lambda tx: job_store.get(tx, added.id)) == added


async def test_what_a_job_costs_is_its_price_until_the_charge_is_known(database: Database) -> None:
    assert (await put(database)).cost_micro_usd == 200_000
    assert (await put(database, charge_micro_usd=0)).cost_micro_usd == 0


async def test_a_secret_is_not_in_the_repr(database: Database) -> None:
    assert "secret-token" not in repr(await put(database))


async def test_the_job_that_is_due_longest_is_claimed_first(database: Database) -> None:
    late = await put(database, due=NOON - SECOND)
    earliest = await put(database, due=NOON - 3 * SECOND)
    tied = await put(database, due=NOON - SECOND)
    await put(database, due=NOON + timedelta(milliseconds=1))
    assert await claimed_ids(database) == [earliest.id, late.id, tied.id]


async def test_a_claim_leases_the_job(database: Database) -> None:
    await put(database)
    first = await claim(database)
    assert first is not None
    assert first.claim == 1
    assert await claim(database) is None
    assert await claim(database, NOON + Timeouts.LEASE - SECOND) is None
    again = await claim(database, NOON + Timeouts.LEASE)
    assert again is not None
    assert (again.id, again.claim) == (first.id, 2)


async def test_a_lost_lease_moves_nothing(database: Database) -> None:
    await put(database, cancelled_by=MODERATOR)
    stale = await claim(database)
    fresh = await claim(database, NOON + Timeouts.LEASE)
    assert stale is not None
    assert fresh is not None
    with pytest.raises(LeaseLostError):
        await move(database, stale, JobState.FAILED)
    moved = await move(database, fresh, JobState.CANCELLED)
    assert moved.state is JobState.CANCELLED


async def test_a_step_moves_its_job_once(database: Database) -> None:
    await put(database, JobState.FAILED, cancelled_by=MODERATOR)
    job = await claim(database)
    assert job is not None
    await move(database, job, JobState.CANCELLED)
    with pytest.raises(LeaseLostError):
        await move(database, job, JobState.FAILED)


async def test_a_move_forgets_failed_attempts_unless_told(database: Database) -> None:
    job = await put(database, attempts=3, failing_since=to_ms(NOON))

    def check(tx: Transaction) -> None:
        kept = job_store.change_state(tx, job, JobState.QUEUED, NOON, attempts=4, failing_since=7)
        assert (kept.attempts, kept.failing_since) == (4, from_ms(7))
        fresh = job_store.change_state(tx, kept, JobState.QUEUED, NOON)
        assert (fresh.attempts, fresh.failing_since) == (0, None)

    await database.write(check)


async def test_only_so_many_render_at_once(database: Database) -> None:
    await put(database, JobState.SUBMITTING, NOON + SECOND)
    await put(database, JobState.RENDERING, NOON + SECOND)
    waiting = [await put(database) for _ in range(3)]
    assert await claimed_ids(database, renders=2) == []
    assert await claimed_ids(database, renders=4) == [waiting[0].id, waiting[1].id]


async def test_what_renders_is_looked_after_however_full_it_is(database: Database) -> None:
    rendering = [await put(database, JobState.RENDERING) for _ in range(3)]
    await put(database, due=NOON - SECOND)
    assert await claimed_ids(database, renders=1) == [job.id for job in rendering]


@pytest.mark.parametrize("state", [JobState.RENDERED, JobState.FAILED, JobState.CANCELLED])
async def test_what_has_rendered_takes_no_place(database: Database, state: JobState) -> None:
    await put(database, state, NOON + SECOND)
    job = await put(database)
    assert await claimed_ids(database, renders=1) == [job.id]


@pytest.mark.parametrize("state", [JobState.DELIVERED, JobState.NOTIFIED])
async def test_what_has_ended_is_never_claimed(database: Database, state: JobState) -> None:
    job = await put(database, state)
    assert await claim(database, NOON + timedelta(days=365)) is None

    def check(tx: Transaction) -> None:
        assert job_store.next_due(tx, NOON - timedelta(days=365)) is None
        assert job.id not in job_store.open_ids(tx)

    await database.read(check)


async def test_many_claims_at_once_never_share_a_job(database: Database) -> None:
    for _ in range(20):
        await put(database)
    found = await asyncio.gather(*(claim(database) for _ in range(40)))
    ids = [job.id for job in found if job is not None]
    assert len(ids) == len(set(ids)) == 20


PLACES = st.lists(st.tuples(st.sampled_from(JobState), st.integers(-5, 5)), min_size=0, max_size=12)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(places=PLACES, renders=st.integers(1, 6))
def test_claims_follow_due_time_and_the_cap(
    places: list[tuple[JobState, int]], renders: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Against a model that keeps the jobs in a list."""

    async def play() -> tuple[list[int], list[tuple[int, JobState, int]]]:
        path = tmp_path_factory.mktemp("jobs") / "db"
        make_database(path)
        async with open_database(path) as database:
            put_in = [
                ((await put(database, state, NOON + SECOND * due)).id, state, due)
                for state, due in places
            ]
            return await claimed_ids(database, renders=renders), put_in

    found, put_in = asyncio.run(play())
    at_provider = {JobState.SUBMITTING, JobState.RENDERING}
    busy = sum(state in at_provider for _, state, _ in put_in)
    held = sum(state is JobState.QUEUED and due > 0 for _, state, due in put_in)
    expected = []
    for ident, state, due in sorted(put_in, key=lambda entry: (entry[2], entry[0])):
        if due > 0 or state in {JobState.DELIVERED, JobState.NOTIFIED}:
            continue
        if state is JobState.QUEUED:
            if busy + held >= renders:
                continue
            busy += 1
        expected.append(ident)
    assert found == expected


async def test_what_was_called_off_waits_for_no_room(database: Database) -> None:
    await put(database, JobState.RENDERING, NOON + SECOND)
    called_off = await put(database, cancelled_by=MODERATOR)
    await put(database)
    assert await claimed_ids(database, renders=1) == [called_off.id]


async def test_a_new_job_can_be_made_due_until_it_is_claimed(database: Database) -> None:
    job = await put(database, due=NOON + 10 * SECOND)
    assert await claim(database) is None
    await database.write(lambda tx: job_store.set_due(tx, job, NOON))
    assert await claim(database) is not None
    await database.write(lambda tx: job_store.set_due(tx, job, NOON))
    assert await claim(database) is None


async def test_a_start_ends_all_leases_and_pauses(database: Database) -> None:
    await put(database, due=NOON + timedelta(hours=1))
    await put(database, due=NOON - SECOND)
    await put(database, JobState.DELIVERED, NOON + timedelta(hours=1))

    def check(tx: Transaction) -> None:
        assert job_store.release_leases(tx, NOON) == 1
        assert job_store.next_due(tx, NOON - 2 * SECOND) == NOON - SECOND
        assert job_store.next_due(tx, NOON - SECOND) == NOON
        assert job_store.next_due(tx, NOON) is None

    await database.write(check)
    assert len(await claimed_ids(database)) == 2


@pytest.mark.parametrize(
    ("ended_before", "unneeded"),
    [
        (None, {"delivered", "failed", "rendering", "rendered"}),
        (NOON, set()),
        (NOON + SECOND, {"delivered"}),
    ],
)
async def test_pictures_are_needed_until_they_were_seen_or_for_some_time(
    database: Database, ended_before: datetime | None, unneeded: set[str]
) -> None:
    def check(tx: Transaction) -> None:
        ids = {state: put_job(tx, state, picture_file=state.value).id for state in KEEPING}
        put_job(tx, JobState.RENDERED, picture_file="reviewed", needs_review=1)
        put_job(tx, JobState.DELIVERED)
        found = job_store.unneeded_pictures(tx, ended_before, 10)
        assert {name for (name,) in found.values()} == unneeded
        assert len(job_store.unneeded_pictures(tx, ended_before, 1)) == min(1, len(unneeded))
        job_store.forget_pictures(tx, found)
        assert job_store.unneeded_pictures(tx, ended_before, 10) == {}
        named = {state.value for state in ids} - unneeded
        names = [*KEEPING, "reviewed", "of nobody"]
        assert job_store.named_pictures(tx, names) == named | {"reviewed"}

    await database.write(check)


async def test_pictures_are_looked_for_by_an_index(database: Database) -> None:
    def plan(tx: Transaction, condition: str) -> str:
        sql = f"EXPLAIN QUERY PLAN SELECT id, picture_file FROM jobs WHERE {condition}"
        return " ".join(row["detail"] for row in tx.all(sql, {"name": "a"}))

    conditions = {
        "picture_file IS NOT NULL AND ended_at < 1": "jobs_with_picture",
        "picture_file = :name": "jobs_of_picture",
        "poster_file = :name": "jobs_of_poster",
        f"picture_file IS NOT NULL AND {job_store._NEEDS_NO_PICTURE}": "USING INDEX jobs_",
    }
    for condition, index in conditions.items():
        assert index in await database.read(partial(plan, condition=condition))


async def test_unknown_jobs_are_told(database: Database) -> None:
    def check(tx: Transaction) -> None:
        with pytest.raises(LookupError):
            job_store.get(tx, 12345)

    await database.read(check)


async def test_only_waiting_and_rendering_jobs_are_ahead(database: Database) -> None:
    for state in JobState:
        await put(database, state)
    last = await put(database)
    await put(database)

    def check(tx: Transaction) -> None:
        assert turns.clips_before(tx, last.id, NOON, 1) == 3
        assert turns.clips_before(tx, last.id, NOON, 3) == 1
        assert turns.clips_before(tx, last.id, NOON, 4) == 0

    await database.read(check)


async def test_the_latest_durations_of_a_kind_are_read(database: Database) -> None:
    larger = OPTIONS.model_copy(update={"resolution": "1080p"}).model_dump_json()
    for seconds in range(1, 6):
        done = to_ms(NOON + seconds * SECOND)
        await put(database, JobState.DELIVERED, rendered_at=done)
    await put(database, JobState.DELIVERED, rendered_at=to_ms(NOON), options_json=larger)
    await put(database, JobState.NOTIFIED)

    def check(tx: Transaction) -> None:
        assert job_store.recent_render_seconds(tx, "pika", OPTIONS, most=3) == [5, 4, 3]
        assert job_store.recent_render_seconds(tx, "fal", OPTIONS) == []

    await database.read(check)


async def test_a_member_finds_their_latest_failures(database: Database) -> None:
    failed = [await put(database, JobState.NOTIFIED, failure="busy") for _ in range(4)]
    await put(database, JobState.NOTIFIED, failure="busy", member_id=NOAH)
    long_ago = to_ms(NOON - timedelta(days=2))
    await put(database, JobState.NOTIFIED, failure="busy", ended_at=long_ago)
    await put(database, JobState.DELIVERED)

    def check(tx: Transaction) -> None:
        found = job_store.latest_failures(tx, 10, MIA, NOON - timedelta(days=1))
        assert [job.id for job in found] == [job.id for job in reversed(failed[1:])]
        assert job_store.count_open(tx, 10, MIA) == (0, 0)

    await database.read(check)


BAD_ROWS: dict[str, dict[str, SqlValue]] = {
    "no such state": {"state": "lost"},
    "submitting without a key": {"state": "submitting"},
    "rendering without a ticket": {"state": "rendering"},
    "refused without a reason": {"state": "failed"},
    "ended without a time": {"state": "notified"},
    "alive with an end": {"ended_at": 5},
    "negative price": {"price_micro_usd": -1},
    "negative charge": {"charge_micro_usd": -1},
    "no upload limit": {"upload_limit": 0},
    "words for a number": {"due_at": "noon"},
}


@pytest.mark.parametrize("columns", BAD_ROWS.values(), ids=BAD_ROWS)
async def test_the_schema_refuses_what_cannot_be(
    database: Database, columns: dict[str, SqlValue]
) -> None:
    job = await put(database)
    changes = ", ".join(f"{name} = :{name}" for name in columns)

    async def change() -> None:
        await database.write(lambda tx: tx.execute(f"UPDATE jobs SET {changes}", columns))

    with pytest.raises(sqlite3.IntegrityError):
        await change()
    assert await rows(database, "SELECT state FROM jobs WHERE id = :i", i=job.id)


async def test_one_interaction_makes_one_job(database: Database) -> None:
    job = await put(database)
    with pytest.raises(sqlite3.IntegrityError):
        await put(database, interaction_id=job.reply_to.interaction_id)
    assert await number(database, "SELECT count(*) FROM jobs") == 1


async def test_a_lost_place_is_remembered_for_its_member_from_the_moment_on(
    database: Database,
) -> None:
    def lose(tx: Transaction, failure: str, member: int = MIA) -> None:
        job = put_job(tx, JobState.FAILED, member_id=member, failure=failure)
        ledger.reserve(tx, job.id, MemberKey(GUILD, member), reserve_sides(COST), NOON)
        ledger.settle(tx, job.id, COST.micro_usd, NOON)

    def check(tx: Transaction) -> None:
        lose(tx, "video_too_large")
        lose(tx, "no_place", NOAH)
        assert not job_store.has_lost_place(tx, GUILD, MIA, NOON - SECOND)
        lose(tx, "no_place_again")
        assert job_store.has_lost_place(tx, GUILD, MIA, NOON - SECOND)
        assert not job_store.has_lost_place(tx, GUILD, MIA, NOON)
        assert not job_store.has_lost_place(tx, GUILD + 1, MIA, NOON - SECOND)

    await database.write(check)


async def test_held_providers_have_no_turn_and_what_is_not_queued_goes_on(
    database: Database,
) -> None:
    await put(database)
    other = await put(database, provider="fal")
    rendering = await put(database, JobState.RENDERING)
    cancelled = await put(database, cancelled_by=MODERATOR)

    def claim_all(tx: Transaction) -> list[int]:
        found = []
        held = Unclaimable(held_providers=("pika",))
        while (job := job_store.claim_next(tx, NOON, MANY, held)) is not None:
            found.append(job.id)
        return found

    assert await database.write(claim_all) == [other.id, rendering.id, cancelled.id]


async def test_in_line_are_those_that_a_claim_would_find(database: Database) -> None:
    def check(tx: Transaction) -> None:
        put_job(tx, JobState.SUBMITTING)
        put_job(tx, cancelled_by=MODERATOR)
        put_job(tx, awaits_read_back=1)
        put_job(tx, provider="fal")
        assert not job_store.is_any_in_line(tx, "pika")
        leased = put_job(tx, due=NOON + SECOND)
        assert job_store.is_any_in_line(tx, "pika")
        late = NOON + 2 * SECOND
        assert job_store.in_line(tx, "pika", NOON, late) == []
        assert job_store.in_line(tx, "pika", late, NOON) == []
        assert job_store.in_line(tx, "pika", late, late) == [leased]

    await database.write(check)
