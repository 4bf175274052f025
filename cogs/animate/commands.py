"""The commands for members, which need no right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cogs.animate.about import about_command
from cogs.animate.command import animate_command
from cogs.animate.help import help_command
from cogs.animate.usage import usage_command

if TYPE_CHECKING:
    from collections.abc import Iterator

    from discord import app_commands

    from bot.services import Services
    from cogs.animate.handler import AnimateHandler


def member_commands(
    services: Services, handler: AnimateHandler
) -> Iterator[app_commands.Command[Any, ..., None]]:
    """Build each of them."""
    yield animate_command(handler)
    yield usage_command(services.requests)
    yield help_command(services)
    yield about_command(services.operator)
