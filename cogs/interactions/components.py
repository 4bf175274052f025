"""Presses of buttons, choices in menus and modals sent in: routed by their custom ids.

Everything a press needs is in its custom id (`word:argument:…`) and in the database, so that
what is shown today still works after a restart tomorrow.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import discord
from discord.ext import commands

from cogs.texts.error_texts import error_text
from cogs.texts.languages import N_, _, set_language

if TYPE_CHECKING:
    from bot.guilds.languages import GuildLanguages

log = logging.getLogger(__name__)

ComponentHandler: TypeAlias = Callable[[discord.Interaction, list[str]], Awaitable[None]]
"""Takes the interaction and the arguments of the custom id. What it raises becomes a sentence."""

_ROUTED: Final = frozenset(
    {discord.InteractionType.component, discord.InteractionType.modal_submit}
)
OUTDATED_TEXT: Final = N_(
    "That button is from an older version of me. Please use the command again."
)


class ComponentRouter(commands.Cog):
    """Hands each press to the handler that the first word of its custom id names.

    It is answered in its guild's language, as commands are.
    """

    def __init__(self, handlers: Mapping[str, ComponentHandler], languages: GuildLanguages) -> None:
        self._handlers = dict(handlers)
        self._languages = languages

    @commands.Cog.listener("on_interaction")
    async def route(self, interaction: discord.Interaction) -> None:
        """Handle a press; answer whatever goes wrong, to its presser alone."""
        if interaction.type not in _ROUTED:
            return
        set_language(self._languages.of(interaction.guild_id))
        word, *arguments = custom_id_of(interaction).split(":")
        handler = self._handlers.get(word)
        try:
            if handler is None:
                await reply_privately(interaction, _(OUTDATED_TEXT))
            else:
                await handler(interaction, arguments)
        except Exception as error:  # noqa: BLE001 - whatever it is, people get a sentence
            await reply_privately(interaction, error_text(error))


def custom_id_of(interaction: discord.Interaction) -> str:
    """Return the id of what was pressed or sent in."""
    data: Any = interaction.data or {}
    return str(data.get("custom_id", ""))


def chosen_values(interaction: discord.Interaction) -> list[str]:
    """Return the values that were chosen in a menu; ids where it lists people or channels."""
    data: Any = interaction.data or {}
    return [str(value) for value in data.get("values", ())]


def typed_texts(interaction: discord.Interaction) -> dict[str, str]:
    """Return what was typed into a modal, by the custom ids of its fields."""
    fields = _fields(interaction)
    return {str(it["custom_id"]): str(it["value"]) for it in fields if "value" in it}


def picked_values(interaction: discord.Interaction) -> dict[str, list[str]]:
    """Return what was chosen in a modal's menus, by their custom ids."""
    fields = _fields(interaction)
    return {str(it["custom_id"]): [str(v) for v in it["values"]] for it in fields if "values" in it}


def _fields(interaction: discord.Interaction) -> Iterator[dict[str, Any]]:
    data: Any = interaction.data or {}
    rows = list(data.get("components", ()))
    while rows:
        item = rows.pop()
        rows += item.get("components", ())
        if inner := item.get("component"):
            rows.append(inner)
        yield item


async def reply_privately(interaction: discord.Interaction, text: str) -> None:
    """Say something to one person, whether or not they were answered before."""
    try:
        if interaction.response.is_done():
            await interaction.followup.send(text, ephemeral=True)
        else:
            await interaction.response.send_message(text, ephemeral=True)
    except discord.HTTPException as failed:
        log.warning("interaction %d got no answer: %r", interaction.id, failed)
