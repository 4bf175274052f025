"""What members are called, for lists in which Discord shows no mentions."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from discord.ext import commands

if TYPE_CHECKING:
    import discord

MAX_REMEMBERED: Final = 5000
"""Names remembered, those of the latest members seen."""


class MemberNames(commands.Cog):
    """Remembers the names of those who used the bot, as Discord sends them along.

    Only in memory: after a restart, a member is a number until they use the bot again.
    """

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[int, int], str] = OrderedDict()

    @commands.Cog.listener("on_interaction")
    async def see(self, interaction: discord.Interaction) -> None:
        """Remember who it was."""
        key = (interaction.guild_id or 0, interaction.user.id)
        self._seen[key] = interaction.user.display_name
        self._seen.move_to_end(key)
        if len(self._seen) > MAX_REMEMBERED:
            self._seen.popitem(last=False)

    def of(self, guild_id: int, member_id: int) -> str:
        """Return what a member is called in a guild, or their id."""
        return self._seen.get((guild_id, member_id), str(member_id))
