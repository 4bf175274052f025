"""`/owner pause` and `resume`: no new requests in any server, for a while."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.guilds.audit import Actor
from bot.guilds.guild_settings import EVERY_GUILD
from cogs.interactions.reason_option import ReasonOption
from cogs.texts.amounts import timestamp
from cogs.texts.languages import _

if TYPE_CHECKING:
    from bot.moderation.block_service import BlockService

log = logging.getLogger(__name__)


class IntakeCommands(app_commands.Group):
    """`/owner pause` and `resume`."""

    def __init__(self, blocks: BlockService) -> None:
        super().__init__()
        self._blocks = blocks

    @app_commands.command(description="Take no new clips in any server for now")
    @app_commands.describe(reason="Why; members read it when they try")
    async def pause(self, interaction: discord.Interaction, reason: ReasonOption = "") -> None:
        """Refuse new requests everywhere until `resume`; what is in the making goes on."""
        done = await self._blocks.pause(Actor(EVERY_GUILD, interaction.user.id, reason))
        log.info("owner %d paused all servers", interaction.user.id)
        if done.earlier is None:
            text = _(
                "⏸️ I take no new clips in any server from now on. Those in the making go on. "
                "`/owner resume` ends it."
            )
        else:
            text = _(
                "⏸️ All servers were paused already, {since}. Only the reason changed. "
                "`/owner resume` ends it.",
                since=timestamp(done.earlier.since),
            )
        await interaction.edit_original_response(content=text)

    @app_commands.command(description="Take clips in all servers again")
    async def resume(self, interaction: discord.Interaction) -> None:
        """End the pause of all servers; those that moderators paused stay so."""
        earlier = await self._blocks.resume(Actor(EVERY_GUILD, interaction.user.id))
        log.info("owner %d ended the pause of all servers", interaction.user.id)
        await interaction.edit_original_response(
            content=_(
                "▶️ I take clips again. All servers were paused {since}; what moderators paused in "
                "theirs stays so.",
                since=timestamp(earlier.since),
            )
        )
