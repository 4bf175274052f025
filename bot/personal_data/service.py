"""A member's own data: written out, or deleted."""

from __future__ import annotations

import asyncio
from dataclasses import field
from typing import TYPE_CHECKING, Final

from bot.base import service, value
from bot.personal_data import erasure, export

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.base import Clock, Database
    from bot.jobs.picture_files import PictureFiles
    from bot.personal_data.export import ArchivedFile, Export

MOST_BYTES: Final = 25_000_000
"""Of an archive, which is made in memory, whatever Discord takes."""


@value
class Deletion:
    """What became of a member's wish to have their data deleted.

    Attributes:
        clips: The number of clips whose data is deleted.
        left: That of clips in the making, or with an open bill: deleted when they have ended.
    """

    clips: int
    left: int


@service
class PersonalDataService:
    """Works for all servers at once: what is kept about somebody is theirs wherever it is.

    Attributes:
        forget_language: Forgets, in memory, which language a member has chosen.
        asked: Set when somebody has asked to have their data deleted.
    """

    database: Database
    pictures: PictureFiles
    forget_language: Callable[[int], None]
    clock: Clock
    asked: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    # Each archive is held in memory.
    _exporting: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1), init=False)

    async def export(self, member_id: int, upload_limit: int) -> Export:
        """Write out what is kept about a member, in at most `upload_limit` bytes."""
        most = min(upload_limit, MOST_BYTES)
        async with self._exporting:
            data = await self.database.read_long(lambda tx: export.read(tx, member_id))
            room = most - await asyncio.to_thread(export.packed_size, data)
            taken: dict[ArchivedFile, bytes] = {}
            left_out: list[ArchivedFile] = []
            for entry, name in data.files.items():
                content = await self.pictures.kept_picture(name)
                if content is None:
                    continue
                if len(content) + export.ROOM_FOR_ENTRY > room:
                    left_out.append(entry)
                    continue
                room -= len(content) + export.ROOM_FOR_ENTRY
                taken[entry] = content
            return await asyncio.to_thread(export.pack, data, taken, left_out)

    async def count_clips(self, member_id: int) -> int:
        """The number of a member's clips about which anything is kept."""
        return await self.database.read(lambda tx: erasure.count_clips(tx, member_id))

    async def delete(self, member_id: int) -> Deletion:
        """Delete what is kept about a member; a second time does no harm."""
        before = await self.count_clips(member_id)
        await self.database.write(lambda tx: erasure.begin(tx, member_id, self.clock()))
        self.forget_language(member_id)
        await self.erase_clips(member_id)
        self.asked.set()
        left = await self.count_clips(member_id)
        return Deletion(before - left, left)

    async def erase_clips(self, member_id: int) -> None:
        """Erase those of a member's clips that have ended since they asked for it."""
        while ids := await self.database.read(lambda tx: erasure.erasable(tx, member_id)):
            names = await self._erase(ids)
            self.pictures.lost_rows(names)

    async def _erase(self, ids: list[int]) -> list[str]:
        return await self.database.write(lambda tx: erasure.erase(tx, ids, self.clock()))
