"""The names of members, for suggestions, in which Discord shows no mentions."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import discord

MAX_REMEMBERED: Final = 5000
"""Names in memory: those of the members who used the bot last."""


class MemberNames:
    """Remembers the names of members who use the bot, as Discord sends them along.

    After a restart a member is a number until they use the bot again.
    """

    def __init__(self) -> None:
        # Not in the database, which keeps no names of people.
        self._names: OrderedDict[tuple[int, int], str] = OrderedDict()

    def remember(self, interaction: discord.Interaction) -> None:
        """Remember the name of whoever used a command or a button."""
        key = (interaction.guild_id or 0, interaction.user.id)
        self._names[key] = interaction.user.display_name
        self._names.move_to_end(key)
        if len(self._names) > MAX_REMEMBERED:
            self._names.popitem(last=False)

    def name_of(self, guild_id: int, member_id: int) -> str:
        """Look up a member's name in a guild; their id where it is not known."""
        return self._names.get((guild_id, member_id), str(member_id))
