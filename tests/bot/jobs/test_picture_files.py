"""Pictures on disk: there before the row that names them, gone after the last."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import shutil
import stat
import threading
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.base import delete_pictures, write_pictures
from bot.jobs import job_store, picture_files
from bot.jobs.errors import PictureLostError
from bot.jobs.picture_files import PictureFiles
from tests.bot.rows import NOON, put_job

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from bot.base import Database

PICTURE = b"\xff\xd8 a picture \xff\xd9"
NAME = f"{hashlib.sha256(PICTURE).hexdigest()}.jpg"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "pictures"


@pytest.fixture
def pictures(folder: Path, database: Database) -> PictureFiles:
    return PictureFiles(folder, database, lambda: NOON, timedelta())


async def put(database: Database, name: str) -> int:
    return await database.write(lambda tx: put_job(tx, picture_file=name).id)


async def end(database: Database, job_id: int) -> None:
    sql = f"UPDATE jobs SET picture_file = NULL WHERE id = {job_id}"
    await database.write(lambda tx: tx.execute(sql))


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def rights(path: Path) -> int:
    return path.stat().st_mode & 0o777


async def test_a_picture_is_on_disk_before_its_row_and_gone_after_it(
    pictures: PictureFiles, folder: Path, database: Database
) -> None:
    async with pictures.kept(PICTURE) as name:
        assert name == NAME
        assert (folder / name).read_bytes() == PICTURE
        await pictures.sweep_folder()
        assert names(folder) == [NAME], "its row may come at any moment"
        job = await put(database, name)
    await pictures.sweep_folder()
    assert await pictures.read(name) == PICTURE
    await end(database, job)
    await pictures.sweep_folder()
    assert names(folder) == []


async def test_it_is_for_the_user_of_the_bot_alone(pictures: PictureFiles, folder: Path) -> None:
    before = os.umask(0)
    try:
        async with pictures.kept(PICTURE):
            assert rights(folder) == 0o700
            assert rights(folder / NAME) == 0o600
    finally:
        os.umask(before)


async def test_jobs_with_the_same_picture_share_its_file(
    pictures: PictureFiles, folder: Path, database: Database
) -> None:
    async with pictures.kept(PICTURE) as name:
        first = await put(database, name)
    written = (folder / NAME).stat().st_ino
    async with pictures.kept(PICTURE) as name:
        await put(database, name)
    assert (folder / NAME).stat().st_ino == written
    await end(database, first)
    await pictures.sweep_folder()
    assert await pictures.read(NAME) == PICTURE


async def test_many_at_once_with_the_same_picture_while_others_end(
    pictures: PictureFiles, folder: Path, database: Database
) -> None:
    """Each is refused, or named and then ended, at some other moment of a sweep."""

    async def ask(number: int) -> None:
        await asyncio.sleep(number / 1000)
        with suppress(LookupError):
            async with pictures.kept(PICTURE) as name:
                if number % 3 == 0:
                    raise LookupError
                job = await put(database, name)
            assert await pictures.read(NAME) == PICTURE
            await end(database, job)

    async def sweep() -> None:
        while True:
            await pictures.sweep_folder()
            await asyncio.sleep(0)

    async with pictures.kept(PICTURE):
        sweeping = asyncio.create_task(sweep())
    await asyncio.gather(*(ask(number) for number in range(100)))
    sweeping.cancel()
    await asyncio.wait({sweeping})
    await pictures.sweep_folder()
    assert names(folder) == []


async def test_a_request_during_a_sweep_has_its_picture(
    pictures: PictureFiles, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sweep has found no row of the same picture, and is about to delete it."""
    about_to, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def delete_later(folder: Path, names: Iterable[str]) -> None:
        loop.call_soon_threadsafe(about_to.set)
        go_on.wait()
        delete_pictures(folder, names)

    async def ask() -> None:
        async with pictures.kept(PICTURE) as name:
            await put(database, name)

    async with pictures.kept(PICTURE):
        pass
    monkeypatch.setattr(picture_files, "delete_pictures", delete_later)
    sweeping = asyncio.create_task(pictures.sweep_folder())
    await about_to.wait()
    asking = asyncio.create_task(ask())
    # Long enough for a request that does not wait for the sweep to be through.
    await asyncio.wait({asking}, timeout=0.3)
    go_on.set()
    await asyncio.gather(sweeping, asking)
    assert await pictures.read(NAME) == PICTURE


async def test_a_request_that_is_cancelled_while_its_row_is_written_has_its_picture(
    pictures: PictureFiles, database: Database
) -> None:
    written, go_on = asyncio.Event(), threading.Event()

    async def ask() -> None:
        async with pictures.kept(PICTURE) as name:
            written.set()
            await put(database, name)

    busy = asyncio.create_task(database.write(lambda _: go_on.wait()))
    asking = asyncio.create_task(ask())
    await written.wait()
    asking.cancel()
    await asyncio.wait({asking})
    sweeping = asyncio.create_task(pictures.sweep_folder())
    go_on.set()
    await asyncio.gather(busy, sweeping)
    assert await database.read(lambda tx: job_store.named_pictures(tx, {NAME})) == {NAME}
    assert await pictures.read(NAME) == PICTURE


