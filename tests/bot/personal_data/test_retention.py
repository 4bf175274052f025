"""What is deleted when its time is over, in parts, and what stays; the books balance throughout."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from bot.base import ZERO_COST, Cost, Database, from_ms, open_database, to_ms, write_picture
from bot.guilds import audit
from bot.guilds.audit import AuditAction, AuditEvent, AuditSubject
from bot.jobs.job import JobState
from bot.jobs.picture_files import PictureFiles
from bot.maintenance.daily_deletion import DailyDeletion
from bot.personal_data import retention
from bot.personal_data.columns import DETAILS, PERSONAL
from bot.personal_data.erasure import LIMITS_LOOK_BACK
from bot.quota import ledger
from bot.quota.ledger import MemberKey
from bot.startup_check import check_database
from tests.bot.rows import (
    COST,
    GUILD,
    MIA,
    MODERATOR,
    NOAH,
    NOON,
    address,
    number,
    put_job,
    reserve,
    rows,
)

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from bot.base import SqlValue, Transaction

ELSEWHERE = 11
KEPT = timedelta(days=30)
DAY = timedelta(days=1)


@dataclass
class Days:
    """The daily deletion, with a clock that the test moves."""

    database: Database
    pictures: PictureFiles
    kept: timedelta = KEPT
    now: datetime = field(default=NOON)

    async def come(self, now: datetime) -> None:
        self.now = now
        await DailyDeletion(self.database, self.pictures, lambda: self.now, self.kept).run()


@pytest.fixture
def days(database: Database, path: Path) -> Days:
    folder = path.parent / "pictures"
    return Days(database, PictureFiles(folder, database, lambda: NOON, KEPT))


def spend(
    tx: Transaction, at: datetime = NOON, member: int = MIA, guild: int = GUILD, **differs: SqlValue
) -> int:
    columns: dict[str, SqlValue] = {
        **address(member, guild).columns(),
        "created_at": to_ms(at),
        "ended_at": to_ms(at),
        "picture_hash": "0" * 288,
        "notes_json": '{"left": 3}',
        **differs,
    }
    job = put_job(tx, JobState.DELIVERED, at, **columns)
    reserve(tx, job, now=at)
    ledger.settle(tx, job.id, COST.micro_usd, at)
    return job.id


def job(tx: Transaction, job_id: int) -> sqlite3.Row:
    (row,) = tx.all("SELECT * FROM jobs WHERE id = :id", {"id": job_id})
    return row


async def read_job(days: Days, job_id: int) -> sqlite3.Row:
    return await days.database.read(lambda tx: job(tx, job_id))


def test_details_are_a_part_of_what_is_erased() -> None:
    assert {*DETAILS} < PERSONAL["jobs"].erased.keys()
    kept = PERSONAL["jobs"].erased.keys() - {*DETAILS}
    # Where it is, by which word its member knows it, and in which language they read of it.
    place = {"interaction_id", "channel_id", "message_id", "notice_message_id"}
    assert kept == place | {"reference", "language", "member_language"}


async def test_details_go_first_and_then_the_name(days: Days, path: Path) -> None:
    picture = write_picture(path.parent / "pictures", b"\xff\xd8 a picture")
    first = await days.database.write(lambda tx: spend(tx, picture_file=picture))
    doubtful = await days.database.write(lambda tx: spend(tx, doubt="open"))
    before = await read_job(days, first)
    await days.come(NOON + KEPT)
    assert await read_job(days, first) == before, "a moment before its time"

    await days.come(NOON + KEPT + timedelta(seconds=1))
    after = await read_job(days, first)
    changed = {it for it in after.keys() if after[it] != before[it]}  # noqa: SIM118 - a Row
    computed = {"resolution", "duration"}
    assert changed <= {*DETAILS}
    assert changed >= {"options_json", "ticket_json", "picture_file", "picture_hash", "notes_json"}
    assert {it: after[it] for it in computed} == {it: before[it] for it in computed}
    assert "words" not in str(tuple(after))
    await days.pictures.sweep()
    assert list((path.parent / "pictures").iterdir()) == []
    assert await number(days.database, "SELECT count(*) FROM provider_erasures") > 0

    await days.come(NOON + LIMITS_LOOK_BACK + timedelta(seconds=1))
    gone = await read_job(days, first)
    assert (gone["member_id"], gone["message_id"], gone["channel_id"]) == (0, 0, 0)
    assert (gone["charge_micro_usd"], gone["state"]) == (before["charge_micro_usd"], "delivered")
    kept = await read_job(days, doubtful)
    assert kept["member_id"] == MIA
    assert "words" in kept["options_json"]


async def test_the_books_keep_sums_and_no_names(days: Days) -> None:
    """Of everybody, over several days, with grants; what is newer is counted as before."""
    late = NOON + LIMITS_LOOK_BACK

    def play(tx: Transaction) -> None:
        for day in range(4):
            for member in (MIA, NOAH):
                for guild in (GUILD, ELSEWHERE):
                    spend(tx, NOON + day * DAY, member, guild)
        ledger.grant(tx, MemberKey(GUILD, MIA), Cost(3, 5), MODERATOR, NOON)
        spend(tx, late)

    await days.database.write(play)
    before = await sums(days, late)
    for day in range(6):
        await days.come(late + day * DAY + timedelta(hours=1))
        assert await sums(days, late) == before
        named = await number(
            days.database,
            f"SELECT count(*) FROM ledger WHERE member_id <> 0 AND counts_at <"
            f" {to_ms(NOON + day * DAY + timedelta(hours=1))}",
        )
        assert named == 0
    names = await rows(days.database, "SELECT DISTINCT member_id, guild_id FROM ledger")
    assert {tuple(row) for row in names} == {(MIA, GUILD), (0, GUILD), (0, ELSEWHERE)}
    key = MemberKey(GUILD, MIA)
    assert await days.database.read(lambda tx: ledger.grants_left(tx, key)) == Cost(3, 5)
    used = await days.database.read(lambda tx: ledger.used_by_member(tx, key, from_ms(0)))
    assert used == COST
    noah = MemberKey(GUILD, NOAH)
    nothing = await days.database.read(lambda tx: ledger.used_by_member(tx, noah, from_ms(0)))
    assert nothing == ZERO_COST


async def sums(days: Days, now: datetime) -> tuple[object, ...]:
    def read(tx: Transaction) -> tuple[object, ...]:
        findings = check_database(tx, now)
        spent = [ledger.spent_by_guild(tx, guild, from_ms(0)) for guild in (GUILD, ELSEWHERE, 0)]
        return findings.adrift_clips, findings.adrift_micro_usd, findings.unclosed, *spent

    found = await days.database.read(read)
    assert found[:3] == (0, 0, 0)
    return found


async def test_reasons_in_the_audit_log_go(days: Days) -> None:
    event = AuditEvent(MODERATOR, AuditAction.BLOCK, AuditSubject.MEMBER, MIA, reason="rude")

    def record(tx: Transaction) -> None:
        audit.record(tx, GUILD, event, NOON)
        audit.record(tx, GUILD, event, NOON + DAY)

    await days.database.write(record)
    await days.come(NOON + KEPT + timedelta(hours=1))
    found = await rows(days.database, "SELECT reason, actor_id, subject_id FROM audit ORDER BY id")
    assert [tuple(row) for row in found] == [("", MODERATOR, MIA), ("rude", MODERATOR, MIA)]
    for change in ("reason = 'kind'", "reason = '', actor_id = 5"):
        with pytest.raises(sqlite3.IntegrityError, match="only added to"):
            await update_audit(days, change)
    with pytest.raises(sqlite3.IntegrityError, match="only added to"):
        await days.database.write(lambda tx: tx.execute("DELETE FROM audit"))


async def update_audit(days: Days, change: str) -> None:
    await days.database.write(lambda tx: tx.execute(f"UPDATE audit SET {change}"))


async def test_with_a_longer_time_names_stay_as_long(days: Days) -> None:
    days.kept = timedelta(days=365)
    job_id = await days.database.write(spend)
    await days.come(NOON + timedelta(days=364))
    assert (await read_job(days, job_id))["member_id"] == MIA
    await days.come(NOON + timedelta(days=366))
    assert (await read_job(days, job_id))["member_id"] == 0


GUILD_TABLES = (
    *("guild_settings", "rules", "exemptions", "grants", "grant_draws", "blocks", "blocked_words"),
    *("automod_rules", "word_hits", "channel_rules", "remembered_pictures", "member_defaults"),
    *("picture_requests", "picture_consents", "notices", "audit", "log_messages", "offers"),
)


async def test_a_server_that_was_left_is_deleted(days: Days) -> None:
    """And no other: the same rows are there for both."""
    for guild in (GUILD, ELSEWHERE):
        await days.database.write(partial(live, guild=guild))
    before = await sums(days, NOON)
    left = NOON + DAY
    await days.database.write(lambda tx: leave(tx, GUILD, left))
    elsewhere = await of_guild(days, ELSEWHERE)
    assert all((await of_guild(days, GUILD)).values())
    await days.come(left + retention.LEFT_GUILD_KEPT)
    assert all((await of_guild(days, GUILD)).values()), "a moment before its time"
    days.kept = timedelta(days=365)
    await days.come(left + retention.LEFT_GUILD_KEPT + timedelta(seconds=1))
    assert not any((await of_guild(days, GUILD)).values())
    assert await of_guild(days, ELSEWHERE) == elsewhere
    for table in ("jobs", "ledger", "member_totals"):
        names = f"SELECT count(*) FROM {table} WHERE guild_id = {GUILD} AND member_id <> 0"
        assert await number(days.database, names) == 0, table
    assert await sums(days, NOON) == before
    assert await rows(days.database, "PRAGMA foreign_key_check") == []
    assert await number(days.database, "SELECT count(*) FROM known_guilds WHERE left_at > 0") == 0


async def test_a_server_that_came_back_is_kept(days: Days) -> None:
    await days.database.write(lambda tx: live(tx, GUILD))
    await days.database.write(lambda tx: leave(tx, GUILD, NOON))
    await days.database.write(
        lambda tx: tx.execute("UPDATE known_guilds SET is_member = 1, left_at = NULL")
    )
    before = await of_guild(days, GUILD)
    days.kept = timedelta(days=365)
    await days.come(NOON + timedelta(days=60))
    assert await of_guild(days, GUILD) == before


def leave(tx: Transaction, guild: int, at: datetime) -> None:
    tx.insert("known_guilds", {"guild_id": guild, "is_member": 0, "left_at": to_ms(at)})


def live(tx: Transaction, guild: int) -> None:
    """A row of each kind that a guild has."""
    of: dict[str, SqlValue] = {"guild_id": guild}
    who: dict[str, SqlValue] = {**of, "member_id": MIA}
    job_id = spend(tx, guild=guild)
    tx.insert("guild_settings", {**of, "time_zone": "Europe/Berlin"})
    day: dict[str, SqlValue] = {"unit": "clips", "time_window": "day", "amount": 5}
    tx.insert("rules", {**of, "scope": "member", "target_id": MIA, **day})
    tx.insert("exemptions", {**of, "scope": "member", "target_id": MIA})
    grant = tx.insert("grants", {**of, "scope": "role", "target_id": 1, "clips": 1, "micro_usd": 0})
    drawn: dict[str, SqlValue] = {"job_id": job_id, "grant_id": grant, "member_id": MIA}
    tx.execute("INSERT INTO grant_draws VALUES (:job_id, :grant_id, :member_id, 1, 0)", drawn)
    tx.insert("blocks", {**who, "blocked_at": 1, "reason": "rude"})
    tx.insert("blocked_words", {**of, "word": "kite", "is_pattern": 0})
    tx.insert("automod_rules", {**of, "rules_json": "{}", "read_at": 1})
    hit: dict[str, SqlValue] = {"word": "kite", "is_pattern": 0, "day": 99_999, "hits": 1}
    put(tx, "word_hits", {**who, **hit, "last_hit_at": 1})
    tx.insert("channel_rules", {**of, "channel_id": 1})
    hashed: dict[str, SqlValue] = {"job_id": job_id, "picture_hash": "0", "actor_id": 1}
    tx.insert("remembered_pictures", {**of, **hashed, "remembered_at": 1})
    put(tx, "member_defaults", {**who, "negative_prompt": "rain"})
    tx.insert("notices", {**who, "channel_id": 1, "delete_at": 1, "give_up_at": 1})
    tx.insert("picture_requests", {**who, "owner_id": NOAH, "expires_at": to_ms(NOON + 99 * DAY)})
    put(tx, "picture_consents", {**who, "owner_id": NOAH, "given_at": 1})
    event = AuditEvent(MODERATOR, AuditAction.BLOCK, AuditSubject.MEMBER, MIA, reason="rude")
    audit.record(tx, guild, event, NOON)
    offer: dict[str, SqlValue] = {"options_json": "{}", "picture_url": "", "picture_bytes": 1}
    tx.insert("offers", {**who, **offer, "expires_at": 1})
    message: dict[str, SqlValue] = {"dedup_key": "x", "kind": "acts", "data_json": "{}"}
    tx.insert("log_messages", {**of, **message, "created_at": to_ms(NOON)})


def put(tx: Transaction, table: str, row: dict[str, SqlValue]) -> None:
    """Insert into a table whose rows have no ids."""
    names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    tx.execute(f"INSERT INTO {table} ({names}) VALUES ({values})", row)


async def of_guild(days: Days, guild: int) -> dict[str, int]:
    def count(tx: Transaction) -> dict[str, int]:
        found = {}
        for table in GUILD_TABLES:
            whose = f"guild_id = {guild}"
            if table == "grant_draws":
                whose = f"grant_id IN (SELECT id FROM grants WHERE {whose})"
            found[table] = int(tx.all(f"SELECT count(*) FROM {table} WHERE {whose}")[0][0])
        return found

    return await days.database.read(count)


async def test_every_table_with_a_guild_is_deleted_with_it(database: Database) -> None:
    """A new table that has rows by guild goes into `retention`, or is named here."""
    found = await rows(
        database,
        "WITH it AS (SELECT m.name FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c"
        " WHERE m.type = 'table' AND c.name = 'guild_id') SELECT name FROM it",
    )
    books = {"jobs", "ledger", "guild_totals", "member_totals"}
    gone = {"unanswered_interactions", "budget_checks"}
    assert {row["name"] for row in found} == {*GUILD_TABLES} - {"grant_draws"} | books | gone | {
        "known_guilds"
    }


async def test_the_file_becomes_smaller(days: Days) -> None:
    words = "x" * 4000

    def fill(tx: Transaction) -> None:
        for at in range(3000):
            tx.insert("key_values", {"name": f"row {at}", "value": words})

    await days.database.write(fill)
    pages = await number(days.database, "SELECT page_count FROM pragma_page_count")
    assert pages > 3000
    await days.database.write(lambda tx: tx.execute("DELETE FROM key_values"))
    await days.come(NOON)
    left = await number(days.database, "SELECT page_count FROM pragma_page_count")
    assert left < 1500


async def test_broken_off_at_any_write_it_is_done_the_next_time(
    days: Days, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by a kill: each write is whole or is not, and the next round does the rest."""

    def play(tx: Transaction) -> None:
        for guild in (GUILD, ELSEWHERE):
            live(tx, guild)
            spend(tx, NOON + DAY, NOAH, guild, doubt=None)
        leave(tx, ELSEWHERE, NOON)

    await days.database.write(play)
    late = NOON + LIMITS_LOOK_BACK + 2 * DAY
    before = await sums(days, NOON)
    await days.database.save_as(tmp_path / "begun.sqlite3")
    await days.come(late)
    whole = await everything(days.database)
    left = 0
    write = Database.write

    async def some(database: Database, function: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0:
            raise sqlite3.OperationalError("killed")
        return await write(database, function)

    monkeypatch.setattr(Database, "write", some)
    monkeypatch.setattr("bot.maintenance.daily_deletion._PAUSE_SECONDS", 0)
    for step in range(1, 100):
        shutil.copy(tmp_path / "begun.sqlite3", copy := tmp_path / f"{step}.sqlite3")
        async with open_database(copy) as database:
            again, left = replace(days, database=database), step
            try:
                await again.come(late)
                break
            except sqlite3.OperationalError:
                left = 0
            assert await sums(again, NOON) == before
            await again.come(late)
            assert await everything(database) == whole
    assert step > 10


async def everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    tables = await rows(
        database,
        "WITH it AS (SELECT name FROM sqlite_schema"
        " WHERE type = 'table' AND name NOT LIKE 'sqlite_%') SELECT name FROM it",
    )
    return {
        name: sorted(tuple(row) for row in await rows(database, f"SELECT *, 0 FROM {name}"))
        for (name,) in tables
    }
