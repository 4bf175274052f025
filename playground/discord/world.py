"""Who and what exists in the stand-in: guilds, channels, roles, people."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from playground.discord.clock import Clock
from playground.discord.messages import Message
from playground.discord.permissions import NO_PERMISSIONS, Permission, permissions_in
from playground.discord.snowflakes import Snowflakes

FREE_UPLOAD_LIMIT: Final = 10 * 1024 * 1024
"""Bytes of a file that a person without Nitro may upload."""

NO_TIME: Final = timedelta()
"""The age of what has just begun."""

EVERYONE_PERMISSIONS: Final = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_APPLICATION_COMMANDS
)
"""What a new guild lets everybody do."""


@dataclass(eq=False, slots=True)
class User:
    """An account, the bot's included; `locale` is the language of the person's client."""

    id: int
    username: str
    global_name: str | None = None
    bot: bool = False
    locale: str = "en-US"

    @property
    def mention(self) -> str:
        """The text that pings this account."""
        return f"<@{self.id}>"


@dataclass(eq=False, slots=True)
class Role:
    """A role of one guild; the one with the guild's own id is @everyone."""

    id: int
    name: str
    permissions: Permission
    position: int
    mentionable: bool = False
    managed: bool = False


@dataclass(frozen=True, slots=True)
class Overwrite:
    """A channel's exception for one role or member."""

    kind: Literal["role", "member"]
    allow: Permission = NO_PERMISSIONS
    deny: Permission = NO_PERMISSIONS


@dataclass(eq=False, slots=True)
class Member:
    """An account in a guild; `upload_limit` in bytes is what its own client lets through."""

    user: User
    guild: "Guild"
    joined_at: datetime
    roles: list[Role] = field(default_factory=list)
    nick: str | None = None
    upload_limit: int = FREE_UPLOAD_LIMIT

    @property
    def id(self) -> int:
        """The account's id; a membership has none of its own."""
        return self.user.id

    @property
    def name(self) -> str:
        """What others see in this guild."""
        return self.nick or self.user.global_name or self.user.username

    def may(self, channel: "Channel", needed: Permission) -> bool:
        """Whether the member has all the needed permissions in the channel."""
        return permissions_in(channel, self) & needed == needed


@dataclass(eq=False, slots=True)
class Channel:
    """A text channel with its messages by id, the deleted ones too."""

    id: int
    guild: "Guild"
    name: str
    position: int
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    nsfw: bool = False
    deleted: bool = False


@dataclass(eq=False, slots=True)
class Guild:
    """A server with what belongs to it, by id.

    `command_grants` holds what its administrators changed about who may use which command: by
    command name, then by the id of a role or member.
    """

    id: int
    name: str
    owner_id: int
    everyone: Role
    roles: dict[int, Role] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    departed: dict[int, User] = field(default_factory=dict)
    command_grants: dict[str, dict[int, bool]] = field(default_factory=dict)
    locale: str = "en-US"

    def role(self, name: str) -> Role:
        """The role of that name; KeyError when there is none."""
        return {role.name: role for role in self.roles.values()}[name]

    def channel(self, name: str) -> Channel:
        """The channel of that name, without the hash sign; KeyError when there is none."""
        return {channel.name: channel for channel in self.channels.values()}[name]

    def member(self, username: str) -> Member:
        """The member with that account name; KeyError when there is none."""
        return {member.user.username: member for member in self.members.values()}[username]


class World:
    """Everything that exists, and the ways to make more of it; it tells nobody of changes."""

    def __init__(self, snowflakes: Snowflakes, clock: Clock) -> None:
        self._snowflakes = snowflakes
        self._clock = clock
        self.guilds: dict[int, Guild] = {}
        self.application_id = snowflakes.next()
        self.bot = User(self.application_id, "animate", bot=True)
        self.application_owner = User(snowflakes.next(), "selfhoster", "Self Hoster")

    @property
    def guild(self) -> Guild:
        """The first guild, in which most stories play."""
        return next(iter(self.guilds.values()))

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
        self, guild: Guild, name: str, overwrites: dict[int, Overwrite] | None = None
    ) -> Channel:
        """A text channel below those there."""
        channel = Channel(
            self._snowflakes.next(), guild, name, len(guild.channels), overwrites or {}
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
        member = Member(user, guild, self._clock.now() - ago, roles or [])
        guild.members[user.id] = member
        guild.departed.pop(user.id, None)
        return member

    def channel(self, channel_id: int) -> Channel | None:
        """The channel with that id in any guild, unless it was deleted."""
        for guild in self.guilds.values():
            if channel_id in guild.channels:
                return guild.channels[channel_id]
        return None

    def leave(self, member: Member) -> None:
        """Let a member go; the account and what it wrote stay."""
        del member.guild.members[member.id]
        member.guild.departed[member.id] = member.user
