"""Whether a request is let in at all, before anybody asks what it costs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.base.errors import UnknownChoiceError
from bot.base.video_options import DURATIONS, RESOLUTIONS
from bot.guilds.guild_settings import GuildSettings, ReviewMode
from bot.jobs import job_store
from bot.moderation import allowed_channels, blocked_words, blocks
from bot.requests.errors import (
    BlockedError,
    BlockedWordError,
    ChannelNotAllowedError,
    OptionAboveMaximumError,
    PausedError,
    QueueFullError,
    QueueLimit,
)
from bot.requests.request import Options, Requester, Wish

if TYPE_CHECKING:
    from bot.base.database import Transaction
    from bot.requests.request import Front


def check_admission(
    tx: Transaction, settings: GuildSettings, front: Front, now: datetime
) -> Options:
    """Let a request in, with its defaults filled in.

    Raises:
        RefusedError: And its kinds: paused, blocked, not here, a blocked word, too high, or
            too many in the making.
    """
    who, wish = front.who, front.wish
    if settings.pause is not None:
        raise PausedError(settings.pause.reason)
    block = blocks.get(tx, who.guild_id, who.member_id, now)
    if block is not None:
        raise BlockedError(block.until, block.reason)
    allowed = allowed_channels.allowed(tx, who.guild_id)
    if allowed and allowed.isdisjoint(front.channel_ids):
        raise ChannelNotAllowedError(allowed)
    words = blocked_words.of_guild(tx, who.guild_id)
    if blocked_words.first_match(words, wish.prompt, wish.negative_prompt) is not None:
        raise BlockedWordError
    options = fill_in_defaults(settings, wish)
    if job_store.count_open(tx, who.guild_id, who.member_id) >= settings.member_at_once:
        raise QueueFullError(QueueLimit.MEMBER, settings.member_at_once)
    if job_store.count_queued(tx, who.guild_id) >= settings.queue_length:
        raise QueueFullError(QueueLimit.GUILD, settings.queue_length)
    return options


def fill_in_defaults(settings: GuildSettings, wish: Wish) -> Options:
    """Fill in the guild's defaults, kept under what it allows.

    Raises:
        UnknownChoiceError: The wish is for what nobody offers.
        OptionAboveMaximumError: The wish itself is over what the guild allows.
    """
    if wish.resolution not in {None, *RESOLUTIONS} or wish.duration not in {None, *DURATIONS}:
        raise UnknownChoiceError
    highest = settings.highest_resolution or RESOLUTIONS[-1]
    longest = settings.longest_duration or DURATIONS[-1]
    resolution = wish.resolution or settings.default_resolution or "1080p"
    duration = wish.duration or settings.default_duration or DURATIONS[0]
    too_high = RESOLUTIONS.index(resolution) > RESOLUTIONS.index(highest)
    if (wish.resolution and too_high) or (wish.duration and duration > longest):
        raise OptionAboveMaximumError(highest, longest)
    return Options(highest if too_high else resolution, min(duration, longest))


def needs_review(settings: GuildSettings, who: Requester, now: datetime) -> bool:
    """Whether moderators see this member's clip first."""
    if settings.review is ReviewMode.NEWCOMERS:
        young = now - timedelta(days=settings.newcomer_days)
        return who.created_at > young or (who.joined_at is not None and who.joined_at > young)
    return settings.review is ReviewMode.EVERYONE
