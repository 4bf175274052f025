"""A database of the version before moderation, opened by this one."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from bot.base import database as database_module
from bot.base.clock import to_ms
from bot.base.database import MIGRATIONS, Transaction, open_database
from bot.base.errors import DatabaseFileError
from bot.jobs import job_store
from bot.jobs.job import JobState
from bot.quota import ledger
from bot.quota.ledger import ALL_GUILDS, QUARTER_HOUR_MS, MemberKey
from bot.quota.limits import Cost
from bot.startup_check import check_database, warning_lines
from pika import Order, Ticket
from tests.bot.rows import COST, GUILD, MIA, NOAH, NOON, number, rows

if TYPE_CHECKING:
    from pathlib import Path

    from bot.base.database import SqlValue

RELEASED = ("0001", "0002")
ELSEWHERE = 11
PEOPLE = [(GUILD, MIA), (GUILD, NOAH), (ELSEWHERE, MIA)]
WRITTEN = set(JobState) - {JobState.CANCELLED}
"""The states that the released version puts jobs into: nobody could call one off."""
CLOSES = {
    JobState.DELIVERED: ("settle", 0, -25_000),
    JobState.FAILED: ("refund", -1, -200_000),
    JobState.NOTIFIED: ("refund", -1, -200_000),
}
SUMS = """
    SELECT guild_id, member_id, sum(clips), sum(micro_usd) FROM ledger
    GROUP BY guild_id, member_id ORDER BY guild_id, member_id
"""


@pytest.fixture
async def old(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of the released version, with a job in each state for each of three people."""
    released = tmp_path / "released"
    released.mkdir()
    for script in MIGRATIONS.glob("*.sql"):
        if script.name.startswith(RELEASED):
            shutil.copy(script, released)
    with monkeypatch.context() as patch:
        patch.setattr(database_module, "MIGRATIONS", released)
        async with open_database(path):
            pass
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA foreign_keys = ON")
        for guild, member in PEOPLE:
            for hours, state in enumerate(sorted(WRITTEN)):
                put(file, guild, member, state, to_ms(NOON) + hours * 3_600_000)
        file.commit()
    return path


def put(file: sqlite3.Connection, guild: int, member: int, state: JobState, at: int) -> None:
    (number_,) = file.execute("SELECT coalesce(max(id), 0) + 1 FROM jobs").fetchone()
    sent = state not in {JobState.QUEUED, JobState.FAILED}
    row: dict[str, SqlValue] = {
        "interaction_id": 1000 + number_,
        "guild_id": guild,
        "channel_id": 30,
        "member_id": member,
        "message_id": 2000 + number_,
        "application_id": 40,
        "token": None if state in {JobState.DELIVERED, JobState.NOTIFIED} else "secret",
        "token_until": at,
        "upload_limit": 10_000_000,
        "provider": "pika",
        "prompt": "words",
        "negative_prompt": "",
        "seed": 7,
        "resolution": "720p",
        "duration": 5,
        "price_micro_usd": COST.micro_usd,
        "state": state.value,
        "idempotency_key": f"animate-bot-{number_}" if sent else None,
        "order_json": Order(provider="pika", path="/", body={}).model_dump_json() if sent else None,
        "ticket_json": Ticket(provider="pika", id="media_1").model_dump_json() if sent else None,
        "failure": "busy" if state in {JobState.FAILED, JobState.NOTIFIED} else None,
        "reference": "ABCDE",
        "created_at": at,
        "submitted_at": at if sent else None,
        "rendered_at": at + 90_000 if state in {JobState.RENDERED, JobState.DELIVERED} else None,
        "ended_at": at if state in {JobState.DELIVERED, JobState.NOTIFIED} else None,
        "due_at": at,
    }
    insert(file, "jobs", row)
    if state is JobState.QUEUED:
        insert(file, "stills", {"job_id": number_, "data": b"jpeg"})
    entries = [("reserve", 1, COST.micro_usd), *([CLOSES[state]] if state in CLOSES else [])]
    for kind, clips, micro_usd in entries:
        entry: dict[str, SqlValue] = {
            "guild_id": guild,
            "member_id": member,
            "job_id": number_,
            "kind": kind,
            "clips": clips,
            "micro_usd": micro_usd,
            "actor_id": member,
            "counts_at": at,
            "entered_at": at,
        }
        insert(file, "ledger", entry)


def insert(file: sqlite3.Connection, table: str, row: dict[str, SqlValue]) -> None:
    names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    file.execute(f"INSERT INTO {table} ({names}) VALUES ({values})", row)


