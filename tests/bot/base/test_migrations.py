"""A database of the version before moderation, opened by this one."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import shutil
import signal
import sqlite3
import sys
from contextlib import closing
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from bot.base import PICTURE_FOLDER, Cost, from_ms
from bot.base import database as database_module
from bot.base.clock import to_ms
from bot.base.database import MIGRATIONS, open_database
from bot.base.errors import DatabaseFileError
from bot.jobs import job_store
from bot.jobs.animate_options import AnimateOptions
from bot.jobs.job import JobState
from bot.jobs.picture_files import PictureFiles
from bot.quota import ledger
from bot.quota.doubts import DoubtService
from bot.quota.ledger import ALL_GUILDS, QUARTER_HOUR_MS, MemberKey
from bot.requests import offers
from bot.startup_check import check_database, warning_lines
from pika import Order, Ticket
from tests.bot.quota.ledger_harness import UNSUMMED
from tests.bot.rows import COST, GUILD, MIA, NOAH, NOON, number, rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bot.base.database import SqlValue, Transaction
    from bot.jobs.job import Job

pytestmark = pytest.mark.slow  # writes and upgrades whole databases

RELEASED = ("0001", "0002")
ELSEWHERE = 11
PEOPLE = [(GUILD, MIA), (GUILD, NOAH), (ELSEWHERE, MIA)]
PICTURES = dict(zip(PEOPLE, (b"\xff\xd8 one", b"\xff\xd8 two", b"\xff\xd8 one"), strict=True))
"""The first and the last sent the same one."""
WRITTEN = set(JobState) - {JobState.CANCELLED}
"""The states that the released version puts jobs into: nobody could call one off."""
OLD_NAMES = {JobState.FAILED: "refused", JobState.NOTIFIED: "told"}
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
        "state": OLD_NAMES.get(state, state.value),
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
        insert(file, "stills", {"job_id": number_, "data": PICTURES[guild, member]})
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
            key = MemberKey(guild, member)
            spent = await database.read(partial(ledger.used_by_member, member_key=key, since=NOON))
            assert spent == Cost(clips, micro_usd)  # type: ignore[arg-type] # sums of integers
            granted = await database.read(partial(ledger.grants_left, member_key=key))
            assert granted == Cost(0, 0)


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
                "SELECT quarter_hour, clips - lag(clips, 1, 0) OVER so_far,"
                " micro_usd - lag(micro_usd, 1, 0) OVER so_far FROM guild_totals"
                " WHERE guild_id = :guild WINDOW so_far AS (ORDER BY quarter_hour)",
                guild=guild,
            )
            assert [tuple(row) for row in found] == expected
            spent = await database.read(partial(ledger.spent_by_guild, guild_id=guild, since=NOON))
            assert spent.clips == sum(int(str(clips)) for _, clips, _ in expected)


async def test_the_books_balance_afterwards(old: Path) -> None:
    async with open_database(old) as database:
        findings = await database.read(lambda tx: check_database(tx, NOON.replace(day=25)))
        assert sum(findings.open_jobs.values()) == len(PEOPLE) * (len(WRITTEN) - 2)
        assert list(warning_lines(findings)) == []


async def test_every_job_is_read_and_can_be_ended(old: Path) -> None:
    async with open_database(old) as database:

        def end_all(tx: Transaction) -> list[Job]:
            found = [job_store.get(tx, row["id"]) for row in tx.all("SELECT id FROM jobs")]
            for job in found:
                if job.state in {JobState.RENDERED, JobState.RENDERING}:
                    ledger.settle(tx, job.id, 150_000, NOON)
                elif job.state in {JobState.QUEUED, JobState.SUBMITTING}:
                    ledger.refund(tx, job.id, NOON)
                elif job.state is JobState.DELIVERED:
                    ledger.credit(tx, job.id, 0, NOON)
            return found

        found = await database.write(end_all)
        assert {job.state for job in found} == WRITTEN
        assert {(job.language, job.needs_review, job.may_be_billed) for job in found} == {
            ("en", False, False)
        }
        assert await number(database, "SELECT sum(clips) FROM ledger") == 3 * len(PEOPLE)
        assert await rows(database, UNSUMMED) == []


async def test_the_file_is_sound(old: Path) -> None:
    async with open_database(old) as database:
        assert await rows(database, "PRAGMA foreign_key_check") == []
        assert [tuple(r) for r in await rows(database, "PRAGMA integrity_check")] == [("ok",)]
        leads = await rows(database, "PRAGMA foreign_key_list(ledger)")
        assert [(row["table"], row["from"]) for row in leads] == [("jobs", "job_id")]
        await refused(old, "INSERT INTO reviews VALUES (999, 1, 2, 3, NULL, NULL, NULL)")


async def test_the_books_are_only_added_to(old: Path) -> None:
    async with open_database(old):
        pass
    await refused(old, "UPDATE ledger SET micro_usd = 0")
    await refused(old, "DELETE FROM ledger")
    await refused(old, "INSERT INTO ledger SELECT * FROM ledger WHERE id = 1")


BEFORE: dict[str, dict[str, SqlValue]] = {
    "marks": {"name": "tree", "value": "1"},
    "intakes": {
        **dict.fromkeys(("interaction_id", "guild_id", "channel_id", "member_id"), 7),
        "message_id": 8,
        "application_id": 9,
        "token": "secret",
        "token_until": 10,
    },
    "guilds": {"guild_id": GUILD, "time_zone": "Europe/Berlin", "member_at_once": 3},
    "rules": {
        "guild_id": GUILD,
        "scope": "member",
        "subject_id": MIA,
        "unit": "usd",
        "time_window": "day",
        "amount": 5,
    },
    "blocks": {"guild_id": GUILD, "member_id": NOAH, "blocked_at": 1, "reason": "because"},
    "blocked_words": {"guild_id": GUILD, "word": "kite", "is_pattern": 0},
    "channels": {"guild_id": GUILD, "channel_id": 30},
    "audit": {
        "guild_id": GUILD,
        "done_at": 1,
        "actor_id": 99,
        "action": "refuse",
        "scope": "job",
        "subject_id": 1,
        "before_json": None,
        "after_json": "{}",
        "reason": "why",
    },
    "notices": {
        "guild_id": GUILD,
        "name": "once",
        "kind": "budget_spent",
        "data_json": "{}",
        "noted_at": 5,
        "told_at": 6,
    },
    "reviews": {
        "job_id": 1,
        "channel_id": 30,
        "message_id": 31,
        "asked_at": 1,
        "verdict": "refused",
        "actor_id": 99,
        "decided_at": 2,
    },
    "offers": {
        "guild_id": GUILD,
        "member_id": MIA,
        "prompt": "a kite",
        "negative_prompt": "rain",
        "seed": 7,
        "picture_url": "https://x.example",
        "picture_bytes": 9,
        "expires_at": 10,
    },
}
"""A row of each table that the version before had, jobs, stills and ledger apart."""
RENAMED = {
    "marks": "key_values",
    "intakes": "unanswered_interactions",
    "guilds": "guild_settings",
    "channels": "channel_rules",
    "notices": "log_messages",
    "name": "dedup_key",
    "noted_at": "created_at",
    "told_at": "sent_at",
    "scope": "subject_kind",
}


@pytest.fixture
async def before(old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of the version before, with something in every table."""
    released = tmp_path / "before"
    shutil.copytree(MIGRATIONS, released, ignore=shutil.ignore_patterns("000[4-9]*", "00[12]*"))
    with monkeypatch.context() as patch:
        patch.setattr(database_module, "MIGRATIONS", released)
        async with open_database(old):
            pass
    with closing(sqlite3.connect(old)) as file:
        for table, row in BEFORE.items():
            insert(file, table, row)
        file.commit()
        tables = "SELECT name FROM sqlite_master WHERE type = 'table'"
        for (table,) in file.execute(tables).fetchall():
            assert file.execute(f"SELECT count(*) FROM {table}").fetchone() != (0,), table
    return old