async def test_a_sweep_leaves_the_files_of_others_and_none_that_was_being_written(
    pictures: PictureFiles, folder: Path
) -> None:
    async with pictures.kept(PICTURE):
        pass
    (folder / f"{NAME}.x1y2z3").write_bytes(b"half")
    (folder / "holiday.jpg").write_bytes(b"somebody's")
    await pictures.sweep_folder()
    assert names(folder) == ["holiday.jpg"]


async def test_a_sweep_leaves_what_is_being_written(
    pictures: PictureFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, go_on = asyncio.Event(), threading.Event()
    loop, sync = asyncio.get_running_loop(), os.fsync

    def sync_later(handle: int) -> None:
        loop.call_soon_threadsafe(written.set)
        go_on.wait()
        sync(handle)

    async def ask() -> None:
        async with pictures.kept(PICTURE):
            assert await pictures.read(NAME) == PICTURE

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", sync_later)
        asking = asyncio.create_task(ask())
        await written.wait()
        await pictures.sweep_folder()
        go_on.set()
        await asking


async def test_a_full_disk_leaves_nothing(
    pictures: PictureFiles, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            await pictures.kept(PICTURE).__aenter__()
    assert names(folder) == []


async def test_a_crowds_pictures_are_written_in_groups(
    pictures: PictureFiles, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups: list[int] = []

    def write(folder: Path, waiting: Iterable[tuple[str, bytes]]) -> list[OSError | None]:
        group = list(waiting)
        groups.append(len(group))
        return write_pictures(folder, group)

    async def ask(number: int) -> None:
        picture = PICTURE + bytes([number])
        async with pictures.kept(picture) as name:
            assert await pictures.read(name) == picture

    monkeypatch.setattr(picture_files, "write_pictures", write)
    await asyncio.gather(*map(ask, range(40)))
    assert len(names(folder)) == 40
    assert sum(groups) == 40
    assert len(groups) == 3


async def test_one_that_cannot_be_written_takes_no_others_with_it(
    pictures: PictureFiles, folder: Path
) -> None:
    async def ask(picture: bytes) -> bytes:
        async with pictures.kept(picture) as name:
            return await pictures.read(name)

    # In its place is a folder.
    (folder / NAME).mkdir(parents=True)
    crowd = [PICTURE + b"1", PICTURE, PICTURE + b"2"]
    first, second, third = await asyncio.gather(*map(ask, crowd), return_exceptions=True)
    assert (first, third) == (crowd[0], crowd[2])
    assert isinstance(second, IsADirectoryError)
    assert len(names(folder)) == 3


async def test_a_folder_that_is_not_brought_to_the_disk_refuses_all(
    pictures: PictureFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ask(picture: bytes) -> None:
        async with pictures.kept(picture):
            raise AssertionError("it is kept")

    sync = os.fsync

    def refuse_folders(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        sync(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse_folders)
        crowd = ask(PICTURE), ask(PICTURE + b"2")
        outcomes = await asyncio.gather(*crowd, return_exceptions=True)
    assert [getattr(it, "errno", it) for it in outcomes] == [errno.EIO, errno.EIO]


async def test_a_request_that_is_cancelled_takes_no_others_with_it(
    pictures: PictureFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def write(folder: Path, waiting: Iterable[tuple[str, bytes]]) -> list[OSError | None]:
        loop.call_soon_threadsafe(writing.set)
        go_on.wait()
        return write_pictures(folder, waiting)

    async def ask(picture: bytes) -> bytes:
        async with pictures.kept(picture) as name:
            return await pictures.read(name)

    monkeypatch.setattr(picture_files, "write_pictures", write)
    first = asyncio.create_task(ask(PICTURE))
    second = asyncio.create_task(ask(PICTURE + b"2"))
    await writing.wait()
    first.cancel()
    await asyncio.wait({first})
    go_on.set()
    assert await second == PICTURE + b"2"


@pytest.mark.parametrize("damage", [b"", PICTURE[:-1], PICTURE[:-1] + b"?"])
async def test_a_damaged_picture_is_lost_until_it_is_sent_again(
    pictures: PictureFiles, folder: Path, damage: bytes
) -> None:
    async with pictures.kept(PICTURE):
        (folder / NAME).write_bytes(damage)
        with pytest.raises(PictureLostError, match="damaged"):
            await pictures.read(NAME)
        async with pictures.kept(PICTURE):
            assert await pictures.read(NAME) == PICTURE
            assert not await pictures.is_lost(NAME)


async def test_what_is_not_there_is_lost(pictures: PictureFiles, folder: Path) -> None:
    for _ in range(2):
        with pytest.raises(PictureLostError):
            await pictures.read(NAME)
        assert await pictures.is_lost(NAME)
        assert await pictures.is_lost(None)
        shutil.rmtree(folder, ignore_errors=True)


async def test_the_loop_deletes_later_what_it_could_not_delete(
    pictures: PictureFiles,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_folder: Path, _names: Iterable[str]) -> None:
        raise PermissionError

    running = asyncio.create_task(pictures.run())
    with monkeypatch.context() as patch:
        patch.setattr(picture_files, "delete_pictures", fail)
        with pytest.raises(LookupError):
            async with pictures.kept(PICTURE):
                raise LookupError
        while "not deleted yet" not in caplog.text:
            await asyncio.sleep(0.01)
    assert names(folder) == [NAME]
    pictures.sweep_soon()
    while names(folder):
        await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.wait({running})
