"""Whether this member may make this request here and now, its cost aside."""

from __future__ import annotations

import json
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.base import (
    DIRECT_MESSAGES,
    DURATIONS,
    RESOLUTIONS,
    RequestRefusedError,
    Timeouts,
    UnknownChoiceError,
    to_ms,
)
from bot.base.references import new_reference
from bot.guilds import guild_settings
from bot.guilds.guild_settings import (
    EVERY_GUILD,
    AgeRestriction,
    GuildSettings,
    ReviewMode,
    default_size,
    largest_size,
)
from bot.guilds.languages import ENGLISH
from bot.jobs import job_store
from bot.moderation import blocks, channel_rules
from bot.requests.errors import (
    AgeRestrictionError,
    BlockedError,
    ChannelNotAllowedError,
    OptionAboveMaximumError,
    OwnerPausedError,
    PausedError,
    QueueFullError,
    QueueLimit,
)
from pika import MAX_SEED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.base import SqlValue, Transaction
    from bot.jobs.animate_options import AnimateOptions
    from bot.requests.request import AnimateRequest, PricedOptions, Requester


def check_access(
    tx: Transaction, settings: GuildSettings, request: AnimateRequest, now: datetime
) -> None:
    """Check that moderators let this member start clips in this channel now.

    Raises:
        OwnerPausedError: Nobody may, in any guild.
        PausedError: Nobody may, in this guild.
        BlockedError: This member may not.
        ChannelNotAllowedError: Nobody may, in this channel.
        AgeRestrictionError: Nobody may, in channels with or without an age restriction.
    """
    # From the widest to the narrowest, so that a member is not sent to another channel only to
    # read there that the whole server is paused.
    check_member(tx, settings, request.who, now)
    verdicts = channel_rules.of_guild(tx, request.who.guild_id)
    if not channel_rules.allow(verdicts, request.place.channel_ids):
        raise ChannelNotAllowedError(channel_rules.allowed_ids(verdicts))
    if settings.age_restricted is not AgeRestriction.ANY:
        # A place of which the bot cannot tell is neither of the two.
        must_be = settings.age_restricted is AgeRestriction.ONLY
        if request.place.is_age_restricted is not must_be:
            raise AgeRestrictionError(only_restricted=must_be)


def check_member(tx: Transaction, settings: GuildSettings, who: Requester, now: datetime) -> None:
    """Check that moderators let this member start clips somewhere in the guild now.

    Raises:
        OwnerPausedError: Nobody may, in any guild.
        PausedError: Nobody may, in this guild.
        BlockedError: This member may not.
    """
    for refusal in refusals_of(tx, settings, who, now):
        raise refusal


def refusals_of(
    tx: Transaction, settings: GuildSettings, who: Requester, now: datetime
) -> Iterator[RequestRefusedError]:
    """All for which `check_member` would refuse a member now, from the widest to the narrowest."""
    if (everywhere := guild_settings.get(tx, EVERY_GUILD).pause) is not None:
        yield OwnerPausedError(everywhere.reason)
    if (pause := settings.pause_at(now)) is not None:
        yield PausedError(pause.reason, pause.until)
    block = blocks.get(tx, who.guild_id, who.member_id, now)
    if block is not None:
        by_owner = who.guild_id == DIRECT_MESSAGES
        yield BlockedError(block.until, block.reason, by_owner=by_owner)


def check_queue(tx: Transaction, settings: GuildSettings, who: Requester) -> None:
    """Check that there is room for one more clip.

    Raises:
        QueueFullError: The member has too many in progress, or too many wait in the guild.
    """
    # Beside the limits: one member with a large allowance would fill the queue for all others.
    counts = job_store.count_open(tx, who.guild_id, who.member_id)
    if counts.of_member >= settings.member_at_once:
        raise QueueFullError(QueueLimit.MEMBER, settings.member_at_once)
    if counts.queued >= settings.queue_length:
        raise QueueFullError(QueueLimit.GUILD, settings.queue_length)


def fill_in_defaults(settings: GuildSettings, options: AnimateOptions) -> AnimateOptions:
    """Fill in the guild's resolution and duration, and a seed that is drawn.

    Raises:
        UnknownChoiceError: Pika has no such resolution or duration.
        OptionAboveMaximumError: The guild allows only lower or shorter ones.
    """
    resolution, duration = options.resolution, options.duration
    # Buttons that an earlier version posted may name sizes that are offered no more.
    if resolution not in {None, *RESOLUTIONS} or duration not in {None, *DURATIONS}:
        raise UnknownChoiceError
    highest, longest = largest_size(settings)
    is_too_high = resolution and RESOLUTIONS.index(resolution) > RESOLUTIONS.index(highest)
    if is_too_high or (duration and duration > longest):
        raise OptionAboveMaximumError(highest, longest)
    usual_resolution, usual_duration = default_size(settings)
    # Drawn before the job is stored: an order that is built anew must have the same body, or the
    # provider refuses its idempotency key.
    return options.model_copy(
        update={
            "seed": secrets.randbelow(MAX_SEED + 1) if options.seed is None else options.seed,
            "resolution": resolution or usual_resolution,
            "duration": duration or usual_duration,
        }
    )


def job_columns(
    request: AnimateRequest,
    settings: GuildSettings,
    priced: PricedOptions,
    provider: str,
    now: datetime,
) -> dict[str, SqlValue]:
    """The columns of a new job, `ReplyTo.columns` aside.

    What the guild's settings say now is stored. Of later changes only a review that is switched on
    reaches this job.
    """
    # In direct messages nobody else reads it.
    own_language = request.who.language if request.who.guild_id == DIRECT_MESSAGES else None
    return {
        "upload_limit": request.upload_limit,
        # The job's for life: after a change of provider its ticket is still asked of this one.
        "provider": provider,
        "options_json": priced.options.model_dump_json(),
        "price_micro_usd": priced.price_micro_usd,
        # Reports replay other rules on old requests: roles that a member has lost count there.
        "role_ids": json.dumps(sorted(request.who.role_ids)),
        "language": settings.language or own_language or ENGLISH,
        "member_language": request.who.language,
        "needs_review": int(_needs_review(settings, request.who, now)),
        "member_since": to_ms(request.who.member_since),
        "reference": new_reference(),
        "created_at": to_ms(now),
        "due_at": to_ms(now + Timeouts.START_DELAY),
    }


def _needs_review(settings: GuildSettings, who: Requester, now: datetime) -> bool:
    if settings.review is ReviewMode.NEWCOMERS:
        return who.member_since > now - timedelta(days=settings.newcomer_days)
    return settings.review is ReviewMode.EVERYONE
