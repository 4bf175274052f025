"""What Discord suggests in `/animate` while a member types: their own earlier words and seeds."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import discord
from discord import app_commands

from cogs.interactions.place import guild_id_of
from cogs.interactions.suggestions import CHOICES, Choices, matching_choices
from cogs.texts.markdown import shorten

if TYPE_CHECKING:
    from bot.requests.own_clips import OwnClips

# Characters of a suggestion's name.
_LONGEST_NAME: Final = 100

SuggestPrompts: TypeAlias = Callable[[discord.Interaction[Any], str], Coroutine[Any, Any, Choices]]
SuggestSeeds: TypeAlias = Callable[
    [discord.Interaction[Any], str], Coroutine[Any, Any, list[app_commands.Choice[int]]]
]


def prompt_suggestions(own_clips: OwnClips) -> SuggestPrompts:
    """Build what suggests earlier prompts, each once; Discord takes none over 100 characters."""

    async def suggest(interaction: discord.Interaction, typed: str) -> Choices:
        found = await own_clips.recent_words(guild_id_of(interaction), interaction.user.id)
        prompts = dict.fromkeys(prompt for prompt, _ in found if prompt)
        return matching_choices(((it, it) for it in prompts), typed)

    return suggest


def seed_suggestions(own_clips: OwnClips) -> SuggestSeeds:
    """Build what suggests earlier seeds, each with the words of its latest clip."""

    # What was typed so far need be no number yet: Discord sends a text, or a number once it is one.
    async def suggest(
        interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[int]]:
        found = await own_clips.recent_words(guild_id_of(interaction), interaction.user.id)
        seeds: dict[int, str] = {}
        for prompt, seed in found:
            seeds.setdefault(seed, f"{seed} · {prompt}".removesuffix(" · "))
        wanted = str(typed).strip().casefold()
        choices = [
            app_commands.Choice(name=shorten(name, _LONGEST_NAME), value=seed)
            for seed, name in seeds.items()
            if wanted in name.casefold()
        ]
        return choices[:CHOICES]

    return suggest
