"""Finished videos on disk, until they are delivered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from bot.base import UnreadableVideoError, check_writable, delete_files
from bot.base.child_process import ChildKilledError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from bot.jobs.job import Job
    from bot.media.video_processor import VideoProcessor

UPLOAD_LIMITS: Final = tuple(mib * 1_048_576 for mib in (500, 100, 50, 25, 20, 10, 8))
"""Every upload limit that Discord has had, in bytes, the largest first."""
CRASHES: Final = 10
"""After so many in a row, in some ten minutes, a crash of what shrinks a video is the video's."""


class VideoFiles:
    """The folder of videos, made if missing. A job's files start with its id."""

    def __init__(self, folder: Path, processor: VideoProcessor) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._processor = processor

    async def check_writable(self) -> None:
        """Check that a video can be kept, before it is ordered.

        Raises:
            OSError: The folder cannot be written to, or is full.
        """
        await asyncio.to_thread(check_writable, self._folder)

    def path(self, job: Job) -> Path:
        """The path of the job's video, whether or not it exists."""
        return self._folder / f"{job.id}.mp4"

    async def check_video(self, job: Job) -> bytes | None:
        """Check that the job's file is a video; return a still of it, as `VideoProcessor.check`.

        Raises:
            UnreadableVideoError: The file is not.
            OSError: The check broke off, and another attempt may succeed.
        """
        return await self._processor.check(self.path(job))

    async def fitting_file(self, job: Job) -> Path:
        """The path of a file within the job's upload limit: the video, or a smaller copy.

        Raises:
            UnreadableVideoError: The video is over the limit and cannot be made smaller.
            OSError: It was not made smaller now, and another attempt may succeed.
        """
        path = self.path(job)
        if path.stat().st_size <= job.upload_limit:
            return path
        small = self._folder / f"{job.id}.{job.upload_limit}.mp4"
        # It costs seconds of CPU, and a delivery that Discord did not take now is repeated.
        if not small.exists():
            try:
                await self._processor.shrink(path, small, job.upload_limit)
            except ChildKilledError as error:
                if job.attempts + 1 >= CRASHES:
                    raise UnreadableVideoError(str(error)) from error
                raise
        return small

    async def next_smaller_limit(self, job: Job) -> int | None:
        """The next limit, in bytes, below a fitting file that was refused; `None` after all."""
        # Below the file's size and not the job's limit: a file that fits that one is not made anew.
        size = (await self.fitting_file(job)).stat().st_size
        return next((step for step in UPLOAD_LIMITS if step < size), None)

    async def delete(self, job: Job) -> None:
        """Delete the job's files."""
        await self._delete(lambda owner: owner == job.id)

    async def delete_all_but(self, job_ids: Collection[int]) -> None:
        """Delete every file that belongs to none of these jobs."""
        await self._delete(lambda owner: owner not in job_ids)

    async def _delete(self, is_unwanted: Callable[[int], bool]) -> None:
        def is_unwanted_file(name: str) -> bool:
            owner = name.partition(".")[0]
            # A folder that somebody else uses too keeps its other files.
            return owner.isdigit() and is_unwanted(int(owner))

        await asyncio.to_thread(delete_files, self._folder, is_unwanted_file)
