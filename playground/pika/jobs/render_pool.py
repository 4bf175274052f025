"""Makes the videos of the jobs in background threads."""

import asyncio
import threading
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

from playground.pika.jobs.behaviour import Result
from playground.pika.jobs.inputs import Preparation
from playground.pika.video.canned import canned_clip
from playground.pika.video.picture import upright_size
from playground.pika.video.renderer import ClipOrder, render

AT_ONCE: Final = 2
"""How many videos are made at the same time; the others wait."""


class RenderPool:
    """A pool of threads that makes videos until it is closed."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="render")
        self._stop = threading.Event()

    def submit(
        self, order: ClipOrder, preparations: Iterable[Preparation], result: Result, path: Path
    ) -> Future[None]:
        """Start making the video at `path`; the future raises PictureError on a bad picture.

        A "huge" result makes no file: it is made while it is downloaded.
        """
        return self._pool.submit(self._make, order, preparations, result, path)

    async def close(self) -> None:
        """Stop the work at the next frame, forget what waits, and return when all is quiet."""
        self._stop.set()
        await asyncio.to_thread(self._pool.shutdown, cancel_futures=True)

    def _make(
        self, order: ClipOrder, preparations: Iterable[Preparation], result: Result, path: Path
    ) -> None:
        for prepare in preparations:
            prepare()
        match result:
            case "rendered":
                render(order, path, self._stop)
            case "canned":
                size = upright_size(order.picture)
                path.write_bytes(canned_clip(*size, order.seconds))
            case "garbage":
                path.write_bytes(b"This is no video. " * 1000)
            case "empty":
                path.write_bytes(b"")
            case "huge":
                pass
