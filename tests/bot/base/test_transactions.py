"""What a transaction leaves, whatever becomes of it, its caller, and others at once."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import AsyncExitStack, closing
from functools import partial
from typing import TYPE_CHECKING

import pytest

from bot.base import database as database_module
from bot.base.database import Database, open_database
from bot.base.key_values import get_value, set_value
from tests.bot.rows import number

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.base.database import Transaction
    from tests.bot.gate import Gate

INSERT = "INSERT INTO key_values (name, value) VALUES (:name, 'x')"
COUNT = "SELECT count(*) FROM key_values"
NAMES = "SELECT name FROM key_values ORDER BY name"


class BoomError(Exception):
    pass


class ProcessEndError(BaseException):
    """Like `SystemExit`, it is no `Exception`."""


def insert(tx: Transaction, *names: str) -> None:
    for name in names:
        tx.execute(INSERT, {"name": name})


def count(tx: Transaction) -> int:
    return value(tx, COUNT)


def value(tx: Transaction, sql: str) -> int:
    row = tx.one(sql)
    assert row is not None
    return int(row[0])


async def write_marks(database: Database, *names: str) -> None:
    await database.write(lambda tx: insert(tx, *names))


# What a transaction leaves


async def test_what_is_done_in_a_write_stays(database: Database, path: Path) -> None:
    await write_marks(database, "a", "b")
    with closing(sqlite3.connect(path)) as other:
        assert other.execute(COUNT).fetchone() == (2,)


@pytest.mark.parametrize("error", [BoomError, ProcessEndError, asyncio.CancelledError])
async def test_an_exception_undoes_everything(
    database: Database, error: type[BaseException]
) -> None:
    def write_and_break(tx: Transaction) -> None:
        insert(tx, "a")
        raise error

    with pytest.raises(error):
        await database.write(write_and_break)
    await write_marks(database, "b")
    assert await number(database, COUNT) == 1


async def test_one_that_raises_stop_iteration_ends_all_the_same(database: Database) -> None:
    """asyncio refuses to hand it over; the caller would wait for ever."""
    with pytest.raises(RuntimeError):
        await database.read(lambda tx: next(iter(tx.all("SELECT 1 FROM key_values"))))


async def test_a_failing_statement_undoes_what_came_before(database: Database) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        await write_marks(database, "a", "a")
    await write_marks(database, "b")
    assert await number(database, COUNT) == 1


async def test_the_answer_is_what_the_function_returns(database: Database) -> None:
    def insert_and_count(tx: Transaction) -> int:
        insert(tx, "a", "b")
        return count(tx)

    assert await database.write(insert_and_count) == 2
    assert await database.read(count) == 2


# Cancelling


@pytest.mark.parametrize("ticks", range(10))
async def test_cancelling_anywhere_leaves_all_or_nothing(database: Database, ticks: int) -> None:
    """Cancel after so many turns of the loop: before the thread has it, while it has, after."""
    task = asyncio.create_task(write_marks(database, "a", "b", "c"))
    for _ in range(ticks):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await number(database, COUNT) in {0, 3}
    # The same thread does this next, so nothing of the first is still under way.
    await write_marks(database, "d")
    assert await number(database, COUNT) in {1, 4}


async def test_what_the_thread_has_begun_is_done_though_its_caller_is_cancelled(
    database: Database, gate: Gate
) -> None:
    def write(tx: Transaction) -> None:
        insert(tx, "a")
        gate.hold()
        insert(tx, "b")

    await cancelled_inside(database, write, gate)
    await write_marks(database, "c")
    assert await number(database, COUNT) == 3


async def test_what_breaks_after_its_caller_was_cancelled_is_undone(
    database: Database, gate: Gate
) -> None:
    def write(tx: Transaction) -> None:
        insert(tx, "a")
        gate.hold()
        raise BoomError

    await cancelled_inside(database, write, gate)
    await write_marks(database, "b")
    assert await number(database, COUNT) == 1


async def cancelled_inside(
    database: Database, function: Callable[[Transaction], None], gate: Gate
) -> None:
    task = asyncio.create_task(database.write(function))
    await gate.reached()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    gate.open()


async def test_cancelling_one_that_waits_for_its_turn_does_not_touch_the_other(
    database: Database, gate: Gate
) -> None:
    def write(tx: Transaction) -> None:
        insert(tx, "first")
        gate.hold()
        insert(tx, "second")

    holder = asyncio.create_task(database.write(write))
    await gate.reached()
    waiter = asyncio.create_task(write_marks(database, "third", "fourth"))
    await asyncio.sleep(0)
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    gate.open()
    await holder
    await write_marks(database, "fifth")
    # The thread had been given it.
    assert await number(database, COUNT) == 5


# Several at once


def add_one(tx: Transaction) -> None:
    found = value(tx, "SELECT value FROM key_values WHERE name = 'n'")
    tx.execute("UPDATE key_values SET value = :v WHERE name = 'n'", {"v": str(found + 1)})


async def test_writes_at_once_take_turns(database: Database) -> None:
    await set_value(database, "n", "0")
    await asyncio.gather(*(database.write(add_one) for _ in range(40)))
    assert await get_value(database, "n") == "40"


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Grows by one with each commit."""
    commit, done = database_module._commit, list[bool]()

    def counted(connection: sqlite3.Connection) -> None:
        done.append(True)
        commit(connection)

    monkeypatch.setattr(database_module, "_commit", counted)
    return done


