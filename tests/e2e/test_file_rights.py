"""What the bot keeps is for its owner's eyes alone, whatever was there before."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from tests.e2e.test_process import process

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.house import House


def rights(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


async def test_a_folder_that_was_there_is_closed_to_others(house: House) -> None:
    async with house.bot():
        pass
    foreign = house.data_dir / "notes.txt"
    for folder in (house.data_dir, house.data_dir / "clips", house.data_dir / "pictures"):
        folder.chmod(0o755)
    foreign.write_text("the owner's own")
    foreign.chmod(0o644)
    for file in (*house.data_dir.glob("animate-bot*"), house.data_dir / "lock"):
        file.chmod(0o644)
    async with process(house):
        await house.delivered(await house.animate())
        await house.settled()
        found = [it for it in house.data_dir.rglob("*") if it != foreign]
        assert {rights(it) for it in found if it.is_dir()} == {"0o700"}
        assert {rights(it) for it in found if it.is_file()} == {"0o600"}
        assert rights(house.data_dir) == "0o700"
        assert rights(foreign) == "0o644"


async def test_a_folder_for_all_is_left_as_it_is(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    async with house.bot():
        pass
    house.data_dir.chmod(0o1777)
    async with house.bot():
        assert rights(house.data_dir) == "0o1777"
    assert "give the bot a folder of its own" in caplog.text
