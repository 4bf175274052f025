"""Command texts in the languages of Discord, looked up once in a process of tests.

Each new house is told all commands, in all languages: some ten thousand look-ups, and five
catalogues to read, at each start of a bot that has a fresh database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.texts.command_translator import CommandTranslator, context_of

if TYPE_CHECKING:
    import discord
    from discord import app_commands


def remember_command_texts() -> None:
    """Have bots of this process look each text up once."""
    look_up = CommandTranslator.translate
    known: dict[tuple[str, discord.Locale, str], str | None] = {}

    async def remembered(
        self: CommandTranslator,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        key = string.message, locale, context_of(context.location, context.data)
        if key not in known:
            known[key] = await look_up(self, string, locale, context)
        return known[key]

    CommandTranslator.translate = remembered  # type: ignore[method-assign] # what the name says
