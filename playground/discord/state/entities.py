"""All that exists in the stand-in and refers to one another: guilds, channels, people, messages.

They share a file because each names the others: a member has a guild, a channel its messages, a
message its author, and a permission is a matter of guild, channel and member at once.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from playground.discord.state.channel_kinds import ChannelKind
from playground.discord.state.messages import Attachment, MessageFlag, MessageType, Revision
from playground.discord.state.permissions import ALL_PERMISSIONS, NO_PERMISSIONS, Permission
from playground.json_types import Json

if TYPE_CHECKING:
    from playground.discord.state.clock import Clock

FREE_UPLOAD_LIMIT: Final = 10 * 1024 * 1024
"""Bytes of a file that a person without Nitro may upload."""


@dataclass(eq=False, slots=True)
class User:
    """An account, the bot's included; `locale` is the language of the person's client.

    `takes_direct_messages` is whether the person's privacy settings let the bot write to them;
    `avatar` names the picture that they chose.
    """

    id: int
    username: str
    global_name: str | None = None
    bot: bool = False
    locale: str = "en-US"
    takes_direct_messages: bool = True
    avatar: str | None = None

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
    clock: "Clock" = field(repr=False)
    joined_at: datetime
    roles: list[Role] = field(default_factory=list)
    nick: str | None = None
    upload_limit: int = FREE_UPLOAD_LIMIT
    timed_out_until: datetime | None = None

    @property
    def id(self) -> int:
        """The account's id; a membership has none of its own."""
        return self.user.id

    @property
    def name(self) -> str:
        """What others see in this guild."""
        return self.nick or self.user.global_name or self.user.username

    def may(self, channel: "Channel", needed: Permission) -> bool:
        """Whether the member has all the needed permissions in the channel, and sees it."""
        may = permissions_in(channel, self)
        is_private = channel.kind is ChannelKind.PRIVATE_THREAD
        if is_private and self.id not in channel.joined and not may & Permission.MANAGE_THREADS:
            return False
        return may & needed == needed

    @property
    def is_timed_out(self) -> bool:
        """Whether moderators let the member only read for now; it binds no administrator."""
        until = self.timed_out_until
        return until is not None and until > self.clock.now()


@dataclass(eq=False, slots=True)
class Channel:
    """A channel or thread with its messages by id, the deleted ones too.

    `parent` is the category of a channel, and the channel of a thread. `recipient` is the person
    to whom the bot writes there, where it is one of direct messages. `joined` has the ids of the
    members of a thread, who alone see a private one beside those who manage threads.
    """

    id: int
    guild: "Guild"
    name: str
    position: int
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    messages: "dict[int, Message]" = field(default_factory=dict)
    nsfw: bool = False
    deleted: bool = False
    recipient: "User | None" = None
    kind: ChannelKind = ChannelKind.TEXT
    parent: "Channel | None" = None
    archived: bool = False
    locked: bool = False
    joined: set[int] = field(default_factory=set)
    slowmode_seconds: int = 0


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
    automod_rules: dict[int, Json] = field(default_factory=dict)
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


@dataclass(frozen=True, slots=True)
class Mentions:
    """Whom a text mentions, after allowed mentions had their say."""

    users: "tuple[User, ...]" = ()
    roles: "tuple[Role, ...]" = ()
    everyone: bool = False


@dataclass(eq=False, slots=True)
class Message:
    """A message; `viewer` is the only one who sees it when it is ephemeral, else None.

    `interaction` is Discord's interaction_metadata where a command or component caused it.
    """

    id: int
    channel: "Channel"
    author: "User"
    kind: MessageType
    revisions: list[Revision]
    viewer: "User | None" = None
    nonce: str | int | None = None
    reference: "Message | None" = None
    interaction: dict[str, Any] | None = None
    interaction_name: str | None = None
    mentions: Mentions = field(default_factory=Mentions)
    stickers: list[Json] = field(default_factory=list)
    edited_at: datetime | None = None
    deleted: bool = False
    reactions: list[str] = field(default_factory=list)
    """The bot's own, by emoji."""

    @property
    def now(self) -> Revision:
        """What it shows at present."""
        return self.revisions[-1]

    @property
    def created_at(self) -> datetime:
        """When it first appeared."""
        return self.revisions[0].at

    @property
    def content(self) -> str:
        """Its text at present."""
        return self.now.content

    @property
    def embeds(self) -> list[dict[str, Any]]:
        """Its embeds at present, as in Discord's JSON."""
        return self.now.embeds

    @property
    def components(self) -> list[dict[str, Any]]:
        """Its components at present, as in Discord's JSON."""
        return self.now.components

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """Its files at present."""
        return self.now.attachments

    @property
    def flags(self) -> MessageFlag:
        """Its flags at present."""
        return self.now.flags

    @property
    def loading(self) -> bool:
        """Whether it still says that the application is thinking."""
        return bool(self.flags & MessageFlag.LOADING)

    @property
    def ephemeral(self) -> bool:
        """Whether only `viewer` sees it."""
        return self.viewer is not None


@dataclass(frozen=True, slots=True)
class Notification:
    """One person pinged by one new message; edits never ping."""

    user: "User"
    message: Message
    at: datetime


def permissions_in_guild(member: "Member") -> Permission:
    """What the member's roles give before any channel has its say."""
    if member.user.id == member.guild.owner_id:
        return ALL_PERMISSIONS
    granted = member.guild.everyone.permissions
    for role in member.roles:
        granted |= role.permissions
    return ALL_PERMISSIONS if granted & Permission.ADMINISTRATOR else granted


READING: Final = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY
"""What a member may still do whom moderators have timed out."""


def permissions_in(channel: "Channel", member: "Member") -> Permission:
    """What the member may do in the channel, in Discord's order of overwrites.

    First @everyone's overwrite, then those of all roles together, then the member's own;
    administrators pass by all of them, and who cannot see a channel can do nothing there. A thread
    has those of its channel, with another permission for sending; who is in a private one is not
    looked at here.
    """
    granted = _granted_in(channel, member)
    is_bound = member.is_timed_out and not granted & Permission.ADMINISTRATOR
    return granted & READING if is_bound else granted


def _granted_in(channel: "Channel", member: "Member") -> Permission:
    if channel.kind.is_thread and channel.parent is not None:
        granted = _granted_in(channel.parent, member)
        may_send = bool(granted & Permission.SEND_MESSAGES_IN_THREADS)
        return granted & ~Permission.SEND_MESSAGES | Permission.SEND_MESSAGES * may_send
    granted = permissions_in_guild(member)
    if granted & Permission.ADMINISTRATOR:
        return granted
    overwrites = channel.overwrites
    roles = [overwrites[role.id] for role in member.roles if role.id in overwrites]
    allow, deny = NO_PERMISSIONS, NO_PERMISSIONS
    for overwrite in roles:
        allow |= overwrite.allow
        deny |= overwrite.deny
    if everyone := overwrites.get(channel.guild.everyone.id):
        granted = granted & ~everyone.deny | everyone.allow
    granted = granted & ~deny | allow
    if own := overwrites.get(member.user.id):
        granted = granted & ~own.deny | own.allow
    return granted if granted & Permission.VIEW_CHANNEL else NO_PERMISSIONS