async def behind(
    database: Database, gate: Gate, *functions: Callable[[Transaction], object]
) -> list[object]:
    """Have several functions wait while another has the thread; return what becomes of each."""

    def insert_and_hold(tx: Transaction) -> None:
        insert(tx, "first")
        gate.hold()

    first = asyncio.create_task(database.write(insert_and_hold))
    await gate.reached()
    waiting = [asyncio.create_task(database.write(it)) for it in functions]
    await asyncio.sleep(0)
    gate.open()
    await first
    return await asyncio.gather(*waiting, return_exceptions=True)


async def test_those_that_wait_share_a_commit(
    database: Database, gate: Gate, commits: list[bool]
) -> None:
    def insert_and_count(tx: Transaction, name: str) -> int:
        insert(tx, name)
        return count(tx)

    functions = [partial(insert_and_count, name=str(n)) for n in range(5)]
    counts = await behind(database, gate, *functions)
    # Each saw what those before it had done.
    assert counts == [2, 3, 4, 5, 6]
    assert len(commits) == 2
    assert await number(database, COUNT) == 6


async def test_one_that_fails_undoes_nothing_of_those_it_shares_a_commit_with(
    database: Database, gate: Gate, commits: list[bool]
) -> None:
    def breaks(tx: Transaction) -> None:
        insert(tx, "b", "c")
        raise BoomError

    outcomes = await behind(
        database,
        gate,
        lambda tx: insert(tx, "a"),
        breaks,
        lambda tx: insert(tx, "d", "d"),
        lambda tx: insert(tx, "b"),
    )
    assert [type(it) for it in outcomes] == [
        *(type(None), BoomError, sqlite3.IntegrityError, type(None))
    ]
    assert len(commits) == 2
    names = await database.read(lambda tx: [row[0] for row in tx.all(NAMES)])
    assert names == ["a", "b", "first"]


async def test_what_sqlite_itself_undoes_is_told_to_all_who_share_it(
    database: Database, gate: Gate
) -> None:
    """As with a full disk: no part of the transaction is left to go on with."""

    def undone(tx: Transaction) -> None:
        tx.execute(INSERT.replace("INSERT", "INSERT OR ROLLBACK"), {"name": "first"})

    outcomes = await behind(
        database, gate, lambda tx: insert(tx, "a"), undone, lambda tx: insert(tx, "b")
    )
    assert [type(it) for it in outcomes] == [sqlite3.IntegrityError] * 3
    await write_marks(database, "c")
    names = await database.read(lambda tx: [row[0] for row in tx.all(NAMES)])
    assert names == ["c", "first"]


