"""The settings that moderators change in one place: each change with its audit event."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias

from bot.base import DURATIONS, RESOLUTIONS, UnknownChoiceError, service, value
from bot.guilds import audit, guild_settings
from bot.guilds.audit import AuditAction, AuditEvent, AuditSubject
from bot.guilds.errors import SettingAboveMaximumError, SettingRangeError
from bot.guilds.guild_settings import OthersPictures
from bot.guilds.time_zones import find_time_zone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from bot.base import Clock, Database, SqlValue, Transaction
    from bot.guilds.guild_settings import GuildSettings
    from bot.guilds.languages import GuildLanguages


class Setting(StrEnum):
    """One of the settings, named as its column."""

    DEFAULT_RESOLUTION = "default_resolution"
    DEFAULT_DURATION = "default_duration"
    HIGHEST_RESOLUTION = "highest_resolution"
    LONGEST_DURATION = "longest_duration"
    TIME_ZONE = "time_zone"
    LANGUAGE = "language"
    LOG_CHANNEL = "log_channel_id"
    LOG_ACTS = "log_acts"
    ALERT_ROLE = "alert_role_id"
    MEMBER_AT_ONCE = "member_at_once"
    GUILD_AT_ONCE = "guild_at_once"
    QUEUE_LENGTH = "queue_length"
    OTHERS_PICTURES = "others_pictures"


SettingValues: TypeAlias = "Mapping[Setting, int | str | None]"
"""Values of settings; `None` is the default."""

HIGHEST: Final[Mapping[Setting, int]] = {
    Setting.MEMBER_AT_ONCE: 100,
    Setting.GUILD_AT_ONCE: 100,
    Setting.QUEUE_LENGTH: 1000,
}
"""The highest number allowed for each; the lowest is 1."""

_CHOICES: Final[Mapping[Setting, tuple[int | str, ...]]] = {
    Setting.DEFAULT_RESOLUTION: RESOLUTIONS,
    Setting.HIGHEST_RESOLUTION: RESOLUTIONS,
    Setting.DEFAULT_DURATION: DURATIONS,
    Setting.LONGEST_DURATION: DURATIONS,
    Setting.LOG_ACTS: (0, 1),
    Setting.OTHERS_PICTURES: tuple(OthersPictures),
}
_MAXIMUM_OF: Final = {
    Setting.DEFAULT_RESOLUTION: Setting.HIGHEST_RESOLUTION,
    Setting.DEFAULT_DURATION: Setting.LONGEST_DURATION,
}


@value
class SettingsChange:
    """The result of a change.

    Attributes:
        settings: All settings as they are now.
        before: The old values of those that differ now; empty if none does.
        after: The new values of the same.
    """

    settings: GuildSettings
    before: SettingValues
    after: SettingValues


@service
class SettingsService:
    """Reads and changes the settings of any guild.

    Each change calls `wake`, since clips and log messages that waited may go on then.

    Attributes:
        keep_windows: Tells what to store as `GuildSettings.kept_windows` when a guild with the
            settings given leaves its time zone.
    """

    database: Database
    clock: Clock
    languages: GuildLanguages
    wake: Callable[[], None]
    keep_windows: Callable[[GuildSettings, datetime], str]

    async def get(self, guild_id: int) -> GuildSettings:
        """The settings of a guild; the defaults if nobody has set any, no pause that is over."""
        settings = await self.database.read(lambda tx: guild_settings.get(tx, guild_id))
        return replace(settings, pause=settings.pause_at(self.clock()))

    async def change(self, guild_id: int, actor_id: int, values: SettingValues) -> SettingsChange:
        """Change settings, from the next request on. A new maximum lowers a default above it.

        Raises:
            SettingRangeError: A number is out of range.
            SettingAboveMaximumError: A new default is above the maximum.
            UnknownTimeZoneError: There is no time zone of that name.
            UnknownChoiceError: A value is none of the choices.
        """
        wanted = {setting: _checked(setting, value) for setting, value in values.items()}
        if (zone := wanted.get(Setting.TIME_ZONE)) is not None:
            # The first search reads the names of all zones from disk.
            found = await asyncio.to_thread(find_time_zone, str(zone))
            wanted[Setting.TIME_ZONE] = found.key
        change = await self.database.write(
            lambda tx: self._change(tx, guild_id, actor_id, wanted, self.clock())
        )
        self.languages.update(guild_id, change.settings.language)
        self.wake()
        return change

    def _change(
        self, tx: Transaction, guild_id: int, actor_id: int, wanted: SettingValues, now: datetime
    ) -> SettingsChange:
        earlier = guild_settings.get(tx, guild_id)
        was = _values(earlier)
        columns = {**wanted, **_lowered_defaults(was, wanted)}
        row: dict[str, SqlValue] = {key.value: value for key, value in columns.items()}
        if {**was, **columns}[Setting.TIME_ZONE] != was[Setting.TIME_ZONE]:
            # Else a midnight that comes earlier there would renew what is used up.
            row["kept_windows"] = self.keep_windows(earlier, now)
        guild_settings.put(tx, guild_id, **row)
        settings = guild_settings.get(tx, guild_id)
        values = _values(settings)
        changed = [setting for setting in Setting if was[setting] != values[setting]]
        before, after = ({key: it[key] for key in changed} for it in (was, values))
        if changed:  # a form sends all its fields, and often they are as before
            sides = _audit_values(before), _audit_values(after)
            event = AuditEvent(actor_id, AuditAction.SETTINGS, AuditSubject.GUILD, 0, *sides)
            audit.record(tx, guild_id, event, now)
        return SettingsChange(settings, before, after)


def _checked(setting: Setting, value: int | str | None) -> int | str | None:
    if value is None:
        return None
    if setting in _CHOICES and value not in _CHOICES[setting]:
        raise UnknownChoiceError
    most = HIGHEST.get(setting)
    if most is not None and not (isinstance(value, int) and 1 <= value <= most):
        raise SettingRangeError(setting.value, most)
    return value


def _lowered_defaults(was: SettingValues, wanted: SettingValues) -> SettingValues:
    found: dict[Setting, int | str | None] = {}
    for default, maximum in _MAXIMUM_OF.items():
        order = _CHOICES[default]
        highest, chosen = ({**was, **wanted}[key] for key in (maximum, default))
        if highest is None or chosen is None or order.index(chosen) <= order.index(highest):
            continue
        if wanted.get(default) is not None:
            raise SettingAboveMaximumError(default.value, highest)
        found[default] = highest
    return found


def _values(settings: GuildSettings) -> dict[Setting, int | str | None]:
    found = {setting: getattr(settings, setting.value) for setting in Setting}
    zone = settings.time_zone
    return found | {Setting.TIME_ZONE: None if zone is None else zone.key}


def _audit_values(values: SettingValues) -> dict[str, int | str | bool | None]:
    return {setting.value: value for setting, value in values.items()}
