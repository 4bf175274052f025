"""The kept pictures of clips that were shown, for new clips of them.

A request names such a picture by an address that nobody can fetch, where it else has Discord's: so
offers and prices treat both alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.base import service
from bot.media.errors import PictureError, PictureProblem
from bot.media.still import Still
from bot.requests.member_clips import ClipPress, find_shown

if TYPE_CHECKING:
    from bot.base import Database
    from bot.jobs.job import Job
    from bot.jobs.picture_files import PictureFiles

_KEPT: Final = "https://kept-picture.invalid/"


def kept_address(job: Job) -> str:
    """The address, for a request, of the picture that a clip was made of."""
    return f"{_KEPT}{job.reply_to.interaction_id}"


def is_kept(address: str) -> bool:
    """Whether `KeptPictures` has the picture of an address, and Discord has not."""
    return address.startswith(_KEPT)


@service
class KeptPictures:
    """Reads the pictures of clips that are shown, as long as both are there."""

    database: Database
    pictures: PictureFiles

    async def find(self, press: ClipPress) -> Job:
        """Find a clip of whose picture a member may have another one made.

        Raises:
            ClipPressError: There is no such clip here, or it is not shown.
            PictureError: Its picture is not kept any more.
        """
        job = await self.database.read(lambda tx: find_shown(tx, press))
        await self._read(job)
        return job

    async def still(self, place: tuple[int, int], member_id: int, address: str) -> Still:
        """Read the picture that a request names by a `kept_address`; raises as `find`.

        Args:
            place: The guild and the channel of the request.
            member_id: Who asks.
            address: As `kept_address` made it.
        """
        press = ClipPress(*place, member_id, int(address.removeprefix(_KEPT)))
        job = await self.database.read(lambda tx: find_shown(tx, press))
        # As it is, so that all its clips share one file; its sides were found good before.
        return Still(await self._read(job), 0, 0, perceptual_hash=job.picture_hash)

    async def _read(self, job: Job) -> bytes:
        data = await self.pictures.kept_picture(job.picture_file)
        if data is None:
            raise PictureError(PictureProblem.NOT_KEPT)
        return data
