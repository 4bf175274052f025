"""What Discord says of moderators and members, as the values by which `bot.moderation` decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.moderation.authority import BlockAuthority, ClipAuthority, Rank
from cogs.interactions.acknowledging import LOST
from cogs.interactions.rights import (
    UnknownRolesError,
    has_right,
    require_right_here,
    require_right_over_clips,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.moderation.member_selection import Ranks


def clip_authority(interaction: discord.Interaction) -> ClipAuthority:
    """What a moderator may decide about the clips of the server, or of this channel alone.

    Raises:
        MissingRightError: They are no moderator here.
    """
    only_channel_id = require_right_over_clips(interaction, "manage_messages")
    return ClipAuthority(has_right(interaction, "manage_guild"), only_channel_id)


def review_authority(interaction: discord.Interaction) -> ClipAuthority:
    """What a moderator may decide about the clips that are reviewed in this channel.

    Raises:
        MissingRightError: They are no moderator here.
    """
    # Whoever may decide in the review channel decides about the clips of all channels.
    require_right_here(interaction, "manage_messages")
    return ClipAuthority(has_right(interaction, "manage_guild"))


async def block_authority(
    interaction: discord.Interaction, member_id: int, role_ids: Collection[int]
) -> BlockAuthority:
    """The ranks of a moderator, and of a member whom they would block or unblock.

    Args:
        interaction: The moderator's.
        member_id: The member, who may have left.
        role_ids: The member's roles where the interaction names them; else Discord is asked.

    Raises:
        UnknownRolesError: The bot cannot tell.
    """
    guild, actor = _actor_rank(interaction)
    roles = _known_roles(guild, role_ids) or await _fetch_roles(guild, member_id)
    return BlockAuthority(actor, _rank(guild, member_id, roles))


def ranks_by_roles(interaction: discord.Interaction) -> Ranks:
    """The ranks of a moderator and of members whose roles are known; Discord is not asked.

    Raises:
        UnknownRolesError: The bot cannot tell.
    """
    guild, actor = _actor_rank(interaction)

    def ranks(member_id: int, role_ids: Collection[int]) -> BlockAuthority:
        return BlockAuthority(actor, _rank(guild, member_id, _known_roles(guild, role_ids)))

    return ranks


def _actor_rank(interaction: discord.Interaction) -> tuple[discord.Guild, Rank]:
    guild, moderator = interaction.guild, interaction.user
    if guild is None or not isinstance(moderator, discord.Member):
        raise UnknownRolesError
    return guild, _rank(guild, moderator.id, moderator.roles)


def _known_roles(guild: discord.Guild, role_ids: Collection[int]) -> list[discord.Role]:
    return [role for it in role_ids if (role := guild.get_role(it)) is not None]


async def _fetch_roles(guild: discord.Guild, member_id: int) -> Collection[discord.Role]:
    try:
        return (await guild.fetch_member(member_id)).roles
    except discord.NotFound:
        return ()
    except LOST as error:
        # To allow it would be a guess that they are nobody's superior.
        raise UnknownRolesError from error


def _rank(guild: discord.Guild, member_id: int, roles: Collection[discord.Role]) -> Rank:
    is_owner = member_id == guild.owner_id
    highest = max(roles, default=None)
    # Everybody has the default role, and members are known without it once they have left.
    if highest is None or highest.is_default():
        return Rank(is_owner)
    return Rank(is_owner, highest.position, -highest.id)
