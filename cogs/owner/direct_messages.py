"""`/owner direct-messages`: who may ask for clips in direct messages, which no moderator sees."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands

from bot.base import DIRECT_MESSAGES
from bot.guilds.audit import Actor
from bot.moderation.authority import BlockAuthority, Rank
from bot.moderation.errors import BlockError, BlockProblem
from cogs.interactions.reason_option import ReasonOption
from cogs.interactions.target_options import MemberOption
from cogs.owner.group import OwnerGroup
from cogs.texts.error_texts import UNCHANGED
from cogs.texts.languages import _, ngettext
from cogs.texts.punctuation import sentences

if TYPE_CHECKING:
    from bot.moderation.block_service import BlockService
    from cogs.owner.guild_lookup import DiscordGuildLookup

log = logging.getLogger(__name__)

_ABOVE_ALL: Final = BlockAuthority(Rank(is_owner=True), Rank())


class DirectMessagesGroup(
    OwnerGroup,
    name="direct-messages",
    description="Who may ask for clips in direct messages with the bot",
):
    """`/owner direct-messages`."""

    def __init__(self, blocks: BlockService, lookup: DiscordGuildLookup) -> None:
        super().__init__(lookup)
        self._blocks = blocks

    @app_commands.command(description="Take no clips from somebody in direct messages")
    @app_commands.describe(who="A person, or their id", reason="Why; they read it too")
    async def block(
        self, interaction: discord.Interaction, who: MemberOption, reason: ReasonOption = ""
    ) -> None:
        """Block somebody there until `unblock`, and cancel their clips in the making there."""
        by = Actor(DIRECT_MESSAGES, interaction.user.id, reason)
        done = await self._blocks.block(by, _ABOVE_ALL, who.target.id, None, cancel_running=True)
        log.info("owner %d blocked %d in direct messages", interaction.user.id, who.target.id)
        texts = [
            _(
                "⛔ I take no clips from <@{member}> in direct messages until `unblock`.",
                member=who.target.id,
            )
        ]
        if done.running.jobs:
            texts.append(
                ngettext(
                    "I am cancelling {n} clip of theirs there.",
                    "I am cancelling {n} clips of theirs there.",
                    len(done.running.jobs),
                )
            )
        await interaction.edit_original_response(content=sentences(*texts))

    @app_commands.command(description="Take clips from somebody in direct messages again")
    @app_commands.describe(who="A person, or their id")
    async def unblock(self, interaction: discord.Interaction, who: MemberOption) -> None:
        """Lift a block. Servers' own blocks stay."""
        by = Actor(DIRECT_MESSAGES, interaction.user.id)
        try:
            await self._blocks.unblock(by, _ABOVE_ALL, who.target.id)
        except BlockError as error:
            if error.problem is not BlockProblem.NOT_BLOCKED:
                raise
            text = _(
                "<@{member}> is not blocked in direct messages. {unchanged}",
                member=who.target.id,
                unchanged=_(UNCHANGED),
            )
        else:
            log.info("owner %d unblocked %d", interaction.user.id, who.target.id)
            text = _(
                "✅ I take clips from <@{member}> in direct messages again.", member=who.target.id
            )
        await interaction.edit_original_response(content=text)
