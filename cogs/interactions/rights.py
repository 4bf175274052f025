"""Who may use a moderator's command: asked again at run time, whatever the server shows.

Whoever passes is answered in English from there on; all others are answered as members.
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
    """Somebody used what is for moderators.

    Attributes:
        right: What they would need.
    """

    def __init__(self, right: Right) -> None:
        super().__init__(right)
        self.right: Final = right


def require_right(interaction: discord.Interaction, right: Right) -> None:
    """Let only those pass who have a right in the channel where they are, by Discord's word.

    A server may show a command to others; that alone gives them no say over money.

    Raises:
        MissingRightError: They have not.
    """
    if not _passes(interaction, right):
        raise MissingRightError(right)


def suggest_only_to(right: Right) -> Callable[[T], T]:
    """Decorate an autocomplete so that it suggests nothing to those without a right.

    A group's check is asked when its commands are used, and not while they are typed.
    """
    return app_commands.check(lambda interaction: _passes(interaction, right))


def _passes(interaction: discord.Interaction, right: Right) -> bool:
    permissions = interaction.permissions
    has = permissions.administrator or bool(getattr(permissions, right))
    if has:
        set_language(ENGLISH)
    return has


@error_text.register
def _missing(error: MissingRightError) -> str:
    return _(
        "This is for moderators: it needs the permission **{right}**. "
        "Please ask one of them. Nothing was changed.",
        right=_(_NAMES[error.right]),
    )
