"""Whose turn it is: places by guild and member, spending lately, and the number that is told."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.base.clock import to_ms
from bot.base.database import open_database
from bot.guilds import guild_settings
from bot.jobs import job_store, turns
from bot.jobs.job import JobState
from bot.jobs.turns import Turn, Turns
from tests.bot.rows import GUILD, MIA, NOAH, NOON, put_job
from tests.new_database import make_database

if TYPE_CHECKING:
    from bot.base.database import Database, SqlValue, Transaction

OTHER, THIRD = 11, 12
SECOND = timedelta(seconds=1)

drawn = st.lists(
    st.builds(
        Turn,
        job_id=st.just(0),
        guild_id=st.integers(1, 3),
        member_id=st.integers(1, 3),
        price=st.sampled_from([200_000, 450_000]),
    ),
    max_size=20,
)


@given(waiting=drawn, held=drawn, caps=st.dictionaries(st.integers(1, 3), st.integers(1, 4)))
def test_nobody_gets_a_place_more_while_somebody_with_fewer_waits(
    waiting: list[Turn], held: list[Turn], caps: dict[int, int]
) -> None:
    line = Turns(waiting, caps, {})
    guilds, members = Counter[int](), Counter[tuple[int, int]]()
    left = list(waiting)
    for there in held:
        line.hold(there)
        guilds[there.guild_id] += 1
        members[there.guild_id, there.member_id] += 1
    while (turn := line.next()) is not None:
        open_guilds = {
            it.guild_id for it in left if guilds[it.guild_id] < caps.get(it.guild_id, 99)
        }
        assert guilds[turn.guild_id] == min(guilds[it] for it in open_guilds)
        of_guild = {it.member_id for it in left if it.guild_id == turn.guild_id}
        fewest = min(members[turn.guild_id, it] for it in of_guild)
        assert members[turn.guild_id, turn.member_id] == fewest
        left.remove(turn)
        line.take(turn)
        guilds[turn.guild_id] += 1
        members[turn.guild_id, turn.member_id] += 1
    assert all(guilds[it.guild_id] >= caps.get(it.guild_id, 99) for it in left)


def put(tx: Transaction, guild: int, member: int = MIA, **columns: SqlValue) -> int:
    row = {"guild_id": guild, "member_id": member, **columns}
    return put_job(tx, JobState.QUEUED, NOON, **row).id


def play(tx: Transaction, renders: int) -> dict[int, int]:
    """Send clips to Pika in turn, of which the one that is there longest is finished next.

    Returns:
        How many were finished before each of them, in the order in which they were sent.
    """
    finished, found, held = 0, dict[int, int](), list[int]()
    while True:
        while (job := job_store.claim_next(tx, NOON, renders)) is not None:
            found[job.id] = finished
            held.append(job.id)
            sent = "UPDATE jobs SET submitted_at = :now WHERE id = :id"
            tx.execute(sent, {"now": to_ms(NOON), "id": job.id})
        if not held:
            return found
        end(tx, held.pop(0))
        finished += 1


def end(tx: Transaction, job_id: int) -> None:
    tx.execute(
        "UPDATE jobs SET state = 'failed', failure = 'busy', due_at = :later WHERE id = :id",
        {"id": job_id, "later": to_ms(NOON + timedelta(hours=1))},
    )


async def test_with_one_place_servers_take_turns(database: Database) -> None:
    def check(tx: Transaction) -> None:
        mine = [put(tx, GUILD) for _ in range(4)]
        theirs = [put(tx, OTHER) for _ in range(2)]
        assert list(play(tx, 1)) == [mine[0], theirs[0], mine[1], theirs[1], *mine[2:]]

    await database.write(check)


async def test_members_of_a_server_take_turns_too(database: Database) -> None:
    def check(tx: Transaction) -> None:
        mias = [put(tx, GUILD, MIA) for _ in range(3)]
        noahs = [put(tx, GUILD, NOAH) for _ in range(2)]
        assert list(play(tx, 2)) == [mias[0], noahs[0], mias[1], noahs[1], mias[2]]

    await database.write(check)


async def test_who_spent_less_lately_goes_first(database: Database) -> None:
    """A dear clip counts as much as two cheap ones, and one of yesterday no more."""

    def check(tx: Transaction) -> None:
        for guild, hours, price in ((GUILD, 1, 600_000), (THIRD, 24, 900_000)):
            at = to_ms(NOON - timedelta(hours=hours))
            spent = {"guild_id": guild, "price_micro_usd": price}
            put_job(tx, JobState.NOTIFIED, NOON, **spent, created_at=at, submitted_at=at)
        mine = [put(tx, GUILD) for _ in range(2)]
        theirs = [put(tx, OTHER) for _ in range(4)]
        third = put(tx, THIRD)
        # 200,000 each: the others catch up with what this guild spent before.
        assert list(play(tx, 1)) == [
            theirs[0],
            third,
            theirs[1],
            theirs[2],
            mine[0],
            theirs[3],
            mine[1],
        ]

    await database.write(check)


async def test_one_server_does_not_keep_all_places(database: Database) -> None:
    def check(tx: Transaction) -> None:
        mine = [put(tx, GUILD) for _ in range(6)]
        assert [job_store.claim_next(tx, NOON, 4) is not None for _ in range(5)] == [True] * 4 + [
            False
        ]
        late = put(tx, OTHER)
        assert turns.clips_before(tx, late, NOON, 4) == 1
        assert turns.clips_before(tx, mine[5], NOON, 4) == 3
        tx.execute(
            "UPDATE jobs SET state = 'failed', failure = 'busy' WHERE id = :id", {"id": mine[0]}
        )
        job = job_store.claim_next(tx, NOON, 4)
        assert job is not None
        assert job.id == late

    await database.write(check)


@pytest.mark.slow
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    line=st.lists(
        st.tuples(st.sampled_from([GUILD, OTHER, THIRD]), st.sampled_from([MIA, NOAH])),
        min_size=1,
        max_size=12,
    ),
    renders=st.integers(1, 4),
    cap=st.integers(1, 4),
)
def test_the_number_in_line_is_how_many_are_finished_before(
    line: list[tuple[int, int]],
    renders: int,
    cap: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Told to each, held against what then happens if nobody else asks."""

    async def check() -> None:
        path = tmp_path_factory.mktemp("turns") / "db"
        make_database(path)
        async with open_database(path) as database:

            def compare(tx: Transaction) -> None:
                guild_settings.put(tx, GUILD, guild_at_once=cap)
                ids = [put(tx, guild, member) for guild, member in line]
                told = {it: turns.clips_before(tx, it, NOON, renders) for it in ids}
                assert told == play(tx, renders)

            await database.write(compare)

    asyncio.run(check())