async def test_a_commit_that_fails_is_told_to_all_who_share_it(
    database: Database, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = database_module._commit
    failures = iter([None, sqlite3.OperationalError("disk I/O error"), None])

    def fails_second(connection: sqlite3.Connection) -> None:
        if error := next(failures):
            raise error
        commit(connection)

    monkeypatch.setattr(database_module, "_commit", fails_second)
    outcomes = await behind(
        database, gate, lambda tx: insert(tx, "a"), lambda tx: insert(tx, "b", "b")
    )
    assert [type(it) for it in outcomes] == [sqlite3.OperationalError, sqlite3.IntegrityError]
    await write_marks(database, "a")
    assert await number(database, COUNT) == 2


async def test_where_the_rollback_fails_too_nobody_is_told_that_theirs_is_written(
    database: Database, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = database_module._commit
    commits: list[bool] = []
    denied = iter([sqlite3.SQLITE_DENY])

    def refuse_rollback(action: int, name: str | None, *_: object) -> int:
        is_rollback = action == sqlite3.SQLITE_TRANSACTION and name == "ROLLBACK"
        return next(denied, sqlite3.SQLITE_OK) if is_rollback else sqlite3.SQLITE_OK

    def fails_second(connection: sqlite3.Connection) -> None:
        commits.append(True)
        if len(commits) == 2:
            connection.set_authorizer(refuse_rollback)
            raise sqlite3.OperationalError("disk I/O error")
        commit(connection)

    monkeypatch.setattr(database_module, "_commit", fails_second)
    outcomes = await behind(database, gate, *(partial(insert_one, name=it) for it in "abc"))
    assert all(isinstance(it, sqlite3.Error) for it in outcomes), outcomes


def insert_one(tx: Transaction, name: str) -> None:
    insert(tx, name)


async def test_programs_that_write_at_once_take_turns(database: Database, path: Path) -> None:
    """What a write has read is still so when it writes, or another one's change is lost."""
    await set_value(database, "n", "0")
    async with AsyncExitStack() as stack:
        programs = [await stack.enter_async_context(open_database(path)) for _ in range(3)]
        await asyncio.gather(*(it.write(add_one) for it in programs for _ in range(15)))
    assert await get_value(database, "n") == "45"


async def test_a_read_sees_one_state_though_a_writer_commits_meanwhile(
    database: Database, gate: Gate
) -> None:
    def count_twice(tx: Transaction) -> tuple[int, int]:
        before = count(tx)
        gate.hold()
        return before, count(tx)

    await write_marks(database, "a")
    reading = asyncio.create_task(database.read(count_twice))
    await gate.reached()
    await write_marks(database, "b")
    gate.open()
    assert await reading == (1, 1)
    assert await database.read(count) == 2


async def test_a_read_does_not_wait_for_a_long_one(database: Database, gate: Gate) -> None:
    """Which sees one state throughout, and changes nothing."""

    def read_twice(tx: Transaction) -> tuple[int, int]:
        before = count(tx)
        gate.hold()
        return before, count(tx)

    reading = asyncio.create_task(database.read_long(read_twice))
    await gate.reached()
    await write_marks(database, "a")
    assert await database.read(count) == 1
    gate.open()
    assert await reading == (0, 0)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await database.read_long(lambda tx: insert(tx, "b"))


async def test_a_read_does_not_wait_for_a_writer(database: Database, gate: Gate) -> None:
    def write(tx: Transaction) -> None:
        insert(tx, "b")
        gate.hold()

    await write_marks(database, "a")
    writing = asyncio.create_task(database.write(write))
    await gate.reached()
    assert await database.read(count) == 1
    assert not writing.done()
    gate.open()
    await writing
    assert await database.read(count) == 2


async def test_a_read_sees_what_was_written_before_it(database: Database) -> None:
    for name in ("a", "b", "c"):
        before = await database.read(count)
        await write_marks(database, name)
        assert await database.read(count) == before + 1


@pytest.mark.parametrize("statement", ["DELETE FROM key_values", "DROP TABLE key_values", "VACUUM"])
async def test_a_read_cannot_write(database: Database, statement: str) -> None:
    await write_marks(database, "a")
    with pytest.raises(sqlite3.OperationalError):
        await database.read(lambda tx: tx.execute(statement))
    assert await database.read(count) == 1


async def test_a_read_that_raises_leaves_no_state_behind(database: Database) -> None:
    def look_and_break(tx: Transaction) -> None:
        count(tx)
        raise BoomError

    with pytest.raises(BoomError):
        await database.read(look_and_break)
    await write_marks(database, "a")
    assert await database.read(count) == 1


# What is told of a transaction


async def test_only_what_is_committed_is_told(database: Database) -> None:
    told: list[object] = []
    database.on_commit = told.append

    def report(fact: str, tx: Transaction) -> None:
        tx.report(fact)
        insert(tx, fact)
        if fact == "broken":
            raise BoomError

    facts = "first", "broken", "second"
    writes = [database.write(partial(report, it)) for it in facts]
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(it) for it in results] == [type(None), BoomError, type(None)]
    with pytest.raises(BoomError):
        await database.write(partial(report, "broken"))
    assert told == ["first", "second"]


async def test_nothing_is_told_of_a_commit_that_fails(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[object] = []
    database.on_commit = told.append

    def fail(_connection: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError("disk full")

    monkeypatch.setattr(database_module, "_commit", fail)
    with pytest.raises(sqlite3.OperationalError):
        await database.write(lambda tx: tx.report("lost"))
    assert told == []
