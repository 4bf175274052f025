from __future__ import annotations

from typing import TYPE_CHECKING

import hypothesis
import pytest

from bot.base.database import Database, open_database

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

# Machines that run the suite are busy; how long one example takes says nothing.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "animate-bot.sqlite3"


@pytest.fixture
async def database(path: Path) -> AsyncGenerator[Database, None]:
    async with open_database(path) as database:
        yield database
