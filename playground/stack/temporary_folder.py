"""A temporary folder that is removed even when this process is killed."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playground.stack import folder_keeper


@dataclass(frozen=True, slots=True)
class TemporaryFolder:
    """An empty folder; it stays as long as any process has `descriptor` open.

    A process that writes into the folder inherits the descriptor, so that the folder is not
    removed under its hands.
    """

    path: Path
    descriptor: int


@asynccontextmanager
async def temporary_folder() -> AsyncGenerator[TemporaryFolder, None]:
    """A new folder, gone when the block has been left, and soon after this process was killed.

    `folder_keeper` says why another process makes and removes it.
    """
    reading, writing = os.pipe()
    try:
        keeper = await _start_keeper(reading)
    finally:
        os.close(reading)
    try:
        path = b"" if keeper.stdout is None else await keeper.stdout.read()
        if not path:
            raise RuntimeError("no temporary folder could be made")
        yield TemporaryFolder(Path(os.fsdecode(path)), writing)
    finally:
        os.close(writing)
        await keeper.wait()


async def _start_keeper(reading: int) -> asyncio.subprocess.Process:
    # Isolated (-I), as it needs nothing of ours; in its own session, as Ctrl-C in a terminal
    # reaches every process of a session.
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", folder_keeper.__file__),
        stdin=reading,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
