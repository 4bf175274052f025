"""The languages that guilds and members have chosen, in memory.

An interaction is refused or acknowledged, in a language, before the database is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.base import Database

_SET: Final = "SELECT guild_id, language FROM guild_settings WHERE language IS NOT NULL"
_CHOSEN: Final = (
    "SELECT guild_id, member_id, language FROM member_defaults WHERE language IS NOT NULL"
)
ENGLISH: Final = "en"
"""The language of guilds that have set none."""


class GuildLanguages:
    """A copy of what guilds have set, and what members have chosen in them: codes such as `de`.

    Args:
        known: By guild.
        chosen: By guild and member.
    """

    def __init__(
        self, known: Mapping[int, str], chosen: Mapping[tuple[int, int], str] | None = None
    ) -> None:
        self._known = dict(known)
        self._chosen = dict(chosen or {})

    @classmethod
    async def load(cls, database: Database) -> GuildLanguages:
        """Copy the languages that guilds have set and members have chosen."""
        rows = await database.read(lambda tx: tx.all(_SET))
        chosen = await database.read(lambda tx: tx.all(_CHOSEN))
        return cls(
            {row["guild_id"]: row["language"] for row in rows},
            {(row["guild_id"], row["member_id"]): row["language"] for row in chosen},
        )

    def of(self, guild_id: int | None) -> str:
        """A guild's language; English without a guild or where none is set."""
        return ENGLISH if guild_id is None else self._known.get(guild_id, ENGLISH)

    def update(self, guild_id: int, language: str | None) -> None:
        """Use a change, once it is committed; `None` is English again."""
        self._known[guild_id] = language or ENGLISH

    def chosen_by(self, guild_id: int | None, member_id: int) -> str | None:
        """The language that a member has chosen in a guild; `None` for Discord's."""
        return self._chosen.get((guild_id or 0, member_id))

    def of_owner(self, member_id: int) -> str:
        """The language for an owner, to whom the bot writes first; English where none is chosen.

        That is what they have chosen in direct messages, or else in the first of their guilds.
        """
        # The pseudo guild of direct messages has the lowest id of all.
        chosen = [guild for guild, member in self._chosen if member == member_id]
        return self._chosen[min(chosen), member_id] if chosen else ENGLISH

    def update_member(self, guild_id: int, member_id: int, language: str | None) -> None:
        """Use a member's choice, once it is committed."""
        if language is None:
            self._chosen.pop((guild_id, member_id), None)
        else:
            self._chosen[guild_id, member_id] = language

    def forget(self, member_id: int) -> None:
        """Use nothing any more that a member has chosen, in any guild."""
        self._chosen = {key: it for key, it in self._chosen.items() if key[1] != member_id}
