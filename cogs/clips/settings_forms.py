"""The forms of `/clips settings`, and reading what was typed into them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import discord

from bot.guilds.errors import SettingRangeError
from bot.guilds.settings_service import HIGHEST, Setting
from cogs.clips.settings_panel import CUSTOM_ID_PREFIX, QUEUE_FORM
from cogs.interactions.routed_views import RoutedModal
from cogs.texts.languages import N_, _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.guilds.guild_settings import GuildSettings
    from bot.guilds.settings_service import SettingValues

_ZONE_LENGTH: Final = 60
_DIGITS: Final = 4
_LABELS: Final = {
    Setting.MEMBER_AT_ONCE: N_("Clips of a member in the making"),
    Setting.GUILD_AT_ONCE: N_("Clips of the server rendering"),
    Setting.QUEUE_LENGTH: N_("Clips of the server waiting"),
}


def time_zone_form(settings: GuildSettings) -> RoutedModal:
    """Build the form that asks for a time zone."""
    zone = settings.time_zone.key if settings.time_zone else None
    label, hint = _("Empty: the bot owner's"), _("Europe/Berlin, or a large city")
    field = _field(label, Setting.TIME_ZONE, zone, hint, _ZONE_LENGTH)
    return _form(_("Time zone"), Setting.TIME_ZONE, [field])


def queue_form(settings: GuildSettings) -> RoutedModal:
    """Build the form that asks how many clips there may be at once."""
    fields = []
    for setting in _LABELS:
        now = getattr(settings, setting.value)
        hint = _("1 to {highest}; empty: as it was at first", highest=HIGHEST[setting])
        typed = None if now is None else str(now)
        fields.append(_field(_(_LABELS[setting]), setting, typed, hint, _DIGITS))
    return _form(_("How many at once"), QUEUE_FORM, fields)


def parse_time_zone(fields: Mapping[str, str]) -> SettingValues:
    """Read a time zone form that was sent in; empty for the bot owner's zone."""
    return {Setting.TIME_ZONE: fields.get(Setting.TIME_ZONE, "").strip() or None}


def parse_queue(fields: Mapping[str, str]) -> SettingValues:
    """Read a queue form that was sent in; an empty field sets the number back.

    Raises:
        SettingRangeError: A field holds something else than digits.
    """
    return {setting: _number(setting, fields.get(setting, "").strip()) for setting in _LABELS}


def _number(setting: Setting, text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()):
        raise SettingRangeError(setting.value, HIGHEST[setting])
    return int(text)


def _field(
    label: str, setting: Setting, now: str | None, hint: str, most: int
) -> discord.ui.Label[Any]:
    field: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id=setting, default=now, placeholder=hint, max_length=most, required=False
    )
    return discord.ui.Label(text=label, component=field)


def _form(title: str, name: str, labels: list[discord.ui.Label[Any]]) -> RoutedModal:
    return RoutedModal(
        title,
        f"{CUSTOM_ID_PREFIX}:fill:{name}",
        labels,
    )
