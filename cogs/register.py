"""Everything people can use, added to a client: commands, menus, buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.media.pictures import PictureDecoder
from bot.reports.chart_renderer import ChartRenderer
from cogs.animate import offer_buttons
from cogs.animate.command import Animate
from cogs.animate.handler import AnimateHandler
from cogs.animate.offer_handler import offer_handler
from cogs.animate.usage import Usage
from cogs.clips import remove, settings_panel
from cogs.clips.channels import channels_group
from cogs.clips.group import add_clips
from cogs.clips.member_names import MemberNames
from cogs.clips.settings import settings_command, settings_handler
from cogs.clips.words import words_group
from cogs.interactions.components import ComponentRouter
from cogs.quota import audit
from cogs.quota.audit import audit_handler
from cogs.quota.group import quota_group
from cogs.quota.report import report_command
from cogs.quota.simulate import simulate_command
from cogs.review import board
from cogs.review.buttons import review_handler
from cogs.review.command import review_command

if TYPE_CHECKING:
    from discord import app_commands

    from bot.services import Services
    from cogs.client import Client
    from cogs.clips.settings_panel import OwnerDefaults


async def register_all(client: Client, services: Services, owner: OwnerDefaults) -> AnimateHandler:
    """Add it all, before the client logs in; return what takes members' requests."""
    handler = AnimateHandler(services.requests, PictureDecoder())
    names = MemberNames()
    await client.add_cog(Animate(handler))
    await client.add_cog(Usage(services.requests))
    await client.add_cog(names)
    _add_quota(client, services)
    _add_clips(client, services, names, owner)
    components = {
        offer_buttons.CUSTOM_ID_PREFIX: offer_handler(services.requests, handler),
        audit.CUSTOM_ID_PREFIX: audit_handler(services.audit),
        board.CUSTOM_ID_PREFIX: review_handler(services.reviews),
        settings_panel.CUSTOM_ID_PREFIX: settings_handler(services.settings, owner),
        remove.CUSTOM_ID_PREFIX: remove.remove_handler(services.clips),
    }
    await client.add_cog(ComponentRouter(components, client.languages))
    return handler


def _add_quota(client: Client, services: Services) -> None:
    looks = [report_command(services.reports, ChartRenderer()), simulate_command(services.reports)]
    client.tree.add_command(quota_group(services.quota, services.audit, looks))


def _add_clips(
    client: Client, services: Services, names: MemberNames, owner: OwnerDefaults
) -> None:
    more: list[app_commands.Command[Any, ..., None] | app_commands.Group] = [
        review_command(services.reviews),
        words_group(services.words),
        channels_group(services.channels),
        settings_command(services.settings, owner),
    ]
    add_clips(client.tree, services.clips, services.blocks, names, more)
