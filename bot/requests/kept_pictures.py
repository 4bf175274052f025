"""The kept pictures of clips that were shown, for new clips of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.base import service
from bot.media.errors import PictureError, PictureProblem
from bot.media.still import Still
from bot.requests import consents
from bot.requests.kept_address import kept_interaction_id
from bot.requests.member_clips import ClipPress, find_shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.base import Database, Transaction
    from bot.jobs.job import Job
    from bot.jobs.picture_files import PictureFiles


@service
class KeptPictures:
    """Reads the pictures of clips that are shown, as long as both are there."""

    database: Database
    pictures: PictureFiles

    async def find(self, press: ClipPress) -> Job:
        """Find a clip of whose picture a member may have another one made.

        Raises:
            ClipPressError: There is no such clip here, or it is not shown.
            RequestRefusedError: It is of another person's picture, who would have to be asked.
            PictureError: Its picture is not kept any more.
        """
        job = await self.database.read(lambda tx: _find(tx, press))
        await self._read(job)
        return job

    async def still(self, place: tuple[int, int], member_id: int, address: str) -> Still:
        """Read the picture that a request names by a `kept_address`; raises as `find`.

        Args:
            place: The guild and the channel of the request.
            member_id: Who asks.
            address: As `kept_address` made it.
        """
        press = ClipPress(*place, member_id, kept_interaction_id(address))
        job = await self.database.read(lambda tx: _find(tx, press))
        # As it is, so that all its clips share one file; its sides were found good before.
        return Still(await self._read(job), 0, 0, perceptual_hash=job.picture_hash)

    async def posters(self, jobs: Iterable[Job]) -> dict[int, bytes]:
        """Read the posters of those clips that have one: small JPEGs, by the jobs' ids."""
        named = [job for job in jobs if job.poster_file is not None]
        found = {job.id: await self.pictures.kept_picture(job.poster_file) for job in named}
        return {job_id: data for job_id, data in found.items() if data is not None}

    async def _read(self, job: Job) -> bytes:
        data = await self.pictures.kept_picture(job.picture_file)
        if data is None:
            raise PictureError(PictureProblem.NOT_KEPT)
        return data


def _find(tx: Transaction, press: ClipPress) -> Job:
    job = find_shown(tx, press)
    consents.check_reuse(tx, job.id, press.member_id)
    return job
