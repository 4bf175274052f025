"""A member's own clips in a guild, for that member alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from bot.base import service
from bot.moderation import clip_details
from bot.requests.errors import OwnClipGoneError

if TYPE_CHECKING:
    from bot.base import Database, Transaction
    from bot.moderation.clip_details import ClipDetails

PER_PAGE: Final = 8
MOST: Final = 400
"""So many of the latest can be turned to."""
MOST_SUGGESTED: Final = 100
"""So many of the latest are looked through for suggestions, at each letter that is typed."""


class OwnClipsPage(NamedTuple):
    """A page of a member's clips, the newest first; `number` counts from 0."""

    clips: tuple[ClipDetails, ...]
    number: int
    pages: int


@service
class OwnClips:
    """Reads members' own clips; those of others are not found."""

    database: Database

    async def page(self, guild_id: int, member_id: int, number: int) -> OwnClipsPage:
        """A page of a member's clips; the last one where there are fewer."""

        def read(tx: Transaction) -> OwnClipsPage:
            ids = clip_details.ids_of(tx, guild_id, member_id, MOST)
            pages = max(1, -(-len(ids) // PER_PAGE))
            shown = max(0, min(number, pages - 1))
            chosen = ids[shown * PER_PAGE :][:PER_PAGE]
            return OwnClipsPage(tuple(clip_details.listed(tx, chosen)), shown, pages)

        return await self.database.read(read)

    async def recent_words(self, guild_id: int, member_id: int) -> list[tuple[str, int]]:
        """Prompts and seeds of a member's latest clips, the newest first; none that was refused."""

        def read(tx: Transaction) -> list[tuple[str, int]]:
            ids = clip_details.ids_of(tx, guild_id, member_id, MOST_SUGGESTED)
            return clip_details.accepted_words(tx, ids)

        return await self.database.read(read)

    async def get(self, guild_id: int, member_id: int, job_id: int) -> ClipDetails:
        """One clip of a member's.

        Raises:
            OwnClipGoneError: It is somebody else's, of another guild, or is not known.
        """
        clips = await self.database.read(lambda tx: clip_details.listed(tx, [job_id]))
        for clip in clips:
            reply_to = clip.job.reply_to
            if (reply_to.guild_id, reply_to.member_id) == (guild_id, member_id):
                return clip
        raise OwnClipGoneError
