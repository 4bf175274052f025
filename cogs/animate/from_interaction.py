"""From an interaction to a request: the acknowledgement, and who asks where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.jobs.job import ReplyTo
from bot.requests.request import AnimateRequest, Requester
from cogs.delivery.discord_delivery import TOKEN_LIFE

if TYPE_CHECKING:
    from bot.jobs.animate_options import AnimateOptions


async def acknowledge(interaction: discord.Interaction) -> ReplyTo:
    """Show that the bot is thinking, and return where its answer goes.

    Should the bot die right here, Discord itself tells the member after 15 minutes that it
    did not respond; from the next line on, the bot's next start does.
    """
    response = await interaction.response.defer(thinking=True)
    if response is None or response.message_id is None:
        raise LookupError(f"interaction {interaction.id} was acknowledged without a message")
    if interaction.guild_id is None or interaction.channel is None:
        raise LookupError(f"interaction {interaction.id} has no guild or channel")
    return ReplyTo(
        interaction_id=interaction.id,
        guild_id=interaction.guild_id,
        channel_id=interaction.channel.id,
        member_id=interaction.user.id,
        message_id=response.message_id,
        application_id=interaction.application_id,
        token=interaction.token,
        token_until=interaction.created_at + TOKEN_LIFE,
    )


def requester_from(interaction: discord.Interaction) -> Requester:
    """Return who asks, with the roles that Discord sent along."""
    user = interaction.user
    member = user if isinstance(user, discord.Member) else None
    return Requester(
        guild_id=interaction.guild_id or 0,
        member_id=user.id,
        role_ids=frozenset(role.id for role in member.roles) if member else frozenset(),
        created_at=user.created_at,
        joined_at=member.joined_at if member else None,
    )


def request_from(
    interaction: discord.Interaction,
    options: AnimateOptions,
    picture_url: str,
    picture_bytes: int,
    offer_id: int | None = None,
) -> AnimateRequest:
    """Return who asks, where, and for what."""
    return AnimateRequest(
        who=requester_from(interaction),
        options=options,
        channel_ids=channel_ids_of(interaction.channel),
        upload_limit=interaction.filesize_limit,
        picture_url=picture_url,
        picture_bytes=picture_bytes,
        offer_id=offer_id,
    )


def channel_ids_of(channel: object) -> frozenset[int]:
    """Return the ids of a channel and of what it is in: a thread's channel, and the category."""
    # A thread only knows its category where the bot was shown its channel.
    parent = channel.parent if isinstance(channel, discord.Thread) else channel
    known = (
        getattr(channel, "id", None),
        getattr(channel, "parent_id", None),
        getattr(parent, "category_id", None),
    )
    return frozenset(place for place in known if place is not None)