def as_named_now(table: str, row: Mapping[str, SqlValue]) -> dict[str, SqlValue]:
    """The row under the names of today."""
    if table == "offers":
        asked = {name: row[name] for name in ("prompt", "negative_prompt", "seed")}
        row = {name: value for name, value in row.items() if name not in asked}
        return row | {"options_json": json.dumps(asked, separators=(",", ":"))}
    if table == "reviews":
        return {**row, "verdict": "rejected"}
    if table == "rules":
        return {"target_id" if name == "subject_id" else name: row[name] for name in row}
    renamed = RENAMED if table in {"notices", "audit"} else {}
    return {renamed.get(name, name): value for name, value in row.items()}


async def test_everything_of_the_version_before_is_still_there(before: Path) -> None:
    jobs = read(before, "SELECT id, state, prompt, seed, resolution, duration FROM jobs")
    async with open_database(before) as database:
        for table, row in BEFORE.items():
            (found,) = await rows(database, f"SELECT * FROM {RENAMED.get(table, table)}")
            expected = as_named_now(table, row)
            assert {name: found[name] for name in expected} == expected, table

        def read_jobs(tx: Transaction) -> list[Job]:
            return [job_store.get(tx, row["id"]) for row in tx.all("SELECT id FROM jobs")]

        found_jobs = await database.read(read_jobs)
        assert [
            (
                job.id,
                OLD_NAMES.get(job.state, job.state.value),
                job.options.prompt,
                job.options.seed,
                job.options.resolution,
                job.options.duration,
            )
            for job in found_jobs
        ] == jobs
        offer = await database.read(lambda tx: offers.get(tx, MemberKey(GUILD, MIA), 1, from_ms(0)))
        assert offer is not None
        assert offer.options == AnimateOptions(prompt="a kite", negative_prompt="rain", seed=7)


