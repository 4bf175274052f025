"""Who may use a moderator's command: asked again at run time, whatever the server shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias, TypeVar

from discord import app_commands

from cogs.failures import sentence_for

if TYPE_CHECKING:
    from collections.abc import Callable

    import discord

T = TypeVar("T")
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
    if not _has(interaction, right):
        raise MissingRightError(right)


def suggests_to(right: Right) -> Callable[[T], T]:
    """Decorate an autocomplete so that it suggests nothing to those without a right.

    A group's check is asked when its commands are used, and not while they are typed.
    """
    return app_commands.check(lambda interaction: _has(interaction, right))


def _has(interaction: discord.Interaction, right: Right) -> bool:
    permissions = interaction.permissions
    return permissions.administrator or bool(getattr(permissions, right))


@sentence_for.register
def _missing(error: MissingRightError) -> str:
    return (
        f"This is for moderators: it needs the permission **{error.right}**. "
        "Please ask one of them. Nothing was changed."
    )
