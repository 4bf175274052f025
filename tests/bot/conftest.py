from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.base import to_ms
from bot.base.database import Database, open_database
from tests import bystanders
from tests.bot.gate import Gate
from tests.bot.rows import GUILD, MIA, NOON
from tests.new_database import make_database

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from bot.base import Transaction


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "animate-bot.sqlite3"


@pytest.fixture
async def database(path: Path) -> AsyncGenerator[Database, None]:
    make_database(path)
    async with open_database(path) as database:
        yield database


@pytest.fixture
async def gate() -> AsyncGenerator[Gate, None]:
    gate = Gate()
    yield gate
    # A test that fails before it opens must not leave the connection's thread behind.
    gate.open()


@pytest.fixture(name="bystanders")
async def _bystanders(database: Database) -> AsyncGenerator[None, None]:
    """Others beside the member and the server of a test: they must come out as they went in."""
    await database.write(lambda tx: bystanders.put(tx, GUILD, MIA, to_ms(NOON)))
    before = await database.read(_bystanders_rows)
    yield
    assert await database.read(_bystanders_rows) == before


def _bystanders_rows(tx: Transaction) -> dict[str, list[tuple[object, ...]]]:
    return {table: [tuple(row) for row in tx.all(sql)] for table, sql in bystanders.selects()}