async def test_the_addresses_of_originals_go(before: Path) -> None:
    with closing(sqlite3.connect(before)) as file:
        file.execute("UPDATE jobs SET picture_url = 'https://cdn.example/home.jpg'")
        file.commit()
    jobs = read(before, "SELECT id, reference FROM jobs ORDER BY id")
    async with open_database(before):
        assert read(before, "SELECT id, reference FROM jobs ORDER BY id") == jobs
        names = [name for _, name, *_ in read(before, "PRAGMA table_info(jobs)")]
        assert "picture_url" not in names
        shown = "SELECT DISTINCT picture_channel_id, picture_message_id FROM jobs"
        assert read(before, shown) == [(None, None)]


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


NAMED = "SELECT id, picture_file FROM jobs WHERE picture_file IS NOT NULL ORDER BY id"
STORED = "SELECT job_id, data FROM stills ORDER BY job_id"


async def assert_pictures_moved(file: Path, stored: list[tuple[Any, ...]]) -> None:
    async with open_database(file) as database:
        named = read(file, NAMED)
        pictures = PictureFiles(file.with_name(PICTURE_FOLDER), database, lambda: NOON, timedelta())
        found = [(job, await pictures.read(str(name))) for job, name in named]
    assert found == stored


@pytest.fixture
async def with_pictures(old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of the version that had pictures in it."""
    released = tmp_path / "with-pictures"
    shutil.copytree(MIGRATIONS, released, ignore=shutil.ignore_patterns("00[12]*"))
    with monkeypatch.context() as patch:
        patch.setattr(database_module, "MIGRATIONS", released)
        async with open_database(old):
            pass
    return old


async def test_pictures_become_files(with_pictures: Path) -> None:
    stored: list[tuple[Any, ...]] = read(with_pictures, STORED)
    jobs = read(with_pictures, "SELECT * FROM jobs ORDER BY id")
    assert [data for _, data in stored] == [PICTURES[whose] for whose in PEOPLE]
    await assert_pictures_moved(with_pictures, stored)
    folder = with_pictures.with_name(PICTURE_FOLDER)
    assert len(list(folder.iterdir())) == 2, "one of them is shared"
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    moved = read(with_pictures, "SELECT * FROM jobs ORDER BY id")
    assert [row[: len(jobs[0])] for row in moved] == jobs
    assert read(with_pictures, "SELECT 1 FROM sqlite_master WHERE name = 'stills'") == []


MIGRATE_AND_DIE = """
import os, signal, sqlite3, sys
from pathlib import Path
from bot.base import database

def sync(handle, sync=os.fsync, left=iter(range(int(sys.argv[2]))), none=object()):
    if next(left, none) is none:
        os.kill(os.getpid(), signal.SIGKILL)
    sync(handle)

os.fsync = sync
path = Path(sys.argv[1])
database._migrate(sqlite3.connect(path, isolation_level=None), path.parent)
"""
"""Opens a file, and kills itself at a call to have something on disk."""


@pytest.mark.parametrize("synced", range(6))
async def test_pictures_outlive_a_kill_while_they_become_files(
    with_pictures: Path, synced: int
) -> None:
    """The folder, then each file and its name in the folder, of the shared one the name again."""
    stored: list[tuple[Any, ...]] = read(with_pictures, STORED)
    order = sys.executable, "-c", MIGRATE_AND_DIE, str(with_pictures), str(synced)
    killed = await asyncio.create_subprocess_exec(*order)
    assert await killed.wait() == -signal.SIGKILL
    assert read(with_pictures, STORED) == stored
    await assert_pictures_moved(with_pictures, stored)


def full_disk(_handle: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


async def test_a_full_disk_leaves_the_pictures_where_they_are(
    with_pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[tuple[Any, ...]] = read(with_pictures, STORED)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full_disk)
        # Which is synced before the pictures are.
        patch.setattr(database_module, "_copy_before", lambda *_: None)
        with pytest.raises(DatabaseFileError, match="moved to pictures"):
            async with open_database(with_pictures):
                raise AssertionError("was opened")
    assert read(with_pictures, STORED) == stored
    await assert_pictures_moved(with_pictures, stored)


async def test_totals_are_those_of_all_that_was_entered_before(
    old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = tmp_path / "before-totals"
    shutil.copytree(MIGRATIONS, released, ignore=shutil.ignore_patterns("00[12]*"))
    with monkeypatch.context() as patch:
        patch.setattr(database_module, "MIGRATIONS", released)
        async with open_database(old):
            pass
    columns = "guild_id, member_id, job_id, kind, clips, micro_usd, member_clips, member_micro_usd,"
    columns += " grant_clips, grant_micro_usd, actor_id, counts_at, entered_at"
    with closing(sqlite3.connect(old)) as file:
        for number_, (guild, member) in enumerate(PEOPLE):
            for minutes, grants in ((-90, (5, 0)), (20, (-2, 700)), (20, (0, -100))):
                at = to_ms(NOON + timedelta(minutes=minutes + number_))
                file.execute(
                    f"INSERT INTO ledger ({columns}) VALUES"
                    f" ({guild}, {member}, NULL, 'grant', 0, 0, 0, 0, ?, ?, 99, {at}, {at})",
                    grants,
                )
        # As of old: paid from grants in part, and given back.
        file.execute(
            f"INSERT INTO ledger ({columns}) SELECT guild_id, member_id, job_id, 'credit', 0, 0,"
            " -1, -100000, 0, 75000, 99, counts_at, counts_at + 9 FROM ledger"
            " WHERE kind = 'settle'"
        )
        file.commit()
    sums = read(old, SUMS)
    async with open_database(old) as database:
        assert await rows(database, UNSUMMED) == []
        kept = await rows(database, "SELECT DISTINCT guild_id, member_id FROM member_totals")
        assert [tuple(row) for row in kept] == PEOPLE
        left = await database.read(partial(ledger.grants_left, member_key=MemberKey(GUILD, MIA)))
        assert left == Cost(3, 75_600)
    assert read(old, SUMS) == sums


async def test_orders_that_were_in_doubt_count_until_they_are_settled(
    old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = tmp_path / "before-doubts"
    shutil.copytree(MIGRATIONS, released, ignore=shutil.ignore_patterns("000[5-9]*", "00[12]*"))
    with monkeypatch.context() as patch:
        patch.setattr(database_module, "MIGRATIONS", released)
        async with open_database(old):
            pass
    with closing(sqlite3.connect(old)) as file:
        file.execute("UPDATE jobs SET may_be_billed = 1 WHERE state IN ('notified', 'submitting')")
        file.commit()
    before: list[tuple[Any, ...]] = read(old, SUMS)
    async with open_database(old) as database:
        doubts = DoubtService(database, lambda: NOON)
        listed = await doubts.list_open(10)
        # One of each person was refunded; what is on its way has its reserve still.
        assert [(doubt.guild_id, doubt.member_id) for doubt in listed] == PEOPLE
        assert {doubt.micro_usd for doubt in listed} == {COST.micro_usd}
        counted = [
            (guild, member, clips + 1, usd + COST.micro_usd) for guild, member, clips, usd in before
        ]
        assert read(old, SUMS) == counted
        later = NOON + timedelta(days=9)
        findings = await database.read(lambda tx: check_database(tx, later))
        (sentence,) = warning_lines(findings)
        assert sentence.startswith("orders in doubt: 3, counted at $0.60")
        used = ledger.used_by_member
        key = MemberKey(GUILD, MIA)
        own = await database.read(lambda tx: used(tx, key, NOON - timedelta(days=1)))
        for doubt in listed:
            await doubts.settle_as_not_billed(1, doubt.job_id)
        assert read(old, SUMS) == before
        after = await database.read(lambda tx: used(tx, key, NOON - timedelta(days=1)))
        assert own == after, "it was given back to the member long ago"


async def refused(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA foreign_keys = ON")
        with pytest.raises(sqlite3.IntegrityError):
            file.execute(statement)
