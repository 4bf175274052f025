"""Options that name a member, a role or a channel, also one that has left or was deleted.

Discord's clients take a bare id where there is nothing left to pick. It then comes without
data, and discord.py hands it over as an `Object`; so does a channel that the bot may not see.
"""

from __future__ import annotations

from typing import TypeAlias

import discord
from discord import AppCommandOptionType, app_commands

from bot.quota.overview import ChosenTarget
from bot.quota.rules import EVERYONE, LimitTarget, Scope
from cogs.interactions.member_facts import role_ids_of


class ChannelId(app_commands.Transformer):
    """The id of a channel of one of some kinds, which are those that Discord's client shows."""

    type = AppCommandOptionType.channel

    def __init__(self, *kinds: discord.ChannelType) -> None:
        self._kinds = list(kinds)

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """Sent to Discord with the command; other programs may still name any channel."""
        return self._kinds

    async def transform(self, _interaction: discord.Interaction, value: object, /) -> int:
        """Keep the id alone: a channel that the bot may not see comes without the rest."""
        if isinstance(value, app_commands.AppCommandChannel | discord.Object):
            return value.id
        raise TypeError(f"{type(value).__name__} is no channel")


class _Member(app_commands.Transformer):
    type = AppCommandOptionType.user

    async def transform(self, _interaction: discord.Interaction, value: object, /) -> ChosenTarget:
        return ChosenTarget(LimitTarget(Scope.MEMBER, _id_of(value)), _roles_of(value))


class _MemberOrRole(app_commands.Transformer):
    type = AppCommandOptionType.mentionable

    async def transform(self, interaction: discord.Interaction, value: object, /) -> ChosenTarget:
        chosen_id, guild = _id_of(value), interaction.guild
        # A typed id comes without data; which roles there are the bot knows by itself.
        is_known = guild is not None and guild.get_role(chosen_id) is not None
        is_role = is_known or isinstance(value, discord.Role)
        # The role that every member has bears the id of its guild.
        if is_role and chosen_id == interaction.guild_id:
            return ChosenTarget(EVERYONE)
        target = LimitTarget(Scope.ROLE if is_role else Scope.MEMBER, chosen_id)
        # Any other bare id may be a member's who left, or that of a role that was deleted.
        is_certain = is_role or not isinstance(value, discord.Object)
        return ChosenTarget(target, _roles_of(value), is_certain)


MemberOption: TypeAlias = app_commands.Transform[ChosenTarget, _Member]
TargetOption: TypeAlias = app_commands.Transform[ChosenTarget, _MemberOrRole]


def _id_of(value: object) -> int:
    if isinstance(value, discord.Member | discord.User | discord.Role | discord.Object):
        return value.id
    raise TypeError(f"{type(value).__name__} names nobody")


def _roles_of(value: object) -> frozenset[int]:
    if isinstance(value, discord.Member):
        return role_ids_of(value)
    return frozenset()
