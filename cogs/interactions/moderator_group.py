"""Groups of commands that are for moderators."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands

from cogs.interactions.acknowledging import defer
from cogs.interactions.rights import (
    Right,
    is_enough_here,
    require_right,
    require_right_over_clips,
)

if TYPE_CHECKING:
    from collections.abc import Iterable


class ModeratorGroup(app_commands.Group):
    """Shown to members with a right, and refused to all others whatever a server shows.

    The right must hold in the whole server, save for commands with the extras `ONE_CLIP`
    or `OWN_ACTS`.

    Its commands are its methods, or those of its parts in their order. A `ModeratorGroup` among
    the parts becomes a group within this one.
    """

    def __init__(self, right: Right, parts: Iterable[app_commands.Group] = ()) -> None:
        super().__init__(
            guild_only=True,
            default_permissions=discord.Permissions(**{right: True}),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        )
        self._right = right
        for part in parts:
            # Discord never hears of a part; its commands stay bound to it, and to its services.
            for command in [part] if isinstance(part, ModeratorGroup) else part.commands:
                self.add_command(command)

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """Check the right again, as a server may show its commands to anybody; then acknowledge.

        Raises:
            MissingRightError: It is missing.
            UnknownRolesError: The bot cannot tell.
        """
        check = require_right_over_clips if is_enough_here(interaction) else require_right
        check(interaction, self._right)
        # Here, so that no command forgets it: Discord drops what is not acknowledged within three
        # seconds, and the database may keep a command waiting for longer.
        await defer(interaction, ephemeral=True, thinking=True)
        return True
