"""What happens to a guild besides what is said in it: members, roles and channels change."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from playground.discord.payloads.state_payloads import (
    channel_json,
    guild_json,
    member_with_user_json,
    role_json,
    user_json,
)
from playground.discord.state.channel_kinds import ChannelKind
from playground.discord.state.default_world import INVITED_BOT
from playground.discord.state.entities import Channel, Guild, Member, Overwrite, Role, User
from playground.discord.state.permissions import NO_PERMISSIONS, Permission
from playground.json_types import Json

if TYPE_CHECKING:
    from playground.discord.composition import Composition


class GuildChanges:
    """Changes the world and tells the bot. `guild` is the first one when not said."""

    def __init__(self, parts: "Composition") -> None:
        self._parts = parts
        self.world = parts.world
        self.gateway = parts.gateway

    def set_roles(self, member: Member, roles: Sequence[Role]) -> None:
        """Let the member have exactly these roles beside @everyone, as a moderator decides."""
        member.roles[:] = roles
        payload = member_with_user_json(member) | {"guild_id": str(member.guild.id)}
        self.gateway.publish("GUILD_MEMBER_UPDATE", payload, member.guild)
        self._parts.changes.notify()

    def delete_channel(self, channel: Channel) -> None:
        """Delete a channel with everything in it, its threads too; what was in a category stays."""
        for child in [it for it in channel.guild.channels.values() if it.parent is channel]:
            if child.kind.is_thread:
                self.delete_channel(child)
            else:
                child.parent = None
                self.gateway.publish("CHANNEL_UPDATE", channel_json(child), child.guild, child)
        for message in channel.messages.values():
            message.deleted = True
        payload = channel_json(channel)
        event = "THREAD_DELETE" if channel.kind.is_thread else "CHANNEL_DELETE"
        self.gateway.publish(event, payload, channel.guild, channel)
        channel.deleted = True
        del channel.guild.channels[channel.id]
        self._parts.changes.notify()

    def remove_bot_permissions(self, channel: Channel, permissions: Permission) -> None:
        """Deny the bot these permissions in the channel."""
        self._overwrite_bot(channel, Overwrite("member", deny=permissions))

    def grant_bot_permissions(self, channel: Channel, permissions: Permission) -> None:
        """Let the bot do this in the channel, whatever its roles say."""
        self._overwrite_bot(channel, Overwrite("member", allow=permissions))

    def _overwrite_bot(self, channel: Channel, overwrite: Overwrite) -> None:
        channel.overwrites[self.world.bot.id] = overwrite
        self.gateway.deliver("CHANNEL_UPDATE", channel_json(channel), channel.guild)
        self._parts.changes.notify()

    def add_member(
        self, username: str, roles: Sequence[Role] = (), *, guild: Guild | None = None
    ) -> Member:
        """A new person in the guild (the first one when not said)."""
        return self.world.join(guild or self.world.guild, self.world.new_user(username), [*roles])

    def remove_member(self, member: Member) -> None:
        """Let a person leave the guild; their account and messages stay."""
        guild = member.guild
        self.world.leave(member)
        payload = {"guild_id": str(guild.id), "user": user_json(member.user)}
        self.gateway.publish("GUILD_MEMBER_REMOVE", payload, guild)
        self._parts.changes.notify()

    def time_out(self, member: Member, until: datetime | None) -> None:
        """Let a person say nothing in the guild until then, as a moderator decides."""
        member.timed_out_until = until
        payload = member_with_user_json(member) | {"guild_id": str(member.guild.id)}
        self.gateway.publish("GUILD_MEMBER_UPDATE", payload, member.guild)
        self._parts.changes.notify()

    def add_role(self, name: str, *, guild: Guild | None = None) -> Role:
        """A new role in the guild (the first one when not said), without permissions."""
        guild = guild or self.world.guild
        role = self.world.add_role(guild, name, NO_PERMISSIONS)
        self._tell_of_role("GUILD_ROLE_CREATE", guild, {"role": role_json(role)})
        return role

    def rename_role(self, role: Role, name: str, *, guild: Guild | None = None) -> None:
        """Give a role another name."""
        role.name = name
        guild = guild or self.world.guild
        self._tell_of_role("GUILD_ROLE_UPDATE", guild, {"role": role_json(role)})

    def set_role_permissions(self, role: Role, permissions: Permission, guild: Guild) -> None:
        """Change what a role of the guild lets its members do."""
        role.permissions = permissions
        self._tell_of_role("GUILD_ROLE_UPDATE", guild, {"role": role_json(role)})

    def delete_role(self, role: Role, *, guild: Guild | None = None) -> None:
        """Take a role away from the guild and all who have it."""
        guild = guild or self.world.guild
        del guild.roles[role.id]
        for member in guild.members.values():
            if role in member.roles:
                self.set_roles(member, [one for one in member.roles if one is not role])
        self._tell_of_role("GUILD_ROLE_DELETE", guild, {"role_id": str(role.id)})

    def _tell_of_role(self, event: str, guild: Guild, data: Json) -> None:
        self.gateway.publish(event, {"guild_id": str(guild.id), **data}, guild)
        self._parts.changes.notify()

    def add_channel(
        self,
        name: str,
        *,
        guild: Guild | None = None,
        kind: ChannelKind = ChannelKind.TEXT,
        parent: Channel | None = None,
        nsfw: bool = False,
    ) -> Channel:
        """A new channel or thread in the guild (the first one when not said), open to everyone.

        `parent` is the category of a channel, and the channel or forum of a thread.
        """
        channel = self.world.add_channel(guild or self.world.guild, name, kind=kind, parent=parent)
        channel.nsfw = nsfw
        event, payload = "CHANNEL_CREATE", channel_json(channel)
        if kind.is_thread:
            event, payload = "THREAD_CREATE", payload | {"newly_created": True}
        self.gateway.publish(event, payload, channel.guild, channel)
        return channel

    def set_thread(self, thread: Channel, *, archived: bool = False, locked: bool = False) -> None:
        """Archive, lock, open or unlock a thread, as a moderator does or its idle time."""
        thread.archived, thread.locked = archived, locked
        self.gateway.publish("THREAD_UPDATE", channel_json(thread), thread.guild, thread)
        self._parts.changes.notify()

    def set_slow_mode(self, channel: Channel, seconds: int) -> None:
        """Let each author write in the channel only once in so many seconds."""
        channel.slow_seconds = seconds
        self.gateway.publish("CHANNEL_UPDATE", channel_json(channel), channel.guild, channel)

    def add_guild(self, name: str, owner: User | None = None) -> Guild:
        """A new guild with the channel general, into which the bot was invited."""
        owner = owner or self.world.new_user(f"owner of {name}")
        guild = self.world.add_guild(name, owner, INVITED_BOT)
        self.world.add_channel(guild, "general")
        self.gateway.announce_guild(guild)
        return guild

    def give_guild(self, guild: Guild, owner: User) -> None:
        """Let another person own the guild."""
        guild.owner_id = owner.id
        self.gateway.publish("GUILD_UPDATE", guild_json(guild), guild)

    def remove_bot(self, guild: Guild) -> None:
        """Throw the bot out of the guild."""
        self.gateway.publish("GUILD_DELETE", {"id": str(guild.id)}, guild)
        self.world.leave(guild.members[self.world.bot.id])
        self._parts.changes.notify()
