"""How many clips of whom may be in the making: the line at Pika's door."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.guilds import guild_settings
from bot.jobs import job_store
from bot.jobs.animate_options import AnimateOptions
from bot.jobs.job import JobState
from bot.requests import admission
from bot.requests.errors import QueueFullError, QueueLimit
from tests.bot.rows import GUILD, MIA, NOAH, NOON, put_job, requester

if TYPE_CHECKING:
    from bot.base.database import Database, SqlValue, Transaction

pytestmark = pytest.mark.usefixtures("bystanders")

SECOND = timedelta(seconds=1)
MANY = 100
OTHER = GUILD + 1
WISH = AnimateOptions()


def put(
    tx: Transaction,
    guild: int,
    ago: int = 0,
    state: JobState = JobState.QUEUED,
    **columns: SqlValue,
) -> int:
    """A job that has been due so many seconds."""
    return (put_job(tx, state, NOON - ago * SECOND, guild_id=guild, **columns)).id


def claimed(tx: Transaction, renders: int = MANY) -> list[int]:
    found = []
    while (job := job_store.claim_next(tx, NOON, renders)) is not None:
        found.append(job.id)
    return found


async def test_a_guild_at_its_number_holds_nobody_else_up(database: Database) -> None:
    def check(tx: Transaction) -> None:
        guild_settings.put(tx, GUILD, guild_at_once=2)
        mine = [put(tx, GUILD, ago) for ago in (50, 40, 30, 20)]
        theirs = [put(tx, OTHER, ago) for ago in (15, 10)]
        assert claimed(tx) == [mine[0], theirs[0], mine[1], theirs[1]]

    await database.write(check)


async def test_whoever_is_due_longest_goes_first_whatever_their_guild(database: Database) -> None:
    def check(tx: Transaction) -> None:
        guild_settings.put(tx, GUILD, guild_at_once=50)
        order = [put(tx, GUILD if ago % 2 else OTHER, ago) for ago in (9, 8, 7, 6, 5, 4)]
        assert claimed(tx, renders=4) == order[:4]

    await database.write(check)


async def test_a_number_above_the_owners_leaves_the_owners(database: Database) -> None:
    def check(tx: Transaction) -> None:
        guild_settings.put(tx, GUILD, guild_at_once=50)
        mine = [put(tx, GUILD) for _ in range(4)]
        assert claimed(tx, renders=3) == mine[:3]

    await database.write(check)


@pytest.mark.parametrize("state", [JobState.SUBMITTING, JobState.RENDERING])
async def test_what_is_at_pika_counts_and_goes_on(database: Database, state: JobState) -> None:
    def check(tx: Transaction) -> None:
        guild_settings.put(tx, GUILD, guild_at_once=1)
        busy = put(tx, GUILD, 5, state)
        put(tx, GUILD, 9)
        assert claimed(tx) == [busy]

    await database.write(check)


@pytest.mark.parametrize("state", [JobState.RENDERED, JobState.DELIVERED, JobState.NOTIFIED])
async def test_a_place_is_free_once_a_clip_is_rendered(database: Database, state: JobState) -> None:
    def check(tx: Transaction) -> None:
        guild_settings.put(tx, GUILD, guild_at_once=1)
        put(tx, GUILD, -60, state)
        next_one = put(tx, GUILD, 9)
        put(tx, GUILD, 8)
        assert claimed(tx) == [next_one]

    await database.write(check)


async def test_the_next_of_a_guild_follows_when_its_first_is_rendered(database: Database) -> None:
    def check(tx: Transaction) -> None:
        guild_settings.put(tx, GUILD, guild_at_once=1)
        first, second = [put(tx, GUILD, ago) for ago in (9, 8)]
        job = job_store.claim_next(tx, NOON, MANY)
        assert job is not None
        assert job.id == first
        assert job_store.claim_next(tx, NOON, MANY) is None
        job_store.change_state(tx, job, JobState.FAILED, NOON + 60 * SECOND, failure="busy")
        assert claimed(tx) == [second]

    await database.write(check)


def full(tx: Transaction, member: int = MIA, guild: int = GUILD) -> tuple[QueueLimit, int] | None:
    """Whose line is full for a member's next request, and how many that may be."""
    settings = guild_settings.get(tx, guild)
    try:
        admission.check_queue(tx, settings, requester(member, guild))
    except QueueFullError as refused:
        return refused.queue, refused.highest
    return None


async def test_a_member_has_so_many_in_the_making(database: Database) -> None:
    def check(tx: Transaction) -> None:
        guild_settings.put(tx, GUILD, member_at_once=2)
        put(tx, GUILD, member_id=MIA)
        assert full(tx) is None
        put(tx, GUILD, 0, JobState.RENDERED, member_id=MIA)
        assert full(tx) == (QueueLimit.MEMBER, 2)
        assert full(tx, NOAH) is None
        assert full(tx, MIA, OTHER) is None

    await database.write(check)


async def test_those_that_ended_do_not_count(database: Database) -> None:
    def check(tx: Transaction) -> None:
        guild_settings.put(tx, GUILD, member_at_once=1, queue_length=1)
        for state in (JobState.DELIVERED, JobState.NOTIFIED):
            put(tx, GUILD, 0, state, member_id=MIA)
        assert full(tx) is None

    await database.write(check)


async def test_a_guild_lets_so_many_wait(database: Database) -> None:
    def check(tx: Transaction) -> None:
        guild_settings.put(tx, GUILD, queue_length=2)
        put(tx, GUILD, 0, JobState.RENDERING, member_id=NOAH)
        put(tx, OTHER, member_id=NOAH)
        put(tx, GUILD, member_id=NOAH)
        assert full(tx) is None
        put(tx, GUILD, member_id=NOAH)
        assert full(tx) == (QueueLimit.GUILD, 2)
        assert full(tx, NOAH, OTHER) is None

    await database.write(check)
