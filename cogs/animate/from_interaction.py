"""From an interaction to a request: its acknowledgement, and the member and channel it is from."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import aiohttp
import discord

from bot.base import Timeouts
from bot.jobs.job import NO_MESSAGE, ReplyTo
from bot.requests.request import AnimateRequest, Place, Requester
from cogs.delivery.discord_delivery import TOKEN_LIFE
from cogs.interactions.channel_rights import is_hidden
from cogs.interactions.member_facts import role_ids_of
from cogs.interactions.place import guild_id_of
from cogs.texts.languages import current_language

if TYPE_CHECKING:
    from bot.jobs.animate_options import AnimateOptions

log = logging.getLogger(__name__)

_ALREADY_ACKNOWLEDGED: Final = 40060
_SERVER_ERROR: Final = 500


def reply_to_of(interaction: discord.Interaction) -> ReplyTo:
    """Describe where a request is answered, before it is acknowledged and has a message.

    Raises:
        LookupError: Discord has sent no channel along.
    """
    if interaction.channel is None:
        raise LookupError(f"interaction {interaction.id} has no channel")
    return ReplyTo(
        interaction_id=interaction.id,
        guild_id=guild_id_of(interaction),
        channel_id=interaction.channel.id,
        member_id=interaction.user.id,
        message_id=NO_MESSAGE,
        application_id=interaction.application_id,
        token=interaction.token,
        # From the time in the interaction's id, Discord's own: its 15 minutes begin there.
        token_until=interaction.created_at + TOKEN_LIFE,
    )


async def acknowledge(interaction: discord.Interaction) -> ReplyTo:
    """Show that the bot is thinking, in the message that the answer is edited into.

    Raises:
        LookupError: Discord has sent no message or channel along.
        discord.HTTPException: Discord did not take it.
        ConnectionError: It cannot be reached, or takes too long.
    """
    return replace(reply_to_of(interaction), message_id=await _think(interaction))


async def _think(interaction: discord.Interaction) -> int:
    """Acknowledge; return the id of the message in which Discord shows it."""
    # Should nothing ever come after it, nobody needs to tidy up: Discord turns "thinking" into
    # "did not respond" after 15 minutes. A text of ours would stay.
    try:
        async with asyncio.timeout(Timeouts.SHOW_SECONDS):
            return await _think_until_shown(interaction)
    except TimeoutError as error:
        raise ConnectionError(f"interaction {interaction.id}: not acknowledged in time") from error


async def _think_until_shown(interaction: discord.Interaction) -> int:
    while True:
        try:
            response = await interaction.response.defer(thinking=True)
        except discord.HTTPException as error:
            if error.code == _ALREADY_ACKNOWLEDGED:
                # The answer to an earlier try is all that was lost.
                return await _shown_message_id(interaction)
            if error.status < _SERVER_ERROR:
                raise
        except (aiohttp.ClientError, OSError) as error:
            log.info("interaction %d: acknowledged again after %r", interaction.id, error)
        else:
            if response is None or response.message_id is None:
                raise LookupError(f"interaction {interaction.id}: no message came back")
            return response.message_id
        # Discord tells whether it has the first one: by taking this, or by 40060.
        await asyncio.sleep(Timeouts.ACKNOWLEDGE_AGAIN_SECONDS)


async def _shown_message_id(interaction: discord.Interaction) -> int:
    while True:
        try:
            return (await interaction.original_response()).id
        except discord.NotFound:
            raise
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.info("interaction %d: its message was not read: %r", interaction.id, error)
        await asyncio.sleep(Timeouts.SHOW_AGAIN_SECONDS)


def requester_from(interaction: discord.Interaction) -> Requester:
    """Describe the member of an interaction, with the roles that Discord sent along."""
    who = requester_of(guild_id_of(interaction), interaction.user)
    return replace(who, language=current_language())


def requester_of(guild_id: int, user: discord.User | discord.Member) -> Requester:
    """Describe somebody as the member of a guild who asks for a clip."""
    member = user if isinstance(user, discord.Member) else None
    return Requester(
        guild_id=guild_id,
        member_id=user.id,
        role_ids=role_ids_of(member) if member else frozenset(),
        # Both ages, for the review of newcomers' clips.
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
    """Build a member's request for a clip; `picture_bytes` is the size that Discord names."""
    return AnimateRequest(
        who=requester_from(interaction),
        options=options,
        place=place_of(interaction.channel),
        # Bytes, from Discord's own field: the limit grows with a server's boosts.
        upload_limit=interaction.filesize_limit,
        picture_url=picture_url,
        picture_bytes=picture_bytes,
        offer_id=offer_id,
    )


def place_of(channel: object) -> Place:
    """Describe a channel or thread; a thread is in its channel, and that is in its category."""
    # A thread only knows its category where the bot was shown its channel.
    parent = channel.parent if isinstance(channel, discord.Thread) else channel
    category_id = getattr(parent, "category_id", None)
    ids = (getattr(channel, "id", None), getattr(channel, "parent_id", None), category_id)
    return Place(
        tuple(dict.fromkeys(it for it in ids if it is not None)), _is_age_restricted(parent)
    )


def _is_age_restricted(channel: object) -> bool | None:
    # Of a channel that is hidden from the bot, Discord tells little that is true.
    if not isinstance(channel, discord.abc.GuildChannel) or is_hidden(channel):
        return None
    return bool(getattr(channel, "nsfw", False))
