"""`/clips`: the group of commands about clips and who may ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.clips.block import BlockCommands
from cogs.clips.cancel import CancelCommand
from cogs.clips.channels import ChannelsGroup
from cogs.clips.pause import PauseCommands
from cogs.clips.pictures import PicturesGroup
from cogs.clips.queue import QueueCommand
from cogs.clips.remove import RemoveCommand
from cogs.clips.settings import SettingsCommand
from cogs.clips.status import StatusCommand
from cogs.clips.who_made import WhoCommand
from cogs.clips.words import WordsGroup
from cogs.interactions.moderator_group import ModeratorGroup

if TYPE_CHECKING:
    from discord import app_commands

    from bot.services import Services
    from cogs.clips.member_names import MemberNames
    from cogs.clips.settings_panel import OwnerDefaults


class ClipsGroup(ModeratorGroup, name="clips", description="See what is being made, and stop it"):
    """The whole group, in the order in which Discord lists it.

    `review` and `audit` are commands from packages beside this one.
    """

    def __init__(
        self,
        services: Services,
        names: MemberNames,
        owner: OwnerDefaults,
        review: app_commands.Group,
        audit: app_commands.Group,
    ) -> None:
        parts = (
            StatusCommand(services),
            QueueCommand(services.clips),
            CancelCommand(services.clips, names),
            RemoveCommand(services.clips, names),
            WhoCommand(services.clips, names),
            BlockCommands(services.blocks),
            PauseCommands(services.blocks),
            review,
            WordsGroup(services.words, services.automod),
            ChannelsGroup(services.channels),
            PicturesGroup(services.pictures, names),
            SettingsCommand(services.settings, owner),
            audit,
        )
        super().__init__("manage_messages", parts)
