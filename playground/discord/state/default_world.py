"""The guild in which the demo and most tests play."""

from datetime import timedelta
from typing import Final

from playground.discord.state.entities import Guild, Overwrite
from playground.discord.state.permissions import NO_PERMISSIONS, Permission
from playground.discord.state.world import NO_TIME, World

INVITED_BOT: Final = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.SEND_MESSAGES_IN_THREADS
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

HELPER: Final = Permission.MANAGE_MESSAGES | Permission.MODERATE_MEMBERS
"""What those have who keep a community tidy and have no say over its settings."""

_OLD: Final = timedelta(days=800)
_LONG: Final = timedelta(days=200)
_YOUNG: Final = timedelta(days=2)


def fill(world: World) -> None:
    """Add the guild "Playground" with its people, roles and channels.

    The usernames are mia, noah, vera (a VIP), newcomer (whose account is two days old), helper
    (Manage Messages), moderator (Manage Server too) and owner, who also owns the bot. All but
    the newcomer have had their accounts for years and been here for months. The role Member is
    mia's, noah's and vera's. The channels are general, clips, mod-log and mod-review for
    helpers, moderators and the bot, and mods for helpers and moderators alone, in which the bot
    was not let.
    """
    owner = world.application_owner = world.new_user("owner", "Olga (owner)", _OLD)
    guild = world.add_guild("Playground", owner, INVITED_BOT)
    guild.members[owner.id].joined_at -= _LONG
    roles = {
        name: world.add_role(guild, name, permissions)
        for name, permissions in (
            ("Member", NO_PERMISSIONS),
            ("VIP", NO_PERMISSIONS),
            ("Helper", HELPER),
            ("Moderator", MODERATOR),
        )
    }
    _add_channels(world, guild)
    for username, name, theirs in (
        ("mia", "Mia", ["Member"]),
        ("noah", "Noah", ["Member"]),
        ("vera", "Vera", ["Member", "VIP"]),
        ("newcomer", "Newcomer", []),
        ("helper", "Hugo (helper)", ["Helper"]),
        ("moderator", "Morgan", ["Moderator"]),
    ):
        is_new = username == "newcomer"
        user = world.new_user(username, name, _YOUNG if is_new else _OLD)
        world.join(guild, user, [roles[role] for role in theirs], NO_TIME if is_new else _LONG)


def _add_channels(world: World, guild: Guild) -> None:
    hidden = Overwrite("role", deny=Permission.VIEW_CHANNEL)
    shown = Overwrite("role", allow=Permission.VIEW_CHANNEL)
    team = {guild.everyone.id: hidden}
    team |= {guild.role(name).id: shown for name in ("Helper", "Moderator")}
    with_bot = team | {guild.role(world.bot.username).id: shown}
    world.add_channel(guild, "general")
    world.add_channel(guild, "clips")
    world.add_channel(guild, "mods", team)
    world.add_channel(guild, "mod-log", {**with_bot})
    world.add_channel(guild, "mod-review", {**with_bot})
