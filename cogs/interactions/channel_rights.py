"""The bot's permissions in a channel, as far as Discord has sent them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import discord

from bot.base import value
from bot.base.errors import ModerationError
from cogs.texts.error_texts import error_text
from cogs.texts.languages import N_, _
from cogs.texts.punctuation import joined

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@value
class ChannelUse:
    """Permissions, by attribute as Discord's clients name them.

    Attributes:
        rights: The names, in English.
        shows_clips: Whether clips are to be shown there, and not notices alone.
    """

    rights: Mapping[str, str]
    shows_clips: bool


TO_WRITE: Final = ChannelUse(
    {"view_channel": "View Channel", "send_messages": "Send Messages"}, shows_clips=False
)
TO_SHOW_CLIPS: Final = ChannelUse(
    {**TO_WRITE.rights, "attach_files": "Attach Files"}, shows_clips=True
)
_REFUSALS: Final = {
    False: N_(
        "I cannot write in <#{channel}>: please give me {missing} there first, "
        "or choose another channel. Nothing was changed."
    ),
    True: N_(
        "I cannot bring clips into <#{channel}>: there I need {missing}. "
        "Please allow that, or name another channel. Nothing was changed."
    ),
}
_NAMES: Final = {
    "View Channel": N_("View Channel"),
    "Send Messages": N_("Send Messages"),
    "Attach Files": N_("Attach Files"),
    "Send Messages in Threads": N_("Send Messages in Threads"),
    "Read Message History": N_("Read Message History"),
}


HIDDEN_NAME: Final = "___hidden___"
"""The name under which Discord's gateway shows a channel that the bot may not view."""


_IN_POSTS: Final = {"send_messages": ("send_messages_in_threads", "Send Messages in Threads")}


class MissingChannelRightsError(ModerationError):
    """The bot does not have `missing`, permissions that it needs in a chosen channel."""

    def __init__(self, use: ChannelUse, channel_id: int, missing: list[str]) -> None:
        super().__init__(f"channel {channel_id} lacks {missing}")
        self.use, self.channel_id, self.missing = use, channel_id, missing


def find_channel(
    guild: discord.Guild | None, channel_id: int | None
) -> discord.abc.GuildChannel | None:
    """Look a channel up among those that Discord has shown the bot: no thread is among them."""
    return None if guild is None or channel_id is None else guild.get_channel(channel_id)


def is_hidden(channel: object) -> bool:
    """Whether all that is known of a channel is its id, position and category."""
    return getattr(channel, "name", None) == HIDDEN_NAME


def find_role(guild: discord.Guild | None, role_id: int | None) -> discord.Role | None:
    """Look a role up among those that Discord has shown the bot."""
    return None if guild is None or role_id is None else guild.get_role(role_id)


def may_mention(role: discord.Role, channel_id: int | None) -> bool:
    """Whether a mention of a role by the bot notifies its members, as far as is known."""
    channel = find_channel(role.guild, channel_id)
    if role.mentionable or channel is None:
        return True
    return channel.permissions_for(role.guild.me).mention_everyone


def missing_rights(interaction: discord.Interaction, channel_id: int, use: ChannelUse) -> list[str]:
    """List the permissions that the bot does not have in a channel, by their names."""
    channel = find_channel(interaction.guild, channel_id)
    # A category has no messages; its channels may have permissions of their own.
    if isinstance(channel, discord.CategoryChannel):
        return []
    rights = use.rights
    if isinstance(channel, discord.ForumChannel):
        # Its messages are in posts, which are threads.
        rights = dict(_IN_POSTS.get(it, (it, name)) for it, name in rights.items())
    permissions = _permissions(interaction, channel_id, channel)
    return [name for attribute, name in rights.items() if not getattr(permissions, attribute)]


def _permissions(
    interaction: discord.Interaction, channel_id: int, channel: discord.abc.GuildChannel | None
) -> discord.Permissions:
    # Of where it is, an interaction tells them itself: also of what the gateway did not show.
    if channel_id in {interaction.channel_id, getattr(interaction.channel, "parent_id", None)}:
        return interaction.app_permissions
    # A channel that the bot was not shown is one that it may not even view.
    if channel is None:
        return discord.Permissions.none()
    if isinstance(channel, discord.ForumChannel):
        # The general calculation, as for threads: a forum's own takes away what needs Send
        # Messages, which there is for new posts.
        return discord.abc.GuildChannel.permissions_for(channel, channel.guild.me)
    return channel.permissions_for(channel.guild.me)


def check_channel(interaction: discord.Interaction, channel_id: int, use: ChannelUse) -> None:
    """Pass a channel in which the bot has the permissions that it needs.

    Raises:
        MissingChannelRightsError: It has not.
    """
    if missing := missing_rights(interaction, channel_id, use):
        raise MissingChannelRightsError(use, channel_id, missing)


@error_text.register
def _missing_rights(error: MissingChannelRightsError) -> str:
    missing = names_text(error.missing)
    return _(_REFUSALS[error.use.shows_clips], channel=error.channel_id, missing=missing)


def names_text(names: Sequence[str]) -> str:
    """Name permissions in a row: `**A**, **B** and **C**`."""
    return joined(f"**{_(_NAMES[name])}**" for name in names)
