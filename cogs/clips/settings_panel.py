"""The panel of `/clips settings`: the settings, and the menus and buttons that change them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import discord

from bot.base import DURATIONS, RESOLUTIONS, value
from bot.guilds.guild_settings import OthersPictures, default_size, largest_size
from bot.guilds.languages import ENGLISH
from bot.guilds.settings_service import Setting
from cogs.interactions.channel_rights import find_channel, find_role, is_hidden, may_mention
from cogs.interactions.routed_views import RoutedLayout
from cogs.texts.languages import LANGUAGES, N_, _
from cogs.texts.markdown import escape, plural
from cogs.texts.punctuation import sentences

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from zoneinfo import ZoneInfo

    from bot.guilds.guild_settings import GuildSettings

CUSTOM_ID_PREFIX: Final = "settings"
"""Of the custom ids of the panel and of its forms."""
QUEUE_FORM: Final = "line"
"""The form with the numbers of the queue, by the name that custom ids in old panels have."""
_PICK, _ASK = f"{CUSTOM_ID_PREFIX}:pick", f"{CUSTOM_ID_PREFIX}:ask"
# Discord refuses the whole panel if one of its menus has more options.
_LANGUAGES_SHOWN: Final = 25


@value
class OwnerDefaults:
    """What the bot's owner has set, for servers whose moderators have set nothing."""

    time_zone: ZoneInfo
    renders_at_once: int


def settings_panel(
    settings: GuildSettings, owner: OwnerDefaults, guild: discord.Guild | None, *, may_fill: bool
) -> RoutedLayout:
    """Build the panel of a guild's settings.

    Args:
        settings: What it shows.
        owner: What applies where moderators have set nothing.
        guild: To tell whether the log channel and the role still exist.
        may_fill: Whether its reader may open the forms, and decide what the log channel is told.
    """
    menus = (*_sizes(settings), _languages(settings))
    return RoutedLayout(
        (
            discord.ui.TextDisplay(_(_HEADING)),
            *map(discord.ui.ActionRow, menus),
            discord.ui.ActionRow(_others_pictures(settings, may_pick=may_fill)),
            discord.ui.TextDisplay(_log(settings, guild)),
            *(discord.ui.ActionRow(it) for it in _log_menus(settings, guild, may_pick=may_fill)),
            discord.ui.TextDisplay(
                _rest(settings, owner) + ("" if may_fill else f"\n{_(_NO_FORMS)}")
            ),
            discord.ui.ActionRow(
                _form_button(_("Time zone"), Setting.TIME_ZONE, may_fill=may_fill),
                _form_button(_("How many at once"), QUEUE_FORM, may_fill=may_fill),
            ),
        )
    )


_NO_FORMS: Final = N_(
    "-# These two need the permission **Manage Server**. So do the menus of the "
    "log channel, and that of other members' pictures."
)


_HEADING: Final = N_(
    "### Settings of this server\nEach change holds from the next request on, and is recorded."
)


def _sizes(settings: GuildSettings) -> list[discord.ui.Select[Any]]:
    resolution, duration = default_size(settings)
    highest, longest = largest_size(settings)
    allowed = RESOLUTIONS[: RESOLUTIONS.index(highest) + 1]
    sizes = {it: _("{it} unless a member chooses", it=it) for it in allowed}
    lengths = {
        it: _("{it} seconds unless a member chooses", it=it) for it in DURATIONS if it <= longest
    }
    return [
        _menu(Setting.DEFAULT_RESOLUTION, sizes, resolution),
        _menu(
            Setting.HIGHEST_RESOLUTION,
            {it: _("At most {it}", it=it) for it in RESOLUTIONS},
            highest,
        ),
        _menu(Setting.DEFAULT_DURATION, lengths, duration),
        _menu(
            Setting.LONGEST_DURATION,
            {it: _("At most {it} seconds", it=it) for it in DURATIONS},
            longest,
        ),
    ]


def _languages(settings: GuildSettings) -> discord.ui.Select[Any]:
    named = [(code, _("Public messages in {name}", name=it.name)) for code, it in LANGUAGES.items()]
    return _menu(Setting.LANGUAGE, dict(named[:_LANGUAGES_SHOWN]), settings.language or ENGLISH)


