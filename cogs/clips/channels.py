"""`/clips channels`: the channels and categories in which clips may be asked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

import discord
from discord import ChannelType, app_commands

from bot.moderation.channel_service import MAX_ALLOWED_CHANNELS
from bot.moderation.errors import AllowedChannelError, AllowedChannelProblem
from cogs.interactions.channel_rights import TO_SHOW_CLIPS, find_channel, missing_rights, names_text
from cogs.interactions.moderator_group import ModeratorGroup
from cogs.interactions.rights import suggest_only_to
from cogs.interactions.suggestions import Choices, matching_choices
from cogs.interactions.target_options import ChannelId
from cogs.texts.error_texts import UNCHANGED, error_text
from cogs.texts.markdown import CONTENT_LIMIT, fit_lines

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.moderation.channel_service import ChannelService

_ID: Final = re.compile(r"(?:<#)?([0-9]{1,19})>?")
# Characters that the sentences around a list may take.
_RESERVED: Final = 200
# All kinds but threads, which are allowed with their channels.
_KINDS: Final = ("text", "voice", "category", "news", "stage_voice", "forum")

AllowedChannelOption: TypeAlias = app_commands.Transform[
    int, ChannelId(*(ChannelType[kind] for kind in _KINDS))
]


class ChannelsGroup(ModeratorGroup, name="channels", description="Where clips may be asked for"):
    """`/clips channels`."""

    def __init__(self, channels: ChannelService) -> None:
        super().__init__("manage_messages")
        self._channels = channels

    @app_commands.command(description="Allow clips in a channel or category")
    @app_commands.describe(channel="Threads count as their channel, channels as their category")
    async def allow(self, interaction: discord.Interaction, channel: AllowedChannelOption) -> None:
        """Allow a channel. The first one that is allowed forbids all others."""
        guild_id, actor_id = interaction.guild_id or 0, interaction.user.id
        allowed = await self._channels.allow(guild_id, actor_id, channel)
        text = f"Clips may be asked for in <#{channel}>. {_shown(interaction.guild, allowed)}"
        # Allowed all the same: interactions show clips for 15 minutes without any permission.
        if lacks := missing_rights(interaction.guild, channel, TO_SHOW_CLIPS):
            text += f"\nTo show clips in <#{channel}> reliably I need {names_text(lacks)} there."
        await interaction.edit_original_response(content=text)

    @app_commands.command(description="Allow clips in a channel no more")
    @app_commands.describe(channel="One of those allowed, deleted ones too")
    async def forbid(self, interaction: discord.Interaction, channel: str) -> None:
        """Take a channel off the list. It is typed, for a deleted one cannot be picked."""
        guild_id, actor_id = interaction.guild_id or 0, interaction.user.id
        channel_id = _id_in(channel)
        category_ids = _category_ids(interaction.guild, channel_id)
        allowed = await self._channels.forbid(guild_id, actor_id, channel_id, category_ids)
        name, shown = _name(interaction.guild, channel_id), _shown(interaction.guild, allowed)
        await interaction.edit_original_response(content=f"{name} is no longer allowed. {shown}")

    @forbid.autocomplete("channel")
    @suggest_only_to("manage_messages")
    async def suggest(self, interaction: discord.Interaction, typed: str) -> Choices:
        """Suggest the allowed channels."""
        allowed = await self._channels.allowed(interaction.guild_id or 0)
        named = ((_plain_name(interaction.guild, it), str(it)) for it in sorted(allowed))
        return matching_choices(named, typed)

    @app_commands.command(description="Allow clips in every channel")
    async def everywhere(self, interaction: discord.Interaction) -> None:
        """Clear the list: without one, every channel is allowed."""
        guild_id, actor_id = interaction.guild_id or 0, interaction.user.id
        before = await self._channels.allow_everywhere(guild_id, actor_id)
        text = "Clips may be asked for in every channel from now on."
        if not before:
            text = f"Clips could be asked for in every channel already. {UNCHANGED}"
        await interaction.edit_original_response(content=text)

    @app_commands.command(name="list", description="Show where clips may be asked for")
    async def show(self, interaction: discord.Interaction) -> None:
        """Show the list."""
        allowed = await self._channels.allowed(interaction.guild_id or 0)
        await interaction.edit_original_response(content=_shown(interaction.guild, allowed))


def _id_in(text: str) -> int:
    """Read the id in a mention or a suggestion; 0 if there is none."""
    found = _ID.fullmatch(text.strip())
    return int(found[1]) if found else 0


def _category_ids(guild: discord.Guild | None, channel_id: int) -> list[int]:
    channel = find_channel(guild, channel_id)
    category_id = None if channel is None else channel.category_id
    return [] if category_id is None else [category_id]


def _plain_name(guild: discord.Guild | None, channel_id: int) -> str:
    """Name a channel for suggestions, in which Discord shows no mentions."""
    channel = find_channel(guild, channel_id)
    if channel is None:
        return f"deleted or hidden from me: {channel_id}"
    is_category = isinstance(channel, discord.CategoryChannel)
    return f"{channel.name} (category)" if is_category else f"#{channel.name}"


def _name(guild: discord.Guild | None, channel_id: int) -> str:
    channel = find_channel(guild, channel_id)
    if channel is None:
        return f"<#{channel_id}> (deleted or hidden from me: `{channel_id}`)"
    return f"<#{channel_id}>{' (category)' * isinstance(channel, discord.CategoryChannel)}"


def _shown(guild: discord.Guild | None, allowed: Collection[int]) -> str:
    if not allowed:
        return "Clips may be asked for in every channel. `/clips channels allow` narrows it down."
    lines = (f"- {_name(guild, channel_id)}" for channel_id in sorted(allowed))
    head = "Clips may be asked for only in:"
    return fit_lines((head, *lines), "- and {n} more", CONTENT_LIMIT - _RESERVED)


_PROBLEMS: Final = {
    AllowedChannelProblem.TOO_MANY: (
        f"{MAX_ALLOWED_CHANNELS} are allowed already. Please allow their category instead."
    ),
    AllowedChannelProblem.EVERYWHERE: (
        "Clips are allowed in every channel now. Please name the channels where they "
        "shall be with `/clips channels allow`; all others are then forbidden."
    ),
    AllowedChannelProblem.NOT_ALLOWED: "{channel} is not among the channels that are allowed.",
    AllowedChannelProblem.BY_CATEGORY: (
        "{channel} is allowed because its category is. Please forbid the category, and "
        "allow the channels in it that shall stay."
    ),
    AllowedChannelProblem.LAST: (
        "{channel} is the only one that is allowed. Please allow another first, use "
        "`/clips channels everywhere`, or stop all clips with `/clips pause`."
    ),
}


@error_text.register
def _not_changed(error: AllowedChannelError) -> str:
    channel = f"<#{error.channel_id}>" if error.channel_id else "That"
    return f"{_PROBLEMS[error.problem].format(channel=channel)} {UNCHANGED}"
