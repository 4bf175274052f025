"""The texts of commands in each of Discord's languages that there is a catalogue for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from discord import app_commands
from discord.app_commands import TranslationContextLocation as Location

from cogs.texts.languages import language_of, translation

if TYPE_CHECKING:
    import discord

_CONTEXTS: Final = {
    Location.command_name: "command",
    Location.group_name: "command",
    Location.parameter_name: "option",
    Location.command_description: "description",
    Location.group_description: "description",
    Location.parameter_description: "description",
    Location.choice_name: "choice",
}
"""The context in the catalogues of each place."""


class CommandTranslator(app_commands.Translator):
    """Says how a command, an option or a choice is called where somebody's Discord speaks so.

    Names of moderators' commands stay in English, as in the manual and in the log that all of
    them read.
    """

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """Look a text up; `None` is as in English."""
        kind = context_of(context.location, context.data)
        text = translation(language_of(locale.value), string.message, kind) if kind else None
        return text if isinstance(text, str) and text != string.message else None


def context_of(location: Location, data: Any) -> str:  # noqa: ANN401 - of discord.py, by place
    """The context of a text in the catalogues; empty for one that is never translated."""
    if isinstance(data, app_commands.ContextMenu):
        return "menu"
    kind = _CONTEXTS.get(location, "")
    return kind if kind not in {"command", "option"} or is_for_members(data) else ""


def is_for_members(data: Any) -> bool:  # noqa: ANN401 - as in context_of
    """Whether a command, group or option is of a command that needs no right."""
    command = data.command if isinstance(data, app_commands.Parameter) else data
    root = getattr(command, "root_parent", None) or getattr(command, "parent", None) or command
    return getattr(root, "default_permissions", None) is None
