"""Whether a request may be made here, now and by this member, before anybody asks for its cost."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.base import UnknownChoiceError
from bot.base.video_options import DURATIONS, RESOLUTIONS
from bot.guilds.guild_settings import GuildSettings, ReviewMode, default_size, largest_size
from bot.jobs import job_store
from bot.moderation import allowed_channels, blocks
from bot.requests.errors import (
    BlockedError,
    ChannelNotAllowedError,
    OptionAboveMaximumError,
    PausedError,
    QueueFullError,
    QueueLimit,
)
from pika import MAX_SEED

if TYPE_CHECKING:
    from bot.base import Transaction
    from bot.jobs.animate_options import AnimateOptions
    from bot.requests.request import AnimateRequest, Requester


def check_access(
    tx: Transaction, settings: GuildSettings, request: AnimateRequest, now: datetime
) -> None:
    """See that moderators let this member start clips in this channel now.

    Raises:
        PausedError: Nobody may, in this guild.
        BlockedError: This member may not.
        ChannelNotAllowedError: Nobody may, in this channel.
    """
    who = request.who
    if settings.pause is not None:
        raise PausedError(settings.pause.reason)
    block = blocks.get(tx, who.guild_id, who.member_id, now)
    if block is not None:
        raise BlockedError(block.until, block.reason)
    allowed = allowed_channels.allowed(tx, who.guild_id)
    if allowed and allowed.isdisjoint(request.channel_ids):
        raise ChannelNotAllowedError(allowed)


def check_queue(tx: Transaction, settings: GuildSettings, who: Requester) -> None:
    """See that there is room for one more clip.

    Raises:
        QueueFullError: The member has too many in progress, or too many wait in the guild.
    """
    if job_store.count_open(tx, who.guild_id, who.member_id) >= settings.member_at_once:
        raise QueueFullError(QueueLimit.MEMBER, settings.member_at_once)
    if job_store.count_queued(tx, who.guild_id) >= settings.queue_length:
        raise QueueFullError(QueueLimit.GUILD, settings.queue_length)


def fill_in_defaults(settings: GuildSettings, options: AnimateOptions) -> AnimateOptions:
    """Fill in the guild's resolution and duration, and a seed that is drawn.

    Raises:
        UnknownChoiceError: Nobody offers what was chosen.
        OptionAboveMaximumError: What was chosen is above what the guild allows.
    """
    resolution, duration = options.resolution, options.duration
    if resolution not in {None, *RESOLUTIONS} or duration not in {None, *DURATIONS}:
        raise UnknownChoiceError
    highest, longest = largest_size(settings)
    is_too_high = resolution and RESOLUTIONS.index(resolution) > RESOLUTIONS.index(highest)
    if is_too_high or (duration and duration > longest):
        raise OptionAboveMaximumError(highest, longest)
    usual_resolution, usual_duration = default_size(settings)
    return options.model_copy(
        update={
            "seed": secrets.randbelow(MAX_SEED + 1) if options.seed is None else options.seed,
            "resolution": resolution or usual_resolution,
            "duration": duration or usual_duration,
        }
    )


def needs_review(settings: GuildSettings, who: Requester, now: datetime) -> bool:
    """Whether moderators see this member's clip first."""
    if settings.review is ReviewMode.NEWCOMERS:
        young = now - timedelta(days=settings.newcomer_days)
        return who.created_at > young or (who.joined_at is not None and who.joined_at > young)
    return settings.review is ReviewMode.EVERYONE
