"""Who may use a moderator's command: checked at run time, whatever the server shows.

Moderators are answered in English from the check on, all others in their guild's language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias, TypeVar

from discord import app_commands

from bot.guilds.languages import ENGLISH
from cogs.texts.error_texts import error_text
from cogs.texts.languages import N_, _, set_language

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import discord

T = TypeVar("T")
Right: TypeAlias = Literal["manage_guild", "manage_messages"]

_NAMES: Final[Mapping[Right, str]] = {
    "manage_guild": N_("Manage Server"),
    "manage_messages": N_("Manage Messages"),
}


class MissingRightError(app_commands.CheckFailure):
    """A member used a command or a button that is for moderators, without the right to it."""

    def __init__(self, right: Right) -> None:
        super().__init__(right)
        self.right: Final = right


def require_right(interaction: discord.Interaction, right: Right) -> None:
    """Check that a member has a permission in the channel where they are, as Discord says.

    Raises:
        MissingRightError: They do not have it.
    """
    # A server may show a command to others; that alone gives them no say over money.
    if not _passes(interaction, right):
        raise MissingRightError(right)


def suggest_only_to(right: Right) -> Callable[[T], T]:
    """Decorate an autocomplete so that it suggests nothing to members without a permission."""
    # discord.py asks a group's check when a command is sent, and not while one is typed.
    return app_commands.check(lambda interaction: _passes(interaction, right))


def _passes(interaction: discord.Interaction, right: Right) -> bool:
    # As Discord computed them, overwrites of the channel included: roles alone would not do.
    permissions = interaction.permissions
    has = permissions.administrator or bool(getattr(permissions, right))
    if has:
        # Moderators' sentences exist in English only, so what they share with members is English.
        set_language(ENGLISH)
    return has


@error_text.register
def _missing(error: MissingRightError) -> str:
    return _(
        "This is for moderators: it needs the permission **{right}**. "
        "Please ask one of them. Nothing was changed.",
        right=_(_NAMES[error.right]),
    )
