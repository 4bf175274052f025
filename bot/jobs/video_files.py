"""Finished videos on disk, on their way into the chat."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from bot.jobs.job import Job
    from bot.media.videos import VideoProcessor

UPLOAD_LIMITS: Final = tuple(mib * 1_048_576 for mib in (500, 100, 50, 25, 20, 10, 8))
"""Every upload limit that Discord has had, bytes, the largest first."""


class VideoFiles:
    """The folder of videos. A job's files start with its id.

    Args:
        folder: Made if missing.
    """

    def __init__(self, folder: Path, clips: VideoProcessor) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._clips = clips

    def path(self, job: Job) -> Path:
        """Return where the job's video is, or will be."""
        return self._folder / f"{job.id}.mp4"

    async def check_video(self, job: Job) -> None:
        """See that the job's file is a video.

        Raises:
            UnreadableVideoError: It is none.
        """
        await self._clips.probe(self.path(job))

    async def fitting_file(self, job: Job) -> Path:
        """Return a file within the job's upload limit: the video, or a smaller copy.

        Raises:
            UnreadableVideoError: It is over the limit and cannot be made smaller.
        """
        path = self.path(job)
        if path.stat().st_size <= job.upload_limit:
            return path
        small = self._folder / f"{job.id}.{job.upload_limit}.mp4"
        if not small.exists():
            await self._clips.shrink(path, small, job.upload_limit)
        return small

    async def next_smaller_limit(self, job: Job) -> int | None:
        """Return the next smaller limit to try when the fitting file was refused, in bytes."""
        size = (await self.fitting_file(job)).stat().st_size
        return next((step for step in UPLOAD_LIMITS if step < size), None)

    async def delete(self, job: Job) -> None:
        """Delete the job's files."""
        await asyncio.to_thread(self._unlink, lambda owner: owner == job.id)

    async def delete_all_but(self, live: Collection[int]) -> None:
        """Delete every file that belongs to none of these jobs."""
        await asyncio.to_thread(self._unlink, lambda owner: owner not in live)

    def _unlink(self, doomed: Callable[[int], bool]) -> None:
        for file in self._folder.iterdir():
            owner = file.name.partition(".")[0]
            if owner.isdigit() and doomed(int(owner)):
                file.unlink(missing_ok=True)
