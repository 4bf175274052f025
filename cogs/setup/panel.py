"""The message of `/setup`: the list of checks, and menus with the first settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import discord
from discord import ChannelType, SelectDefaultValueType

from bot.base import value
from bot.guilds.guild_settings import ReviewMode
from bot.moderation import channel_rules
from bot.quota.rules import NO_LIMIT
from cogs.interactions.channel_rights import find_channel, find_role
from cogs.interactions.routed_views import RoutedLayout
from cogs.setup.limit_form import limit_menu
from cogs.texts.amounts import limits_text
from cogs.texts.languages import N_, _, ngettext
from cogs.texts.punctuation import labelled, listed, sentences

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from bot.guilds.guild_settings import GuildSettings
    from bot.moderation.channel_service import ChannelRules
    from bot.quota.first_limits import FirstLimits

CUSTOM_ID_PREFIX: Final = "setup"
"""Of the custom ids of the panel and of its form."""
ROLES, LIMIT, CHANNELS, LOG = "roles", "limit", "channels", "log"
REVIEW, REVIEW_CHANNEL = "review", "review_channel"
PICK, ASK = f"{CUSTOM_ID_PREFIX}:pick", f"{CUSTOM_ID_PREFIX}:ask:{LIMIT}"
FILL, CHECK = f"{CUSTOM_ID_PREFIX}:fill:{LIMIT}", f"{CUSTOM_ID_PREFIX}:check"

_LOG: Final = N_(
    "**Log channel**: hears when a budget runs low, of reports, and what moderators do."
)
_MOST: Final = 25
"""Discord refuses a menu with more choices."""
_PLACES: Final = [
    *(ChannelType.text, ChannelType.news, ChannelType.voice, ChannelType.stage_voice),
    *(ChannelType.forum, ChannelType.category),
]
_WRITTEN: Final = [ChannelType.text, ChannelType.news]


@value
class FirstSettings:
    """What the panel shows, as it is at one moment."""

    limits: FirstLimits
    channels: ChannelRules
    settings: GuildSettings


def setup_panel(checks: str, now: FirstSettings, guild: discord.Guild | None) -> RoutedLayout:
    """Build the message; `guild` tells which channels and roles still exist."""
    heading = _("Each change holds at once and is recorded. Choose as before to undo it.")
    again = discord.ui.Button[Any](label=_("Check again"), custom_id=CHECK)
    other = discord.ui.Button[Any](label=_("Another limit…"), custom_id=ASK)
    settings = now.settings
    return RoutedLayout(
        (
            discord.ui.TextDisplay(f"### {_('What I found')}\n{checks}"),
            discord.ui.ActionRow(again),
            discord.ui.TextDisplay(f"### {_('First settings')}\n-# {heading}\n{_who(now.limits)}"),
            discord.ui.ActionRow(_roles(now.limits, guild)),
            discord.ui.ActionRow(limit_menu(f"{PICK}:{LIMIT}", now.limits.limits)),
            discord.ui.ActionRow(other),
            discord.ui.TextDisplay(_where(now.channels)),
            discord.ui.ActionRow(_channels(now.channels, guild)),
            discord.ui.TextDisplay(_(_LOG)),
            discord.ui.ActionRow(
                _channel(LOG, settings.log_channel_id, guild, _("No log channel"), least=0)
            ),
            discord.ui.TextDisplay(_reviewed(settings)),
            discord.ui.ActionRow(
                _channel(
                    REVIEW_CHANNEL, settings.review_channel_id, guild, _("Choose a review channel")
                )
            ),
            discord.ui.ActionRow(_review(settings)),
        )
    )


def _who(limits: FirstLimits) -> str:
    amounts = limits_text(limits.limits) or _("no limit")
    if limits.is_nobody:
        return _("**Who and how much**: ⛔ nobody, by a limit of 0. Choose a limit or a role.")
    if not limits.role_ids:
        return _("**Who and how much**: everyone, {limits} each.", limits=amounts)
    plain = limits.role_ids - limits.own.keys()
    parts = [_("{roles}: {limits} each", roles=_mentions(plain), limits=amounts)] if plain else []
    for role_id, own in sorted(limits.own.items())[:_MOST]:
        text = _("no limit") if NO_LIMIT in own else limits_text(own)
        parts.append(labelled(f"<@&{role_id}>", text))
    roles = listed(parts, with_commas=True)
    return _("**Who and how much**: only {roles}.", roles=roles)


def _mentions(role_ids: Collection[int]) -> str:
    return listed(f"<@&{it}>" for it in sorted(role_ids)[:_MOST])


def _roles(limits: FirstLimits, guild: discord.Guild | None) -> discord.ui.RoleSelect[Any]:
    there = [it for it in sorted(limits.role_ids) if find_role(guild, it) is not None]
    return discord.ui.RoleSelect(
        custom_id=f"{PICK}:{ROLES}",
        placeholder=_("Who may: everyone"),
        min_values=0,
        max_values=_MOST,
        default_values=_defaults(there, SelectDefaultValueType.role),
        disabled=len(there) > _MOST,
    )


def _where(rules: ChannelRules) -> str:
    allowed = channel_rules.allowed_ids(rules.verdicts)
    forbidden = len(rules.verdicts) - len(allowed)
    text = _("**Where**: in every channel.")
    if any(verdict is channel_rules.Verdict.ALLOW for verdict in rules.verdicts.values()):
        text = ngettext(
            "**Where**: in {n} channel or category alone.",
            "**Where**: in {n} channels and categories alone.",
            len(allowed),
        )
    if forbidden:
        forbidden_text = ngettext(
            "{n} is forbidden: `/clips channels list`.",
            "{n} are forbidden: `/clips channels list`.",
            forbidden,
        )
        text = sentences(text, forbidden_text)
    if len(allowed) > _MOST:
        text = sentences(text, _("Too many to change here: `/clips channels`."))
    return text


def _channels(rules: ChannelRules, guild: discord.Guild | None) -> discord.ui.ChannelSelect[Any]:
    allowed = sorted(channel_rules.allowed_ids(rules.verdicts))
    there = [it for it in allowed if find_channel(guild, it) is not None]
    return discord.ui.ChannelSelect(
        custom_id=f"{PICK}:{CHANNELS}",
        channel_types=_PLACES,
        placeholder=_("Where: in every channel"),
        min_values=0,
        max_values=_MOST,
        default_values=_defaults(there, SelectDefaultValueType.channel),
        disabled=len(allowed) > _MOST,
    )


def _channel(
    name: str,
    channel_id: int | None,
    guild: discord.Guild | None,
    placeholder: str,
    *,
    least: int = 1,
) -> discord.ui.ChannelSelect[Any]:
    there = [] if find_channel(guild, channel_id) is None else [channel_id or 0]
    return discord.ui.ChannelSelect(
        custom_id=f"{PICK}:{name}",
        channel_types=_WRITTEN,
        placeholder=placeholder,
        min_values=least,
        default_values=_defaults(there, SelectDefaultValueType.channel),
    )


def _defaults(ids: Iterable[int], kind: SelectDefaultValueType) -> list[discord.SelectDefaultValue]:
    return [discord.SelectDefaultValue(id=it, type=kind) for it in ids][:_MOST]


def _reviewed(settings: GuildSettings) -> str:
    return ngettext(
        "**Review**: moderators see clips first, in a channel of theirs. A newcomer's account or "
        "membership is younger than {n} day.",
        "**Review**: moderators see clips first, in a channel of theirs. A newcomer's account or "
        "membership is younger than {n} days.",
        settings.newcomer_days,
    )


def _review(settings: GuildSettings) -> discord.ui.Select[Any]:
    labels = {
        ReviewMode.OFF: _("Review: nobody's clips"),
        ReviewMode.NEWCOMERS: _("Review: clips of newcomers"),
        ReviewMode.EVERYONE: _("Review: everyone's clips"),
    }
    options = [
        discord.SelectOption(label=label, value=mode.value, default=mode is settings.review)
        for mode, label in labels.items()
    ]
    return discord.ui.Select(custom_id=f"{PICK}:{REVIEW}", options=options)
