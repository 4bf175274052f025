"""`/consent`: what others may do with one's own pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import discord
from discord import app_commands

from bot.quota.ledger import MemberKey
from cogs.animate.consent_texts import own_consents_text
from cogs.interactions.acknowledging import defer
from cogs.interactions.components import OUTDATED_TEXT, reply_privately
from cogs.interactions.place import USABLE_IF_CLOSED
from cogs.interactions.routed_views import RoutedView
from cogs.texts.languages import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.requests.consent_service import ConsentService
    from bot.requests.standing_consents import OwnConsents
    from cogs.interactions.components import ComponentHandler

CUSTOM_ID_PREFIX: Final = "consents"
"""Of the custom ids of the buttons under the answer."""


def consent_command(consents: ConsentService) -> app_commands.Command[Any, ..., None]:
    """Build the command, which shows people their own choice, to them alone."""

    @app_commands.command(
        name="consent",
        description="Choose who may animate your pictures and your avatar",
        extras=USABLE_IF_CLOSED,
    )
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def consent(interaction: discord.Interaction) -> None:
        """Show the choice with its buttons."""
        await defer(interaction, ephemeral=True, thinking=True)
        await _show(interaction, await consents.own(_key(interaction)))

    return consent


def consent_handler(consents: ConsentService) -> ComponentHandler:
    """Build the handler for the buttons under the answer."""

    async def pressed(interaction: discord.Interaction, arguments: list[str]) -> None:
        await defer(interaction)
        key = _key(interaction)
        match arguments:
            case ["never"]:
                own = await consents.opt_out(key, is_wanted=True)
            case ["ask"]:
                own = await consents.opt_out(key, is_wanted=False)
            case ["back"]:
                own = await consents.take_back(key)
            case _:
                await reply_privately(interaction, _(OUTDATED_TEXT))
                return
        await _show(interaction, own)

    return pressed


async def _show(interaction: discord.Interaction, own: OwnConsents) -> None:
    text = own_consents_text(own)
    await interaction.edit_original_response(content=text, view=RoutedView(_buttons(own)))


def _buttons(own: OwnConsents) -> Iterator[discord.ui.Button[Any]]:
    if own.opted_out:
        yield _button(_("Let others ask me"), "ask")
    else:
        yield _button(_("Never, for anybody"), "never")
        yield _button(_("Take back every yes"), "back")


def _button(label: str, what: str) -> discord.ui.Button[Any]:
    return discord.ui.Button(label=label, custom_id=f"{CUSTOM_ID_PREFIX}:{what}")


def _key(interaction: discord.Interaction) -> MemberKey:
    return MemberKey(interaction.guild_id or 0, interaction.user.id)
