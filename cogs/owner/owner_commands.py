"""All of `/owner`, and the handler of its buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.interactions.acknowledging import defer
from cogs.interactions.components import OUTDATED_TEXT, reply_privately
from cogs.owner.budget import BudgetCommand, lift_ceiling
from cogs.owner.direct_messages import DirectMessagesGroup
from cogs.owner.doubts import DoubtsGroup, show_doubts
from cogs.owner.group import OwnerGroup, require_owner
from cogs.owner.intake import IntakeCommands
from cogs.owner.servers import ServersGroup
from cogs.owner.status import StatusCommand
from cogs.texts.languages import _

if TYPE_CHECKING:
    import discord

    from bot.owner.guild_access import GuildAccess
    from bot.services import Services
    from cogs.interactions.components import ComponentHandler
    from cogs.owner.guild_lookup import DiscordGuildLookup


class OwnerCommands(
    OwnerGroup, name="owner", description="For whoever runs this bot: all servers together"
):
    """The whole group, in the order in which Discord lists it."""

    def __init__(self, services: Services, access: GuildAccess, lookup: DiscordGuildLookup) -> None:
        self._services, self._owners = services, lookup
        self._servers = ServersGroup(services.owner, access, lookup)
        parts = (
            StatusCommand(services.owner, lookup),
            IntakeCommands(services.blocks),
            BudgetCommand(services.owner),
            self._servers,
            DoubtsGroup(services.doubts, lookup),
            DirectMessagesGroup(services.blocks, lookup),
        )
        super().__init__(lookup, parts)

    def button_handler(self) -> ComponentHandler:
        """Build the handler of the buttons of all these commands."""

        async def press(interaction: discord.Interaction, arguments: list[str]) -> None:
            # At each press again: who pressed may have left the team since the command.
            await require_owner(self._owners, interaction)
            await defer(interaction)
            match arguments:
                case ["servers", page]:
                    await self._servers.show_page(interaction, int(page))
                case ["leave", guild_id]:
                    await self._servers.leave_confirmed(interaction, int(guild_id))
                case ["doubts", page]:
                    await show_doubts(self._services.doubts, self._owners, interaction, int(page))
                case ["ceiling", wanted]:
                    await lift_ceiling(self._services.owner, interaction, wanted)
                case _:
                    await reply_privately(interaction, _(OUTDATED_TEXT))

        return press
