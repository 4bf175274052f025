"""Which language each guild's members are answered in, at hand without a look at the database.

An interaction is refused, or acknowledged, before anything is read, and that is in a language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.base import Database

ENGLISH: Final = "en"
"""What is spoken unless a guild says otherwise."""


class GuildLanguages:
    """A copy of what the guilds have set; `load` makes it.

    Args:
        known: Codes such as `de`, by guild.
    """

    def __init__(self, known: Mapping[int, str]) -> None:
        self._known = dict(known)

    @classmethod
    async def load(cls, database: Database) -> GuildLanguages:
        """Return what holds now."""
        rows = await database.read(
            lambda tx: tx.all(
                "SELECT guild_id, language FROM guild_settings WHERE language IS NOT NULL"
            )
        )
        return cls({row["guild_id"]: row["language"] for row in rows})

    def of(self, guild_id: int | None) -> str:
        """Return a guild's language; in private messages, where nobody has set one, English."""
        return ENGLISH if guild_id is None else self._known.get(guild_id, ENGLISH)

    def update(self, guild_id: int, language: str | None) -> None:
        """Take over what was committed; `None` is English again."""
        self._known[guild_id] = language or ENGLISH
