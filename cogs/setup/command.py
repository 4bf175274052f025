"""`/setup`: shows a moderator what their server lacks, and makes its first settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.base.errors import ModerationError, UnknownChoiceError
from bot.guilds.guild_settings import ReviewMode
from bot.guilds.settings_service import Setting
from bot.moderation.review_service import ReviewSettings
from bot.quota.first_limits import FirstLimitsChange
from cogs.interactions.acknowledging import defer, open_modal
from cogs.interactions.channel_rights import TO_SHOW_CLIPS, TO_WRITE, check_channel
from cogs.interactions.components import OUTDATED_TEXT, chosen_values, reply_privately
from cogs.interactions.reason_option import actor_from
from cogs.interactions.rights import require_right
from cogs.setup import panel
from cogs.setup.limit_form import limit_form, picked_limit, typed_limit
from cogs.setup.panel import FirstSettings, setup_panel
from cogs.texts.languages import _

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.services import Services
    from cogs.interactions.components import ComponentHandler
    from cogs.setup.checks import Checks


def setup_command(setup: Setup) -> app_commands.Command[Any, ..., None]:
    """Build the command, whose answer its moderator alone reads."""

    @app_commands.command(
        name="setup", description="See what I lack in this server, and make its first settings"
    )
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.default_permissions(manage_guild=True)
    async def setup_(interaction: discord.Interaction) -> None:
        """Show the list and the panel."""
        # A server may show the command to others, and it decides over money.
        require_right(interaction, "manage_guild")
        await defer(interaction, ephemeral=True, thinking=True)
        await setup.show(interaction)

    return setup_


class Setup:
    """Shows the panel, and changes what is chosen in it by the services of the commands."""

    def __init__(self, services: Services, checks: Checks) -> None:
        self._services = services
        self._checks = checks
        self._changes: dict[str, Callable[[discord.Interaction], Awaitable[object]]] = {
            panel.ROLES: self._pick_roles,
            panel.LIMIT: self._pick_limit,
            panel.CHANNELS: self._pick_channels,
            panel.LOG: self._pick_log_channel,
            panel.REVIEW: self._pick_review,
            panel.REVIEW_CHANNEL: self._pick_review_channel,
        }

    def handler(self) -> ComponentHandler:
        """The handler of the panel's menus and buttons, and of its form."""
        return self._pressed

    async def show(self, interaction: discord.Interaction) -> None:
        """Check again, and show all as it is now."""
        guild_id = interaction.guild_id or 0
        now = FirstSettings(
            await self._services.quota.first_limits(guild_id),
            await self._services.channels.rules(guild_id),
            await self._services.settings.get(guild_id),
        )
        checks = await self._checks.text(interaction, now.settings)
        view = setup_panel(checks, now, interaction.guild)
        await interaction.edit_original_response(view=view)

    async def _pressed(self, interaction: discord.Interaction, arguments: list[str]) -> None:
        # At each press again: the right may be gone since the command.
        require_right(interaction, "manage_guild")
        match arguments:
            case ["check"]:
                await defer(interaction)
                await self.show(interaction)
            case ["ask", panel.LIMIT]:
                # Discord takes a modal only as the first answer, so nothing is deferred here.
                now = await self._services.quota.first_limits(interaction.guild_id or 0)
                await open_modal(interaction, limit_form(panel.FILL, now.limits))
            case ["fill", panel.LIMIT]:
                await self._change(interaction, self._fill_limit)
            case ["pick", name] if name in self._changes:
                await self._change(interaction, self._changes[name])
            case _:
                await reply_privately(interaction, _(OUTDATED_TEXT))

    async def _change(
        self,
        interaction: discord.Interaction,
        change: Callable[[discord.Interaction], Awaitable[object]],
    ) -> None:
        await defer(interaction)
        try:
            await change(interaction)
        except ModerationError:
            # Discord's client shows the choice as made until the panel is edited.
            await self.show(interaction)
            raise
        await self.show(interaction)

    async def _pick_roles(self, interaction: discord.Interaction) -> None:
        role_ids = _chosen_ids(interaction)
        # @everyone is a role of the guild's id, and Discord's clients offer it.
        if interaction.guild_id in role_ids:
            role_ids = frozenset()
        await self._limit(interaction, FirstLimitsChange(role_ids=role_ids))

    async def _pick_limit(self, interaction: discord.Interaction) -> None:
        limit = picked_limit("".join(chosen_values(interaction)))
        await self._limit(interaction, FirstLimitsChange(limit=limit))

    async def _fill_limit(self, interaction: discord.Interaction) -> None:
        await self._limit(interaction, FirstLimitsChange(limit=typed_limit(interaction)))

    async def _limit(self, interaction: discord.Interaction, change: FirstLimitsChange) -> None:
        await self._services.quota.change_first_limits(actor_from(interaction), change)

    async def _pick_channels(self, interaction: discord.Interaction) -> None:
        guild_id, actor_id = interaction.guild_id or 0, interaction.user.id
        await self._services.channels.allow_only(guild_id, actor_id, _chosen_ids(interaction))

    async def _pick_log_channel(self, interaction: discord.Interaction) -> None:
        channel_id = next(iter(_chosen_ids(interaction)), None)
        if channel_id is not None:
            check_channel(interaction, channel_id, TO_WRITE)
        guild_id, actor_id = interaction.guild_id or 0, interaction.user.id
        values = {Setting.LOG_CHANNEL: channel_id}
        await self._services.settings.change(guild_id, actor_id, values)

    async def _pick_review(self, interaction: discord.Interaction) -> None:
        try:
            mode = ReviewMode("".join(chosen_values(interaction)))
        except ValueError:
            raise UnknownChoiceError from None
        guild_id, actor_id = interaction.guild_id or 0, interaction.user.id
        channel_id = await self._services.reviews.channel_id(guild_id)
        if mode is not ReviewMode.OFF and channel_id is not None:
            check_channel(interaction, channel_id, TO_SHOW_CLIPS)
        await self._services.reviews.change(guild_id, actor_id, ReviewSettings(mode))

    async def _pick_review_channel(self, interaction: discord.Interaction) -> None:
        channel_id = next(iter(_chosen_ids(interaction)), None)
        if channel_id is None:
            raise UnknownChoiceError
        check_channel(interaction, channel_id, TO_SHOW_CLIPS)
        guild_id, actor_id = interaction.guild_id or 0, interaction.user.id
        wanted = ReviewSettings(None, channel_id)
        await self._services.reviews.change(guild_id, actor_id, wanted)


def _chosen_ids(interaction: discord.Interaction) -> frozenset[int]:
    """The ids that were chosen.

    Raises:
        UnknownChoiceError: One is none, which only other programs than Discord's send.
    """
    values = chosen_values(interaction)
    if not all(it.isascii() and it.isdecimal() for it in values):
        raise UnknownChoiceError
    return frozenset(map(int, values))
