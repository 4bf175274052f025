"""Who and what exists in the stand-in: guilds, channels, roles, people."""

from datetime import timedelta
from typing import Final

from playground.discord.state.channel_kinds import ChannelKind
from playground.discord.state.clock import Clock
from playground.discord.state.entities import Channel, Guild, Member, Overwrite, Role, User
from playground.discord.state.permissions import Permission
from playground.discord.state.snowflakes import Snowflakes

NO_GUILD_ID: Final = 0
"""In place of a guild's id, where there is none: of direct messages."""

NO_TIME: Final = timedelta()
"""The age of what has just begun."""

EVERYONE_PERMISSIONS: Final = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.CONNECT
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.SEND_MESSAGES_IN_THREADS
)
"""What a new guild lets everybody do."""


class World:
    """Everything that exists, and the ways to make more of it; it tells nobody of changes.

    `application_team` says of each member of the team whether they accepted; it is empty where
    one person owns the application. `team_readers` are those of them who may only look at it.
    `bot_public` lets anybody invite the bot; `application_flags` are Discord's bits, of intents
    among others.
    """

    def __init__(self, snowflakes: Snowflakes, clock: Clock) -> None:
        self._snowflakes = snowflakes
        self._clock = clock
        self.guilds: dict[int, Guild] = {}
        self._direct: dict[int, Channel] = {}
        self.application_id = snowflakes.next()
        self.bot = User(self.application_id, "animate", bot=True)
        self.application_owner = User(snowflakes.next(), "selfhoster", "Self Hoster")
        self.application_team: dict[User, bool] = {}
        self.team_readers: set[User] = set()
        self.bot_public = False
        self.application_flags = 0

    @property
    def guild(self) -> Guild:
        """The first guild, in which most stories play."""
        return next(iter(self.guilds.values()))

    def new_id(self) -> int:
        """An id that nothing has yet."""
        return self._snowflakes.next()

    def add_guild(self, name: str, owner: User, bot_permissions: Permission | None) -> Guild:
        """A guild with its owner, @everyone and, unless None, the bot under its managed role."""
        guild_id = self._snowflakes.next()
        everyone = Role(guild_id, "@everyone", EVERYONE_PERMISSIONS, position=0)
        guild = Guild(guild_id, name, owner.id, everyone, {guild_id: everyone})
        self.guilds[guild_id] = guild
        self.join(guild, owner)
        if bot_permissions is not None:
            role = self.add_role(guild, self.bot.username, bot_permissions)
            role.managed = True
            self.join(guild, self.bot, [role])
        return guild

    def add_role(self, guild: Guild, name: str, permissions: Permission) -> Role:
        """A role above those there."""
        role = Role(self._snowflakes.next(), name, permissions, position=len(guild.roles))
        guild.roles[role.id] = role
        return role

    def add_channel(
        self,
        guild: Guild,
        name: str,
        overwrites: dict[int, Overwrite] | None = None,
        *,
        kind: ChannelKind = ChannelKind.TEXT,
        parent: Channel | None = None,
    ) -> Channel:
        """A channel below those there, in a category; or a thread, in a channel.

        Without overwrites of its own, a channel begins with those of its category.
        """
        if overwrites is None and parent is not None and not kind.is_thread:
            overwrites = {**parent.overwrites}
        channel = Channel(
            self._snowflakes.next(),
            guild,
            name,
            len(guild.channels),
            overwrites or {},
            kind=kind,
            parent=parent,
        )
        guild.channels[channel.id] = channel
        return channel

    def new_user(
        self, username: str, global_name: str | None = None, age: timedelta = NO_TIME
    ) -> User:
        """An account of that age, which its id tells; it is in no guild yet."""
        return User(self._snowflakes.backdated(age.total_seconds()), username, global_name)

    def join(
        self,
        guild: Guild,
        user: User,
        roles: list[Role] | None = None,
        ago: timedelta = NO_TIME,
    ) -> Member:
        """Make the account a member, since so long ago."""
        member = Member(user, guild, self._clock, self._clock.now() - ago, roles or [])
        guild.members[user.id] = member
        guild.departed.pop(user.id, None)
        return member

    def direct_channel(self, user: User) -> Channel:
        """The direct messages of the bot and a person.

        They lie in a guild of their own that nobody lists and that only these two are in.
        """
        if user.id not in self._direct:
            everyone = Role(NO_GUILD_ID, "@everyone", EVERYONE_PERMISSIONS, position=0)
            guild = Guild(NO_GUILD_ID, "", NO_GUILD_ID, everyone, {NO_GUILD_ID: everyone})
            channel = self.add_channel(guild, "")
            channel.recipient = user
            self.join(guild, user)
            self.join(guild, self.bot)
            self._direct[user.id] = channel
        return self._direct[user.id]

    def user(self, user_id: int) -> User | None:
        """The account with that id, if it is in any guild or owns the application."""
        people = {
            member.user for guild in self.guilds.values() for member in guild.members.values()
        }
        known = {self.application_owner, *self.application_team} | people
        return next((user for user in known if user.id == user_id), None)

    def channel(self, channel_id: int) -> Channel | None:
        """The channel with that id in any guild, unless it was deleted, or of direct messages."""
        for direct in self._direct.values():
            if direct.id == channel_id:
                return direct
        for guild in self.guilds.values():
            if channel_id in guild.channels:
                return guild.channels[channel_id]
        return None

    def leave(self, member: Member) -> None:
        """Let a member go; the account and what it wrote stay."""
        del member.guild.members[member.id]
        member.guild.departed[member.id] = member.user
