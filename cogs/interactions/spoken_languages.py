"""In which language somebody is answered, and in which what all can read is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.interactions.place import guild_id_of, is_direct
from cogs.texts.languages import (
    language_of,
    set_command_language,
    set_language,
    set_public_language,
)

if TYPE_CHECKING:
    import discord

    from bot.guilds.languages import GuildLanguages


def set_languages(interaction: discord.Interaction, languages: GuildLanguages) -> None:
    """Answer whoever used an interaction in the language of their choice, or of their Discord.

    What is said inside `publicly` is in the server's. Each interaction has a task of its own, and
    with it languages of its own.
    """
    chosen = languages.chosen_by(guild_id_of(interaction), interaction.user.id)
    of_discord = language_of(interaction.locale.value)
    own = chosen or of_discord
    set_language(own)
    set_command_language(of_discord)
    # In direct messages nobody else reads it.
    set_public_language(own if is_direct(interaction) else languages.of(interaction.guild_id))
