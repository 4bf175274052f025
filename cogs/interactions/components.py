"""Buttons pressed, menus chosen from and modals sent in: routed by their custom ids.

Everything that a handler needs is in the custom id (`prefix:argument:…`) and in the database,
so that a message of today still works after a restart tomorrow. Custom ids stand in messages
that are in Discord for good: their spelling is never changed.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import discord
from discord import InteractionType

from bot.base import value
from cogs.interactions.acknowledging import (
    LOST,
    HandledInteractions,
    has_arrived,
    is_acknowledged,
)
from cogs.interactions.spoken_languages import set_languages
from cogs.texts.error_texts import error_text
from cogs.texts.languages import N_, _

if TYPE_CHECKING:
    from bot.guilds.languages import GuildLanguages
    from bot.owner.guild_access import GuildAccess
    from cogs.interactions.routed_views import RoutedView

log = logging.getLogger(__name__)

ComponentHandler: TypeAlias = Callable[[discord.Interaction, list[str]], Awaitable[None]]
"""Takes the interaction and the arguments of the custom id. Its errors become sentences."""

_ROUTED: Final = {InteractionType.component, InteractionType.modal_submit}
OUTDATED_TEXT: Final = N_(
    "That button is from an older version of me. Please use the command again."
)


class ComponentRouter:
    """Hands each interaction to the handler that the prefix of its custom id names.

    Whoever presses is answered in their own language, as by commands.

    Args:
        handlers: By prefix.
        languages: What guilds and members have chosen.
        access: Which guilds may use the bot.
        usable_if_closed: What is handled in closed guilds too: prefixes, or prefixes with an
            action, such as `consent:never`.
    """

    def __init__(
        self,
        handlers: Mapping[str, ComponentHandler],
        languages: GuildLanguages,
        access: GuildAccess,
        usable_if_closed: Collection[str] = (),
    ) -> None:
        self._handlers = dict(handlers)
        self._languages = languages
        self._access = access
        self._usable_if_closed = frozenset(usable_if_closed)
        self._handled = HandledInteractions()

    async def route(self, interaction: discord.Interaction) -> None:
        """Handle an interaction; whatever goes wrong is answered to its member alone."""
        if interaction.type not in _ROUTED or self._handled.is_repeated(interaction):
            return
        set_languages(interaction, self._languages)
        prefix, *arguments = custom_id_of(interaction).split(":")
        handler = self._handlers.get(prefix)
        try:
            action = ":".join([prefix, *arguments[:1]])
            if self._usable_if_closed.isdisjoint((prefix, action)):
                await self._access.require_open(interaction.guild_id)
            # A version that is older, or newer and then taken back, has left its buttons behind.
            if handler is None:
                await reply_privately(interaction, _(OUTDATED_TEXT))
            else:
                await handler(interaction, arguments)
        except Exception as error:  # noqa: BLE001 - whatever it is, people get a sentence
            await reply_privately(interaction, error_text(error))


def custom_id_of(interaction: discord.Interaction) -> str:
    """Read which button or menu was used, or which modal was sent in; empty for a command."""
    return str(_data(interaction).get("custom_id", ""))


def chosen_values(interaction: discord.Interaction) -> list[str]:
    """Read what was chosen in a menu: its values, or ids where it lists people or channels."""
    return [str(value) for value in _data(interaction).get("values", ())]


def typed_texts(interaction: discord.Interaction) -> dict[str, str]:
    """Read what was typed into a modal, by the custom ids of its fields."""
    fields = _fields(interaction)
    return {str(it["custom_id"]): str(it["value"]) for it in fields if "value" in it}


def picked_values(interaction: discord.Interaction) -> dict[str, list[str]]:
    """Read what was chosen in a modal's menus, by their custom ids."""
    fields = _fields(interaction)
    return {str(it["custom_id"]): [str(v) for v in it["values"]] for it in fields if "values" in it}


@value
class UploadedFile:
    """A file that was added to a modal, as Discord describes it.

    Attributes:
        size: In bytes.
        media_type: As the client claims.
        width: In pixels, as is the height; `None` where Discord has found none.
    """

    url: str
    size: int
    filename: str
    media_type: str | None = None
    width: int | None = None
    height: int | None = None


def uploaded_files(interaction: discord.Interaction) -> list[UploadedFile]:
    """Read which files were added to a modal."""
    described = _data(interaction).get("resolved", {}).get("attachments", {})
    found = [
        described[it]
        for values in picked_values(interaction).values()
        for it in values
        if it in described
    ]
    return [
        UploadedFile(
            *(it["url"], int(it["size"]), it["filename"]),
            *(it.get("content_type"), it.get("width"), it.get("height")),
        )
        for it in found
    ]


def _data(interaction: discord.Interaction) -> Any:  # noqa: ANN401 - JSON as Discord sent it
    return interaction.data or {}


def _fields(interaction: discord.Interaction) -> Iterator[dict[str, Any]]:
    # Discord nests a field in a label (`component`) or, as older clients do, in a row.
    rows = list(_data(interaction).get("components", ()))
    while rows:
        item = rows.pop()
        rows += item.get("components", ())
        if inner := item.get("component"):
            rows.append(inner)
        yield item


async def reply_privately(
    interaction: discord.Interaction, text: str, view: RoutedView = discord.utils.MISSING
) -> None:
    """Answer one member alone, whether or not the interaction was acknowledged before."""
    is_first = not is_acknowledged(interaction)
    try:
        if is_first:
            await interaction.response.send_message(text, view=view, ephemeral=True)
        else:
            await interaction.followup.send(text, view=view, ephemeral=True)
    except LOST as error:
        # Not raised: the handlers of errors would come here to answer it, and fail again.
        if not (is_first and await has_arrived(interaction, error)):
            log.warning("interaction %d got no answer: %r", interaction.id, error)
