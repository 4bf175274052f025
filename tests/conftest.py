from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.house import House, open_house

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[House, None]:
    async with open_house(tmp_path / "data") as house:
        yield house
