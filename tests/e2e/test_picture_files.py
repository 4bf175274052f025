"""Members' pictures on disk while clips wait, and the end of a clip whose picture is lost."""

from __future__ import annotations

import math
import shutil
from typing import TYPE_CHECKING

import pytest

from bot.base import PICTURE_FOLDER, picture_name
from tests.copies import Copies
from tests.e2e.clips_play import CANCELLED, clips
from tests.house import House, open_house

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from pathlib import Path

    from playground.discord import Interaction

LOST = "I no longer have the picture you sent. Please send it again."


@pytest.fixture(params=["pika", "fal", "comfy"])
async def wired(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[House, None]:
    async with open_house(tmp_path / "data", request.param) as house:
        house.overrides["renders_at_once"] = 1
        yield house


@pytest.fixture
def house(house: House) -> House:
    house.overrides["renders_at_once"] = 1
    return house


async def one_waits(house: House) -> Interaction:
    """A clip that Pika renders without end, and a second one behind it in the line."""
    house.pika.behaviour.render_seconds = math.inf
    first = await house.animate()
    await house.told(first.original, "Rendering")
    waiting = await house.animate(house.member("noah"))
    await house.told(waiting.original, "in line")
    return waiting


def damage(house: House) -> None:
    (name,) = house.pictures()
    (house.data_dir / PICTURE_FOLDER / name).write_bytes(b"?")


def delete_folder(house: House) -> None:
    shutil.rmtree(house.data_dir / PICTURE_FOLDER)


async def test_a_picture_is_there_as_long_as_a_clip_waits(wired: House) -> None:
    async with wired.bot():
        waiting = await one_waits(wired)
        # Both sent the same one, which the first needs no more.
        (name,) = wired.pictures()
        assert wired.query("SELECT picture_file FROM jobs") == [(None,), (name,)]
        picture = wired.data_dir / PICTURE_FOLDER / name
        assert picture_name(picture.read_bytes()) == name
        assert picture.stat().st_mode & 0o777 == 0o600
        assert picture.parent.stat().st_mode & 0o777 == 0o700
        wired.pika.behaviour.render_seconds = 0
        await wired.delivered(waiting)
        await wired.settled()
        await wired.swept()


async def test_a_start_deletes_what_no_clip_needs_and_no_other(house: House) -> None:
    folder = house.data_dir / PICTURE_FOLDER
    async with house.bot():
        await one_waits(house)
    (kept,) = house.pictures()
    unneeded = picture_name(b"of a request that was never decided")
    for name in (unneeded, f"{unneeded}.x1y2", f"{kept}.x1y2", "holiday.jpg"):
        (folder / name).write_bytes(b"?")
    async with house.bot():
        assert house.pictures() == sorted([kept, "holiday.jpg"])
        house.pika.behaviour.render_seconds = 0
        await house.settled()
    assert house.kinds() == ["reserve", "reserve", "settle", "settle"]


@pytest.mark.parametrize("lose", [damage, delete_folder])
async def test_a_clip_whose_picture_is_lost_ends_with_a_sentence_and_costs_nothing(
    wired: House, caplog: pytest.LogCaptureFixture, lose: Callable[[House], None]
) -> None:
    async with wired.bot():
        waiting = await one_waits(wired)
    lose(wired)
    wired.pika.behaviour.render_seconds = 0
    async with wired.bot():
        content = await wired.told(waiting.original, LOST)
        await wired.settled()
    assert "Nothing was charged." in content
    assert wired.pika.paid_submits == 1
    assert wired.query("SELECT kind FROM ledger WHERE job_id = 2") == [("reserve",), ("refund",)]
    ((reference,),) = wired.query("SELECT reference FROM jobs WHERE id = 2")
    errors = [it.getMessage() for it in caplog.records if it.levelname == "ERROR"]
    assert [reference in it and "its picture is lost" in it for it in errors] == [True]


async def test_a_picture_that_cannot_be_read_now_is_read_later(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    folder = house.data_dir / PICTURE_FOLDER
    async with house.bot(NotADirectoryError):
        waiting = await one_waits(house)
        folder.rename(folder.with_name("elsewhere"))
        folder.write_bytes(b"")
        house.pika.behaviour.render_seconds = 0
        await house.discord.wait_for(lambda: "queued failed (NotADirectoryError" in caplog.text)
        folder.unlink()
        folder.with_name("elsewhere").rename(folder)
        await house.delivered(waiting)
        await house.settled()
    assert house.kinds() == ["reserve", "reserve", "settle", "settle"]


async def test_a_request_whose_picture_cannot_be_written_costs_nothing(house: House) -> None:
    folder = house.data_dir / PICTURE_FOLDER
    async with house.bot(FileExistsError):
        folder.rmdir()
        folder.write_bytes(b"")
        await house.refused(await house.animate(), "went wrong on my side. Please try again.")
        assert house.query("SELECT * FROM jobs") == house.query("SELECT * FROM ledger") == []
        folder.unlink()
        await house.delivered(await house.animate())
        await house.settled()
    assert house.kinds() == ["reserve", "settle"]


async def test_a_cancelled_clip_leaves_no_picture(house: House) -> None:
    async with house.bot():
        waiting = await one_waits(house)
        await clips(house, "cancel", job="2")
        await house.told(waiting.original, CANCELLED)
        await house.swept()


async def test_of_a_copy_with_its_pictures_what_waited_is_carried_on(
    house: House, tmp_path: Path
) -> None:
    copies = Copies(house, tmp_path / "copy.sqlite3")
    async with house.bot():
        waiting = await one_waits(house)
        copies.take()
        shutil.copytree(house.data_dir / PICTURE_FOLDER, tmp_path / "pictures")
    shutil.rmtree(house.data_dir)
    house.data_dir.mkdir()
    copies.put_back()
    shutil.copytree(tmp_path / "pictures", house.data_dir / PICTURE_FOLDER)
    house.pika.behaviour.render_seconds = 0
    async with house.bot():
        await house.delivered(waiting)
        await house.settled()
    assert house.pika.paid_submits == 2
