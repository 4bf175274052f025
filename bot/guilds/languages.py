"""The language in which each guild's members are answered, in memory.

An interaction is refused or acknowledged, in that language, before the database is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.base import Database

ENGLISH: Final = "en"
"""The language of private messages, and of guilds that have set none."""


class GuildLanguages:
    """A copy of what the guilds have set: codes such as `de`, by guild."""

    def __init__(self, known: Mapping[int, str]) -> None:
        self._known = dict(known)

    @classmethod
    async def load(cls, database: Database) -> GuildLanguages:
        """Copy the languages that the guilds have set."""
        sql = "SELECT guild_id, language FROM guild_settings WHERE language IS NOT NULL"
        rows = await database.read(lambda tx: tx.all(sql))
        return cls({row["guild_id"]: row["language"] for row in rows})

    def of(self, guild_id: int | None) -> str:
        """A guild's language; English without a guild or where none is set."""
        return ENGLISH if guild_id is None else self._known.get(guild_id, ENGLISH)

    def update(self, guild_id: int, language: str | None) -> None:
        """Use a change, once it is committed; `None` is English again."""
        self._known[guild_id] = language or ENGLISH
