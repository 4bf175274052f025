"""The checks of `/setup` that channels can fail: where clips are made, reviewed and logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import discord

from bot.guilds.guild_settings import AgeRestriction, ReviewMode
from bot.moderation import channel_rules
from cogs.interactions.channel_rights import (
    TO_SHOW_CLIPS,
    TO_WRITE,
    ChannelUse,
    find_channel,
    is_hidden,
    missing_rights,
    names_text,
)
from cogs.texts.languages import _, ngettext
from cogs.texts.punctuation import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.guilds.guild_settings import GuildSettings
    from bot.moderation.channel_service import ChannelRules

FINE, LACKING, UNUSED = "✅", "⚠️", "⚪"
"""The marks of a check: nothing to do, something to mend, and what is not switched on."""

_VIEW: Final = TO_WRITE.rights["view_channel"]
_NAMED: Final = 5
"""Channels in one line."""
_LINES: Final = 8
"""Lines about permissions: there may be as many combinations of them as channels."""
_TO_DELIVER: Final = ChannelUse(
    {**TO_SHOW_CLIPS.rights, "read_message_history": "Read Message History"}, shows_clips=True
)
_WITH_THREADS: Final = ChannelUse(
    {**_TO_DELIVER.rights, "send_messages_in_threads": "Send Messages in Threads"},
    shows_clips=True,
)
_THREADED: Final = (discord.TextChannel, discord.ForumChannel)


class Check(NamedTuple):
    """One line of the list: what was found, and in the same line what to do."""

    mark: str
    text: str


def permission_checks(interaction: discord.Interaction, rules: ChannelRules) -> Iterator[Check]:
    """Compare the bot's permissions with what it needs where clips may be asked for.

    Only the gateway's memory and the interaction are read. Channels that lack the same are named
    together, and those that lack nothing are counted.
    """
    lacking: dict[tuple[str, ...], list[int]] = {}
    hidden, fine = [], 0
    for channel in _open_channels(interaction.guild, rules):
        use = _WITH_THREADS if isinstance(channel, _THREADED) else _TO_DELIVER
        missing = tuple(dict.fromkeys(missing_rights(interaction, channel.id, use)))
        if is_hidden(channel) and channel.id not in rules.verdicts:
            hidden.append(channel.id)
        elif missing:
            # Of one that it may not view nothing else is known, and nothing else is mended first.
            missing = missing[:1] if missing[0] == _VIEW else missing
            lacking.setdefault(missing, []).append(channel.id)
        else:
            fine += 1
    yield _counted(fine)
    by_channels = sorted(lacking.items(), key=lambda it: -len(it[1]))
    for missing, channel_ids in by_channels[:_LINES]:
        text = _(
            "{channels}: give my role {permissions} there, or do not allow clips there.",
            channels=_channels(channel_ids),
            permissions=names_text(missing),
        )
        yield Check(LACKING, text)
    if left := sum(len(ids) for _missing, ids in by_channels[_LINES:]):
        text = ngettext("{n} more channel lacks others.", "{n} more channels lack others.", left)
        yield Check(LACKING, text)
    if hidden:
        shown = _channels(hidden)
        text = _("Hidden from me: {channels}. Let me in where you want clips.", channels=shown)
        yield Check(UNUSED, text)


def _counted(fine: int) -> Check:
    if not fine:
        text = _("I can show clips in no channel where they may be asked for.")
        return Check(LACKING, text)
    text = ngettext(
        "{n} channel where clips may be asked for has all that I need.",
        "{n} channels where clips may be asked for have all that I need.",
        fine,
    )
    return Check(FINE, text)


def review_check(interaction: discord.Interaction, settings: GuildSettings) -> Check:
    """Whether clips can be shown to moderators, where they are to be reviewed."""
    channel_id = settings.review_channel_id
    if settings.review is ReviewMode.OFF:
        return Check(UNUSED, _("Clips are shown without a review."))
    if channel_id is None:
        return Check(LACKING, _("No review channel is set: choose one."))
    return _place_check(interaction, channel_id, TO_SHOW_CLIPS, _("Review channel"))


def log_check(interaction: discord.Interaction, settings: GuildSettings) -> Check:
    """Whether the log channel is set, there, and can be written to."""
    channel_id = settings.log_channel_id
    if channel_id is None:
        return Check(UNUSED, _("No log channel is set: nobody is told when the budget runs low."))
    return _place_check(interaction, channel_id, TO_WRITE, _("Log channel"))


def _place_check(
    interaction: discord.Interaction, channel_id: int, use: ChannelUse, name: str
) -> Check:
    values = {"name": name, "channel": f"<#{channel_id}>"}
    channel = find_channel(interaction.guild, channel_id)
    if channel is None or is_hidden(channel):
        text = _(
            "{name}: it is deleted or hidden from me: choose another, or show it me.", **values
        )
        return Check(LACKING, text)
    if missing := missing_rights(interaction, channel_id, use):
        text = _(
            "{name} {channel}: give my role {permissions} there, or choose another.",
            permissions=names_text(missing),
            **values,
        )
        return Check(LACKING, text)
    return Check(FINE, _("{name}: {channel}, and I can write there.", **values))


def _open_channels(
    guild: discord.Guild | None, rules: ChannelRules
) -> Iterator[discord.abc.GuildChannel]:
    """The channels in which the rules let `/animate` be used, as the gateway told of them."""
    for channel in () if guild is None else guild.channels:
        if isinstance(channel, discord.CategoryChannel):
            continue
        is_for_adults = getattr(channel, "nsfw", False)
        if rules.age_restriction is not AgeRestriction.ANY:
            is_wanted = rules.age_restriction is AgeRestriction.ONLY
            if is_for_adults is not is_wanted:
                continue
        ids = [channel.id] if channel.category_id is None else [channel.id, channel.category_id]
        if channel_rules.allow(rules.verdicts, ids):
            yield channel


def _channels(channel_ids: Iterable[int]) -> str:
    named = sorted(channel_ids)
    shown = listed(f"<#{it}>" for it in named[:_NAMED])
    left = len(named) - _NAMED
    if left <= 0:
        return shown
    return ngettext("{shown} and {n} more", "{shown} and {n} more", left, shown=shown)
