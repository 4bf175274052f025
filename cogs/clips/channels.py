"""`/clips channels`: where the bot may be used."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

import discord
from discord import AppCommandOptionType, app_commands

from bot.moderation.channel_service import MAX_ALLOWED_CHANNELS
from bot.moderation.errors import AllowedChannelError, AllowedChannelProblem
from cogs.clips.clip_lines import CHOICES
from cogs.interactions.channel_rights import TO_SHOW_CLIPS, missing_rights
from cogs.interactions.moderator_group import ModeratorGroup
from cogs.interactions.rights import suggest_only_to
from cogs.texts.error_texts import error_text
from cogs.texts.markdown import CONTENT_LIMIT, fit_lines

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.moderation.channel_service import ChannelService

_ID: Final = re.compile(r"(?:<#)?([0-9]{1,19})>?")
_RESERVED: Final = 200
"""Characters that the sentence before a list may take."""
_NOTHING: Final = "Nothing was changed."


class _AllowedChannel(app_commands.Transformer):
    """Where messages may stand, or a category; a thread belongs to its channel."""

    @property
    def type(self) -> AppCommandOptionType:
        """Discord's client lets one pick a channel."""
        return AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """All but threads."""
        kinds = discord.ChannelType
        return [kinds.text, kinds.voice, kinds.category, kinds.news, kinds.stage_voice, kinds.forum]

    async def transform(self, _interaction: discord.Interaction, value: object, /) -> int:
        """Keep the id: the bot may not have been shown the channel."""
        if isinstance(value, app_commands.AppCommandChannel | discord.Object):
            return value.id
        raise TypeError(f"{type(value).__name__} is no channel")


AllowedChannelOption: TypeAlias = app_commands.Transform[int, _AllowedChannel]


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
        if lacks := missing_rights(interaction.guild, channel, TO_SHOW_CLIPS):
            text += f"\nTo show clips in <#{channel}> reliably I need {_and(lacks)} there."
        await interaction.edit_original_response(content=text)

    @app_commands.command(description="Allow clips in a channel no more")
    @app_commands.describe(channel="One of those allowed, deleted ones too")
    async def forbid(self, interaction: discord.Interaction, channel: str) -> None:
        """Take a channel off the list. It is typed, for a deleted one cannot be picked."""
        guild_id, actor_id = interaction.guild_id or 0, interaction.user.id
        channel_id = _id_in(channel)
        within = _within(interaction.guild, channel_id)
        allowed = await self._channels.forbid(guild_id, actor_id, channel_id, within)
        shown = _shown(interaction.guild, allowed)
        await interaction.edit_original_response(
            content=f"{_name(interaction.guild, channel_id)} is no longer allowed. {shown}"
        )

    @forbid.autocomplete("channel")
    @suggest_only_to("manage_messages")
    async def suggest(
        self, interaction: discord.Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        """Suggest the allowed channels."""
        allowed = await self._channels.allowed(interaction.guild_id or 0)
        named = [(_plain_name(interaction.guild, it), it) for it in sorted(allowed)]
        return [
            app_commands.Choice(name=name[:100], value=str(channel_id))
            for name, channel_id in named
            if current.strip().casefold() in name.casefold()
        ][:CHOICES]

    @app_commands.command(description="Allow clips in every channel")
    async def everywhere(self, interaction: discord.Interaction) -> None:
        """Empty the list, which allows every channel."""
        guild_id, actor_id = interaction.guild_id or 0, interaction.user.id
        before = await self._channels.allow_everywhere(guild_id, actor_id)
        text = (
            "Clips may be asked for in every channel from now on."
            if before
            else f"Clips could be asked for in every channel already. {_NOTHING}"
        )
        await interaction.edit_original_response(content=text)

    @app_commands.command(name="list", description="Show where clips may be asked for")
    async def show(self, interaction: discord.Interaction) -> None:
        """Show the list."""
        allowed = await self._channels.allowed(interaction.guild_id or 0)
        await interaction.edit_original_response(content=_shown(interaction.guild, allowed))


def _id_in(text: str) -> int:
    """Return the id in a mention, or what was chosen; 0 if there is none."""
    found = _ID.fullmatch(text.strip())
    return int(found[1]) if found else 0


def _within(guild: discord.Guild | None, channel_id: int) -> list[int]:
    channel = None if guild is None else guild.get_channel(channel_id)
    category = None if channel is None else channel.category_id
    return [] if category is None else [category]


def _plain_name(guild: discord.Guild | None, place: int) -> str:
    channel = None if guild is None else guild.get_channel(place)
    if channel is None:
        return f"deleted or hidden from me: {place}"
    is_category = isinstance(channel, discord.CategoryChannel)
    return f"{channel.name} (category)" if is_category else f"#{channel.name}"


def _name(guild: discord.Guild | None, place: int) -> str:
    channel = None if guild is None else guild.get_channel(place)
    if channel is None:
        return f"<#{place}> (deleted or hidden from me: `{place}`)"
    is_category = isinstance(channel, discord.CategoryChannel)
    return f"<#{place}> (category)" if is_category else f"<#{place}>"


def _shown(guild: discord.Guild | None, allowed: Collection[int]) -> str:
    if not allowed:
        return "Clips may be asked for in every channel. `/clips channels allow` narrows it down."
    lines = (f"- {_name(guild, channel_id)}" for channel_id in sorted(allowed))
    head = "Clips may be asked for only in:"
    return fit_lines((head, *lines), "- and {n} more", CONTENT_LIMIT - _RESERVED)


def _and(names: list[str]) -> str:
    bold = [f"**{name}**" for name in names]
    return " and ".join([", ".join(bold[:-1]), bold[-1]] if len(bold) > 1 else bold)


@error_text.register
def _not_that(error: AllowedChannelError) -> str:
    return f"{_why(error)} {_NOTHING}"


def _why(error: AllowedChannelError) -> str:
    place = f"<#{error.channel_id}>" if error.channel_id else "That"
    match error.problem:
        case AllowedChannelProblem.TOO_MANY:
            return (
                f"{MAX_ALLOWED_CHANNELS} are allowed already. Please allow their category instead."
            )
        case AllowedChannelProblem.EVERYWHERE:
            return (
                "Clips are allowed in every channel now. Please name the channels where they "
                "shall be with `/clips channels allow`; all others are then forbidden."
            )
        case AllowedChannelProblem.NOT_ALLOWED:
            return f"{place} is not among the channels that are allowed."
        case AllowedChannelProblem.BY_CATEGORY:
            return (
                f"{place} is allowed because its category is. Please forbid the category, and "
                "allow the channels in it that shall stay."
            )
        case AllowedChannelProblem.LAST:
            return (
                f"{place} is the only one that is allowed. Please allow another first, use "
                "`/clips channels everywhere`, or stop all clips with `/clips pause`."
            )
