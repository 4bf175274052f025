"""Finished videos, checked and made smaller in a child process."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from bot.base import UnreadableVideoError, service
from bot.base.child_process import ChildTimedOutError

if TYPE_CHECKING:
    from pathlib import Path

    from bot.base.child_process import ChildProcess

CHECK_SECONDS: Final = 20.0
SHRINK_SECONDS: Final = 300.0
"""For one copy. Ten seconds of 1080p take 15 on one core."""


@service
class VideoProcessor:
    """Works on videos, one at a time."""

    MEMORY_BYTES: ClassVar = 1024 * 1_048_576
    """For a child that encodes a video."""

    child: ChildProcess

    async def check(self, path: Path) -> bytes | None:
        """Read sides and length, and decode the first frame.

        Returns:
            A still of the video, a small JPEG; `None` where none can be made.

        Raises:
            UnreadableVideoError: There is no frame that can be decoded, or no length.
            ChildKilledError: The check broke off.
        """
        return await self.child.run(CHECK_SECONDS, _check, path)

    async def shrink(self, path: Path, out: Path, max_bytes: int) -> None:
        """Write a copy of at most `max_bytes` to `out`, which exists only when whole.

        Raises:
            UnreadableVideoError: The video cannot be decoded, or takes too much time.
            ChildKilledError: It takes too much memory or makes its reader crash, or the system
                was short of memory.
            OSError: There is no room for the copy, say.
        """
        try:
            await self.child.run(SHRINK_SECONDS, _shrink, path, out, max_bytes)
        except ChildTimedOutError as error:
            # Not tried again: it would take as long every time.
            raise UnreadableVideoError(str(error)) from error


def _check(path: Path) -> bytes | None:
    from bot.media.videos import check  # noqa: PLC0415 - in the child alone

    return check(path)


def _shrink(path: Path, out: Path, max_bytes: int) -> None:
    from bot.media.videos import shrink  # noqa: PLC0415 - in the child alone

    shrink(path, out, max_bytes)
