"""The forms of `/clips settings`, and what was typed into them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import discord

from bot.guilds.errors import SettingRangeError
from bot.guilds.settings_service import HIGHEST, Setting
from cogs.clips.settings_panel import CUSTOM_ID_PREFIX, QUEUE_FORM
from cogs.interactions.routed_views import RoutedModal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.guilds.guild_settings import GuildSettings
    from bot.guilds.settings_service import SettingValues

_ZONE_LENGTH: Final = 60
_DIGITS: Final = 4
_LABELS: Final = {
    Setting.MEMBER_AT_ONCE: "Clips of a member in the making",
    Setting.GUILD_AT_ONCE: "Clips of the server rendering",
    Setting.QUEUE_LENGTH: "Clips of the server waiting",
}


def time_zone_form(settings: GuildSettings) -> RoutedModal:
    """Return the form that asks for a time zone."""
    now = settings.time_zone
    field: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id=Setting.TIME_ZONE,
        default=None if now is None else now.key,
        placeholder="Europe/Berlin, or a large city",
        max_length=_ZONE_LENGTH,
        required=False,
    )
    return _form("Time zone", Setting.TIME_ZONE, [("Empty: the bot owner's", field)])


def queue_form(settings: GuildSettings) -> RoutedModal:
    """Return the form that asks how many clips there may be at once."""
    fields: list[tuple[str, discord.ui.TextInput[Any]]] = []
    for setting, label in _LABELS.items():
        now = getattr(settings, setting.value)
        field: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id=setting,
            default=None if now is None else str(now),
            placeholder=f"1 to {HIGHEST[setting]}; empty: as it was at first",
            max_length=_DIGITS,
            required=False,
        )
        fields.append((label, field))
    return _form("How many at once", QUEUE_FORM, fields)


def parse_time_zone(fields: Mapping[str, str]) -> SettingValues:
    """Return what a filled zone form asks for."""
    return {Setting.TIME_ZONE: fields.get(Setting.TIME_ZONE, "").strip() or None}


def parse_queue(fields: Mapping[str, str]) -> SettingValues:
    """Return what a filled line form asks for.

    Raises:
        SettingRangeError: Something else than a number was typed.
    """
    return {setting: _number(setting, fields.get(setting, "").strip()) for setting in _LABELS}


def _number(setting: Setting, text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()):
        raise SettingRangeError(setting.value, HIGHEST[setting])
    return int(text)


def _form(
    title: str, name: str, fields: list[tuple[str, discord.ui.TextInput[Any]]]
) -> RoutedModal:
    labelled = (discord.ui.Label(text=label, component=field) for label, field in fields)
    return RoutedModal(title, f"{CUSTOM_ID_PREFIX}:fill:{name}", labelled)
