"""Animating pictures that are in the chat already: whose they are, and whether they may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.base import service
from bot.guilds import guild_settings
from bot.requests import picture_requests
from bot.requests.errors import NotOwnPictureError, PictureRequestGoneError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.base import Clock, Database, Transaction
    from bot.guilds.guild_settings import GuildSettings
    from bot.quota.ledger import MemberKey
    from bot.requests.picture_requests import ChosenPicture, PictureRequest


@service
class ConsentService:
    """Keeps what members chose from a menu, for the form in which they say what is to become of it.

    Nothing is fetched, reserved or sent to the provider here.
    """

    database: Database
    clock: Clock

    async def choose(
        self, member_key: MemberKey, owner_id: int | None, pictures: Sequence[ChosenPicture]
    ) -> tuple[int, GuildSettings]:
        """Keep pictures for a member's form; return their id, and the guild's settings.

        Args:
            member_key: Who chose them.
            owner_id: Whose they are; `None` if nobody can tell.
            pictures: At least one.

        Raises:
            NotOwnPictureError: They are not the member's own.
        """
        if owner_id != member_key.member_id:
            raise NotOwnPictureError
        now = self.clock()

        def choose(tx: Transaction) -> tuple[int, GuildSettings]:
            request_id = picture_requests.add(tx, member_key, owner_id, pictures, now)
            return request_id, guild_settings.get(tx, member_key.guild_id)

        return await self.database.write(choose)

    async def chosen(self, member_key: MemberKey, request_id: int) -> PictureRequest:
        """The pictures of a member's own form.

        Raises:
            PictureRequestGoneError: It is too old, or not theirs.
        """
        now = self.clock()
        found = await self.database.read(
            lambda tx: picture_requests.find_chosen(tx, member_key, request_id, now)
        )
        if found is None:
            raise PictureRequestGoneError
        return found
