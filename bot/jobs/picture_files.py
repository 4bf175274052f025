"""Members' pictures on disk, as long as a job needs them."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import asynccontextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final

from bot.base import Timeouts, delete_files, picture_name, picture_of, write_pictures
from bot.jobs import job_store
from bot.jobs.errors import PictureLostError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection
    from pathlib import Path

    from bot.base import Database

log = logging.getLogger(__name__)

_GROUPS_AT_ONCE: Final = 2
"""Each takes a thread while it waits for the disk, and other work needs threads too."""
_MOST_IN_GROUP: Final = 16
"""So that decisions about the first pictures of a crowd are made while others are written."""


class _Picture:
    """A picture whose row may come at any moment."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    @cached_property
    def name(self) -> str:
        """The name of its file; for a thread the first time."""
        return picture_name(self.data)


class _Group:
    """Pictures that are written in one trip to a thread, and what becomes of them."""

    def __init__(self, first: _Picture) -> None:
        self.pictures = [first]
        self.written: asyncio.Task[dict[_Picture, OSError | None]]


class PictureFiles:
    """The folder of pictures, made if missing, which has each while a row names it.

    Jobs with the same picture share its file.
    """

    def __init__(self, folder: Path, database: Database) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._database = database
        self._writing = asyncio.Semaphore(_GROUPS_AT_ONCE)
        self._held = set[_Picture]()
        self._next: _Group | None = None
        self._sweeping = asyncio.Lock()
        self._unswept = asyncio.Event()

    @asynccontextmanager
    async def kept(self, data: bytes) -> AsyncGenerator[str, None]:
        """Write a picture, and keep its file until a row that is written inside names it.

        Yields:
            The name of the file, for the row.

        Raises:
            OSError: The file cannot be written.
        """
        picture = _Picture(data)
        # Not in a sweep: that could find no row, and delete the file after the row has come.
        async with self._sweeping:
            self._held.add(picture)
        try:
            await self._write(picture)
            yield picture.name
        except BaseException:
            self.sweep_soon()
            raise
        finally:
            self._held.remove(picture)

    async def _write(self, picture: _Picture) -> None:
        """Write a picture with those that wait too: a trip to a thread, and a fsync, for many."""
        group = self._next
        if group is not None and len(group.pictures) < _MOST_IN_GROUP:
            group.pictures.append(picture)
        else:
            group = self._next = _Group(picture)
            group.written = asyncio.create_task(self._write_group(group))
        # A request that is cancelled takes no others with it.
        errors = await asyncio.shield(group.written)
        if (error := errors[picture]) is not None:
            raise error

    async def _write_group(self, group: _Group) -> dict[_Picture, OSError | None]:
        async with self._writing:
            if self._next is group:
                self._next = None
            return await asyncio.to_thread(self._write_all, group.pictures)

    def _write_all(self, pictures: list[_Picture]) -> dict[_Picture, OSError | None]:
        errors = write_pictures(self._folder, ((it.name, it.data) for it in pictures))
        return dict(zip(pictures, errors, strict=True))

    async def read(self, name: str | None) -> bytes:
        """Read the picture that a job names.

        Raises:
            PictureLostError: It is not there, or damaged.
            OSError: It could not be read, and another attempt may succeed.
        """
        if name is None:
            raise PictureLostError("no picture is named")
        try:
            data = await asyncio.to_thread((self._folder / name).read_bytes)
        except FileNotFoundError as error:
            raise PictureLostError(f"{name} is gone") from error
        if await asyncio.to_thread(picture_name, data) != name:
            raise PictureLostError(f"{name} is damaged")
        return data

    async def is_lost(self, name: str | None) -> bool:
        """Whether `read` would find no such picture."""
        try:
            await self.read(name)
        except PictureLostError:
            return True
        return False

    def sweep_soon(self) -> None:
        """Have `run` sweep. To be called in the event loop's thread, after the commit."""
        self._unswept.set()

    async def run(self) -> None:
        """Sweep when asked to, until cancelled."""
        while True:
            await self._unswept.wait()
            self._unswept.clear()
            try:
                await self.sweep()
            except (OSError, sqlite3.OperationalError) as error:
                # The next sweep finds them too.
                log.warning("pictures that no clip needs are not deleted yet: %r", error)
            await asyncio.sleep(Timeouts.PICTURE_SWEEP_SECONDS)

    async def sweep(self) -> None:
        """Delete every file that no row names, and that no request is about to name.

        Raises:
            OSError: The folder cannot be read or written to.
        """
        # First a look that no request and no write waits for: most steps leave nothing to delete.
        named = await self._database.read(job_store.picture_files)
        if not await asyncio.to_thread(self._has_unneeded, frozenset(self._held), named):
            return
        async with self._sweeping:
            held = await asyncio.to_thread(_names, frozenset(self._held))
            # As a write, which comes after the rows of requests that were cancelled in theirs.
            named = await self._database.write(job_store.picture_files)
            unneeded = partial(_is_unneeded, held=held, named=named)
            await asyncio.to_thread(delete_files, self._folder, unneeded)

    def _has_unneeded(self, pictures: Collection[_Picture], named: Collection[str]) -> bool:
        held = _names(pictures)
        return any(_is_unneeded(file.name, held, named) for file in self._folder.iterdir())


def _names(pictures: Collection[_Picture]) -> frozenset[str]:
    return frozenset(it.name for it in pictures)


def _is_unneeded(file_name: str, held: Collection[str], named: Collection[str]) -> bool:
    picture = picture_of(file_name)
    # A folder that somebody else uses too keeps its other files.
    return picture is not None and picture not in held and file_name not in named
