"""Groups of commands that are for moderators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from cogs.interactions.rights import Right, require_right

if TYPE_CHECKING:
    from collections.abc import Iterable


class ModeratorGroup(app_commands.Group):
    """Shown to those with a right, and refused to all others whatever a server shows.

    Args:
        name: Of the group.
        description: For the list of commands.
        right: What its users need.
        commands: What is in it; groups within are given the same right.
    """

    def __init__(
        self,
        name: str,
        description: str,
        right: Right,
        commands: Iterable[app_commands.Command[Any, ..., Any] | app_commands.Group],
    ) -> None:
        super().__init__(
            name=name,
            description=description,
            guild_only=True,
            default_permissions=discord.Permissions(**{right: True}),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        )
        self._right = right
        for command in commands:
            self.add_command(command)

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """Ask again for the right.

        Raises:
            MissingRightError: It is missing.
        """
        require_right(interaction, self._right)
        return True
