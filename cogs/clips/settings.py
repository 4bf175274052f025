"""`/clips settings`: one panel that shows a server's settings and changes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands

from bot.base.errors import ModerationError, UnknownChoiceError
from bot.guilds.errors import SettingAboveMaximumError, SettingRangeError, UnknownTimeZoneError
from bot.guilds.settings_service import Setting
from cogs.clips.settings_forms import parse_queue, parse_time_zone, queue_form, time_zone_form
from cogs.clips.settings_panel import QUEUE_FORM, settings_panel
from cogs.interactions.acknowledging import defer, open_modal
from cogs.interactions.channel_rights import TO_WRITE, check_channel, find_role
from cogs.interactions.components import OUTDATED_TEXT, chosen_values, reply_privately, typed_texts
from cogs.interactions.rights import has_right, require_right
from cogs.texts.error_texts import UNCHANGED, error_text
from cogs.texts.languages import LANGUAGES, N_, _
from cogs.texts.markdown import escape, shorten
from cogs.texts.punctuation import either

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.guilds.guild_settings import GuildSettings
    from bot.guilds.settings_service import SettingsService, SettingValues
    from cogs.clips.settings_panel import OwnerDefaults
    from cogs.interactions.components import ComponentHandler

# Characters of a time zone that is not known.
_TYPED_SHOWN: Final = 60
_FORMS: Final = {Setting.TIME_ZONE.value: time_zone_form, QUEUE_FORM: queue_form}
_PARSERS: Final = {Setting.TIME_ZONE.value: parse_time_zone, QUEUE_FORM: parse_queue}
_LOG: Final = {Setting.LOG_CHANNEL, Setting.LOG_ACTS, Setting.ALERT_ROLE}
"""What the log channel is told: whoever decides that could hide what they do, or notify many."""
_FOR_FEW: Final = {*_LOG, Setting.OTHERS_PICTURES}
_NUMBERS: Final = {Setting.DEFAULT_DURATION, Setting.LONGEST_DURATION, *_LOG}
_TEXTS: Final = {
    *(Setting.DEFAULT_RESOLUTION, Setting.HIGHEST_RESOLUTION),
    *(Setting.LANGUAGE, Setting.OTHERS_PICTURES),
}


class SettingsCommand(app_commands.Group):
    """`/clips settings`."""

    def __init__(self, settings: SettingsService, owner: OwnerDefaults) -> None:
        super().__init__()
        self._settings = settings
        self._owner = owner

    @app_commands.command(description="Show and change this server's settings")
    async def settings(self, interaction: discord.Interaction) -> None:
        """Show the panel."""
        await _show(interaction, await self._settings.get(interaction.guild_id or 0), self._owner)


def settings_handler(service: SettingsService, owner: OwnerDefaults) -> ComponentHandler:
    """Build the handler for the panel's menus, buttons and forms."""

    async def change(interaction: discord.Interaction, wanted: Callable[[], SettingValues]) -> None:
        await defer(interaction)
        guild_id = interaction.guild_id or 0
        try:
            changed = await service.change(guild_id, interaction.user.id, wanted())
        except ModerationError:
            # Discord's client shows the choice as made until the panel is edited.
            await _show(interaction, await service.get(guild_id), owner)
            raise
        await _show(interaction, changed.settings, owner)

    async def pressed(interaction: discord.Interaction, arguments: list[str]) -> None:
        # The forms say how much may be spent at once, and when limits renew.
        is_form = arguments[:1] in (["ask"], ["fill"])
        is_for_few = is_form or not _FOR_FEW.isdisjoint(arguments)
        require_right(interaction, "manage_guild" if is_for_few else "manage_messages")
        match arguments:
            case ["ask", form] if form in _FORMS:
                # Discord takes a modal only as the first answer, so nothing is deferred here.
                now = await service.get(interaction.guild_id or 0)
                await open_modal(interaction, _FORMS[form](now))
            case ["fill", form] if form in _PARSERS:
                await change(interaction, lambda: _PARSERS[form](typed_texts(interaction)))
            case ["pick", name] if name in _NUMBERS | _TEXTS:
                await change(interaction, lambda: _picked(interaction, Setting(name)))
            case _:
                await reply_privately(interaction, _(OUTDATED_TEXT))

    return pressed


def _picked(interaction: discord.Interaction, setting: Setting) -> SettingValues:
    value = next(iter(chosen_values(interaction)), None)
    if value is None:
        return {setting: None}
    # Only Discord's own clients keep to the menu's options, and languages are known only here.
    if setting is Setting.LANGUAGE and value not in LANGUAGES:
        raise UnknownChoiceError
    if setting is Setting.ALERT_ROLE:
        _check_role(interaction.guild, int(value))
    if setting is Setting.LOG_CHANNEL:
        check_channel(interaction, int(value), TO_WRITE)
    return {setting: int(value) if setting in _NUMBERS else value}


def _check_role(guild: discord.Guild | None, role_id: int) -> None:
    role = find_role(guild, role_id)
    if role is None or role.is_default():
        raise AlertRoleError(role_id)


async def _show(
    interaction: discord.Interaction, settings: GuildSettings, owner: OwnerDefaults
) -> None:
    may_fill = has_right(interaction, "manage_guild")
    view = settings_panel(settings, owner, interaction.guild, may_fill=may_fill)
    await interaction.edit_original_response(view=view)


class AlertRoleError(ModerationError):
    """A role that is not to be mentioned was chosen for alerts: @everyone, or one unknown."""

    def __init__(self, role_id: int) -> None:
        super().__init__(f"role {role_id} is not for alerts")


_NAMES: Final = {
    Setting.MEMBER_AT_ONCE.value: N_("How many clips a member has in the making"),
    Setting.GUILD_AT_ONCE.value: N_("How many clips of the server render at once"),
    Setting.QUEUE_LENGTH.value: N_("How many clips of the server wait"),
}


@error_text.register
def _out_of_range(error: SettingRangeError) -> str:
    return _(
        "{names} must be a whole number from 1 to {highest}. {unchanged}",
        names=_(_NAMES[error.name]),
        highest=error.highest,
        unchanged=_(UNCHANGED),
    )


@error_text.register
def _alert_role(_error: AlertRoleError) -> str:
    return _(
        "I mention one role of moderators, and never everyone. Please choose another "
        "role. {unchanged}",
        unchanged=_(UNCHANGED),
    )


@error_text.register
def _above(error: SettingAboveMaximumError) -> str:
    highest: str | int = error.highest
    if isinstance(highest, int):
        highest = _("{n} seconds", n=highest)
    return _(
        "This server allows at most {highest}, so that members cannot get more "
        "by default. Please raise that first. {unchanged}",
        highest=highest,
        unchanged=_(UNCHANGED),
    )


@error_text.register
def _no_zone(error: UnknownTimeZoneError) -> str:
    name = escape(shorten(error.typed, _TYPED_SHOWN))
    advice = _("Please name it like `Europe/Berlin`.")
    if error.near:
        near = either(f"**{escape(zone)}**" for zone in error.near)
        advice = _("Did you mean {near}?", near=near)
    return _(
        "I know no time zone {name}. {advice} {unchanged}",
        name=name,
        advice=advice,
        unchanged=_(UNCHANGED),
    )
