"""The commands for members, which need no right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cogs.animate import my_clips, my_data, offer_buttons
from cogs.animate.about import about_command
from cogs.animate.another_clip import AnotherClip
from cogs.animate.clip_button_handler import ClipButtons
from cogs.animate.command import animate_command
from cogs.animate.defaults import defaults_command
from cogs.animate.help import help_command
from cogs.animate.hiding import Hiding
from cogs.animate.my_clips import my_clips_command, my_clips_handler
from cogs.animate.offer_handler import offer_handler
from cogs.animate.usage import usage_command
from cogs.delivery import clip_buttons

if TYPE_CHECKING:
    from collections.abc import Iterator

    from discord import app_commands

    from bot.services import Services
    from cogs.animate.clip_button_handler import AskToRemove
    from cogs.animate.handler import AnimateHandler
    from cogs.interactions.components import ComponentHandler


def member_commands(
    services: Services, handler: AnimateHandler
) -> Iterator[app_commands.Command[Any, ..., None] | app_commands.Group]:
    """Build each of them."""
    yield animate_command(handler, services.own_clips)
    yield usage_command(services.requests)
    yield help_command(services)
    yield about_command(services.operator)
    yield my_clips_command(services)
    yield defaults_command(services)
    yield my_data.MyDataGroup(services.personal_data)


def member_components(
    services: Services, handler: AnimateHandler, ask_moderator: AskToRemove
) -> dict[str, ComponentHandler]:
    """Build the handlers of their buttons and menus, by prefix.

    Args:
        services: What the commands work with.
        handler: Of requests.
        ask_moderator: Asks a moderator who presses *Delete* how to remove the clip.
    """
    return {
        offer_buttons.CUSTOM_ID_PREFIX: offer_handler(services.requests, handler),
        my_data.CUSTOM_ID_PREFIX: my_data.my_data_handler(services.personal_data),
        my_clips.CUSTOM_ID_PREFIX: my_clips_handler(services),
        clip_buttons.CUSTOM_ID_PREFIX: ClipButtons(
            services.member_clips,
            AnotherClip(services.kept_pictures, handler),
            Hiding(services.member_clips, services.clips.record_hiding),
            ask_moderator,
        ).handler(),
    }
