"""What moderators read of a member beside a clip: account, membership, earlier clips."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from cogs.interactions.acknowledging import LOST
from cogs.texts.amounts import timestamp
from cogs.texts.languages import _, ngettext
from cogs.texts.punctuation import listed, with_note

if TYPE_CHECKING:
    from bot.jobs.job import MemberHistory


def role_ids_of(member: discord.Member) -> frozenset[int]:
    """The ids of a member's roles as Discord has named them, with that of @everyone.

    discord.py's `roles` leaves out those of which the gateway has not told: all, for a moment after
    a session began anew. A limit on such a role, or a free pass, would not hold.
    """
    return frozenset({member.guild.id, *member._roles})  # noqa: SLF001 - it is nowhere else


async def member_facts(guild: discord.Guild | None, member_id: int, history: MemberHistory) -> str:
    """Word the facts in two lines. Discord is asked whether the member is still there."""
    account = timestamp(discord.utils.snowflake_time(member_id), "D")
    joined = await _joined(guild, member_id)
    return "-# " + _(
        "Account made {account}, {joined}\n-# Earlier clips here: {counts}",
        account=account,
        joined=joined,
        counts=_counts(history),
    )


async def _joined(guild: discord.Guild | None, member_id: int) -> str:
    unknown = _("in this server since nobody knows when")
    if guild is None:
        return unknown
    try:
        # Not from the cache: without the privileged intent nobody tells the bot who has left.
        joined_at = (await guild.fetch_member(member_id)).joined_at
    except discord.NotFound:
        return _("not in this server any more")
    except LOST:
        return unknown
    return (
        unknown
        if joined_at is None
        else _("in this server since {when}", when=timestamp(joined_at, "D"))
    )


def _counts(history: MemberHistory) -> str:
    refused, cancelled, removed = history.refused, history.cancelled, history.removed
    by_pika, failed = history.refused_by_pika, history.failed
    counted = (
        (ngettext("{n} refused in review", "{n} refused in review", refused), refused),
        (
            ngettext("{n} cancelled by moderators", "{n} cancelled by moderators", cancelled),
            cancelled,
        ),
        (
            ngettext(
                "{n} refused by Pika's content rules",
                "{n} refused by Pika's content rules",
                by_pika,
            ),
            by_pika,
        ),
        (ngettext("{n} failed", "{n} failed", failed), failed),
    )
    shown = ngettext("{n} clip shown", "{n} clips shown", history.shown)
    if removed:
        note = ngettext("{n} removed by moderators", "{n} removed by moderators", removed)
        shown = with_note(shown, note)
    return listed((shown, *(text for text, count in counted if count)))
