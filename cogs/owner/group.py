"""`/owner`: the group of commands for those who own the application, checked at run time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands

from cogs.interactions.acknowledging import defer
from cogs.texts.error_texts import error_text
from cogs.texts.languages import _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cogs.owner.guild_lookup import DiscordGuildLookup

CUSTOM_ID_PREFIX: Final = "owner"
"""Of the custom ids of the owner's buttons. They work in closed guilds too."""


class NotOwnerError(app_commands.CheckFailure):
    """Somebody who does not own the application used a command or a button for its owner."""


async def require_owner(lookup: DiscordGuildLookup, interaction: discord.Interaction) -> None:
    """Check that somebody owns the application now.

    Raises:
        NotOwnerError: They do not.
    """
    if not await lookup.is_owner(interaction.user.id):
        raise NotOwnerError


class OwnerGroup(app_commands.Group):
    """Refused to all but those who own the application, whatever a server shows.

    Its commands are its methods, or those of its parts in their order; an `OwnerGroup` among the
    parts becomes a group within this one. They work in closed guilds and in direct messages.
    """

    def __init__(
        self,
        lookup: DiscordGuildLookup,
        parts: Iterable[app_commands.Group] = (),
    ) -> None:
        super().__init__(
            # Nobody else should find it; that alone keeps nobody from it.
            default_permissions=discord.Permissions(administrator=True),
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        )
        self._lookup = lookup
        for part in parts:
            for command in [part] if isinstance(part, OwnerGroup) else part.commands:
                self.add_command(command)

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """Check who asks; then acknowledge.

        Raises:
            NotOwnerError: They do not own the application.
        """
        await require_owner(self._lookup, interaction)
        await defer(interaction, ephemeral=True, thinking=True)
        return True


def is_for_owner(interaction: discord.Interaction) -> bool:
    """Whether an interaction's command is one of the owner's."""
    command = interaction.command
    return isinstance(command, app_commands.Command) and isinstance(command.root_parent, OwnerGroup)


@error_text.register
def _not_owner(_error: NotOwnerError) -> str:
    return _("This is for whoever runs this bot. Nothing was changed.")
