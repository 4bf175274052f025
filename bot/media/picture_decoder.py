"""Members' pictures, read and decoded in a child process."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar, Final

from bot.base.child_process import ChildKilledError
from bot.media.errors import PictureError, PictureProblem
from bot.media.still import Still, check_picture_size

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.base.child_process import ChildProcess

SECONDS: Final = 15.0
"""For one picture. The slowest that is taken, a HEIF of 50 megapixels, needs two on one core."""
AT_ONCE: Final = 2
"""Pictures in the bot's memory: one is decoded while the next is fetched."""


class PictureDecoder:
    """Reads pictures, few at a time to bound how many are in memory, and has them decoded."""

    MEMORY_BYTES: ClassVar = 700 * 1_048_576
    """For a child that decodes one picture: the picture, its file twice, and the libraries."""

    def __init__(self, child: ChildProcess) -> None:
        self._child = child
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def decode(self, size: int, read: Callable[[], Awaitable[bytes]]) -> Still:
        """Read a picture, if the `size` in bytes that Discord names is acceptable; decode it.

        Raises:
            PictureError: The picture cannot be used.
        """
        check_picture_size(size)
        async with self._slots:
            data = await read()
            check_picture_size(len(data))
            try:
                return await self._child.run(SECONDS, _decode, data)
            except ChildKilledError as error:
                raise PictureError(PictureProblem.TOO_COSTLY) from error


def _decode(data: bytes) -> Still:
    from bot.media.pictures import decode_picture  # noqa: PLC0415 - in the child alone

    return decode_picture(data)
