"""Members' pictures on disk: as long as a job needs them, and some days after its end."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import Counter
from contextlib import asynccontextmanager, suppress
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Final

from bot.base import Timeouts, delete_pictures, picture_name, picture_of, write_picture
from bot.jobs import job_store
from bot.jobs.errors import PictureLostError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from datetime import timedelta
    from pathlib import Path

    from bot.base import Clock, Database, Transaction

log = logging.getLogger(__name__)

_WRITES_AT_ONCE: Final = 2
"""Each takes a thread while it waits for the disk, and other work needs threads too."""
_NAMES_AT_ONCE: Final = 500
"""So many names a transaction looks at: all other writes wait for it, some milliseconds."""


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
        self._writing = asyncio.Semaphore(_WRITES_AT_ONCE)
        # Pictures whose rows may come at any moment, with the number of requests they are of.
        self._held = Counter[str]()
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
        async with self._writing:
            name = await asyncio.to_thread(picture_name, data)
            # Not in a sweep: that could find no row, and delete the file after the row has come.
            async with self._sweeping:
                self._held[name] += 1
        try:
            async with self._writing:
                await asyncio.to_thread(write_picture, self._folder, data)
            yield name
        except BaseException:
            self._suspects.add(name)
            self.sweep_soon()
            raise
        finally:
            self._held -= Counter([name])

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
            return list(unneeded.values())

        return await self._database.write(forget)

    async def _delete_unneeded(self, names: frozenset[str]) -> None:
        async with self._sweeping:
            suspects = {it for it in names if picture_of(it) not in self._held}
            # As a write, which comes after the rows of requests that were cancelled in theirs.
            named = await self._database.write(lambda tx: job_store.named_pictures(tx, suspects))
            if suspects - named:
                await asyncio.to_thread(delete_pictures, self._folder, suspects - named)

    def _pictures(self) -> list[str]:
        # A folder that somebody else uses too keeps its other files.
        return [file.name for file in self._folder.iterdir() if picture_of(file.name)]