def _others_pictures(settings: GuildSettings, *, may_pick: bool) -> discord.ui.Select[Any]:
    labels = {
        OthersPictures.ASK: _("Others' pictures: their owner is asked first"),
        OthersPictures.NEVER: _("Others' pictures: nobody may animate them"),
        OthersPictures.ALWAYS: _("Others' pictures: allowed, unless their owner forbids it"),
    }
    menu = _menu(Setting.OTHERS_PICTURES, labels, settings.others_pictures)
    menu.disabled = not may_pick
    return menu


def _menu(setting: Setting, labels: Mapping[Any, str], now: str | int) -> discord.ui.Select[Any]:
    options = [
        discord.SelectOption(label=label, value=str(value), default=value == now)
        for value, label in labels.items()
    ]
    return discord.ui.Select(custom_id=f"{_PICK}:{setting}", options=options)


def _form_button(label: str, form: str, *, may_fill: bool) -> discord.ui.Button[Any]:
    return discord.ui.Button(label=label, custom_id=f"{_ASK}:{form}", disabled=not may_fill)


def _log_menus(
    settings: GuildSettings, guild: discord.Guild | None, *, may_pick: bool
) -> Iterator[discord.ui.Item[Any]]:
    channel = find_channel(guild, settings.log_channel_id)
    yield discord.ui.ChannelSelect(
        custom_id=f"{_PICK}:{Setting.LOG_CHANNEL}",
        channel_types=[discord.ChannelType.text, discord.ChannelType.news],
        placeholder=_("Log channel: none"),
        min_values=0,
        default_values=[] if channel is None else [channel],
        disabled=not may_pick,
    )
    told = {1: _("It is told what moderators do"), 0: _("It is not told what moderators do")}
    acts = _menu(Setting.LOG_ACTS, told, int(settings.log_acts))
    acts.disabled = not may_pick
    yield acts
    role = find_role(guild, settings.alert_role_id)
    yield discord.ui.RoleSelect(
        custom_id=f"{_PICK}:{Setting.ALERT_ROLE}",
        placeholder=_("Role that I mention for reviews and alerts: none"),
        min_values=0,
        default_values=[] if role is None else [role],
        disabled=not may_pick,
    )


def _log(settings: GuildSettings, guild: discord.Guild | None) -> str:
    text = _(
        "**Log channel**: hears when the budget runs low, when something needs a look, "
        "and what moderators do."
    )
    channel = find_channel(guild, settings.log_channel_id)
    if settings.log_channel_id is not None and (channel is None or is_hidden(channel)):
        gone = _("⚠️ The one that was set is deleted or hidden from me. Please choose another.")
        text = sentences(text, gone)
    role_id = settings.alert_role_id
    role = find_role(guild, role_id)
    if role_id is not None and role is None:
        text = sentences(text, _("⚠️ The role that I mentioned is gone."))
    elif role is not None and not may_mention(role, settings.log_channel_id):
        muted = _(
            "⚠️ I may not mention {mention}, so nobody is notified: allow anyone to "
            "mention that role, or give me the permission to mention all roles.",
            mention=role.mention,
        )
        text = sentences(text, muted)
    return text


def _rest(settings: GuildSettings, owner: OwnerDefaults) -> str:
    zone = settings.time_zone
    shown = escape((zone or owner.time_zone).key)
    whose = "" if zone else _(" (the bot owner's)")
    at_once = settings.guild_at_once
    rendered = _("{clips} of the server", clips=plural(at_once or owner.renders_at_once, "clip"))
    return _(
        "**Time zone**: {shown}{whose}. Days, weeks and months of limits begin there. "
        "One that has begun keeps its end when the zone is changed.\n**At once**: "
        "{clips} of a member in the making, {rendered} rendering{rest}, {clips_2} of "
        "the server waiting.",
        shown=shown,
        whose=whose,
        clips=plural(settings.member_at_once, "clip"),
        rendered=rendered,
        rest="" if at_once else _(" (as many as the bot renders)"),
        clips_2=plural(settings.queue_length, "clip"),
    )
