"""What moderators do with the pictures that their guild refuses: list, add and forget them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.moderation import clip_details, remembered_pictures
from bot.moderation.authority import check_not_own

if TYPE_CHECKING:
    from bot.base import Clock, Database, Transaction
    from bot.guilds.audit import Actor
    from bot.jobs.job import Job
    from bot.moderation.authority import ClipAuthority
    from bot.moderation.clip_details import ClipRef
    from bot.moderation.remembered_pictures import RememberedPicture


@dataclass(frozen=True, slots=True)
class PictureService:
    """Lists and changes the remembered pictures of any guild."""

    database: Database
    clock: Clock

    async def all(self, guild_id: int) -> list[RememberedPicture]:
        """The pictures that a guild refuses, the latest first."""
        return await self.database.read(lambda tx: remembered_pictures.of_guild(tx, guild_id))

    async def remember(self, by: Actor, ref: ClipRef) -> Job:
        """Refuse the picture of a clip, whatever became of it, and near copies from now on.

        Returns:
            The job of the clip.

        Raises:
            ClipError: The guild has no such clip.
            RememberError: It cannot be told from others, or too many are remembered.
        """

        def remember(tx: Transaction) -> Job:
            job = clip_details.find(tx, by.guild_id, ref).job
            remembered_pictures.remember(tx, by, job, self.clock())
            return job

        return await self.database.write(remember)

    async def forget(self, by: Actor, authority: ClipAuthority, ref: ClipRef) -> Job:
        """Take the picture of a clip, and near copies, again from now on.

        Returns:
            The job of the clip.

        Raises:
            ClipError: The guild has no such clip.
            OwnClipError: The moderator asked for it.
            RememberError: It is not remembered.
        """

        def forget(tx: Transaction) -> Job:
            job = clip_details.find(tx, by.guild_id, ref).job
            check_not_own(authority, by.actor_id, job)
            remembered_pictures.forget(tx, by, job, self.clock())
            return job

        return await self.database.write(forget)
