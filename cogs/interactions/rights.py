"""Who may use a moderator's command: checked at run time, whatever the server shows.

What reaches the whole server needs a right that holds in the whole server. Discord's
`interaction.permissions` are those in one channel: an overwrite there can give *Manage Messages* to
anybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, TypeVar

import discord
from discord import app_commands

from cogs.texts.error_texts import error_text
from cogs.texts.languages import N_, _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")
Right: TypeAlias = Literal["manage_guild", "manage_messages"]

ONE_CLIP: Final = {"acts_on": "one clip"}
"""The extras of a command that acts on one clip: the right in the clip's channel is enough."""
OWN_ACTS: Final = {"acts_on": "own acts"}
"""The extras of a command that shows moderators what they did: likewise."""

_NAMES: Final[Mapping[Right, str]] = {
    "manage_guild": N_("Manage Server"),
    "manage_messages": N_("Manage Messages"),
}


class MissingRightError(app_commands.CheckFailure):
    """A member used a command or a button that is for moderators, without the right to it.

    Attributes:
        right: The permission that they lack.
        only_here: They have it in this channel, and it is needed in the whole server.
    """

    def __init__(self, right: Right, *, only_here: bool = False) -> None:
        super().__init__(right)
        self.right: Final = right
        self.only_here: Final = only_here


class UnknownRolesError(app_commands.CheckFailure):
    """Discord has not shown the bot the roles of a guild, so nobody's rights can be told."""


def require_right(interaction: discord.Interaction, right: Right) -> None:
    """Check that a member has a permission in the whole server: as its owner, or by a role.

    Raises:
        MissingRightError: They do not have it.
        UnknownRolesError: The bot cannot tell.
    """
    # A server may show a command to others; that alone gives them no say over money.
    if not _has(server_permissions(interaction), right):
        raise MissingRightError(right, only_here=_has(interaction.permissions, right))


def require_right_here(interaction: discord.Interaction, right: Right) -> None:
    """Check that a member has a permission in the channel where they are, as Discord says.

    Raises:
        MissingRightError: They do not have it.
    """
    if not _has(interaction.permissions, right):
        raise MissingRightError(right)


def require_right_over_clips(interaction: discord.Interaction, right: Right) -> int | None:
    """Check that a member has a permission over clips here, and tell over which.

    Returns:
        `None` where it holds in the whole server, else the id of the only channel.

    Raises:
        MissingRightError: They have it neither in the server nor in this channel.
    """
    if has_right(interaction, right):
        return None
    require_right_here(interaction, right)
    return interaction.channel_id or 0


def has_right(interaction: discord.Interaction, right: Right) -> bool:
    """Whether a member has a permission in the whole server; not where the bot cannot tell."""
    try:
        return _has(server_permissions(interaction), right)
    except UnknownRolesError:
        return False


def server_permissions(interaction: discord.Interaction) -> discord.Permissions:
    """A member's permissions by their roles, whatever the overwrites of channels add or take.

    Raises:
        UnknownRolesError: Discord has not shown the guild's roles.
    """
    member, guild = interaction.user, interaction.guild
    # An interaction names the member's roles; what they permit is known from the gateway alone.
    if not isinstance(member, discord.Member) or guild is None or guild.get_role(guild.id) is None:
        raise UnknownRolesError
    return member.guild_permissions


def suggest_only_to(right: Right) -> Callable[[T], T]:
    """Decorate an autocomplete so that it suggests nothing to members without a permission.

    For a command with the extras `ONE_CLIP` or `OWN_ACTS`, the permission here is enough.
    """

    def may(interaction: discord.Interaction) -> bool:
        here = is_enough_here(interaction) and _has(interaction.permissions, right)
        return here or has_right(interaction, right)

    # discord.py asks a group's check when a command is sent, and not while one is typed.
    return app_commands.check(may)


def is_enough_here(interaction: discord.Interaction) -> bool:
    """Whether a right in this channel is enough for a command, by its extras."""
    command: Any = interaction.command
    return command is not None and command.extras in (ONE_CLIP, OWN_ACTS)


def _has(permissions: discord.Permissions, right: Right) -> bool:
    return permissions.administrator or bool(getattr(permissions, right))


@error_text.register
def _missing(error: MissingRightError) -> str:
    right = _(_NAMES[error.right])
    if error.only_here:
        return _(
            "You have the permission **{right}** in this channel alone, and this reaches the "
            "whole server: it needs a role with it. Please ask a moderator who has one. "
            "Nothing was changed.",
            right=right,
        )
    return _(
        "This is for moderators: it needs the permission **{right}**. "
        "Please ask one of them. Nothing was changed.",
        right=right,
    )


@error_text.register
def _unknown(_error: UnknownRolesError) -> str:
    return _(
        "Discord has not shown me this server's roles yet, so I cannot tell who may do this. "
        "Please try again in a minute. Nothing was changed."
    )
