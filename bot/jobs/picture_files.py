"""Members' pictures on disk: as long as a job needs them, and some days after its end.

So are posters, small stills of clips, in the same folder and as long.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import cached_property, partial
from itertools import islice
from typing import TYPE_CHECKING, Final

from bot.base import Timeouts, delete_pictures, picture_name, picture_of, write_pictures
from bot.jobs import job_store
from bot.jobs.errors import PictureLostError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection
    from datetime import timedelta
    from pathlib import Path

    from bot.base import Clock, Database, Transaction

log = logging.getLogger(__name__)

_GROUPS_AT_ONCE: Final = 2
"""Each takes a thread while it waits for the disk, and other work needs threads too."""
_MOST_IN_GROUP: Final = 16
"""So that decisions about the first pictures of a crowd are made while others are written."""
_NAMES_AT_ONCE: Final = 500
"""So many names a transaction looks at: all other writes wait for it, some milliseconds."""


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

    async def wait(self, picture: _Picture) -> None:
        """Wait until it is written; a request that is cancelled meanwhile takes no others with it.

        Raises:
            OSError: This picture could not be written.
        """
        errors = await asyncio.shield(self.written)
        if (error := errors[picture]) is not None:
            raise error


class PictureFiles:
    """The folder of pictures, made if missing, which has each while a row names it.

    Jobs with the same picture share its file. A row names it until the job has ended and
    `kept_for` is over; where that is 0, until nobody needs it.
    """

    def __init__(self, folder: Path, database: Database, clock: Clock, kept_for: timedelta) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._database = database
        self._clock, self._kept_for = clock, kept_for
        self._writing = asyncio.Semaphore(_GROUPS_AT_ONCE)
        self._held = set[_Picture]()
        self._next: _Group | None = None
        self._sweeping = asyncio.Lock()
        self._unswept = asyncio.Event()
        # Names of files that may have lost their last row, or never had one.
        self._suspects: set[str] = set()

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
        group = self._grouped(picture)
        try:
            await group.wait(picture)
            yield picture.name
        except BaseException:
            # Its group is written to the end, whoever waits for it.
            group.written.add_done_callback(lambda _: self._suspect(picture))
            raise
        finally:
            group.written.add_done_callback(lambda _: self._held.remove(picture))

    @asynccontextmanager
    async def kept_poster(self, data: bytes | None) -> AsyncGenerator[str | None, None]:
        """As `kept`, for the poster of a clip, without which everything goes on.

        Yields:
            `None` where there is none, it cannot be written, or nothing outlives its job here.
        """
        async with AsyncExitStack() as stack:
            name = None
            if data is not None and self._kept_for:
                try:
                    name = await stack.enter_async_context(self.kept(data))
                except OSError as error:
                    log.warning("a poster is not kept: %r", error)
            yield name

    def _suspect(self, picture: _Picture) -> None:
        self._suspects.add(picture.name)
        self.sweep_soon()

    def _grouped(self, picture: _Picture) -> _Group:
        """Have a picture written with those that wait: a trip to a thread, a fsync, for many."""
        group = self._next
        if group is not None and len(group.pictures) < _MOST_IN_GROUP:
            group.pictures.append(picture)
        else:
            group = self._next = _Group(picture)
            group.written = asyncio.create_task(self._write_group(group))
        return group

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

    async def kept_picture(self, name: str | None) -> bytes | None:
        """Read the picture that a job names, for people; `None` if it is not to be had."""
        try:
            return await self.read(name)
        except (PictureLostError, OSError) as error:
            log.info("no picture to show: %r", error)
            return None

    async def is_lost(self, name: str | None) -> bool:
        """Whether `read` would find no such picture."""
        try:
            await self.read(name)
        except PictureLostError:
            return True
        return False

    def lost_rows(self, names: Collection[str]) -> None:
        """Have pictures deleted that rows named until now, unless others do. As `sweep_soon`."""
        self._suspects.update(names)
        self.sweep_soon()

    def sweep_soon(self) -> None:
        """Have `run` sweep. To be called in the event loop's thread, after the commit."""
        self._unswept.set()

    async def run(self) -> None:
        """Sweep when asked to, and now and then, until cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(Timeouts.SWEEP_SECONDS):
                    await self._unswept.wait()
            self._unswept.clear()
            try:
                await self.sweep()
            except (OSError, sqlite3.OperationalError) as error:
                # The next sweep finds them too.
                log.warning("pictures that no clip needs are not deleted yet: %r", error)
            await asyncio.sleep(Timeouts.PICTURE_SWEEP_SECONDS)

    async def sweep_folder(self) -> None:
        """Sweep, and look at every file. For the start: others lose their rows by `sweep`.

        Raises:
            OSError: The folder cannot be read or written to.
        """
        self._suspects.update(await asyncio.to_thread(self._pictures))
        await self.sweep()

    async def sweep(self) -> None:
        """Let rows forget pictures whose time is over, and delete files that no row names.

        Raises:
            OSError: A file cannot be deleted.
        """
        while forgotten := await self._forget():
            self._suspects.update(forgotten)
        while names := frozenset(islice(self._suspects, _NAMES_AT_ONCE)):
            # Before it is seen which are held: a request that is refused later names it again.
            self._suspects -= names
            try:
                await self._delete_unneeded(names)
            except BaseException:
                self._suspects |= names
                raise

    async def _forget(self) -> list[str]:
        """Take some names off rows that need them no more."""
        before = self._clock() - self._kept_for if self._kept_for else None
        some = partial(job_store.unneeded_pictures, ended_before=before, most=_NAMES_AT_ONCE)
        # First a look that no write waits for: most steps leave nothing to forget.
        if not await self._database.read(some):
            return []

        def forget(tx: Transaction) -> list[str]:
            unneeded = some(tx)
            job_store.forget_pictures(tx, unneeded)
            return [name for names in unneeded.values() for name in names]

        return await self._database.write(forget)

    async def _delete_unneeded(self, names: frozenset[str]) -> None:
        async with self._sweeping:
            held = await asyncio.to_thread(_names_of, frozenset(self._held))
            suspects = {it for it in names if picture_of(it) not in held}
            # As a write, which comes after the rows of requests that were cancelled in theirs.
            named = await self._database.write(lambda tx: job_store.named_pictures(tx, suspects))
            if suspects - named:
                await asyncio.to_thread(delete_pictures, self._folder, suspects - named)

    def _pictures(self) -> list[str]:
        # A folder that somebody else uses too keeps its other files.
        return [file.name for file in self._folder.iterdir() if picture_of(file.name)]


def _names_of(pictures: Collection[_Picture]) -> frozenset[str]:
    return frozenset(it.name for it in pictures)
