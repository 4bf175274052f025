"""The guild in which the demo and most tests play."""

from typing import Final

from playground.discord.permissions import Permission
from playground.discord.world import Overwrite, World

INVITED_BOT: Final = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
)
"""What an invite link asks for that names exactly the permissions a posting bot needs."""

MODERATOR: Final = (
    Permission.MANAGE_GUILD
    | Permission.MANAGE_MESSAGES
    | Permission.KICK_MEMBERS
    | Permission.MODERATE_MEMBERS
    | Permission.MENTION_EVERYONE
)
"""What the moderators of a community usually have; not administrators."""


def fill(world: World) -> None:
    """Add the guild "Playground": mia and noah, a newcomer, a moderator, the owner, the bot.

    The usernames are mia, noah, newcomer, moderator and owner; the roles Moderator and Member
    (mia and noah have it); the channels general, clips, and mods for moderators alone, in which
    the bot was not let either.
    """
    owner = world.new_user("owner", "Olga (owner)")
    guild = world.add_guild("Playground", owner, INVITED_BOT)
    moderator = world.add_role(guild, "Moderator", MODERATOR)
    regular = world.add_role(guild, "Member", Permission(0))
    world.add_channel(guild, "general")
    world.add_channel(guild, "clips")
    hidden = Overwrite("role", deny=Permission.VIEW_CHANNEL)
    shown = Overwrite("role", allow=Permission.VIEW_CHANNEL)
    world.add_channel(guild, "mods", {guild.everyone.id: hidden, moderator.id: shown})
    world.join(guild, world.new_user("mia", "Mia"), [regular])
    world.join(guild, world.new_user("noah", "Noah"), [regular])
    world.join(guild, world.new_user("newcomer", "Newcomer"))
    world.join(guild, world.new_user("moderator", "Morgan"), [moderator])
