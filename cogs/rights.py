"""Who may use a moderator's command: asked again at run time, whatever the server shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from discord import app_commands

from cogs.failures import sentence_for

if TYPE_CHECKING:
    import discord

Right: TypeAlias = Literal["manage_guild", "manage_messages"]

_NAMES: Final = {"manage_guild": "Manage Server", "manage_messages": "Manage Messages"}


class MissingRightError(app_commands.CheckFailure):
    """Somebody used what is for moderators.

    Attributes:
        right: What they would need, as Discord's clients name it.
    """

    def __init__(self, right: Right) -> None:
        super().__init__(right)
        self.right = _NAMES[right]


def require(interaction: discord.Interaction, right: Right) -> None:
    """Let only those pass who have a right in the channel where they are, by Discord's word.

    A server may show a command to others; that alone gives them no say over money.

    Raises:
        MissingRightError: They have not.
    """
    permissions = interaction.permissions
    if not (permissions.administrator or getattr(permissions, right)):
        raise MissingRightError(right)


@sentence_for.register
def _missing(error: MissingRightError) -> str:
    return (
        f"This is for moderators: it needs the permission **{error.right}**. "
        "Please ask one of them. Nothing was changed."
    )