def read(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as file:
        return file.execute(sql).fetchall()


async def test_what_everybody_spent_stays_the_same(old: Path) -> None:
    before = read(old, SUMS)
    assert len(before) == len(PEOPLE)
    async with open_database(old) as database:
        assert [tuple(row) for row in await rows(database, SUMS)] == before
        for guild, member, clips, micro_usd in before:
            assert isinstance(guild, int)
            assert isinstance(member, int)

            def work(tx: Transaction) -> None:
                holder = MemberKey(guild, member)
                assert ledger.used_by_member(tx, holder, NOON) == Cost(clips, micro_usd)  # type: ignore[arg-type] # sums of integers
                assert ledger.grants_left(tx, holder) == Cost(0, 0)

            await database.write(work)


async def test_the_sums_by_quarter_are_those_of_the_ledger(old: Path) -> None:
    async with open_database(old) as database:
        for guild in (GUILD, ELSEWHERE, ALL_GUILDS):
            where = "" if guild == ALL_GUILDS else f"WHERE guild_id = {guild}"
            expected = read(
                old,
                f"SELECT counts_at / {QUARTER_HOUR_MS}, sum(clips), sum(micro_usd)"
                f" FROM ledger {where} GROUP BY 1 ORDER BY 1",
            )
            found = await rows(
                database,
                "SELECT quarter, clips, micro_usd FROM spending WHERE guild_id = :guild"
                " ORDER BY quarter",
                guild=guild,
            )
            assert [tuple(row) for row in found] == expected
            spent = await database.read(lambda tx: ledger.spent_by_guild(tx, guild, NOON))
            assert spent.clips == sum(int(str(clips)) for _, clips, _ in expected)


async def test_the_books_balance_afterwards(old: Path) -> None:
    async with open_database(old) as database, database.transaction() as tx:
        findings = check_database(tx, NOON.replace(day=25))
        assert sum(findings.open_jobs.values()) == len(PEOPLE) * (len(WRITTEN) - 2)
        assert list(warning_lines(findings)) == []


async def test_every_job_is_read_and_can_be_ended(old: Path) -> None:
    async with open_database(old) as database:

        def work(tx: Transaction) -> Any:
            found = [job_store.get(tx, row["id"]) for row in tx.all("SELECT id FROM jobs")]
            for job in found:
                if job.state in {JobState.RENDERED, JobState.RENDERING}:
                    ledger.settle(tx, job.id, 150_000, NOON)
                elif job.state in {JobState.QUEUED, JobState.SUBMITTING}:
                    ledger.refund(tx, job.id, NOON)
                elif job.state is JobState.DELIVERED:
                    ledger.credit(tx, job.id, 0, NOON)
            return found, job

        found, job = await database.write(work)
        assert {job.state for job in found} == WRITTEN
        assert {(job.language, job.needs_review, job.may_be_billed) for job in found} == {
            ("en", False, False)
        }
        assert await number(database, "SELECT sum(clips) FROM ledger") == 3 * len(PEOPLE)
        assert await number(database, "SELECT clips FROM spending WHERE guild_id = 0") >= 0
        assert await number(
            database, "SELECT sum(micro_usd) FROM spending WHERE guild_id = 0"
        ) == await number(database, "SELECT sum(micro_usd) FROM ledger")


async def test_the_file_is_sound(old: Path) -> None:
    stills = read(old, "SELECT * FROM stills")
    async with open_database(old) as database:
        assert await rows(database, "PRAGMA foreign_key_check") == []
        assert [tuple(r) for r in await rows(database, "PRAGMA integrity_check")] == [("ok",)]
        assert [tuple(row) for row in await rows(database, "SELECT * FROM stills")] == stills
        leads = await rows(database, "PRAGMA foreign_key_list(ledger)")
        assert [(row["table"], row["from"]) for row in leads] == [("jobs", "job_id")]
        await refused(old, "INSERT INTO reviews VALUES (999, 1, 2, 3, NULL, NULL, NULL)")


async def test_the_books_are_only_added_to(old: Path) -> None:
    async with open_database(old):
        pass
    await refused(old, "UPDATE ledger SET micro_usd = 0")
    await refused(old, "DELETE FROM ledger")
    await refused(old, "INSERT INTO ledger SELECT * FROM ledger WHERE id = 1")


async def test_an_upgrade_that_dies_leaves_the_old_file(
    old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read(old, "SELECT * FROM ledger")
    broken = tmp_path / "broken"
    shutil.copytree(MIGRATIONS, broken)
    with (broken / "0003_moderation.sql").open("a") as script:
        script.write("\nINSERT INTO nowhere VALUES (1);")
    with monkeypatch.context() as patch:
        patch.setattr(database_module, "MIGRATIONS", broken)
        with pytest.raises(DatabaseFileError):
            async with open_database(old):
                raise AssertionError("was opened")
    assert read(old, "SELECT * FROM ledger") == before
    assert read(old, "PRAGMA user_version") == [(2,)]
    async with open_database(old) as database:
        assert await number(database, "SELECT count(*) FROM ledger") == len(before)


async def refused(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA foreign_keys = ON")
        with pytest.raises(sqlite3.IntegrityError):
            file.execute(statement)
