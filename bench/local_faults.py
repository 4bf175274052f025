"""What goes wrong on the bot's own machine: a full disk, a database that another program holds."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

from tests.house import DATABASE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.house import House


@contextmanager
def locked_database(house: House) -> Iterator[None]:
    """Hold the database as another program may, unless it is held already."""
    path = house.data_dir / DATABASE
    with closing(sqlite3.connect(path, isolation_level=None, timeout=1)) as other:
        with suppress(sqlite3.OperationalError):
            other.execute("BEGIN IMMEDIATE")
        yield


async def fill_disk(pid: int, largest_file: int, seconds: float) -> None:
    """Let no file of a process grow beyond so many bytes for a time; the kernel sees to that."""
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (largest_file, resource.RLIM_INFINITY))
    try:
        await asyncio.sleep(seconds)
    finally:
        # The process may have been killed meanwhile.
        with suppress(ProcessLookupError):
            none = resource.RLIM_INFINITY
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (none, none))
